//! Bare requests by us are what they would be by the library, and what goes on with it loses nothing.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::{Receive, converse};
use crate::connection::Activity;
use crate::joined::Joined;
use crate::message::{Received, Response};
use crate::reply::{Body, whole};
use bailiwick_model::Timestamp;
use bailiwick_upstream::HeaderValue;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, Request};
use http_body_util::BodyExt as _;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

/// A second that has begun.
pub(crate) fn now() -> Timestamp {
    Timestamp(0).plus_seconds(1_790_000_000)
}

/// What a streaming body does next.
#[derive(Clone, Copy, Debug)]
pub(super) enum Piece {
    Data(usize),
    Later,
    Trailers,
    Broken,
    /// Nothing comes any more.
    Never,
}

impl Receive for DuplexStream {}

struct Pieces {
    left: VecDeque<Piece>,
    exact: bool,
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, io::Error>>> {
        Poll::Ready(match self.left.pop_front() {
            None => None,
            Some(Piece::Data(length)) => Some(Ok(http_body::Frame::data(vec![b'D'; length].into()))),
            Some(Piece::Trailers) => Some(Ok(http_body::Frame::trailers(HeaderMap::new()))),
            Some(Piece::Broken) => Some(Err(io::Error::other("broken"))),
            Some(Piece::Later) => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Some(Piece::Never) => {
                self.left.push_front(Piece::Never);
                return Poll::Pending;
            }
        })
    }

    fn size_hint(&self) -> http_body::SizeHint {
        if !self.exact {
            return http_body::SizeHint::new();
        }
        let lengths = self.left.iter().map(|piece| match piece {
            Piece::Data(length) => *length as u64,
            // Of what does not come.
            Piece::Broken | Piece::Never => 10,
            Piece::Later | Piece::Trailers => 0,
        });
        http_body::SizeHint::with_exact(lengths.sum())
    }
}

pub(super) fn body(pieces: &[Piece], exact: bool) -> Body {
    Body::new(Pieces {
        left: pieces.iter().copied().collect(),
        exact,
    })
}

/// Answers in a form in which two that mean the same are the same: headers in order, no date of today, no chunks.
pub(super) fn normal(bytes: &[u8]) -> String {
    let mut left = bytes;
    let mut told = String::new();
    while let Some(end) = left.windows(4).position(|four| four == b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&left[..end]).into_owned();
        left = &left[end + 4..];
        let (line, rest) = head.split_once("\r\n").unwrap_or((&head, ""));
        let mut lines: Vec<&str> = rest.split("\r\n").collect();
        lines.sort_unstable();
        told.push_str(line);
        let mut length = None;
        for line in lines {
            if let Some(text) = line.strip_prefix("content-length: ") {
                length = Some(text.parse::<usize>().unwrap());
            }
            let date = line.starts_with("date: ") && !line.contains("1970");
            told.push_str("\r\n");
            told.push_str(if date { "date" } else { line });
        }
        told.push_str("\r\n\r\n");
        if head.contains("transfer-encoding: chunked") {
            while let Some(at) = left.windows(2).position(|two| two == b"\r\n") {
                let size = std::str::from_utf8(&left[..at]).unwrap();
                let size = usize::from_str_radix(size, 16).unwrap();
                told.push_str(&String::from_utf8_lossy(&left[at + 2..at + 2 + size]));
                left = &left[at + size + 4..];
                if size == 0 {
                    break;
                }
            }
        } else {
            let length = length.unwrap_or(0).min(left.len());
            told.push_str(&String::from_utf8_lossy(&left[..length]));
            left = &left[length..];
        }
    }
    told.push_str(&String::from_utf8_lossy(left));
    told
}

/// Tells what was asked.
async fn echo<B: http_body::Body>(request: Request<B>) -> Response {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.ok().map(http_body_util::Collected::to_bytes);
    let told = format!("{} {} {:?} {body:?}", parts.method, parts.uri, parts.headers);
    // As the gate does.
    if parts.method == Method::HEAD {
        let mut answer = Response::new(Body::default());
        let told = HeaderValue::from_str(&told).unwrap();
        answer.headers.append(HeaderName::from_static("x-told"), told);
        return answer;
    }
    Response::new(whole(told))
}

async fn library(stream: Joined<DuplexStream>) {
    let service = hyper::service::service_fn(|request| async {
        Ok::<_, Infallible>(http::Response::from(echo(request).await))
    });
    let mut builder = http1::Builder::new();
    builder.half_close(true);
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}

/// What comes back for pieces that are sent one after the other, with or without us; and how much was answered by us.
async fn talk(pieces: &[&[u8]], bare: bool) -> (String, usize) {
    let (mut client, mut server) = tokio::io::duplex(1 << 20);
    let answered = AtomicUsize::new(0);
    let serving = async {
        let mut read = Some(Bytes::new());
        if bare {
            let (activity, closes) = (Activity::default(), AtomicBool::new(false));
            let answer = |Received { head, body }: Received| {
                answered.fetch_add(1, Ordering::Relaxed);
                let mut request = Request::new(body);
                *request.method_mut() = head.method;
                *request.uri_mut() = head.uri;
                *request.headers_mut() = head.headers.into();
                echo(request)
            };
            read = converse(
                &mut server,
                &activity,
                &closes,
                Duration::from_secs(9),
                &now,
                answer,
            )
            .await;
        }
        if let Some(read) = read {
            library(Joined::new(server, read)).await;
        } else {
            drop(server);
        }
    };
    let mut got = Vec::new();
    let asking = async {
        for piece in pieces {
            // What has ended early takes no more.
            if client.write_all(piece).await.is_err() {
                break;
            }
            for _ in 0..8 {
                tokio::task::yield_now().await;
            }
        }
        let _ = client.shutdown().await;
        client.read_to_end(&mut got).await.unwrap();
    };
    tokio::join!(serving, asking);
    (normal(&got), answered.into_inner())
}

/// Connections, and how many of their requests are bare.
const CONNECTIONS: &[(&str, usize)] = &[
    ("", 0),
    ("GET / HTTP/1.1\r\nhost: a\r\n\r\n", 1),
    (
        "GET / HTTP/1.1\r\nhost: a\r\n\r\nGET /b HTTP/1.1\r\nhost: a\r\n\r\nHEAD /c HTTP/1.1\r\n\r\n",
        3,
    ),
    (
        "GET / HTTP/1.1\r\n\r\nPOST /b HTTP/1.1\r\ncontent-length: 3\r\n\r\nabcGET /c HTTP/1.1\r\n\r\n",
        1,
    ),
    (
        "GET / HTTP/1.1\r\n\r\nPOST /b HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET /c HTTP/1.1\r\n\r\n",
        1,
    ),
    (
        "GET / HTTP/1.1\r\ncontent-length: 30\r\n\r\nGET /hidden HTTP/1.1\r\na: b\r\n\r\nGET /c HTTP/1.1\r\n\r\n",
        0,
    ),
    (
        "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nconnection: close\r\n\r\nGET /c HTTP/1.1\r\n\r\n",
        1,
    ),
    (
        "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.0\r\n\r\nGET /c HTTP/1.1\r\n\r\n",
        1,
    ),
    (
        "GET / HTTP/1.1\r\n\r\nGET http://a/b HTTP/1.1\r\n\r\nOPTIONS * HTTP/1.1\r\n\r\n",
        1,
    ),
    (
        "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\na : b\r\n\r\nGET /c HTTP/1.1\r\n\r\n",
        1,
    ),
    ("GET / HTTP/1.1\r\n\r\n\r\n\r\nGET /b HTTP/1.1\n\n", 2),
    ("GET / HTTP/1.1\r\n\r\nGET /b", 1),
    ("GET / HTTP/1.1\r\n\r\nrubbish\r\n\r\n", 1),
    (
        "GET /?a=b#c HTTP/1.1\r\nx-a: b\r\nx-a: \r\nx-\u{e9}: c\r\n\r\n",
        0,
    ),
    (
        "GET /%zz/..//\\ HTTP/1.1\r\nx-a: \u{e9}\r\n\r\nGET /\u{e9} HTTP/1.1\r\n\r\n",
        2,
    ),
    (
        "POST /b HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc\
      GET / HTTP/1.1\r\n\r\n",
        0,
    ),
];

#[tokio::test]
async fn a_connection_is_what_it_would_be_by_the_library_alone() {
    for (text, bare) in CONNECTIONS {
        let bytes = text.as_bytes();
        let expected = talk(&[bytes], false).await;
        let got = talk(&[bytes], true).await;
        assert_eq!(got, (expected.0.clone(), *bare), "{text}");
        for at in 0..bytes.len() {
            let (before, behind) = bytes.split_at(at);
            let got = talk(&[before, behind], true).await.0;
            assert_eq!(got, expected.0, "{text} cut at {at}");
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(talk(&single, true).await.0, expected.0, "{text}");
    }
}

#[tokio::test]
async fn whatever_comes_is_what_it_would_be_by_the_library_alone() {
    // Pieces of heads in an order that chance gives: two thousand connections, the same ones each time.
    const PARTS: [&str; 24] = [
        "GET / HTTP/1.1\r\n",
        "HEAD /a HTTP/1.1\r\n",
        "POST /b HTTP/1.1\r\n",
        "GET /c HTTP/1.0\r\n",
        "\r\n",
        "\r\n",
        "\r\n",
        "\r\n\r\n",
        "host: a\r\n",
        "x-a: b\r\n",
        "content-length: 2\r\n",
        "content-length: 0\r\n",
        "transfer-encoding: chunked\r\n",
        "connection: close\r\n",
        "connection: keep-alive\r\n",
        "ab",
        "2\r\nab\r\n0\r\n\r\n",
        "\n",
        " ",
        "GET /d HTTP/1.1\r\nx: y\r\n\r\n",
        "GET /e HTTP/1.1\r\n\r\n",
        "te: trailers\r\n",
        "x-a: c\r\n",
        "expect: 100-continue\r\n",
    ];
    let mut state = 7_u64;
    let mut next = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut bare = 0;
    for _ in 0..2000 {
        let mut text = String::new();
        for _ in 0..1 + next(4) {
            text.push_str(PARTS[next(5)]);
            for _ in 0..next(4) {
                text.push_str(PARTS[next(PARTS.len())]);
            }
            text.push_str("\r\n");
        }
        let expected = talk(&[text.as_bytes()], false).await;
        let got = talk(&[text.as_bytes()], true).await;
        assert_eq!(got.0, expected.0, "{text:?}");
        bare += got.1;
    }
    assert!(bare > 500, "{bare}");
}
