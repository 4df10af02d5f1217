//! What calls are read as, and that no answer but one gives leave.

use super::original::{Call, upstream_of};
use super::told::{Lines, refusal};
use super::{Dialect, checked, is_call, leave};
use crate::message::Response;
use crate::reply::{Reply, whole};
use http::StatusCode;

#[test]
fn calls_are_told_by_their_path() {
    for path in [
        "/-/authorize",
        "/-/authorize/",
        "/-/authorize/nginx/x",
        "/-/authorize//",
    ] {
        assert!(is_call(path), "{path}");
    }
    assert!(is_call("/envoy.service.auth.v3.Authorization/Check"));
    for path in [
        "/-/authorizes",
        "/-/authoriz",
        "/-/%61uthorize",
        "/authorize",
        "/x/-/authorize",
        "/-//authorize",
    ] {
        assert!(!is_call(path), "{path}");
    }
    for path in [
        "/-/authorize/nginx/-",
        "/-/authorize/forward/tracker-2",
        "/-/authorize/envoy/-/a/b//c",
    ] {
        assert!(Call::of(path).is_ok(), "{path}");
    }
    let call = Call::of("/-/authorize/envoy/tracker").unwrap();
    assert_eq!(call.dialect, Dialect::Envoy);
    for path in [
        "/-/authorize",
        "/-/authorize/nginx",
        "/-/authorize/nginx/",
        "/-/authorize/nginx/x/",
        "/-/authorize/nginx/-/x",
        "/-/authorize/envoy-grpc/x",
        "/-/authorize/NGINX/x",
        "/-/authorize//nginx/x",
    ] {
        assert!(Call::of(path).is_err(), "{path}");
    }
    assert_eq!(upstream_of("-"), Some(None));
    assert_eq!(upstream_of("a-1"), Some(Some("a-1")));
    for name in ["", "A", "a_b", "a%2f", "a.b", &"a".repeat(40)] {
        assert_eq!(upstream_of(name), None, "{name}");
    }
}

#[test]
fn an_answer_that_followed_no_permit_refuses() {
    let of = |status: u16| {
        let mut response = Response::new(whole(""));
        response.status = StatusCode::from_u16(status).unwrap();
        checked(response).status.as_u16()
    };
    for status in [100, 101, 200, 204, 206, 301, 302, 304, 399] {
        assert_eq!(of(status), 403, "{status}");
    }
    for status in [400, 401, 403, 404, 429, 500, 503] {
        assert_eq!(of(status), status);
    }
    let given = checked(leave(Reply::status(StatusCode::NO_CONTENT)));
    assert_eq!(given.status, 204);
    // Not even a handler lets anything but a success pass as leave.
    let given = checked(leave(Reply::status(StatusCode::FOUND)));
    assert_eq!(given.status, 403);
}

#[test]
fn a_refusal_fits_a_header_and_stays_what_it_says() {
    let said = r#"{"message":"no “site” here","missing":"packages: write","help":"a\nb\u007f \"c\" \\ 🦀"}"#;
    let line = refusal(said.as_bytes());
    assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{line}");
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(read(&line), read(said));
    // Lines for people are its message.
    assert_eq!(
        read(&refusal(b"no such thing\nhelp: ask\n"))["message"],
        "no such thing\nhelp: ask"
    );
    // What would fill the head of an answer is told shorter.
    let long = serde_json::json!({"message": "m", "reason": "a.b", "help": "x".repeat(4000)}).to_string();
    assert_eq!(refusal(long.as_bytes()), r#"{"message":"m","reason":"a.b"}"#);
    assert!(refusal("é".repeat(2000).as_bytes()).len() < 100);
}

#[test]
fn a_line_a_minute_tells_enough() {
    let lines = Lines::default();
    let due: Vec<i64> = (1000..1180).filter(|now| lines.due(false, *now)).collect();
    assert_eq!(due, [1000, 1060, 1120]);
    // Whatever strangers call, one's own proxy is told of.
    assert!(lines.due(true, 1179));
    assert!(!lines.due(true, 1180));
}
