//! How connections end, in time that is only thought.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::{Closing, ListenSettings, lasting};
use crate::connection::{Activity, Glance};
use crate::reply::whole;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

const ASKS: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
const HTTP1: bool = false;
const HTTP2: bool = true;

/// A connection that answers once it is told to; the client's end of it.
fn connection(newer: bool, closing: Closing, answers: &Arc<Notify>) -> (DuplexStream, JoinHandle<()>) {
    let patience = Duration::from_secs(ListenSettings::default().head_seconds_max);
    patient(patience, newer, closing, answers)
}

/// One that waits for a head so long.
fn patient(
    patience: Duration,
    newer: bool,
    closing: Closing,
    answers: &Arc<Notify>,
) -> (DuplexStream, JoinHandle<()>) {
    let settings = ListenSettings::default();
    let (client, server) = tokio::io::duplex(64 << 10);
    let activity = Arc::new(Activity::default());
    let (counted, answers) = (activity.clone(), answers.clone());
    let service = hyper::service::service_fn(move |_| {
        let (running, answers) = (counted.begin(), answers.clone());
        async move {
            answers.notified().await;
            Ok::<_, Infallible>(hyper::Response::new(running.until_sent(whole("sent"))))
        }
    });
    let idle = Duration::from_secs(settings.idle_seconds_max);
    let stream = TokioIo::new(server);
    let serving = tokio::spawn(async move {
        let idle = activity.idle_for(idle, patience / 4);
        if newer {
            let mut builder = http2::Builder::new(TokioExecutor::new());
            builder.timer(TokioTimer::new());
            lasting(builder.serve_connection(stream, service), closing, idle).await;
        } else {
            let mut builder = http1::Builder::new();
            builder.timer(Glance).header_read_timeout(patience);
            lasting(builder.serve_connection(stream, service), closing, idle).await;
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
    for newer in [HTTP1, HTTP2] {
        let (_closing, open, answers) = door();
        let (mut client, serving) = connection(newer, open, &answers);
        if newer {
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
        assert!((120..=160).contains(&took), "{took} s, HTTP/2: {newer}");
    }
}

/// By the system's clock, which `Glance` looks at.
#[tokio::test]
async fn half_a_head_is_not_waited_for() {
    let (_closing, open, answers) = door();
    let (mut client, serving) = patient(Duration::from_millis(40), HTTP1, open, &answers);
    client.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
    // Without a limit it is idle for two minutes first.
    assert!(seconds(serving).await < 60);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_served_is_not_idle() {
    let (_closing, open, answers) = door();
    let (mut client, serving) = connection(HTTP1, open, &answers);
    client.write_all(ASKS).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3600)).await;
    answers.notify_one();
    let mut said = [0_u8; 15];
    client.read_exact(&mut said).await.unwrap();
    assert_eq!(&said, b"HTTP/1.1 200 OK");
    serving.abort();
}

#[tokio::test(start_paused = true)]
async fn a_server_that_closes_waits_for_what_it_serves_and_for_nothing_else() {
    let (closing, open, answers) = door();
    let (mut busy, serving) = connection(HTTP1, open.clone(), &answers);
    busy.write_all(ASKS).await.unwrap();
    let (_kept, waiting) = connection(HTTP1, open.clone(), &answers);
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
        said.starts_with("HTTP/1.1 200 OK") && said.ends_with("sent"),
        "{said}"
    );
    assert_eq!(seconds(serving).await, 0);
    closing.closed().await;
}
