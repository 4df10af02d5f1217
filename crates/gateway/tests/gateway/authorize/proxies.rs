//! nginx, Caddy, Traefik and Envoy with the examples as they ship, in front of an application that must see what was
//! decided, or nothing.

use super::proxy::{CLIENT, ENVOY_GRPC, ENVOY_HTTP, Proxy};
use super::{Stage, TRUSTED, header};
use crate::server;

/// Headers that a proxy must not take for those of this one connection.
const HOPS: (&str, &str) = (
    "connection",
    "close, x-bailiwick-login, x-bailiwick-upstream-login, x-bailiwick-token-id",
);
const LIST: &str = "/api/acme/site/artifacts";
const FILE: &str = "/api/acme/site/artifacts/a";
const READ: &[(&str, &str)] = &[("metadata", "read"), ("packages", "read")];

/// What a client tries to bring along, in every way that the proxies have.
const LIES: &[(&str, &str)] = &[
    ("x-original-uri", "/api/acme/www/artifacts"),
    ("x-original-method", "GET"),
    ("x-forwarded-uri", "/api/acme/www/artifacts"),
    ("x-forwarded-method", "GET"),
    ("x-forwarded-for", "203.0.113.9"),
    ("x-bailiwick-login", "alice"),
    ("x-bailiwick-token-id", "1"),
];

/// The same life before every proxy.
async fn walk(stage: &Stage, proxy: &Proxy, name: &str) {
    let (id, token) = stage.token(READ);
    let bearer = format!("Bearer {token}");
    let own = ("authorization", bearer.as_str());
    let session = ("cookie", "__Host-bailiwick-session=a; theirs=b");
    let served = proxy
        .send("GET", &format!("{LIST}?page=2"), &[own, session], "")
        .await
        .expect(200);
    assert_eq!(served.body, b"from the app");
    let arrived = stage.app.take().remove(0);
    assert_eq!(arrived.target, format!("{LIST}?page=2"));
    assert_eq!(arrived.header("x-bailiwick-login"), Some("bob"));
    assert_eq!(
        arrived.header("x-bailiwick-token-id"),
        Some(id.to_string().as_str())
    );
    assert_eq!(
        arrived.header("authorization"),
        None,
        "the token is for the authority alone"
    );
    assert_eq!(arrived.header("cookie"), None, "{name}: so are sessions");
    // What is refused does not arrive, whatever comes with it.
    // Traefik resolves the path before it asks and before it passes it on.
    let dots = if name == "traefik" { 404 } else { 400 };
    for (method, target, status) in [
        ("PUT", FILE, 403),
        ("DELETE", FILE, 403),
        ("GET", "/api/acme/secret/artifacts", 404),
        ("GET", "/no/such", 404),
        ("GET", "/api/acme/site/%2e%2e/secret/artifacts", dots),
        ("GET", "/api/acme%2fsite/artifacts", 400),
    ] {
        for lies in [&[][..], LIES] {
            // Of these two the front doors of the proxies may refuse the lies themselves.
            let headers: Vec<_> = lies.iter().copied().chain([own]).collect();
            let body = if method == "PUT" { "bytes" } else { "" };
            let refused = proxy.send(method, target, &headers, body).await;
            let text = String::from_utf8_lossy(&refused.body).into_owned();
            let overridden = !lies.is_empty() && refused.status == 400;
            assert!(
                refused.status == status || overridden,
                "{name}: {method} {target}: {}\n{text}",
                refused.head
            );
            assert!(stage.app.take().is_empty(), "{name}: {method} {target} arrived");
        }
    }
    let refused = proxy.send("PUT", FILE, &[own], "bytes").await.expect(403);
    assert_eq!(refused.reason(), "level.too_low", "{name}: {}", refused.head);
    // Whoever reads it knows what is missing, what to do, and which event in the log it is.
    assert_eq!(refused.json["missing"], "contents: read at acme/site", "{name}");
    let help = refused.json["help"].as_str().unwrap_or_default();
    assert!(help.contains("bailiwick token edit"), "{name}: {help}");
    assert!(
        header(&refused, "content-type").starts_with("application/json"),
        "{name}"
    );
    let request = header(&refused, "x-bailiwick-request-id").to_owned();
    let events = stage.front.events();
    let mut on_record = events.iter().map(|event| event.request_id.as_deref());
    assert!(
        on_record.any(|id| id == Some(&request)),
        "{name}: {}",
        refused.head
    );
    let nobody = proxy
        .send("GET", LIST, &[("authorization", "Bearer bwk_x")], "")
        .await
        .expect(401);
    assert_eq!(header(&nobody, "www-authenticate"), "Bearer realm=\"Bailiwick\"");
    assert_eq!(
        nobody.json["message"], "Bad credentials",
        "{name}: {}",
        nobody.head
    );
    let hidden = proxy
        .send("GET", "/api/acme/secret/artifacts", &[own], "")
        .await
        .expect(404);
    assert_eq!(hidden.json["message"], "Not Found", "{name}: {}", hidden.head);
    // A connection that would change its protocol.
    let upgrade = [
        own,
        ("upgrade", "websocket"),
        ("sec-websocket-key", "x"),
        ("sec-websocket-version", "13"),
    ];
    let refused = proxy.send("GET", LIST, &upgrade, "").await.expect(400);
    assert_eq!(refused.reason(), "authorize.upgrade", "{name}");
    assert!(stage.app.take().is_empty(), "{name}");
    // Nor one that the application might take for another one than the authority.
    let other = [own, ("x-http-method-override", "DELETE")];
    let refused = proxy.send("GET", LIST, &other, "").await.expect(400);
    assert_eq!(refused.reason(), "head.override", "{name}");
    assert!(stage.app.take().is_empty(), "{name}");
    // A visitor of what is public is nobody, whoever he says he is.
    let visit: Vec<_> = LIES
        .iter()
        .copied()
        .filter(|(name, _)| name.starts_with("x-bailiwick"))
        .collect();
    let _ = proxy
        .send("GET", "/api/acme/www/artifacts", &visit, "")
        .await
        .expect(200);
    let arrived = stage.app.take().remove(0);
    assert_eq!(arrived.header("x-bailiwick-login"), Some("-"), "{name}");
    assert_eq!(arrived.header("x-bailiwick-token-id"), Some("-"), "{name}");
    changes(stage, proxy, name).await;
}

/// Changes with their bodies, once the token may; on record with the address that the client has.
async fn changes(stage: &Stage, proxy: &Proxy, name: &str) {
    let (_, token) = stage.token(&[("metadata", "read"), ("packages", "write"), ("contents", "read")]);
    let bearer = format!("Bearer {token}");
    let own = ("authorization", bearer.as_str());
    let from = ("x-forwarded-for", "203.0.113.9");
    let chunked = ("transfer-encoding", "chunked");
    for (headers, sent) in [
        (vec![own], "bytes"),
        (vec![own, from], "bytes"),
        (vec![own, chunked], "5\r\nbytes\r\n0\r\n\r\n"),
    ] {
        let _ = proxy.send("PUT", FILE, &headers, sent).await.expect(200);
        let arrived = stage.app.take().remove(0);
        assert_eq!(
            (arrived.method.as_str(), arrived.body.as_slice()),
            ("PUT", b"bytes".as_slice()),
            "{name}"
        );
        let events = stage.front.events();
        let event = events
            .iter()
            .rev()
            .find(|event| event.action == "artifacts.artifacts_upload")
            .unwrap();
        assert_eq!(
            event.request_id.as_deref(),
            arrived.header("x-bailiwick-request-id"),
            "{name}"
        );
        assert_eq!(event.address.as_deref(), Some(CLIENT), "{name}: {headers:?}");
    }
}

/// What only nginx uses is an override to everybody else, and all else that a client brings changes nothing.
async fn brings_its_own(stage: &Stage, proxy: &Proxy, name: &str) {
    let (id, token) = stage.token(READ);
    let bearer = format!("Bearer {token}");
    let own = ("authorization", bearer.as_str());
    let headers = [own, ("x-original-uri", "/")];
    let refused = proxy.send("GET", LIST, &headers, "").await.expect(400);
    assert_eq!(refused.reason(), "head.override", "{name}");
    let lies: Vec<_> = LIES
        .iter()
        .copied()
        .filter(|(lie, _)| *lie != "x-original-uri")
        .chain([("x-bailiwick-upstream-login", "alice-there"), own, HOPS])
        .collect();
    let target = format!("{LIST}/a%20b?x=%2F&y=a+b");
    let _ = proxy.send("GET", &target, &lies, "").await.expect(200);
    let arrived = stage.app.take().remove(0);
    assert_eq!(
        (arrived.method.as_str(), arrived.target.as_str()),
        ("GET", target.as_str()),
        "{name}"
    );
    for (header, value) in [
        ("x-bailiwick-login", "bob"),
        ("x-bailiwick-upstream-login", "bobby"),
        ("x-bailiwick-token-id", id.to_string().as_str()),
    ] {
        assert_eq!(arrived.header(header), Some(value), "{name}: {header}");
    }
    assert_eq!(arrived.header("authorization"), None, "{name}");
    // Some applications read this name as that with hyphens.
    let spelled = [
        own,
        ("x_bailiwick_login", "alice"),
        ("x-bailiwick_login", "alice"),
    ];
    let answer = proxy.send("GET", LIST, &spelled, "").await;
    let arrived = stage.app.take();
    assert_eq!(
        answer.status == 200,
        arrived.len() == 1,
        "{name}: {}",
        answer.head
    );
    let mut brought = arrived.iter().flat_map(|it| &it.headers);
    assert!(brought.all(|(header, _)| !header.contains('_')), "{name}");
    // The lie is about what may be changed, where the token may not.
    let lies = [own, ("x-forwarded-method", "GET"), ("x-forwarded-uri", LIST)];
    let refused = proxy.send("DELETE", FILE, &lies, "").await.expect(403);
    assert_eq!(refused.reason(), "level.too_low", "{name}");
    assert!(stage.app.take().is_empty(), "{name}");
}

/// Where nobody decides, nothing arrives.
async fn unanswered(stage: &Stage, proxy: &Proxy, name: &str) {
    let (_, token) = stage.token(READ);
    let bearer = format!("Bearer {token}");
    let refused = proxy.send("GET", LIST, &[("authorization", &bearer)], "").await;
    assert!(
        matches!(refused.status, 403 | 500..=503),
        "{name}: {}",
        refused.head
    );
    if name == "nginx" {
        let said = refused.expect(503).json["message"].as_str().map(str::to_owned);
        assert!(said.is_some_and(|said| said.contains("try again")));
    }
    assert!(stage.app.take().is_empty(), "{name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_asks_and_obeys() {
    let stage = Stage::trusting(TRUSTED).await;
    let proxy = Proxy::nginx(&stage, stage.front.address);
    walk(&stage, &proxy, "nginx").await;
    // The example overwrites what clients send under the names that count.
    let (_, token) = stage.token(READ);
    let bearer = format!("Bearer {token}");
    let lies: Vec<_> = LIES
        .iter()
        .copied()
        .chain([("authorization", bearer.as_str())])
        .collect();
    let _ = proxy.send("GET", LIST, &lies, "").await.expect(200);
    let arrived = stage.app.take().remove(0);
    assert_eq!(
        (arrived.target.as_str(), arrived.header("x-bailiwick-login")),
        (LIST, Some("bob"))
    );
    assert_eq!(
        (
            arrived.header("x-original-uri"),
            arrived.header("x-original-method")
        ),
        (None, None)
    );
    // The door to the authority is not a door for clients.
    let _ = proxy.send("GET", "/.bailiwick", &lies, "").await.expect(404);
    assert!(stage.app.take().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn caddy_asks_and_obeys() {
    let stage = Stage::trusting(TRUSTED).await;
    let proxy = Proxy::caddy(&stage, stage.front.address);
    walk(&stage, &proxy, "caddy").await;
    brings_its_own(&stage, &proxy, "caddy").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn traefik_asks_and_obeys() {
    let stage = Stage::trusting(TRUSTED).await;
    let proxy = Proxy::traefik(&stage, stage.front.address);
    walk(&stage, &proxy, "traefik").await;
    brings_its_own(&stage, &proxy, "traefik").await;
    // Decided on and passed on as the same path.
    let (_, token) = stage.token(READ);
    let bearer = format!("Bearer {token}");
    let target = "/api/acme/secret//%2e%2e/site/artifacts";
    let headers = [("authorization", bearer.as_str())];
    let _ = proxy.send("GET", target, &headers, "").await.expect(200);
    assert_eq!(stage.app.take().remove(0).target, LIST);
}

#[tokio::test(flavor = "multi_thread")]
async fn envoy_asks_over_grpc_and_obeys() {
    let stage = Stage::trusting(TRUSTED).await;
    let proxy = Proxy::envoy(&stage, stage.front.address, ENVOY_GRPC);
    walk(&stage, &proxy, "envoy over gRPC").await;
    brings_its_own(&stage, &proxy, "envoy over gRPC").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn envoy_asks_over_http_and_obeys() {
    let stage = Stage::trusting(TRUSTED).await;
    let proxy = Proxy::envoy(&stage, stage.front.address, ENVOY_HTTP);
    walk(&stage, &proxy, "envoy over HTTP").await;
    brings_its_own(&stage, &proxy, "envoy over HTTP").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_authority_nothing_is_served() {
    let stage = Stage::trusting(TRUSTED).await;
    let nobody = server::free();
    for (name, proxy) in [
        ("nginx", Proxy::nginx(&stage, nobody)),
        ("caddy", Proxy::caddy(&stage, nobody)),
        ("traefik", Proxy::traefik(&stage, nobody)),
        ("envoy over gRPC", Proxy::envoy(&stage, nobody, ENVOY_GRPC)),
        ("envoy over HTTP", Proxy::envoy(&stage, nobody, ENVOY_HTTP)),
    ] {
        unanswered(&stage, &proxy, name).await;
    }
}
