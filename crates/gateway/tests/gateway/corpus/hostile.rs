//! Upstreams that hang, reset, lie, flood and lead elsewhere: the caller is told in our words, the record holds it under
//! the token, nothing leaks, and memory stays as it is.

use super::{MOUNTS, Mount, everything};
use crate::front::{Answered, Behind, Front, UPSTREAM_TOKEN};
use crate::recorder::{Recorder, json};
use bailiwick_model::{TokenId, UpstreamKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What an answer of a call may hold at the most here.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

#[derive(Clone)]
enum Play {
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

struct Hostile {
    address: SocketAddr,
    /// Bytes that it got rid of.
    sent: Arc<AtomicU64>,
}

async fn hostile(play: Play) -> Hostile {
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

async fn perform(mut stream: TcpStream, play: Play, sent: Arc<AtomicU64>) {
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

/// The gate before one server that is every kind.
async fn before(address: SocketAddr) -> Front {
    let behind = [
        ("forge", UpstreamKind::Gitea),
        ("artifacts", UpstreamKind::Generic),
        ("hub", UpstreamKind::GitHub),
        ("plain", UpstreamKind::Git),
    ];
    let behind = behind.map(|(name, kind)| {
        Behind::new(name, kind, format!("http://{address}")).with(|settings| {
            settings.answer_seconds_max = Some(1);
            settings.idle_seconds_max = Some(1);
            settings.answer_bytes_max = Some(ANSWER_BYTES_MAX);
        })
    });
    Front::before(behind.into()).await
}

fn is_git(mount: &Mount) -> bool {
    mount.read.0.contains(".git")
}

/// Outcomes and reasons of what is on record of a token, once there are so many; reads are written soon after.
async fn recorded(front: &Front, id: TokenId, count: usize) -> Vec<(String, String)> {
    let mut tick = tokio::time::interval(std::time::Duration::from_millis(10));
    for _ in 0..6000 {
        let mut events = front.events();
        events.retain(|event| event.token_id == Some(id));
        if events.len() >= count {
            let told = events.into_iter();
            return told
                .map(|event| (event.outcome.word().to_owned(), event.reason))
                .collect();
        }
        tick.tick().await;
    }
    panic!("nothing on record of {id}: {:?}", front.events());
}

#[track_caller]
fn silent(name: &str, answer: &Answered) {
    let text = format!("{}{}", answer.head, String::from_utf8_lossy(&answer.body));
    for secret in [UPSTREAM_TOKEN, "planted", "thief"] {
        assert!(!text.contains(secret), "{name}: {text}");
    }
}

fn head(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

/// What it does, and the status that comes of it.
fn plays() -> Vec<(&'static str, Play, u16)> {
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

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_answer_is_told_and_recorded() {
    let mut all = tokio::task::JoinSet::new();
    for (name, play, status) in plays() {
        all.spawn(refused(name, play, status));
    }
    while let Some(done) = all.join_next().await {
        done.unwrap();
    }
}

async fn refused(name: &'static str, play: Play, status: u16) {
    let upstream = hostile(play).await;
    let front = before(upstream.address).await;
    for mount in &MOUNTS {
        let label = format!("{name} at {:?} {}", mount.kind, mount.read.0);
        let (id, token) = everything(&front);
        let answer = front.ask("GET", mount.read.0, &token, "").await;
        // What Git is refused is a refusal of the account that stands for the caller.
        let refused = is_git(mount) && name == "asks for another credential";
        let told = if refused && answer.status == 403 {
            403
        } else {
            status
        };
        assert_eq!(
            answer.status,
            told,
            "{label}: {}",
            String::from_utf8_lossy(&answer.body)
        );
        silent(&label, &answer);
        let (outcome, reason) = &recorded(&front, id, 1).await[0];
        assert_eq!(outcome, "failed", "{label}: {reason}");
        assert!(reason.starts_with("upstream."), "{label}: {reason}");
        // The same for a change: on record before, and that it failed after.
        if !is_git(mount) {
            let (id, token) = everything(&front);
            let (method, path, _) = mount.write;
            let answer = front.ask(method, path, &token, mount.body).await;
            assert_eq!(answer.status, status, "{label}: {}", answer.head);
            silent(&label, &answer);
            let told = recorded(&front, id, 2).await;
            assert_eq!(
                (told.len(), told[0].1.as_str()),
                (2, "forwarded"),
                "{label}: {told:?}"
            );
            assert_eq!(told[1].0, "failed", "{label}: {told:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_lead_home_or_nowhere() {
    let thief = Recorder::answering(|_| json(200, &serde_json::json!({"got": "it"}))).await;
    let there = thief.address;
    let away = [
        format!("http://{there}/thief"),
        format!("//{there}/thief"),
        format!("http://{{own}}@{there}/thief"),
        format!("http://{{own}}.thief.example/"),
        format!("\\\\{there}\\thief"),
        format!("/\\{there}/thief"),
        "https://{own}/thief".into(),
        "javascript:thief".into(),
        "http:thief".into(),
        "HTTP://thief.example/".into(),
        "http://{own}:1/thief".into(),
        "http://[::1]/thief".into(),
        "ftp://{own}/thief".into(),
        "http://thief.example\\@{own}/".into(),
    ];
    for status in [301, 302, 303, 307, 308] {
        for location in &away {
            let play = |own: &str| {
                let location = location.replace("{own}", own);
                Play::Say(head(&format!(
                    "HTTP/1.1 {status} Go\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n"
                )))
            };
            // Its own address must be known before it can be said.
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let own = listener.local_addr().unwrap();
            let play = play(&own.to_string());
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(perform(stream, play.clone(), Arc::default()));
                }
            });
            let front = before(own).await;
            for mount in &MOUNTS {
                let (id, token) = everything(&front);
                let label = format!("{status} to {location} at {:?}", mount.kind);
                let answer = front.ask("GET", mount.read.0, &token, "").await;
                assert_eq!(answer.status, 502, "{label}: {}", answer.head);
                silent(&label, &answer);
                assert_eq!(recorded(&front, id, 1).await[0].0, "failed", "{label}");
            }
            assert_eq!(thief.take(), []);
            if status != 302 {
                // The others are read by the same code; one place for each is enough.
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_to_itself_is_the_callers_to_follow() {
    let counted = Arc::new(AtomicU64::new(0));
    let count = counted.clone();
    let recorder = Recorder::answering(move |request| {
        count.fetch_add(1, Ordering::Relaxed);
        format!(
            "HTTP/1.1 302 Found\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
            request.target
        )
        .into_bytes()
    })
    .await;
    let front = before(recorder.address).await;
    let (_, token) = everything(&front);
    for (asked, mount) in MOUNTS.iter().enumerate() {
        let answer = front.ask("GET", mount.read.0, &token, "").await;
        assert_eq!(
            counted.load(Ordering::Relaxed),
            asked as u64 + 1,
            "it is not followed here"
        );
        if is_git(mount) {
            assert_eq!(answer.status, 502, "{}", answer.head);
            continue;
        }
        assert_eq!(answer.status, 302, "{}", answer.head);
        let home = format!("location: http://{}/", front.address);
        assert!(answer.head.contains(&home), "{}", answer.head);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_end_as_it_said_never_looks_whole() {
    let chunked = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    let long = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{}";
    for (name, play) in [
        ("too short", Play::Say(head(long))),
        ("too short, and silent", Play::SayAndHang(head(long))),
        (
            "cut within a chunk",
            Play::Say(head(&format!("{chunked}5\r\n{{}}"))),
        ),
        (
            "no last chunk",
            Play::Say(head(&format!("{chunked}2\r\n{{}}\r\n"))),
        ),
        (
            "a chunk that lies",
            Play::Say(head(&format!("{chunked}1\r\n{{}}\r\n0\r\n\r\n"))),
        ),
        (
            "a chunk that is no number",
            Play::Say(head(&format!("{chunked}zz\r\n{{}}\r\n0\r\n\r\n"))),
        ),
    ] {
        let upstream = hostile(play).await;
        let front = before(upstream.address).await;
        let (_, token) = everything(&front);
        for mount in MOUNTS.iter().filter(|mount| !is_git(mount)) {
            let answer = front.ask("GET", mount.read.0, &token, "").await;
            let length = answer.head.to_ascii_lowercase();
            let said = length
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            let whole = match said {
                Some(said) => answer.body.len() == said.parse::<usize>().unwrap(),
                None => answer.body.ends_with(b"0\r\n\r\n"),
            };
            assert!(
                answer.status == 502 || !whole,
                "{name} at {:?}: {answer:?}",
                mount.kind
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_beside_an_answer_stays_there() {
    let more = "set-cookie: session=planted\r\nset-cookie2: planted\r\nwww-authenticate: Basic realm=planted\r\n\
                connection: x-planted\r\nx-planted: planted\r\nproxy-authenticate: planted\r\n\
                access-control-allow-origin: http://planted\r\naccess-control-allow-credentials: planted\r\n\
                clear-site-data: planted\r\nalt-svc: planted\r\nserver: planted\r\nlocation: http://planted/\r\n\
                content-location: http://planted/\r\nlink: <http://planted/>; rel=\"next\"\r\n\
                strict-transport-security: planted\r\nx-oauth-scopes: planted\r\nrefresh: 0; url=http://planted/\r\n\
                x-accel-redirect: /planted\r\nx-sendfile: /planted\r\n\
                content-security-policy: script-src planted\r\nservice-worker-allowed: planted\r\n";
    let page = "<html><script>alert(1)</script></html>";
    let html = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n{more}content-length: {}\r\n\r\n{page}GET /planted HTTP/1.1\r\n\r\n",
        page.len()
    );
    let trailers = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ntransfer-encoding: chunked\r\ntrailer: set-cookie\r\n\r\n\
         {:x}\r\n{page}\r\n0\r\nset-cookie: planted\r\nlocation: http://planted/\r\n\r\n",
        page.len()
    );
    for (name, text) in [("html", html), ("trailers", trailers)] {
        let upstream = hostile(Play::Say(text.into_bytes())).await;
        let front = before(upstream.address).await;
        let (_, token) = everything(&front);
        for mount in &MOUNTS {
            let answer = front.ask("GET", mount.read.0, &token, "").await;
            let label = format!("{name} at {:?}", mount.kind);
            silent(&label, &answer);
            if is_git(mount) {
                assert_eq!(answer.status, 502, "{label}");
                continue;
            }
            assert_eq!(answer.status, 200, "{label}");
            let lower = answer.head.to_ascii_lowercase();
            assert!(
                lower.contains("content-security-policy: default-src 'none'"),
                "{label}: {lower}"
            );
            assert!(
                lower.contains("x-content-type-options: nosniff"),
                "{label}: {lower}"
            );
            assert!(String::from_utf8_lossy(&answer.body).contains(page), "{label}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_before_the_body_ends_the_exchange() {
    let early =
        head("HTTP/1.1 413 Too Large\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}");
    let upstream = hostile(Play::Early(early)).await;
    let front = before(upstream.address).await;
    let body = format!("{{\"title\":\"{}\"}}", "a".repeat(4 << 20));
    for mount in MOUNTS.iter().filter(|mount| !is_git(mount)) {
        let (id, token) = everything(&front);
        let (method, path, _) = mount.write;
        let answer = front.ask(method, path, &token, &body).await;
        assert!(
            matches!(answer.status, 413 | 502),
            "{:?}: {}",
            mount.kind,
            answer.head
        );
        let told = recorded(&front, id, 2).await;
        assert_eq!(told[1].0, "failed", "{:?}: {told:?}", mount.kind);
    }
}

/// Pages of this process in memory, in bytes.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_ends_at_the_limit_or_with_the_reader() {
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
