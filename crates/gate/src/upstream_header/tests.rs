//! What goes out is not printed, and what is unsafe does not go out.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;

#[test]
fn a_header_is_safe_or_not_there() {
    let template = HeaderTemplate::parse("Authorization: Bearer {secret}").unwrap();
    let with = |secret| {
        upstream_header(
            &template,
            &HeaderValues {
                secret: Some(secret),
                ..HeaderValues::default()
            },
        )
    };
    let value = with("s3cr3t").unwrap();
    assert_eq!(value.as_bytes(), b"Bearer s3cr3t");
    assert!(!format!("{value:?}").contains("s3cr3t"));
    assert!(with("a\r\nHost: x").is_err() && with("").is_err());
    assert!(upstream_header(&template, &HeaderValues::default()).is_err());
}
