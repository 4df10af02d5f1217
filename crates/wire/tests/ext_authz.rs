//! Envoy's checks: what it writes is read, and whatever two readers could read differently is refused.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use bailiwick_wire::ext_authz::{Check, CheckError, allowed, denied};
use bailiwick_wire::protobuf::{Fields, Malformed, Message, Value};
use proptest::prelude::*;

fn pair(key: &str, value: &str) -> Message {
    Message::new().bytes(1, key.as_bytes()).bytes(2, value.as_bytes())
}

fn http(method: &str, path: &str) -> Message {
    Message::new()
        .bytes(1, b"1234")
        .bytes(2, method.as_bytes())
        .message(3, &pair(":method", method))
        .message(3, &pair(":path", path))
        .message(3, &pair("authorization", "Bearer x"))
        .bytes(4, path.as_bytes())
        .bytes(5, b"api.example")
        .bytes(10, b"HTTP/1.1")
}

fn source(address: &str) -> Message {
    let socket = Message::new().bytes(2, address.as_bytes()).number(3, 40_000);
    Message::new().message(1, &Message::new().message(1, &socket))
}

/// A whole request around an HTTP request.
fn around(http: &Message) -> Message {
    let attributes = Message::new()
        .message(1, &source("203.0.113.7"))
        .message(2, &source("10.0.0.1"))
        .message(
            4,
            &Message::new()
                .message(1, &Message::new().number(1, 5))
                .message(2, http),
        )
        .message(10, &pair("upstream", "tracker"))
        .message(10, &pair("other", "thing"));
    Message::new().message(1, &attributes)
}

fn read(message: Message) -> Result<(), CheckError> {
    Check::read(&message.into_bytes()).map(drop)
}

#[test]
fn a_check_as_envoy_writes_it_is_read() {
    let bytes = around(&http("GET", "/a?b=c")).into_bytes();
    let check = Check::read(&bytes).unwrap();
    assert_eq!((check.method, check.path), ("GET", "/a?b=c"));
    assert_eq!((check.client, check.upstream), ("203.0.113.7", Some("tracker")));
    assert_eq!(check.headers, [("authorization", b"Bearer x".as_slice())]);
    // Raw headers, as newer versions can be told to send them.
    let raw = Message::new().bytes(1, b"x-y").bytes(3, b"\xFF");
    let with = http("GET", "/").message(13, &Message::new().message(1, &raw));
    let bytes = around(&with).into_bytes();
    assert_eq!(
        Check::read(&bytes).unwrap().headers[1],
        ("x-y", b"\xFF".as_slice())
    );
}

#[test]
fn what_is_missing_or_said_twice_is_refused() {
    use CheckError::{Contradicts, Malformed, Missing, Twice};
    let attributes = |message: &Message| Message::new().message(1, message);
    let rows = [
        (Message::new(), Missing("attributes")),
        (attributes(&Message::new()), Missing("attributes.source")),
        (
            attributes(&Message::new().message(1, &source("::1"))),
            Missing("attributes.request"),
        ),
        (around(&Message::new()), Missing("method")),
        (around(&Message::new().bytes(2, b"GET")), Missing("path")),
        (around(&http("", "/")), Missing("method")),
        (around(&http("GET", "")), Missing("path")),
        (around(&http("GET", "/").bytes(2, b"GET")), Twice("method")),
        (around(&http("GET", "/").bytes(4, b"/")), Twice("path")),
        (around(&http("GET", "/").bytes(7, b"a=b")), Contradicts("path")),
        (around(&http("GET", "/").bytes(8, b"x")), Contradicts("path")),
        (
            around(&http("GET", "/").message(3, &pair(":path", "/other"))),
            Contradicts("path"),
        ),
        (
            around(&http("GET", "/").message(3, &pair(":method", "POST"))),
            Contradicts("method"),
        ),
        (
            around(&http("GET", "/").message(3, &pair("a", "b").bytes(2, b"c"))),
            Twice("value"),
        ),
        (
            around(&http("GET", "/").message(3, &pair("", "b"))),
            Missing("key"),
        ),
        (around(&http("GET", "/").number(3, 1)), Malformed),
        (
            around(&http("GET", "/")).message(1, &Message::new()),
            Twice("attributes"),
        ),
        (
            attributes(
                &Message::new()
                    .message(1, &source("::1"))
                    .message(1, &source("::1")),
            ),
            Twice("attributes.source"),
        ),
    ];
    for (at, (message, expected)) in rows.into_iter().enumerate() {
        assert_eq!(read(message), Err(expected), "row {at}");
    }
}

#[test]
fn every_shorter_message_is_refused_or_says_less() {
    let whole = around(&http("DELETE", "/a")).into_bytes();
    for end in 0..whole.len() {
        // Every field here is inside the first: cut anywhere, it is no message.
        assert!(Check::read(&whole[..end]).is_err(), "{end}");
    }
    // A group, a field without a number, a number that does not end, one that is too large.
    for bytes in [
        &[0x0B_u8][..],
        &[0x00, 0x01],
        &[0x80],
        &[8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2],
    ] {
        assert!(
            Fields::of(bytes).any(|field| field == Err(Malformed)),
            "{bytes:?}"
        );
    }
}

/// The one message inside a message.
fn inner(bytes: &[u8], number: u64) -> Vec<u8> {
    let mut found = Fields::of(bytes)
        .map(Result::unwrap)
        .filter(|(at, _)| *at == number);
    let value = found.next().unwrap().1.bytes().unwrap().to_vec();
    assert!(found.next().is_none());
    value
}

/// The one field of a message.
fn only(bytes: &[u8]) -> (u64, Value<'_>) {
    Fields::of(bytes).next().unwrap().unwrap()
}

#[test]
fn answers_are_what_envoy_reads() {
    let yes = allowed([("x-bailiwick-login", b"bob".as_slice())]);
    // Code 0, which is not written.
    assert!(inner(&yes, 1).is_empty());
    let option = inner(&inner(&yes, 3), 2);
    let header = inner(&option, 1);
    assert_eq!(
        (inner(&header, 1), inner(&header, 2)),
        (b"x-bailiwick-login".to_vec(), b"bob".to_vec())
    );
    assert!(inner(&option, 2).is_empty());
    for (status, code) in [(401, 16), (403, 7), (404, 7), (429, 7), (503, 14)] {
        let no = denied(status, [], b"{}");
        let answer = inner(&no, 2);
        assert_eq!(only(&inner(&no, 1)), (1, Value::Varint(code)));
        assert_eq!(only(&inner(&answer, 1)), (1, Value::Varint(u64::from(status))));
        assert_eq!(inner(&answer, 3), b"{}");
    }
}

proptest! {
    #[test]
    fn no_bytes_do_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _any = Check::read(&bytes);
        prop_assert!(Fields::of(&bytes).count() <= bytes.len());
    }

    #[test]
    fn numbers_come_back(field in 1_u32..(1 << 29), number: u64) {
        let bytes = Message::new().number(field, number).into_bytes();
        let read: Vec<_> = Fields::of(&bytes).collect();
        prop_assert_eq!(read, vec![Ok((u64::from(field), Value::Varint(number)))]);
    }
}
