//! Decisions for other proxies: real ones with the examples as they ship, and callers that lie.

mod calls;
mod envoy;
mod lies;
mod proxies;
mod proxy;

use crate::front::{Answered, Behind, Front};
use crate::recorder::{Recorder, answer};
use bailiwick_model::UpstreamKind;

/// What trusts whoever connects here.
pub const TRUSTED: &[&str] = &["127.0.0.1/32"];

/// The application behind the other proxy, whose bytes never come through here, and a gate that decides for the proxy.
pub struct Stage {
    pub front: Front,
    pub app: Recorder,
}

impl Stage {
    pub async fn trusting(peers: &[&str]) -> Stage {
        let app = Recorder::answering(|_| answer(200, "text/plain", b"from the app")).await;
        let behind = vec![
            Behind::new("artifacts", UpstreamKind::Generic, app.url()),
            Behind::new("forge", UpstreamKind::Gitea, app.url()),
            Behind::new("plain", UpstreamKind::Git, app.url()),
        ];
        Stage {
            front: Front::asked_from(behind, peers).await,
            app,
        }
    }

    /// bob's token for packages of acme/site, with its id.
    pub fn token(&self, permissions: &[(&str, &str)]) -> (i64, String) {
        let (id, text) = self.front.token("bob", &[("acme", Some(&["site"]), permissions)]);
        (id.0, text)
    }

    /// nginx asks.
    pub async fn nginx(&self, upstream: &str, method: &str, uri: &str, token: &str) -> Answered {
        let authorization = format!("Bearer {token}");
        let mut headers = vec![
            ("x-original-method", method),
            ("x-original-uri", uri),
            ("x-forwarded-for", "203.0.113.7"),
        ];
        if !token.is_empty() {
            headers.push(("authorization", &authorization));
        }
        self.front
            .send("GET", &format!("/-/authorize/nginx/{upstream}"), &headers, b"")
            .await
    }
}

/// A header of an answer.
pub fn header<'a>(answer: &'a Answered, name: &str) -> &'a str {
    let mut found = answer.head.split("\r\n").filter_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    });
    let first = found.next().unwrap_or_default();
    assert!(found.next().is_none(), "{name} twice in {}", answer.head);
    first
}
