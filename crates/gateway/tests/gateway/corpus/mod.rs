//! What gets tried against a gateway, as bytes on a socket, before every kind of upstream: each request is refused and
//! the upstream sees nothing, or it sees exactly what was decided on, and no credential of the caller.

mod carriers;
mod framing;
mod headers;
mod hostile;
mod lfs;
mod paths;
mod prior;

use crate::front::{Answered, Behind, Front, UPSTREAM_TOKEN};
use crate::recorder::{Arrived, Recorder, answer, json};
use bailiwick_model::{TokenId, UpstreamKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Headers that may arrive at an upstream: those that every request has, those of the gateway's own credential, and
/// those of the caller that are let through.
const LET_THROUGH: [&str; 15] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "authorization",
    "sudo",
    "x-remote-user",
    "accept",
    "accept-encoding",
    "cache-control",
    "content-type",
    "git-protocol",
    "range",
    "te",
    "user-agent",
];

/// One way to an upstream: paths here, and what they are there.
pub struct Mount {
    pub kind: UpstreamKind,
    /// What can be read, and changed, with the token.
    pub read: (&'static str, &'static str),
    pub write: (&'static str, &'static str, &'static str),
    pub content_type: &'static str,
    pub body: &'static str,
}

/// Every kind of upstream.
pub const MOUNTS: [Mount; 5] = [
    Mount {
        kind: UpstreamKind::Gitea,
        read: (
            "/api/v1/repos/acme/site/contents/a",
            "/api/v1/repos/team/website/contents/a",
        ),
        write: (
            "POST",
            "/api/v1/repos/acme/site/issues",
            "/api/v1/repos/team/website/issues",
        ),
        content_type: "application/json",
        body: "{\"title\":\"a\"}",
    },
    Mount {
        kind: UpstreamKind::Generic,
        read: (
            "/-/artifacts/api/acme/site/artifacts/a",
            "/api/acme/site/artifacts/a",
        ),
        write: (
            "PUT",
            "/-/artifacts/api/acme/site/artifacts/a",
            "/api/acme/site/artifacts/a",
        ),
        content_type: "application/json",
        body: "{\"title\":\"a\"}",
    },
    Mount {
        kind: UpstreamKind::GitHub,
        read: (
            "/api/v3/repos/hub/kit/contents/a",
            "/api/v3/repos/hub-there/kit/contents/a",
        ),
        write: (
            "POST",
            "/api/v3/repos/hub/kit/issues",
            "/api/v3/repos/hub-there/kit/issues",
        ),
        content_type: "application/json",
        body: "{\"title\":\"a\"}",
    },
    Mount {
        kind: UpstreamKind::Git,
        read: (
            "/code/tool.git/info/refs?service=git-upload-pack",
            "/code-there/tool.git/info/refs?service=git-upload-pack",
        ),
        write: (
            "POST",
            "/code/tool.git/git-upload-pack",
            "/code-there/tool.git/git-upload-pack",
        ),
        content_type: "application/x-git-upload-pack-request",
        body: "0000",
    },
    // Git at a server that has an API as well.
    Mount {
        kind: UpstreamKind::Gitea,
        read: (
            "/acme/site.git/info/refs?service=git-upload-pack",
            "/team/website.git/info/refs?service=git-upload-pack",
        ),
        write: (
            "POST",
            "/acme/site.git/git-upload-pack",
            "/team/website.git/git-upload-pack",
        ),
        content_type: "application/x-git-upload-pack-request",
        body: "0000",
    },
];

/// What must come of a request.
#[derive(Debug)]
pub enum Expected {
    /// It is refused, and no upstream hears of it.
    Refused,
    /// It arrives so.
    Arrives { target: String, body: Vec<u8> },
    /// One or the other: what the upstream would see is what was decided on.
    Either { target: String, body: Vec<u8> },
}

/// The gate before one upstream of each kind.
pub struct Bench {
    pub front: Front,
    pub upstreams: Vec<(UpstreamKind, Recorder)>,
    pub token: String,
}

impl Bench {
    pub async fn new() -> Bench {
        let (mut upstreams, mut behind) = (Vec::new(), Vec::new());
        for (name, kind) in [
            ("forge", UpstreamKind::Gitea),
            ("artifacts", UpstreamKind::Generic),
            ("hub", UpstreamKind::GitHub),
            ("plain", UpstreamKind::Git),
        ] {
            let recorder = Recorder::answering(plain).await;
            behind.push(Behind::new(name, kind, recorder.url()));
            upstreams.push((kind, recorder));
        }
        let front = Front::before(behind).await;
        let (_, token) = everything(&front);
        Bench {
            front,
            upstreams,
            token,
        }
    }

    /// Everything that arrived anywhere since this was asked last.
    pub fn arrived(&self) -> Vec<(UpstreamKind, Arrived)> {
        let all = self.upstreams.iter();
        all.flat_map(|(kind, recorder)| recorder.take().into_iter().map(|one| (*kind, one)))
            .collect()
    }

    /// Checks what came of a request, whatever else it was.
    pub fn check(&self, name: &str, mount: &Mount, answer: &Answered, expected: &Expected) {
        let arrived = self.arrived();
        for (kind, one) in &arrived {
            self.clean(name, *kind, one);
        }
        let says = format!(
            "{name} at {:?}: {} {}",
            mount.kind,
            answer.status,
            String::from_utf8_lossy(&answer.body)
        );
        let text = format!("{}{}", answer.head, String::from_utf8_lossy(&answer.body));
        assert!(
            !text.contains(UPSTREAM_TOKEN) && !text.contains("upstream-session"),
            "{says}"
        );
        let (target, body) = match (expected, arrived.is_empty()) {
            (Expected::Refused | Expected::Either { .. }, true) => {
                let refused =
                    matches!(answer.status, 0 | 400..=405 | 408 | 413..=415 | 422 | 431 | 501 | 505);
                assert!(refused, "{says}");
                return;
            }
            (Expected::Arrives { target, body } | Expected::Either { target, body }, false) => (target, body),
            (Expected::Arrives { .. }, true) | (Expected::Refused, false) => {
                let raw: Vec<_> = arrived
                    .iter()
                    .map(|(_, one)| String::from_utf8_lossy(&one.raw))
                    .collect();
                panic!("{says}: {expected:?}, arrived: {raw:?}")
            }
        };
        assert_eq!(arrived.len(), 1, "{says}: {arrived:?}");
        let (kind, one) = &arrived[0];
        assert_eq!((*kind, &one.target), (mount.kind, target), "{says}");
        assert_eq!(&one.body, body, "{says}");
        assert_eq!(answer.status, 200, "{says}");
    }

    /// Nothing of the caller's credential arrives, and no header that was not let through.
    fn clean(&self, name: &str, kind: UpstreamKind, one: &Arrived) {
        let raw = String::from_utf8_lossy(&one.raw);
        for secret in [
            self.token.clone(),
            STANDARD.encode(format!("x-access-token:{}", self.token)),
            STANDARD.encode(format!("{}:", self.token)),
            STANDARD.encode(format!("{}:x-oauth-basic", self.token)),
            "planted".into(),
        ] {
            assert!(!raw.contains(&secret), "{name} at {kind:?}: {raw}");
        }
        for (header, _) in &one.headers {
            assert!(
                LET_THROUGH.contains(&header.as_str()),
                "{name} at {kind:?}: {header}"
            );
        }
        let (_, recorder) = self.upstreams.iter().find(|(it, _)| *it == kind).unwrap();
        assert_eq!(
            one.header("host"),
            Some(recorder.address.to_string().as_str()),
            "{name}"
        );
        assert!(one.header("authorization").is_some(), "{name} at {kind:?}: {raw}");
    }

    /// A request in so many bytes, with the good token.
    pub fn head(&self, method: &str, target: &str, more: &str) -> String {
        let token = &self.token;
        format!("{method} {target} HTTP/1.1\r\nhost: front\r\nauthorization: Bearer {token}\r\n{more}\r\n")
    }
}

/// A token of alice that opens what the mounts lead to, and nothing else.
pub fn everything(front: &Front) -> (TokenId, String) {
    let levels: &[(&str, &str)] = &[
        ("contents", "write"),
        ("issues", "write"),
        ("pull_requests", "write"),
        ("packages", "write"),
    ];
    let grants = [
        ("acme", Some(&["site"] as &[&str]), levels),
        ("code", Some(&["tool"] as &[&str]), levels),
        ("hub", Some(&["kit"] as &[&str]), levels),
    ];
    front.token("alice", &grants)
}

/// What a good upstream answers.
fn plain(request: &Arrived) -> Vec<u8> {
    if request.target.ends_with("service=git-upload-pack") {
        let kind = "application/x-git-upload-pack-advertisement";
        return answer(200, kind, b"001e# service=git-upload-pack\n00000000");
    }
    if request.path().ends_with("/git-upload-pack") {
        return answer(200, "application/x-git-upload-pack-result", b"0008NAK\n");
    }
    if request.method == "HEAD" {
        return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n".to_vec();
    }
    json(200, &serde_json::json!({}))
}
