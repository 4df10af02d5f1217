//! A server that does what no server should.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What it does.
#[derive(Clone)]
pub enum Play {
    /// Nothing ever.
    Hang,
    /// Closes once a request has come, with a reset if it can.
    Reset,
    /// These bytes, and then the end.
    Say(Vec<u8>),
    /// These bytes, and then silence.
    SayAndHang(Vec<u8>),
    /// One byte of it every 100 ms.
    Drip(Vec<u8>),
    /// These bytes, and then as many more as anybody takes.
    Flood(Vec<u8>),
    /// These bytes before anything was read.
    Early(Vec<u8>),
}

pub struct Hostile {
    pub address: SocketAddr,
    /// Bytes that it got rid of.
    pub sent: Arc<AtomicU64>,
}

pub async fn hostile(play: Play) -> Hostile {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let sent = Arc::new(AtomicU64::new(0));
    let count = sent.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(perform(stream, play.clone(), count.clone()));
        }
    });
    Hostile { address, sent }
}

pub async fn perform(mut stream: TcpStream, play: Play, sent: Arc<AtomicU64>) {
    let mut buffer = vec![0; 16 << 10];
    if !matches!(play, Play::Early(_)) {
        let _ = stream.read(&mut buffer).await;
    }
    match play {
        Play::Hang => drain(&mut stream).await,
        // With bytes unread the system resets instead of closing.
        Play::Reset => drop(stream),
        Play::Say(bytes) => {
            let _ = stream.write_all(&bytes).await;
        }
        Play::SayAndHang(bytes) => {
            let _ = stream.write_all(&bytes).await;
            drain(&mut stream).await;
        }
        Play::Early(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
            drain(&mut stream).await;
        }
        Play::Drip(bytes) => {
            let mut tick = tokio::time::interval(std::time::Duration::from_millis(100));
            for byte in bytes {
                tick.tick().await;
                if stream.write_all(&[byte]).await.is_err() {
                    return;
                }
            }
        }
        Play::Flood(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let piece = vec![b'f'; 64 << 10];
            while stream.write_all(&piece).await.is_ok() {
                sent.fetch_add(piece.len() as u64, Ordering::Relaxed);
            }
        }
    }
}

async fn drain(stream: &mut TcpStream) {
    let mut buffer = vec![0; 16 << 10];
    while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
}

pub fn head(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

/// What it does, and the status that comes of it.
pub fn plays() -> Vec<(&'static str, Play, u16)> {
    let long = format!("HTTP/1.1 200 OK\r\nx-long: {}\r\n\r\n", "a".repeat(2 << 20));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(20_000));
    let informed = "HTTP/1.1 103 Early Hints\r\nlink: </planted>\r\n\r\n".repeat(1000);
    let say = |text: &str| Play::Say(head(text));
    vec![
        ("hangs", Play::Hang, 504),
        (
            "hangs in its head",
            Play::SayAndHang(head("HTTP/1.1 200 OK\r\ncontent-")),
            504,
        ),
        (
            "drips",
            Play::Drip(head("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx: planted\r\n\r\n")),
            504,
        ),
        ("resets", Play::Reset, 502),
        ("says nothing", say(""), 502),
        (
            "ends in its head",
            say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n"),
            502,
        ),
        ("is none", say("220 planted ESMTP\r\n\r\n"), 502),
        ("is TLS", Play::Say(vec![0x15, 3, 3, 0, 2, 2, 40]), 502),
        (
            "speaks HTTP/2",
            say("HTTP/2 200 OK\r\ncontent-length: 0\r\n\r\n"),
            502,
        ),
        ("has no status", say("HTTP/1.1 OK planted\r\n\r\n"), 502),
        (
            "has a status of two digits",
            say("HTTP/1.1 20 OK\r\ncontent-length: 0\r\n\r\n"),
            502,
        ),
        (
            "two lengths",
            say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}x"),
            502,
        ),
        (
            "length and chunks",
            say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
            502,
        ),
        (
            "a negative length",
            say("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n"),
            502,
        ),
        (
            "an unknown coding",
            say("HTTP/1.1 200 OK\r\ntransfer-encoding: planted\r\n\r\n"),
            502,
        ),
        (
            "a folded header",
            say("HTTP/1.1 200 OK\r\nx: a\r\n planted\r\ncontent-length: 0\r\n\r\n"),
            502,
        ),
        (
            "NUL in a header",
            say("HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 0\r\n\r\n"),
            502,
        ),
        ("a head without end", Play::Say(long.into_bytes()), 502),
        ("headers without end", Play::Say(many.into_bytes()), 502),
        ("hints without end", Play::Say(informed.into_bytes()), 502),
        (
            "switches",
            Play::SayAndHang(head(
                "HTTP/1.1 101 Switching Protocols\r\nupgrade: planted\r\nconnection: upgrade\r\n\r\n",
            )),
            502,
        ),
        (
            "asks for another credential",
            say(
                "HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Basic realm=\"planted\"\r\ncontent-length: 0\r\n\r\n",
            ),
            502,
        ),
    ]
}
