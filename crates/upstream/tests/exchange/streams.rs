//! Requests whose bodies stream: what is sent, what is sent no further, and what becomes of the connection.

use crate::caller::{Outcome, ask, client, code, get, post, read, request, settle, whole};
use crate::server::{Server, Step, answer, say};
use bailiwick_upstream::OutgoingBody;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use tokio::sync::{Notify, mpsc};

/// A body of frames, or of the same one for ever; it counts how many were asked for.
pub struct Frames {
    frames: VecDeque<io::Result<Frame<Bytes>>>,
    again: Option<Bytes>,
    polled: Arc<AtomicUsize>,
}

impl Frames {
    pub fn of(frames: Vec<io::Result<Bytes>>) -> Frames {
        Frames {
            frames: frames.into_iter().map(|one| one.map(Frame::data)).collect(),
            again: None,
            polled: Arc::default(),
        }
    }

    pub fn endless(size: usize) -> (Frames, Arc<AtomicUsize>) {
        let polled = Arc::new(AtomicUsize::new(0));
        let frames = Frames {
            frames: VecDeque::new(),
            again: Some(vec![b'x'; size].into()),
            polled: polled.clone(),
        };
        (frames, polled)
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.polled.fetch_add(1, Ordering::SeqCst);
        let again = self.again.clone();
        Poll::Ready(
            self.frames
                .pop_front()
                .or_else(|| again.map(|bytes| Ok(Frame::data(bytes)))),
        )
    }
}

/// A body that comes from elsewhere.
struct Channel(mpsc::UnboundedReceiver<io::Result<Bytes>>);

impl Body for Channel {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0
            .poll_recv(cx)
            .map(|one| one.map(|one| one.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::new()
    }
}

pub type Sender = mpsc::UnboundedSender<io::Result<Bytes>>;

pub fn channel() -> (Sender, UnsyncBoxBody<Bytes, io::Error>) {
    let (sender, frames) = mpsc::unbounded_channel();
    (sender, Channel(frames).boxed_unsync())
}

fn stream(texts: &[&'static str], length: Option<u64>) -> OutgoingBody {
    let frames = texts.iter().map(|text| Ok(Bytes::from_static(text.as_bytes())));
    OutgoingBody::Stream(Frames::of(frames.collect()).boxed_unsync(), length)
}

fn broken(texts: &[&'static str], length: Option<u64>) -> OutgoingBody {
    let frames = texts.iter().map(|text| Ok(Bytes::from_static(text.as_bytes())));
    let frames = frames.chain([Err(io::Error::other("the caller is gone"))]);
    OutgoingBody::Stream(Frames::of(frames.collect()).boxed_unsync(), length)
}

#[tokio::test]
async fn a_body_is_sent_as_it_comes_and_its_connection_serves_again() {
    for (texts, length, sent) in [
        (
            &["hello", "", " world"][..],
            Some(11),
            "content-length: 11\r\n\r\nhello world",
        ),
        (
            &["hello", "", " world"],
            None,
            "transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
        ),
        (&[], Some(0), "content-length: 0\r\n\r\n"),
        (
            &["x"],
            None,
            "transfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        ),
    ] {
        let rest = match length {
            Some(length) => Step::Body(length as usize),
            None => Step::Chunked,
        };
        let mut server = Server::plays(vec![vec![
            Step::Head,
            rest,
            answer("one"),
            Step::Head,
            answer("two"),
        ]]);
        let client = client(&server);
        assert_eq!(
            ask(&client, Method::POST, "/", stream(texts, length)).await,
            whole("one")
        );
        assert_eq!(client.waiting(), 1, "{sent}");
        assert_eq!(get(&client).await, whole("two"));
        let seen = &server.finished().await[0].text;
        let host = format!("host: 127.0.0.1:{}\r\n", server.port);
        assert_eq!(
            *seen,
            format!("POST / HTTP/1.1\r\n{host}{sent}GET / HTTP/1.1\r\n{host}\r\n")
        );
    }
}

#[tokio::test]
async fn trailers_of_a_request_are_left_out() {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-evil", HeaderValue::from_static("1"));
    let mut frames = Frames::of(vec![Ok(Bytes::from_static(b"a"))]);
    frames.frames.push_back(Ok(Frame::trailers(trailers)));
    let mut server = Server::plays(vec![vec![Step::Head, Step::Chunked, answer("ok")]]);
    let client = client(&server);
    let body = OutgoingBody::Stream(frames.boxed_unsync(), None);
    assert_eq!(ask(&client, Method::POST, "/", body).await, whole("ok"));
    assert!(
        server.finished().await[0]
            .text
            .ends_with("\r\n\r\n1\r\na\r\n0\r\n\r\n")
    );
}

#[tokio::test]
async fn a_body_that_breaks_off_ends_the_connection_without_a_last_chunk() {
    for (body, sent) in [
        (broken(&["hello"], None), "chunked\r\n\r\n5\r\nhello\r\n"),
        (broken(&[], None), "chunked\r\n\r\n"),
        (broken(&["hello"], Some(10)), "content-length: 10\r\n\r\nhello"),
        // Shorter than announced, and longer: nothing of what is too much is sent.
        (stream(&["hello"], Some(10)), "content-length: 10\r\n\r\nhello"),
        (
            stream(&["hello", "GET /evil"], Some(5)),
            "content-length: 5\r\n\r\nhello",
        ),
        (stream(&["helloGET /evil"], Some(5)), "content-length: 5\r\n\r\n"),
    ] {
        let mut server = Server::plays(vec![vec![Step::Head, Step::Drain]]);
        let client = client(&server);
        let found = ask(&client, Method::POST, "/", body).await;
        assert_eq!(found, Outcome::None("body.broken"));
        let seen = &server.finished().await[0];
        assert!(seen.ended && seen.text.ends_with(sent), "{seen:?}");
        assert_eq!(client.waiting(), 0);
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_behind_the_head_breaks_the_answer() {
    let head = say("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello");
    let mut server = Server::plays(vec![vec![Step::Head, head, Step::Drain]]);
    let client = client(&server);
    let (sender, body) = channel();
    let answer = client
        .send(&request(Method::POST, "/"), OutgoingBody::Stream(body, None))
        .await
        .unwrap();
    sender.send(Err(io::Error::other("gone"))).unwrap();
    settle().await;
    let (_, why) = read(answer.body).await.unwrap_err();
    assert_eq!(why, "the request's body ended early");
    assert!(server.finished().await[0].ended);
}

#[tokio::test]
async fn an_early_answer_is_delivered_and_ends_the_connection() {
    for text in [
        "HTTP/1.1 413 Too Large\r\ncontent-length: 4\r\n\r\nlong",
        "HTTP/1.1 413 Too Large\r\ntransfer-encoding: chunked\r\n\r\n4\r\nlong\r\n0\r\n\r\n",
        "HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 4\r\n\r\nlong",
    ] {
        for length in [None, Some(1 << 40)] {
            let mut server = Server::plays(vec![vec![Step::Head, say(text), Step::Drain]]);
            let client = client(&server);
            // What is drained is kept by the server: the body comes slowly.
            let (sender, body) = channel();
            sender.send(Ok(Bytes::from_static(b"begin"))).unwrap();
            let found = ask(&client, Method::POST, "/", OutgoingBody::Stream(body, length)).await;
            assert_eq!(found, Outcome::Whole(413, "long".into()));
            assert_eq!(client.waiting(), 0);
            assert!(server.finished().await[0].ended);
            assert!(sender.is_closed(), "the sender is told");
        }
    }
}

/// A server that answers and does not read: what is still to be sent does not hide the answer.
#[tokio::test]
async fn an_early_answer_is_seen_behind_a_body_that_is_stuck() {
    let endless = || OutgoingBody::Stream(Frames::endless(64 << 10).0.boxed_unsync(), None);
    let large = || OutgoingBody::Whole(Bytes::from(vec![b'x'; 64 << 20]));
    for body in [endless(), large()] {
        let stay = Arc::new(Notify::new());
        let text = "HTTP/1.1 413 Too Large\r\ncontent-length: 4\r\n\r\nlong";
        let server = Server::plays(vec![vec![Step::Head, say(text), Step::Wait(stay.clone())]]);
        let client = client(&server);
        assert_eq!(
            ask(&client, Method::PUT, "/", body).await,
            Outcome::Whole(413, "long".into())
        );
        assert_eq!(client.waiting(), 0);
    }
}

/// Whoever answers before the body may take the rest of it for a request: the connection must not serve another caller,
/// although in the end everything was sent and answered.
#[tokio::test]
async fn an_answer_that_overtook_its_question_costs_the_connection() {
    let go = Arc::new(Notify::new());
    let script = vec![
        Step::Head,
        say("HTTP/1.1 401 No\r\ncontent-length: 2\r\n\r\nn"),
        Step::Wait(go.clone()),
        say("o"),
        Step::Drain,
    ];
    let mut server = Server::plays(vec![script]);
    let client = client(&server);
    let (sender, body) = channel();
    let answer = client
        .send(&request(Method::POST, "/"), OutgoingBody::Stream(body, Some(5)))
        .await
        .unwrap();
    sender.send(Ok(Bytes::from_static(b"GET /"))).unwrap();
    drop(sender);
    settle().await;
    go.notify_one();
    assert_eq!(read(answer.body).await.unwrap().0, b"no");
    assert_eq!(client.waiting(), 0);
    let seen = &server.finished().await[0];
    assert!(seen.ended && seen.text.ends_with("GET /"), "{seen:?}");
}

#[tokio::test]
async fn a_stream_is_never_sent_twice() {
    let server = Server::plays(vec![vec![Step::Head, answer("one"), Step::Head]]);
    let client = client(&server);
    assert_eq!(get(&client).await, whole("one"));
    let found = client
        .send(&request(Method::PUT, "/"), stream(&["hello"], Some(5)))
        .await;
    assert_eq!(code(found), "upstream.reset");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_body_that_panics_is_the_callers_fault() {
    struct Panics;
    impl Body for Panics {
        type Data = Bytes;
        type Error = io::Error;
        fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
            panic!("a bug in a body")
        }
    }
    let mut server = Server::plays(vec![vec![Step::Head, Step::Drain]]);
    let client = client(&server);
    let body = OutgoingBody::Stream(Panics.boxed_unsync(), None);
    assert_eq!(
        ask(&client, Method::POST, "/", body).await,
        Outcome::None("body.broken")
    );
    assert!(server.finished().await[0].ended);
}

/// A body that has ended by its length is not waited for until it says so too.
#[tokio::test]
async fn a_body_ends_with_its_last_byte() {
    struct Known(Option<Bytes>);
    impl Body for Known {
        type Data = Bytes;
        type Error = io::Error;
        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
            self.0
                .take()
                .map_or(Poll::Pending, |bytes| Poll::Ready(Some(Ok(Frame::data(bytes)))))
        }
        fn is_end_stream(&self) -> bool {
            self.0.is_none()
        }
    }
    let mut server = Server::plays(vec![vec![Step::Head, Step::Body(5), answer("ok")]]);
    let client = client(&server);
    let body = Known(Some(Bytes::from_static(b"hello"))).boxed_unsync();
    let body = OutgoingBody::Stream(body, Some(5));
    assert_eq!(ask(&client, Method::POST, "/", body).await, whole("ok"));
    assert_eq!(client.waiting(), 1);
    server.finished().await;
}

#[tokio::test]
async fn bodies_of_all_sizes_arrive_whole() {
    for size in [0, 1, 16 << 10, (16 << 10) + 1, 1 << 20] {
        let mut server = Server::plays(vec![vec![Step::Head, Step::Body(size), answer("ok")]]);
        let client = client(&server);
        let body = Bytes::from(vec![b'x'; size]);
        assert_eq!(
            ask(&client, Method::PUT, "/", OutgoingBody::Whole(body)).await,
            whole("ok")
        );
        assert_eq!(client.waiting(), 1, "{size}");
        let text = &server.finished().await[0].text;
        assert!(text.contains(&format!("content-length: {size}\r\n\r\n")));
        assert_eq!(text.split_once("\r\n\r\n").unwrap().1.len(), size);
    }
    let mut server = Server::plays(vec![vec![Step::Head, Step::Body(4), answer("ok")]]);
    assert_eq!(post(&client(&server), "body").await, whole("ok"));
    assert!(server.finished().await[0].text.ends_with("\r\n\r\nbody"));
}
