//! How connections end, in time that is only thought.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::{Closing, ListenSettings, graceful, lasting};
use crate::bare::converse;
use crate::bare::tests::now;
use crate::connection::{Activity, Glance};
use crate::message;
use crate::reply::{Body, streamed, whole};
use http::Response;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

const ASKS: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";

/// Who serves a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum By {
    Us,
    Http1,
    Http2,
}

/// A connection that answers once it is told to; the client's end of it.
fn connection(by: By, closing: Closing, answers: &Arc<Notify>) -> (DuplexStream, JoinHandle<()>) {
    let patience = Duration::from_secs(ListenSettings::default().head_seconds_max);
    patient(patience, by, closing, answers)
}

/// One that waits for a head so long.
fn patient(
    patience: Duration,
    by: By,
    closing: Closing,
    answers: &Arc<Notify>,
) -> (DuplexStream, JoinHandle<()>) {
    let settings = ListenSettings::default();
    let (client, mut server) = tokio::io::duplex(64 << 10);
    let idle = Duration::from_secs(settings.idle_seconds_max);
    if by == By::Us {
        let answers = answers.clone();
        let serving = tokio::spawn(async move {
            let (activity, closes) = (Activity::default(), AtomicBool::new(false));
            let answer = |_| async {
                answers.notified().await;
                message::Response::new(whole("sent"))
            };
            let conversation = pin!(converse(&mut server, &activity, &closes, patience, &now, answer));
            let shut = |_: Pin<&mut _>| closes.store(true, Ordering::Relaxed);
            let idle = activity.idle_for(idle, patience / 4);
            lasting(conversation, shut, closing, idle).await;
        });
        return (client, serving);
    }
    let activity = Arc::new(Activity::default());
    let (counted, answers) = (activity.clone(), answers.clone());
    let service = hyper::service::service_fn(move |_| {
        let (running, answers) = (Activity::begin(counted.clone()), answers.clone());
        async move {
            answers.notified().await;
            Ok::<_, Infallible>(Response::new(running.until_sent(whole("sent"))))
        }
    });
    let stream = TokioIo::new(server);
    let serving = tokio::spawn(async move {
        let idle = activity.idle_for(idle, patience / 4);
        if by == By::Http2 {
            let mut builder = http2::Builder::new(TokioExecutor::new());
            builder.timer(TokioTimer::new());
            let connection = builder.serve_connection(stream, service);
            graceful(connection, closing, idle).await;
        } else {
            let mut builder = http1::Builder::new();
            builder.timer(Glance).header_read_timeout(patience);
            let connection = builder.serve_connection(stream, service);
            graceful(connection, closing, idle).await;
        }
    });
    (client, serving)
}

fn door() -> (watch::Sender<()>, Closing, Arc<Notify>) {
    let (sender, receiver) = watch::channel(());
    (sender, receiver, Arc::new(Notify::new()))
}

async fn seconds(serving: JoinHandle<()>) -> u64 {
    let before = Instant::now();
    serving.await.unwrap();
    before.elapsed().as_secs()
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_asks_nothing_ends() {
    for by in [By::Us, By::Http1, By::Http2] {
        let (_closing, open, answers) = door();
        let (mut client, serving) = connection(by, open, &answers);
        if by == By::Http2 {
            // The preface and settings of HTTP/2.
            client
                .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
                .await
                .unwrap();
        } else {
            client.write_all(ASKS).await.unwrap();
            answers.notify_one();
        }
        let took = seconds(serving).await;
        assert!((120..=160).contains(&took), "{took} s, {by:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_never_asks_ends_earlier() {
    let (_closing, open, answers) = door();
    let (_client, serving) = connection(By::Us, open, &answers);
    let patience = ListenSettings::default().head_seconds_max;
    assert_eq!(seconds(serving).await, patience);
}

/// By the system's clock, which `Glance` looks at.
#[tokio::test]
async fn half_a_head_is_not_waited_for() {
    let (_closing, open, answers) = door();
    let (mut client, serving) = patient(Duration::from_millis(40), By::Http1, open, &answers);
    client.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
    // Without a limit it is idle for two minutes first.
    assert!(seconds(serving).await < 60);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_served_is_not_idle() {
    for by in [By::Us, By::Http1] {
        let (_closing, open, answers) = door();
        let (mut client, serving) = connection(by, open, &answers);
        client.write_all(ASKS).await.unwrap();
        tokio::time::sleep(Duration::from_secs(3600)).await;
        answers.notify_one();
        let mut said = [0_u8; 15];
        client.read_exact(&mut said).await.unwrap();
        assert_eq!(&said, b"HTTP/1.1 200 OK");
        serving.abort();
    }
}

/// A connection whose first answer is long, to a client that has room for little.
fn long(body: impl Fn() -> Body + Send + Sync + 'static) -> (DuplexStream, JoinHandle<()>) {
    let (client, mut server) = tokio::io::duplex(64);
    let serving = tokio::spawn(async move {
        let (_closing, open, _) = door();
        let (activity, closes) = (Activity::default(), AtomicBool::new(false));
        let answer = |_| std::future::ready(message::Response::new(body()));
        let conversation = pin!(converse(
            &mut server,
            &activity,
            &closes,
            Duration::from_secs(30),
            &now,
            answer
        ));
        let idle = activity.idle_for(Duration::from_secs(120), Duration::from_secs(30));
        lasting(conversation, |_: Pin<&mut _>| {}, open, idle).await;
    });
    (client, serving)
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_its_answer_slowly_gets_it_and_one_that_takes_nothing_does_not() {
    let bodies: [fn() -> Body; 2] = [
        || whole(vec![b'a'; 1000]),
        || streamed(tokio::io::AsyncReadExt::take(tokio::io::repeat(b'a'), 1000)),
    ];
    for body in bodies {
        let (mut client, serving) = long(body);
        client.write_all(ASKS).await.unwrap();
        let (mut said, mut part) = (Vec::new(), [0_u8; 20]);
        while said.iter().filter(|byte| **byte == b'a').count() < 1000 {
            tokio::time::sleep(Duration::from_secs(100)).await;
            let count = client.read(&mut part).await.unwrap();
            assert!(count > 0, "cut off after {} bytes", said.len());
            said.extend_from_slice(&part[..count]);
        }
        drop(client);
        serving.await.unwrap();

        let (mut client, serving) = long(body);
        client.write_all(ASKS).await.unwrap();
        let took = seconds(serving).await;
        assert!((120..=160).contains(&took), "{took} s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_closes_waits_for_what_it_serves_and_for_nothing_else() {
    for by in [By::Us, By::Http1] {
        closes(by).await;
    }
}

async fn closes(by: By) {
    let (closing, open, answers) = door();
    let (mut busy, serving) = connection(by, open.clone(), &answers);
    busy.write_all(ASKS).await.unwrap();
    let (_kept, waiting) = connection(by, open.clone(), &answers);
    drop(open);
    tokio::time::sleep(Duration::from_secs(1)).await;
    closing.send(()).unwrap();
    assert_eq!(seconds(waiting).await, 0);
    // Still busy: whoever closes has to wait.
    let minute = Duration::from_secs(60);
    assert!(tokio::time::timeout(minute, closing.closed()).await.is_err());
    answers.notify_waiters();
    let mut said = Vec::new();
    busy.read_to_end(&mut said).await.unwrap();
    let said = String::from_utf8(said).unwrap();
    assert!(
        said.starts_with("HTTP/1.1 200 OK")
            && said.contains("\r\nconnection: close\r\n")
            && said.ends_with("sent"),
        "{said}"
    );
    assert_eq!(seconds(serving).await, 0);
    closing.closed().await;
}
