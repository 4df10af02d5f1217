//! Header templates under attack.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use proptest::prelude::*;

const VALUES: HeaderValues<'static> = HeaderValues {
    secret: Some("s3cr3t"),
    login: Some("alice"),
    upstream_login: Some("alice@corp.example"),
    request_id: Some("9836:B60522:4F3F5B"),
};

fn expanded(text: &str) -> String {
    HeaderTemplate::parse(text)
        .unwrap()
        .expand(&VALUES)
        .unwrap()
        .to_string()
}

#[test]
fn the_usual_ones() {
    for (text, name, value) in [
        ("Authorization: Bearer {secret}", "authorization", "Bearer s3cr3t"),
        ("X-Api-Key:{secret}", "x-api-key", "s3cr3t"),
        ("X-Forwarded-User: {login}", "x-forwarded-user", "alice"),
        ("Cookie: session={secret}", "cookie", "session=s3cr3t"),
        (
            "X-Who:  {login}/{upstream_login} in {request_id}  ",
            "x-who",
            "alice/alice@corp.example in 9836:B60522:4F3F5B",
        ),
        ("X-Static: on", "x-static", "on"),
    ] {
        assert_eq!(HeaderTemplate::parse(text).unwrap().name(), name);
        assert_eq!(expanded(text), value);
    }
}

#[test]
fn what_is_refused_when_it_is_read() {
    use TemplateError::{Length, Name, Placeholder, Reserved, Shape, Value};
    let reserved = |name: &str| Reserved(name.to_owned());
    let placeholder = |text: &str| Placeholder(text.to_owned());
    for (text, error) in [
        ("Authorization", Shape),
        (": x", Name),
        ("X Key: x", Name),
        ("X-Key : x", Name),
        (" X-Key: x", Name),
        ("X_Key: x", Name),
        ("X-Kéy: x", Name),
        ("X-Key\r\nHost: x", Name),
        ("X-Key\0: x", Name),
        ("Host: {login}", reserved("host")),
        ("HOST: x", reserved("host")),
        ("Content-Length: 0", reserved("content-length")),
        ("Content-Type: x", reserved("content-type")),
        ("Transfer-Encoding: chunked", reserved("transfer-encoding")),
        ("Connection: close", reserved("connection")),
        ("Upgrade: h2c", reserved("upgrade")),
        ("TE: trailers", reserved("te")),
        ("Trailer: x", reserved("trailer")),
        ("Expect: 100-continue", reserved("expect")),
        ("Proxy-Authorization: {secret}", reserved("proxy-authorization")),
        ("X-Forwarded-For: 127.0.0.1", reserved("x-forwarded-for")),
        ("X-Original-URL: /admin", reserved("x-original-url")),
        (
            "X-HTTP-Method-Override: DELETE",
            reserved("x-http-method-override"),
        ),
        ("X-Key:", Length),
        ("X-Key:   ", Length),
        ("X-Key: a\r\nX-Admin: 1", Value),
        ("X-Key: a\nb", Value),
        ("X-Key: a\tb", Value),
        ("X-Key: a\0b", Value),
        ("X-Key: \u{7f}", Value),
        ("X-Key: é", Value),
        ("X-Key: {Secret}", placeholder("Secret")),
        ("X-Key: {password}", placeholder("password")),
        ("X-Key: {}", placeholder("")),
        ("X-Key: {{secret}}", placeholder("{secret")),
        ("X-Key: {secret", placeholder("secret")),
        ("X-Key: secret}", placeholder("")),
        ("X-Key: {secret}}", placeholder("")),
    ] {
        assert_eq!(HeaderTemplate::parse(text), Err(error), "{text:?}");
    }
    let long = format!("X-Key: {}", "a".repeat(BYTES_MAX + 1));
    assert_eq!(HeaderTemplate::parse(&long), Err(Length));
    let twice = HeaderTemplate::parse_all(["X-Key: a", "x-kEY: b"]);
    assert_eq!(twice, Err(TemplateError::Twice("x-key".into())));
    assert_eq!(
        HeaderTemplate::parse_all(["X-Key: a", "X-Who: b"]).unwrap().len(),
        2
    );
}

#[test]
fn what_is_refused_when_it_is_filled_in() {
    use ExpandError::{Absent, Unsafe, Value};
    let secret = HeaderTemplate::parse("X-Key: {secret}").unwrap();
    let who = HeaderTemplate::parse("X-Who: {upstream_login}").unwrap();
    let with_secret = |text| {
        secret
            .expand(&HeaderValues {
                secret: Some(text),
                ..VALUES
            })
            .map(|_| ())
    };
    let with_login = |text| {
        who.expand(&HeaderValues {
            upstream_login: Some(text),
            ..VALUES
        })
        .map(|_| ())
    };
    for text in [
        "a\r\nX-Admin: 1",
        "a\n",
        "a\r",
        "\0",
        "a\tb",
        "ü",
        "a\u{2028}b",
        "\u{7f}",
    ] {
        assert_eq!(with_secret(text), Err(Unsafe(Placeholder::Secret)), "{text:?}");
        assert_eq!(
            with_login(text),
            Err(Unsafe(Placeholder::UpstreamLogin)),
            "{text:?}"
        );
    }
    for text in [
        "alice, root",
        "alice;admin",
        "\"root\"",
        "a b",
        "a=b",
        "<x>",
        "a\\b",
        "a:b",
    ] {
        assert_eq!(
            with_login(text),
            Err(Unsafe(Placeholder::UpstreamLogin)),
            "{text:?}"
        );
        assert_eq!(with_secret(text), Ok(()), "{text:?}");
    }
    assert_eq!(with_secret(""), Err(Absent(Placeholder::Secret)));
    assert_eq!(with_login(""), Err(Absent(Placeholder::UpstreamLogin)));
    assert_eq!(with_secret(" a"), Err(Value));
    assert_eq!(with_secret("a "), Err(Value));
    assert_eq!(with_secret(&"a".repeat(BYTES_MAX + 1)), Err(Value));
    let none = HeaderValues::default();
    assert_eq!(secret.expand(&none), Err(Absent(Placeholder::Secret)));
    assert_eq!(who.expand(&none), Err(Absent(Placeholder::UpstreamLogin)));
}

#[test]
fn values_are_not_templates_themselves() {
    let template = HeaderTemplate::parse("X-Who: {login}").unwrap();
    let values = HeaderValues {
        login: Some("{secret}"),
        ..VALUES
    };
    assert_eq!(&*template.expand(&values).unwrap(), "{secret}");
}

#[test]
fn nothing_is_printed_and_no_namesake_passes() {
    let template = HeaderTemplate::parse("X-Api-Key: very-secret-{secret}").unwrap();
    assert!(!format!("{template:?}").contains("very-secret"));
    for name in ["x-api-key", "X-API-KEY", "X_Api_Key", "x_api-key"] {
        assert!(template.shadows(name), "{name}");
    }
    for name in ["x-api-keys", "x-api", "", "x.api.key"] {
        assert!(!template.shadows(name), "{name}");
    }
    assert!(template.asks(Placeholder::Secret) && !template.asks(Placeholder::Login));
}

proptest! {
    #[test]
    fn whatever_is_accepted_is_one_header(name in "[ -~\\r\\n\\t]{0,20}", value in "[a{}secrtlogin_uqd \\r\\n\\t\0é]{0,40}", filled in any::<String>()) {
        let Ok(template) = HeaderTemplate::parse(&format!("{name}:{value}")) else { return Ok(()) };
        let values = HeaderValues { secret: Some(&filled), login: Some(&filled), upstream_login: Some(&filled), request_id: Some(&filled) };
        if let Ok(text) = template.expand(&values) {
            prop_assert!(text.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
            prop_assert!(!text.is_empty() && text.trim() == &*text);
        }
        prop_assert!(template.name().bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
    }
}
