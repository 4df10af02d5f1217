//! Answers as the library would write them, and what it would not.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::{GATHERED_BYTES_MAX, JOINED_BYTES_MAX, Terms, write};
use crate::bare::tests::{Piece, body, normal, now};
use crate::connection::Activity;
use crate::message::Response;
use crate::reply::whole;
use bailiwick_upstream::HeaderValue;
use http::{HeaderName, Method, StatusCode};
use hyper::ext::ReasonPhrase;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// What is answered: status, headers, body.
type Said = (u16, &'static [(&'static str, &'static str)], Kind);

#[derive(Clone, Debug)]
enum Kind {
    Whole(usize),
    Stream(Vec<Piece>),
    /// Of a stream that tells its length.
    Exact(Vec<Piece>),
}

fn response((status, headers, kind): &Said) -> Response {
    let body = match kind {
        Kind::Whole(length) => whole(vec![b'w'; *length]),
        Kind::Stream(pieces) => body(pieces, false),
        Kind::Exact(pieces) => body(pieces, true),
    };
    let mut response = Response::new(body);
    response.status = StatusCode::from_u16(*status).unwrap();
    if *status == 404 {
        let phrase = ReasonPhrase::from_static(b"told why");
        response.extensions.insert(phrase);
    }
    for (name, value) in *headers {
        let value = HeaderValue::from_str(value).unwrap();
        response.headers.append(HeaderName::from_static(name), value);
    }
    response
}

/// What a client gets by us, which may take so many bytes at a time, and whether the connection was good to the end.
async fn ours(said: &Said, method: &Method, room: usize) -> (Vec<u8>, bool) {
    let (mut client, mut server) = tokio::io::duplex(room);
    let (response, bodiless) = (response(said), method == Method::HEAD);
    let writing = async move {
        let activity = Activity::default();
        let mut running = Activity::begin(&activity);
        let terms = Terms {
            bodiless,
            keeps: false,
            now: &now,
        };
        write(&mut server, response, &terms, &mut running).await.is_ok()
    };
    let mut got = Vec::new();
    let (good, read) = tokio::join!(writing, client.read_to_end(&mut got));
    read.unwrap();
    (got, good)
}

/// The same by the library.
async fn theirs(said: &Said, method: &Method) -> (Vec<u8>, bool) {
    let (mut client, server) = tokio::io::duplex(1 << 20);
    let response = Mutex::new(Some(response(said)));
    let service = hyper::service::service_fn(move |_| {
        let response = response.lock().unwrap().take().unwrap();
        async move { Ok::<_, Infallible>(http::Response::from(response)) }
    });
    let asks = format!("{method} / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    client.write_all(asks.as_bytes()).await.unwrap();
    let serving = http1::Builder::new().serve_connection(TokioIo::new(server), service);
    let mut got = Vec::new();
    let (served, read) = tokio::join!(serving, client.read_to_end(&mut got));
    read.unwrap();
    (got, served.is_ok())
}

#[tokio::test]
async fn an_answer_is_what_the_library_would_write() {
    use Piece::{Broken, Data, Later, Trailers};
    let (joined, gathered) = (JOINED_BYTES_MAX, GATHERED_BYTES_MAX);
    let kinds = [
        Kind::Whole(0),
        Kind::Whole(1),
        Kind::Whole(joined),
        Kind::Whole(100_000),
        Kind::Stream(vec![]),
        Kind::Stream(vec![Later]),
        Kind::Stream(vec![Data(3), Data(0), Data(17)]),
        Kind::Stream(vec![Later, Data(3), Later, Data(joined + 1), Later]),
        Kind::Stream(vec![Data(joined + 1), Data(2 * joined), Data(1)]),
        Kind::Stream(vec![Data(joined); gathered / joined + 3]),
        Kind::Stream(vec![Data(5), Trailers]),
        Kind::Exact(vec![Data(5), Later, Data(joined + 7), Data(3)]),
        Kind::Stream(vec![Later, Broken]),
        Kind::Stream(vec![Data(3), Later, Data(joined + 1), Later, Broken]),
        Kind::Exact(vec![Data(3), Later, Broken]),
    ];
    let headers: [&[(&str, &str)]; 4] = [
        &[],
        &[("x-a", "1"), ("x-b", ""), ("x-a", "2"), ("x-c", "\u{e9}")],
        &[
            ("date", "Thu, 01 Jan 1970 00:00:00 GMT"),
            ("set-cookie", "a"),
            ("set-cookie", "b"),
        ],
        &[("content-type", "text/plain"), ("etag", "\"a\"")],
    ];
    for status in [200, 201, 204, 206, 302, 304, 404, 418, 500, 502, 599] {
        for headers in headers {
            for kind in &kinds {
                let said: Said = (status, headers, kind.clone());
                // What has no content brings none.
                if matches!(status, 204 | 304) && !matches!(kind, Kind::Whole(0)) {
                    continue;
                }
                let (expected, good) = theirs(&said, &Method::GET).await;
                for room in [1 << 20, 100, 7] {
                    let got = ours(&said, &Method::GET, room).await;
                    assert_eq!(
                        (normal(&got.0), got.1),
                        (normal(&expected), good),
                        "{said:?} {room}"
                    );
                }
            }
            let said: Said = (status, headers, Kind::Whole(0));
            let expected = theirs(&said, &Method::HEAD).await.0;
            assert_eq!(normal(&ours(&said, &Method::HEAD, 64).await.0), normal(&expected));
        }
    }
}

#[tokio::test]
async fn a_length_is_kept_or_the_connection_is_of_no_more_use() {
    use Piece::{Broken, Data, Later};
    let length: &[_] = &[("content-length", "8")];
    for (headers, kind, method, ends, good) in [
        // A head's length is its body's that is not there; what sends nothing says nothing of a length.
        (
            length,
            Kind::Whole(0),
            Method::HEAD,
            "content-length: 8\r\n",
            true,
        ),
        (&[], Kind::Whole(0), Method::HEAD, "date: D\r\n", true),
        // What makes the body tells its length; whoever has the body knows better.
        (
            length,
            Kind::Stream(vec![Data(3), Later, Data(5)]),
            Method::GET,
            "DDDDDDDD",
            true,
        ),
        (length, Kind::Whole(2), Method::GET, "\r\n\r\nww", true),
        (length, Kind::Stream(vec![Data(3)]), Method::GET, "", false),
        (
            length,
            Kind::Stream(vec![Data(3), Later, Data(6)]),
            Method::GET,
            "\r\n\r\nDDD",
            false,
        ),
        (
            &[("content-length", "x")],
            Kind::Stream(vec![]),
            Method::GET,
            "",
            false,
        ),
        (
            &[],
            Kind::Stream(vec![Data(3), Later, Broken]),
            Method::GET,
            "\r\n\r\n3\r\nDDD\r\n",
            false,
        ),
        (
            &[],
            Kind::Exact(vec![Data(3), Later, Broken]),
            Method::GET,
            "\r\n\r\nDDD",
            false,
        ),
        // What broke at once is not taken for an answer that never came either.
        (
            &[],
            Kind::Stream(vec![Broken]),
            Method::GET,
            "chunked\r\nconnection: close\r\ndate: D\r\n\r\n",
            false,
        ),
        (
            &[],
            Kind::Exact(vec![Data(3), Broken]),
            Method::GET,
            "\r\n\r\nDDD",
            false,
        ),
        // What is said of the connection is not a handler's to say.
        (
            &[("transfer-encoding", "gzip"), ("connection", "upgrade")],
            Kind::Whole(1),
            Method::GET,
            "content-length: 1\r\nconnection: close\r\ndate: D\r\n\r\nw",
            true,
        ),
    ] {
        let said: Said = (200, headers, kind);
        let got = ours(&said, &method, 64).await;
        let text = String::from_utf8(got.0).unwrap();
        let text = text.replace("Mon, 21 Sep 2026 14:13:20 GMT", "D");
        let shown = if ends.ends_with("\r\n") && method == Method::HEAD {
            text.contains(ends)
        } else {
            text.ends_with(ends)
        };
        assert!(shown && got.1 == good, "{said:?}: {text:?} {}", got.1);
        assert!(!text.contains("upgrade") && !text.contains("gzip"), "{text}");
    }
    let informational: Said = (103, &[], Kind::Whole(0));
    assert_eq!(ours(&informational, &Method::GET, 64).await, (Vec::new(), false));
}

#[tokio::test]
async fn what_others_were_answered_is_in_no_answer() {
    let long: Said = (
        200,
        &[("x-secret", "of another")],
        Kind::Whole(JOINED_BYTES_MAX / 2),
    );
    let short: Said = (404, &[], Kind::Whole(3));
    for _ in 0..3 {
        let long = ours(&long, &Method::GET, 1 << 20).await.0;
        assert!(normal(&long).contains("of another"));
        let short = ours(&short, &Method::GET, 1 << 20).await.0;
        assert!(normal(&short).starts_with("HTTP/1.1 404") && !normal(&short).contains("of another"));
        assert!(short.ends_with(b"\r\n\r\nwww"));
    }
}

/// Keeps what it is given until it is flushed, as TLS may.
struct Holds(Vec<u8>, Vec<u8>);

impl tokio::io::AsyncWrite for Holds {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let held = std::mem::take(&mut self.0);
        self.1.extend(held);
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn nothing_is_held_back_while_more_is_waited_for() {
    use Piece::{Data, Never};
    for pieces in [
        vec![Never],
        vec![Data(5), Never],
        vec![Data(JOINED_BYTES_MAX + 1), Never],
    ] {
        for exact in [false, true] {
            let mut stream = Holds(Vec::new(), Vec::new());
            let response = Response::new(body(&pieces, exact));
            let activity = Activity::default();
            let mut running = Activity::begin(&activity);
            let terms = Terms {
                bodiless: false,
                keeps: true,
                now: &now,
            };
            let written = write(&mut stream, response, &terms, &mut running);
            let second = std::time::Duration::from_millis(20);
            assert!(tokio::time::timeout(second, written).await.is_err());
            let sent = pieces.iter().map(|piece| match piece {
                Data(length) => *length,
                _ => 0,
            });
            let data = stream.1.iter().filter(|byte| **byte == b'D').count();
            assert_eq!((data, stream.0.len()), (sent.sum(), 0), "{pieces:?}");
        }
    }
}
