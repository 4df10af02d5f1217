//! Answers of ten gigabytes: they end at the limit or with the reader, and memory stays as it is.

use super::play::{Play, hostile};
use super::{ANSWER_BYTES_MAX, before, is_git};
use crate::corpus::{MOUNTS, everything};
use std::sync::atomic::Ordering;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Pages of this process in memory, in bytes.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_ends_at_the_limit() {
    let ten_gigabytes = 10_u64 << 30;
    let chunk = format!("{ten_gigabytes:x}\r\n");
    for (name, kind, framing, status) in [
        (
            "as it says",
            "application/json",
            format!("content-length: {ten_gigabytes}\r\n\r\n"),
            502,
        ),
        (
            "in one chunk",
            "application/json",
            format!("transfer-encoding: chunked\r\n\r\n{chunk}"),
            200,
        ),
        (
            "until it ends",
            "application/json",
            String::from("connection: close\r\n\r\n"),
            200,
        ),
    ] {
        let text = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\n{framing}");
        let upstream = hostile(Play::Flood(text.into_bytes())).await;
        let front = before(upstream.address).await;
        let (_, token) = everything(&front);
        for mount in MOUNTS.iter().filter(|mount| !is_git(mount)) {
            let answer = front.ask("GET", mount.read.0, &token, "").await;
            assert_eq!(
                answer.status, status,
                "{name} at {:?}: {}",
                mount.kind, answer.head
            );
            let most = ANSWER_BYTES_MAX as usize + (64 << 10);
            assert!(answer.body.len() < most, "{name}: {}", answer.body.len());
            assert!(!answer.body.ends_with(b"0\r\n\r\n"), "{name}: it looks whole");
        }
    }
}

/// Memory is the whole process's: this one runs in a process of its own.
#[tokio::test(flavor = "multi_thread")]
async fn memory_stays_as_it_is_while_git_flows_through() {
    const ALONE: &str = "BAILIWICK_TEST_ALONE";
    if std::env::var_os(ALONE).is_none() {
        let mut own = tokio::process::Command::new(std::env::current_exe().unwrap());
        let name = "corpus::hostile::flood::memory_stays_as_it_is_while_git_flows_through";
        let ran = own
            .args(["--exact", name])
            .env(ALONE, "1")
            .output()
            .await
            .unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
        assert!(String::from_utf8_lossy(&ran.stdout).contains("1 passed"));
        return;
    }
    let ten_gigabytes = 10_u64 << 30;
    // Git has no limit: what the reader takes flows through, and no more is kept than is on its way.
    let kind = "application/x-git-upload-pack-advertisement";
    let text = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {ten_gigabytes}\r\n\r\n");
    let upstream = hostile(Play::Flood(text.into_bytes())).await;
    let front = before(upstream.address).await;
    let (_, token) = everything(&front);
    let mount = &MOUNTS[3];
    let request = format!(
        "GET {} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n",
        mount.read.0
    );
    let mut stream = TcpStream::connect(front.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut buffer = vec![0; 256 << 10];
    let (mut taken, mut start) = (0_u64, 0);
    while taken < 512 << 20 {
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(read > 0, "it ended after {taken} bytes");
        taken += read as u64;
        if start == 0 && taken > 32 << 20 {
            start = resident();
        }
    }
    let grown = resident().saturating_sub(start);
    assert!(grown < 48 << 20, "{grown} bytes more in memory");
    // A reader that stops is waited for, and nothing is heaped up meanwhile.
    let mut before_stop = upstream.sent.load(Ordering::Relaxed);
    let mut tick = tokio::time::interval(std::time::Duration::from_millis(50));
    let mut quiet = 0;
    while quiet < 4 {
        tick.tick().await;
        let now = upstream.sent.load(Ordering::Relaxed);
        quiet = if now == before_stop { quiet + 1 } else { 0 };
        before_stop = now;
    }
    assert!(
        before_stop - taken < 64 << 20,
        "{} bytes are under way",
        before_stop - taken
    );
    drop(stream);
}
