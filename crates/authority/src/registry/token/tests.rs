//! What a token of docker's flow says of itself, and for how long.

#![allow(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects must fail"
)]

use super::{Narrowing, read};
use crate::names::Presented;
use bailiwick_decision::Narrowed;
use bailiwick_model::{Digest, Timestamp};

fn token(parent: &str, scopes: &str) -> String {
    format!(r#"{{"parent":{parent},"scopes":{scopes},"until":1000}}"#)
}

#[test]
fn one_is_good_until_its_end_and_not_at_it() {
    let digest = Digest::of(b"secret");
    let text = token(
        &format!("\"{}\"", digest.base64()),
        r#"["repository:acme/site:pull"]"#,
    );
    let (presented, narrowing) = read(text.as_bytes(), Timestamp(999)).unwrap();
    assert_eq!(presented, Presented::Digest(digest));
    let pull = Narrowed {
        read: true,
        ..Narrowed::default()
    };
    assert_eq!(narrowing.at(Some("acme/site")), pull);
    for other in [Some("acme/site/app"), Some("acme"), Some(""), None] {
        assert_eq!(narrowing.at(other), Narrowed::default(), "{other:?}");
    }
    for now in [1000, 1001, i64::MAX] {
        assert!(read(text.as_bytes(), Timestamp(now)).is_none(), "{now}");
    }
}

#[test]
fn one_without_a_parent_is_a_visitors_and_good_for_nothing_unsaid() {
    let (presented, narrowing) = read(token("null", "[]").as_bytes(), Timestamp(0)).unwrap();
    assert_eq!(presented, Presented::Nothing);
    assert_eq!(narrowing, Narrowing::default());
    assert_eq!(narrowing.at(Some("acme/site")), Narrowed::default());
}

#[test]
fn what_cannot_be_understood_is_no_token() {
    for text in [
        token("\"x\"", "[]"),
        token("7", "[]"),
        token("null", r#"["registry:catalog:*"]"#),
        token("null", r#"["repository:acme/site:"]"#),
        token("null", "[]").replace("until", "till"),
        token("null", "[]").replace('}', r#","more":1}"#),
        String::new(),
    ] {
        assert!(read(text.as_bytes(), Timestamp(0)).is_none(), "{text}");
    }
}
