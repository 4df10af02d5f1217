//! Upstreams that hang, reset, lie, flood and lead elsewhere: the caller is told in our words, the record holds it under
//! the token, nothing leaks, and memory stays as it is.

mod flood;
mod play;

use super::{MOUNTS, Mount, everything};
use crate::front::{Answered, Behind, Front, UPSTREAM_TOKEN};
use crate::recorder::{Recorder, json};
use bailiwick_model::{TokenId, UpstreamKind};
use play::{Play, head, hostile, perform};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::net::TcpListener;

/// What an answer of a call may hold at the most here.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

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

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_answer_is_told_and_recorded() {
    let mut all = tokio::task::JoinSet::new();
    for (name, play, status) in play::plays() {
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
        // What Git is refused is a refusal of the account that stands for the caller, and at GitHub the person's own.
        let own = is_git(mount) || mount.kind == UpstreamKind::GitHub;
        let refused = own && name == "asks for another credential";
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
        // What the person is refused there is a refusal here as well.
        let ended = if *reason == "upstream.link_ended" {
            "refused"
        } else {
            "failed"
        };
        assert_eq!(outcome, ended, "{label}: {reason}");
        assert!(reason.starts_with("upstream."), "{label}: {reason}");
        // The same for a change: on record before, and that it failed after.
        if !is_git(mount) {
            let (id, token) = everything(&front);
            let (method, path, _) = mount.write;
            let answer = front.ask(method, path, &token, mount.body).await;
            assert_eq!(answer.status, told, "{label}: {}", answer.head);
            silent(&label, &answer);
            let told = recorded(&front, id, 2).await;
            assert_eq!(
                (told.len(), told[0].1.as_str()),
                (2, "forwarded"),
                "{label}: {told:?}"
            );
            assert_eq!(told[1].0, ended, "{label}: {told:?}");
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
        "http://{own}.thief.example/".into(),
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
async fn a_redirect_to_itself_is_followed_by_nobody() {
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
        // Led home it would lead in a circle.
        assert_eq!(answer.status, 409, "{}", answer.head);
        assert!(!answer.head.contains("location:"), "{}", answer.head);
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
                lower.contains(
                    "content-security-policy: default-src 'none'; sandbox; form-action 'none'; base-uri 'none'; \
                     frame-ancestors 'none'\r\n"
                ),
                "{label}: {lower}"
            );
            assert_eq!(
                lower.matches("content-security-policy").count(),
                1,
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
