//! What a caller brings to be taken for something else: by a trusted proxy it changes nothing or is refused, and whoever
//! else calls is refused before any of it is looked at.

use super::{Stage, TRUSTED, header};
use crate::front::Answered;

const LIST: &str = "/api/acme/site/artifacts";
const FILE: &str = "/api/acme/site/artifacts/a";
const READ: &[(&str, &str)] = &[("metadata", "read"), ("packages", "read")];
const OF: (&str, &str) = ("x-forwarded-for", "203.0.113.7");

/// Calls with something wrong about them, beside what is asked.
fn lies() -> Vec<Vec<(&'static str, &'static str)>> {
    let (get, uri) = (("x-original-method", "GET"), ("x-original-uri", LIST));
    vec![
        vec![get, uri, OF],
        vec![
            get,
            uri,
            OF,
            ("x-bailiwick-login", "alice"),
            ("x-bailiwick-token-id", "1"),
        ],
        vec![get, uri, OF, ("x_bailiwick_login", "alice")],
        vec![get, uri, OF, ("X_Bailiwick_Login", "alice")],
        vec![get, uri, OF, ("connection", "close, x-original-uri")],
        vec![get, get, uri, OF],
        vec![get, ("x-original-method", "DELETE"), uri, OF],
        vec![uri, OF],
        vec![get, OF],
        vec![get, ("x-original-uri", "api/acme/site/artifacts"), OF],
        vec![
            get,
            ("x-original-uri", "http://front/api/acme/site/artifacts"),
            OF,
        ],
        vec![get, ("x-original-uri", "*"), OF],
        vec![OF],
        vec![],
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn from_anybody_else_nothing_is_read() {
    let stage = Stage::trusting(&["10.0.0.0/8"]).await;
    let (_, token) = stage.token(READ);
    let authorization = format!("Bearer {token}");
    for lie in lies() {
        for target in ["/-/authorize/nginx/artifacts", "/-/authorize/forward/artifacts"] {
            let mut headers = lie.clone();
            headers.push(("authorization", &authorization));
            let refused = stage.front.send("GET", target, &headers, b"").await.expect(403);
            assert_eq!(refused.reason(), "authorize.untrusted_peer", "{lie:?}");
            assert_eq!(header(&refused, "x-bailiwick-login"), "", "{lie:?}");
        }
    }
    assert!(stage.app.take().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_of_the_connection_change_no_decision() {
    let stage = Stage::trusting(TRUSTED).await;
    let (_, token) = stage.token(READ);
    let authorization = format!("Bearer {token}");
    let own = ("authorization", authorization.as_str());
    let names = "close, x-original-uri, x-original-method, x-forwarded-for, authorization, x-bailiwick-login";
    for (method, uri, status) in [("GET", LIST, 204), ("PUT", FILE, 403)] {
        let headers = [
            ("x-original-method", method),
            ("x-original-uri", uri),
            OF,
            own,
            ("connection", names),
            ("x-bailiwick-login", "alice"),
        ];
        let target = "/-/authorize/nginx/artifacts";
        let told = stage
            .front
            .send("GET", target, &headers, b"")
            .await
            .expect(status);
        let login = if status == 204 { "bob" } else { "" };
        assert_eq!(header(&told, "x-bailiwick-login"), login, "{method}");
    }
    // Caddy and Traefik tell whom they were asked for; nobody else does beside them.
    for name in ["x-forwarded-host", "x-forwarded-proto"] {
        let headers = [
            ("x-forwarded-method", "GET"),
            ("x-forwarded-uri", LIST),
            OF,
            own,
            (name, "one"),
            (name, "other"),
        ];
        let target = "/-/authorize/forward/artifacts";
        let refused = stage.front.send("GET", target, &headers, b"").await.expect(400);
        assert_eq!(refused.reason(), "authorize.forwarded", "{name}");
    }
}

/// What is the same of two answers, whenever they were given: everything but when, and which request it was.
fn lasting(told: &Answered) -> (Vec<String>, Vec<u8>) {
    let of_this_one = ["date:", "x-github-request-id:", "x-bailiwick-request-id:"];
    let lines = told.head.split("\r\n").map(str::to_owned);
    let kept = lines.filter(|line| {
        let line = line.to_ascii_lowercase();
        !of_this_one.iter().any(|name| line.starts_with(name))
    });
    (kept.collect(), told.body.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_hidden_is_refused_in_the_bytes_of_what_is_not_there() {
    let stage = Stage::trusting(TRUSTED).await;
    let (_, token) = stage.token(&[("metadata", "read"), ("packages", "write"), ("contents", "read")]);
    for token in [token.as_str(), ""] {
        for method in ["GET", "PUT", "DELETE"] {
            let asked = async |name: &str| {
                let path = format!("/api/acme/{name}/artifacts/a");
                stage.nginx("artifacts", method, &path, token).await
            };
            // Of the same length: nothing that repeats a name would show.
            let (hidden, missing) = (asked("secret").await, asked("absent").await);
            assert_eq!(lasting(&hidden), lasting(&missing), "{method}");
            let refusal = header(&hidden, "x-bailiwick-refusal");
            assert!(!refusal.is_empty() && !refusal.contains("secret"), "{refusal}");
            // Longer ones neither.
            let long = asked(&"x".repeat(90)).await;
            assert_eq!(lasting(&hidden), lasting(&long), "{method}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_asked_a_refusal_is_one_short_line_without_secrets() {
    let stage = Stage::trusting(TRUSTED).await;
    let (_, token) = stage.token(READ);
    let long = format!("/api/acme/{}/artifacts", "%E2%80%9C".repeat(300));
    for (method, uri) in [
        ("PUT", FILE),
        (
            "PUT",
            "/api/acme/site/artifacts/%22%5C%0d%0aX-Bailiwick-Login:%20alice",
        ),
        ("GET", "/api/acme/%22/artifacts"),
        ("GET", "/api/acme/%E2%80%9Csite%E2%80%9D/artifacts"),
        ("GET", "/api/acme/site%0d%0aset-cookie:%20a=b/artifacts"),
        ("GET", long.as_str()),
        ("\"quoted\"", LIST),
        ("GET", "/api/acme/site/artifacts?token=bwk_0123456789"),
        ("GET", "relative/\"path\""),
    ] {
        for token in [token.as_str(), "bwk_\"none\""] {
            let refused = stage.nginx("artifacts", method, uri, token).await;
            assert!(
                matches!(refused.status, 401 | 403),
                "{method} {uri}: {}",
                refused.head
            );
            let line = header(&refused, "x-bailiwick-refusal");
            assert!(line.len() <= 2048 && !line.is_empty(), "{method} {uri}: {line}");
            assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{line}");
            let read: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(read["message"], refused.json["message"], "{method} {uri}");
            assert!(!line.contains(token) && !line.contains("bwk_0123"), "{line}");
            assert_eq!(header(&refused, "set-cookie"), "", "{uri}");
            assert_eq!(header(&refused, "x-bailiwick-login"), "", "{uri}");
        }
    }
}
