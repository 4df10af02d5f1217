//! What is a bare request, and what is none.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::{HEADERS_MAX, read};
use bytes::Bytes;

fn bytes(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

#[test]
fn a_head_and_nothing_behind_it_is_read() {
    for (text, expected) in [
        ("GET / HTTP/1.1\r\nhost: a\r\n\r\n", "GET / host=a"),
        (
            "HEAD /a/b?c=d HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nX-a: 2\r\n\r\n",
            "HEAD /a/b?c=d host=a x-a=1 x-a=2",
        ),
        (
            "GET / HTTP/1.1\r\nConnection: Keep-Alive\r\nauthorization:  b \r\n\r\n",
            "GET / connection=Keep-Alive authorization=b",
        ),
    ] {
        for behind in ["", "GET /next HTTP/1.1\r\n", "\0"] {
            let found = read(&bytes(&format!("{text}{behind}"))).unwrap();
            let head = &found.request.head;
            let headers = head
                .headers
                .iter()
                .map(|(name, value)| format!(" {name}={}", value.to_str().unwrap()));
            let told = format!("{} {}{}", head.method, head.uri, headers.collect::<String>());
            assert_eq!((told.as_str(), found.length), (expected, text.len()));
        }
        // Whatever is not all there is for whoever waits for the rest.
        for end in 0..text.len() {
            assert!(read(&bytes(&text[..end])).is_none(), "{}", &text[..end]);
        }
    }
}

#[test]
fn whatever_is_anything_else_is_not() {
    for head in [
        "POST / HTTP/1.1",
        "DELETE / HTTP/1.1",
        "OPTIONS / HTTP/1.1",
        "get / HTTP/1.1",
        "GET / HTTP/1.0",
        "GET / HTTP/2.0",
        "GET http://a/ HTTP/1.1",
        "GET a HTTP/1.1",
        "GET * HTTP/1.1",
        "GET  / HTTP/1.1",
        "GET /a b HTTP/1.1",
        "GET /\0 HTTP/1.1",
        "CONNECT a:1 HTTP/1.1",
        "PRI * HTTP/2.0",
        "GET /",
    ] {
        assert!(
            read(&bytes(&format!("{head}\r\nhost: a\r\n\r\n"))).is_none(),
            "{head}"
        );
    }
    for header in [
        "content-length: 0",
        "Content-Length: 5",
        "content-length:",
        "transfer-encoding: chunked",
        "Transfer-Encoding: identity",
        "trailer: a",
        "te: trailers",
        "expect: 100-continue",
        "upgrade: h2c",
        "connection: close",
        "connection: keep-alive, upgrade",
        "connection: x-a",
        "connection:",
        "a b: c",
        "a : b",
        " a: b",
        ": b",
        "a",
        "a: \0",
        "a: b\rc: d",
    ] {
        for text in [
            format!("GET / HTTP/1.1\r\n{header}\r\nhost: a\r\n\r\n"),
            format!("GET / HTTP/1.1\r\nhost: a\r\n{header}\r\n\r\n"),
        ] {
            assert!(read(&bytes(&text)).is_none(), "{text}");
        }
    }
    let many = |count: usize| format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(count));
    assert!(read(&bytes(&many(HEADERS_MAX))).is_some());
    assert!(read(&bytes(&many(HEADERS_MAX + 1))).is_none());
}
