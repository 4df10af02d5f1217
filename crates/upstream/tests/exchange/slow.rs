//! Servers that hang, and answers without end: an error in time, and no memory for what nobody reads.

use crate::caller::{Outcome, ask, get, impatient, limited, patient, post, request};
use crate::server::{Server, Step, say};
use crate::streams::{Frames, channel};
use bailiwick_upstream::{Limits, OutgoingBody};
use bytes::Bytes;
use http::Method;
use http_body_util::BodyExt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::Notify;

#[tokio::test]
async fn a_head_that_does_not_come_is_waited_for_so_long() {
    for begun in ["", "HTTP/1.1 200 OK\r\nx: ", "HTTP/1.1 100 Continue\r\n\r\n"] {
        let mut server = Server::plays(vec![
            vec![Step::Head, say(begun), Step::Drain],
            vec![Step::Head, Step::Body(4), say(begun), Step::Drain],
            vec![Step::Head, Step::Chunked, say(begun), Step::Drain],
        ]);
        let client = limited(&server, impatient());
        let timeout = Outcome::None("upstream.timeout");
        assert_eq!(get(&client).await, timeout);
        assert_eq!(post(&client, "body").await, timeout);
        let frames = Frames::of(vec![Ok(Bytes::from_static(b"body"))]);
        let body = OutgoingBody::Stream(frames.boxed_unsync(), None);
        assert_eq!(ask(&client, Method::POST, "/", body).await, timeout);
        assert_eq!(client.waiting(), 0);
        assert!(server.finished().await.iter().all(|seen| seen.ended));
    }
}

#[tokio::test]
async fn a_body_that_hangs_is_an_error() {
    for (text, come) in [
        ("content-length: 10\r\n\r\nhello", 5),
        ("content-length: 10\r\n\r\n", 0),
        ("transfer-encoding: chunked\r\n\r\n5\r\nhello", 5),
        ("transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", 5),
        ("\r\nhello", 5),
    ] {
        let script = vec![
            Step::Head,
            say(&format!("HTTP/1.1 200 OK\r\n{text}")),
            Step::Drain,
        ];
        let mut server = Server::plays(vec![script]);
        let client = limited(&server, impatient());
        let why = "the upstream's answer came too slowly";
        assert_eq!(get(&client).await, Outcome::Cut(come, why.into()), "{text:?}");
        assert!(server.finished().await[0].ended);
    }
}

/// Memory of this process, in bytes; zero where it cannot be read.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<usize>().ok());
    pages.unwrap_or(0) * 4096
}

#[tokio::test]
async fn ten_gigabytes_are_cut_at_the_limit_and_kept_nowhere() {
    const LIMIT: u64 = 128 << 20;
    let mut chunk = b"100000\r\n".to_vec();
    chunk.extend(std::iter::repeat_n(b'x', 1 << 20));
    chunk.extend_from_slice(b"\r\n");
    let head = say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    let mut server = Server::plays(vec![vec![Step::Head, head, Step::Repeat(chunk, 10_240)]]);
    let limits = Limits {
        answer_bytes_max: LIMIT,
        ..patient()
    };
    let client = limited(&server, limits);
    let answer = client
        .send(&request(Method::GET, "/"), OutgoingBody::Nothing)
        .await
        .unwrap();
    let (mut body, mut come, before) = (answer.body, 0, resident());
    let error = loop {
        match body.frame().await.expect("it has no end") {
            Ok(frame) => come += frame.into_data().unwrap().len() as u64,
            Err(error) => break error,
        }
    };
    let grown = resident().saturating_sub(before);
    assert!(error.to_string().contains("larger than the limit"), "{error}");
    assert!(come <= LIMIT && come > LIMIT - (1 << 20), "{come}");
    // Other tests run beside this one, and are small.
    assert!(grown < 64 << 20, "{grown} bytes more");
    drop(body);
    assert!(server.finished().await[0].ended);
}

/// A server that answers nothing and reads nothing: what it was not ready for stays with the one who sends.
#[tokio::test]
async fn what_nobody_reads_is_not_taken_from_the_sender() {
    let deaf = Arc::new(Notify::new());
    for length in [None, Some(u64::MAX)] {
        let server = Server::plays(vec![vec![Step::Head, Step::Wait(deaf.clone())]]);
        let client = limited(&server, impatient());
        let (frames, polled) = Frames::endless(64 << 10);
        let body = OutgoingBody::Stream(frames.boxed_unsync(), length);
        let found = ask(&client, Method::POST, "/", body).await;
        assert_eq!(found, Outcome::None("upstream.timeout"));
        let taken = polled.load(Ordering::SeqCst) * (64 << 10);
        // The system's own buffers hold some.
        assert!(taken < 32 << 20, "{taken} bytes were taken");
        assert!(taken > 0);
    }
}

/// One who does not send on: the upstream is not held for longer than it is waited for.
#[tokio::test]
async fn a_sender_that_hangs_ends_the_exchange() {
    let mut server = Server::plays(vec![vec![Step::Head, Step::Drain]]);
    let client = limited(&server, impatient());
    // Held, so that it does not end.
    let (_sender, body) = channel();
    let body = OutgoingBody::Stream(body, Some(10));
    assert_eq!(
        ask(&client, Method::POST, "/", body).await,
        Outcome::None("upstream.timeout")
    );
    assert!(server.finished().await[0].ended);
}
