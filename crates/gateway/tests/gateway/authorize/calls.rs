//! Calls as bytes: what a trusted proxy may ask, what it is answered, and what is refused whoever asks.

use super::{Stage, TRUSTED, header};
use bailiwick_model::Outcome;

const READ: &[(&str, &str)] = &[("metadata", "read"), ("packages", "read")];
const WRITE: &[(&str, &str)] = &[("metadata", "read"), ("packages", "write"), ("contents", "read")];
const LIST: &str = "/api/acme/site/artifacts";
const FILE: &str = "/api/acme/site/artifacts/a";

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_gets_the_decision_alone() {
    let stage = Stage::trusting(TRUSTED).await;
    let (id, token) = stage.token(WRITE);
    let asked = stage.nginx("artifacts", "GET", LIST, &token).await.expect(204);
    assert_eq!(header(&asked, "x-bailiwick-login"), "bob");
    assert_eq!(header(&asked, "x-bailiwick-upstream-login"), "bobby");
    assert_eq!(header(&asked, "x-bailiwick-token-id"), id.to_string());
    assert_eq!(header(&asked, "x-accepted-github-permissions"), "packages=read");
    let request = header(&asked, "x-bailiwick-request-id").to_owned();
    assert!(!request.is_empty() && request == header(&asked, "x-github-request-id"));
    assert!(asked.body.is_empty());
    // A change is in the log before the answer, with who asked for whom.
    let asked = stage.nginx("artifacts", "PUT", FILE, &token).await.expect(204);
    let request = header(&asked, "x-bailiwick-request-id").to_owned();
    let events = stage.front.events();
    let event = events
        .iter()
        .find(|event| event.request_id.as_deref() == Some(&request))
        .expect("a change is on record");
    assert_eq!(event.outcome, Outcome::Allowed);
    assert_eq!(event.reason, "authorized");
    assert_eq!(event.operation.as_deref(), Some("artifacts/artifacts/upload"));
    assert_eq!(event.action, "artifacts.artifacts_upload");
    assert_eq!(event.address.as_deref(), Some("203.0.113.7"));
    assert_eq!(event.token_id.map(|id| id.0), Some(id));
    let data: serde_json::Value = serde_json::from_str(&event.data).unwrap();
    assert_eq!(data["proxy_address"], "127.0.0.1");
    assert_eq!(data["proxy_protocol"], "nginx");
    assert_eq!(data["upstream"], "artifacts");
    // So is a read in bulk.
    let asked = stage.nginx("artifacts", "GET", FILE, &token).await.expect(204);
    let request = header(&asked, "x-bailiwick-request-id").to_owned();
    let events = stage.front.events();
    let event = events
        .iter()
        .find(|event| event.request_id.as_deref() == Some(&request));
    assert_eq!(event.expect("a download is on record").reason, "authorized");
    assert!(stage.app.take().is_empty(), "nothing is served here");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_what_the_door_would_say() {
    let stage = Stage::trusting(TRUSTED).await;
    let (_, token) = stage.token(READ);
    // The server behind gets the path as it is, and may tell names apart by their case.
    for path in [
        "/api/ACME/site/artifacts",
        "/api/acme/Site/artifacts",
        "/api/owners/Acme/quota",
    ] {
        let (_, token) = stage.token(&[("packages", "read"), ("organization_packages", "read")]);
        let refused = stage.nginx("artifacts", "GET", path, &token).await.expect(403);
        assert_eq!(refused.reason(), "path.ambiguous", "{path}");
        let refused = stage
            .nginx("artifacts", "GET", &path.to_lowercase(), &token)
            .await;
        refused.expect(204);
    }
    // Known, and not allowed.
    let refused = stage.nginx("artifacts", "PUT", FILE, &token).await.expect(403);
    assert_eq!(refused.reason(), "level.too_low");
    assert_eq!(header(&refused, "x-bailiwick-reason"), "level.too_low");
    assert_eq!(header(&refused, "x-bailiwick-status"), "403");
    // nginx drops bodies: it is in a header as well.
    let told: serde_json::Value = serde_json::from_str(header(&refused, "x-bailiwick-refusal")).unwrap();
    assert_eq!(told, refused.json);
    assert_eq!(told["missing"], "contents: read at acme/site");
    let request = header(&refused, "x-bailiwick-request-id").to_owned();
    let events = stage.front.events();
    let event = events
        .iter()
        .find(|event| event.request_id.as_deref() == Some(&request))
        .unwrap();
    assert_eq!(
        (event.outcome, event.reason.as_str()),
        (Outcome::Refused, "level.too_low")
    );
    assert!(event.data.contains("proxy_address"), "{}", event.data);
    // Hidden: a thing outside the grant, one that is not there, a path that no row has. nginx takes 403 for it.
    for path in [
        "/api/acme/secret/artifacts",
        "/api/acme/none/artifacts",
        "/no/such",
    ] {
        let hidden = stage.nginx("artifacts", "GET", path, &token).await.expect(403);
        assert_eq!(header(&hidden, "x-bailiwick-status"), "404", "{path}");
        assert_eq!(header(&hidden, "x-bailiwick-reason"), "", "{path}");
        let authorization = format!("Bearer {token}");
        let hidden = stage
            .front
            .send(
                "GET",
                "/-/authorize/forward/artifacts",
                &[
                    ("x-forwarded-method", "GET"),
                    ("x-forwarded-uri", path),
                    ("x-forwarded-for", "203.0.113.7"),
                    ("authorization", &authorization),
                ],
                b"",
            )
            .await;
        assert_eq!(
            (hidden.status, hidden.json["message"].as_str()),
            (404, Some("Not Found")),
            "{path}"
        );
    }
    // A credential that is none, with what to do about it.
    let bad = stage
        .nginx("artifacts", "GET", LIST, "bwk_nothing")
        .await
        .expect(401);
    assert_eq!(header(&bad, "www-authenticate"), "Bearer realm=\"Bailiwick\"");
    // A visitor is told of nothing that is not public, and is nobody where it is.
    let public = stage
        .nginx("artifacts", "GET", "/api/acme/www/artifacts", "")
        .await
        .expect(204);
    assert_eq!(header(&public, "x-bailiwick-login"), "-");
    assert_eq!(header(&public, "x-bailiwick-token-id"), "-");
    // So is a person whose allowance is everybody's.
    let public = stage
        .nginx("artifacts", "GET", "/api/acme/www/artifacts", &token)
        .await
        .expect(204);
    assert_eq!(header(&public, "x-bailiwick-login"), "-");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_names_no_upstream_is_told_so() {
    let stage = Stage::trusting(TRUSTED).await;
    let (_, token) = stage.token(WRITE);
    let refused = stage.nginx("nosuch", "GET", LIST, &token).await.expect(403);
    assert_eq!(header(&refused, "x-bailiwick-reason"), "authorize.upstream");
    assert_eq!(refused.reason(), "authorize.upstream");
    let message = refused.json["message"].as_str().unwrap();
    assert!(message.contains("no upstream nosuch"), "{message}");
    let events = stage.front.events();
    assert!(events.iter().any(|event| event.reason == "authorize.upstream"));
    // The same, whatever is wrong besides, and by each way to ask.
    let refused = stage.nginx("nosuch", "GET", "relative", "").await.expect(403);
    assert_eq!(refused.reason(), "authorize.upstream");
    let path = format!("/-/authorize/envoy/nosuch{LIST}");
    let headers = [("x-forwarded-for", "203.0.113.7")];
    let refused = stage.front.send("GET", &path, &headers, b"").await.expect(403);
    assert_eq!(refused.reason(), "authorize.upstream");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_is_believed_whatever_is_sent() {
    for peers in [&[][..], &["10.0.0.0/8", "::2"][..]] {
        let stage = Stage::trusting(peers).await;
        let (_, token) = stage.token(WRITE);
        for token in ["", "bwk_nothing", &token] {
            let refused = stage.nginx("artifacts", "GET", LIST, token).await;
            assert_eq!(refused.status, 403, "{}", refused.head);
            assert_eq!(refused.reason(), "authorize.untrusted_peer");
            assert_eq!(header(&refused, "x-bailiwick-login"), "");
            // A proxy that nobody has told of shows its operator why.
            assert_eq!(header(&refused, "x-bailiwick-reason"), "authorize.untrusted_peer");
            assert_eq!(header(&refused, "x-bailiwick-status"), "403");
            let told: serde_json::Value =
                serde_json::from_str(header(&refused, "x-bailiwick-refusal")).unwrap();
            assert!(
                told["message"]
                    .as_str()
                    .unwrap()
                    .contains("authorize_trusted_peers")
            );
        }
        // Probing with a token shows.
        let events = stage.front.events();
        let probes = events
            .iter()
            .filter(|event| event.reason == "authorize.untrusted_peer");
        assert_eq!(probes.count(), 1);
        for (path, headers) in [
            ("/-/authorize", &[][..]),
            ("/-/authorize/", &[]),
            ("/-/authorize/nginx/artifacts", &[]),
            (
                "/-/authorize/forward/artifacts",
                &[("x-forwarded-for", "127.0.0.1")][..],
            ),
            (
                "/-/authorize/envoy/artifacts/api/acme/www/artifacts",
                &[("x-real-ip", "127.0.0.1")],
            ),
            ("/-/authorize/nothing", &[("forwarded", "for=127.0.0.1")]),
            ("/envoy.service.auth.v3.Authorization/Check", &[]),
        ] {
            let refused = stage.front.send("GET", path, headers, b"").await;
            if path.starts_with("/envoy") {
                assert!(
                    header(&refused, "content-type").starts_with("application/grpc"),
                    "{}",
                    refused.head
                );
                assert!(String::from_utf8_lossy(&refused.body).contains("authorize.untrusted_peer"));
            } else {
                assert_eq!(
                    (refused.status, refused.reason()),
                    (403, "authorize.untrusted_peer"),
                    "{path}"
                );
            }
        }
    }
    // The headers mean nothing anywhere else, but that the request was meant for a proxy.
    let stage = Stage::trusting(TRUSTED).await;
    let refused = stage
        .front
        .send(
            "GET",
            "/-/artifacts/api/acme/www/artifacts",
            &[("x-original-uri", "/")],
            b"",
        )
        .await;
    assert_eq!((refused.status, refused.reason()), (400, "head.override"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_call_does_not_say_once_and_plainly_is_refused() {
    let stage = Stage::trusting(TRUSTED).await;
    let (_, token) = stage.token(WRITE);
    let authorization = format!("Bearer {token}");
    let own = ("authorization", authorization.as_str());
    let (get, uri, of) = (
        ("x-original-method", "GET"),
        ("x-original-uri", LIST),
        ("x-forwarded-for", "203.0.113.7"),
    );
    let long = format!("/{}", "a".repeat(9_000));
    type Row<'a> = (&'a str, Vec<(&'a str, &'a str)>);
    let rows: Vec<Row<'_>> = vec![
        ("authorize.method", vec![uri, of]),
        ("authorize.method", vec![get, get, uri, of]),
        ("authorize.method", vec![("x-original-method", ""), uri, of]),
        ("authorize.method", vec![("x-original-method", "get"), uri, of]),
        (
            "authorize.method",
            vec![("x-original-method", "OPTIONS"), uri, of],
        ),
        (
            "authorize.method",
            vec![("x-original-method", "CONNECT"), uri, of],
        ),
        (
            "authorize.method",
            vec![("x-original-method", "GET, DELETE"), uri, of],
        ),
        ("authorize.uri", vec![get, of]),
        ("authorize.uri", vec![get, uri, uri, of]),
        (
            "authorize.uri",
            vec![get, uri, ("x-original-uri", "/api/acme/www/artifacts"), of],
        ),
        ("authorize.uri", vec![get, ("x-original-uri", ""), of]),
        (
            "authorize.uri",
            vec![get, ("x-original-uri", "api/acme/site/artifacts"), of],
        ),
        (
            "authorize.uri",
            vec![get, ("x-original-uri", "http://h/api/acme/site/artifacts"), of],
        ),
        (
            "authorize.uri",
            vec![get, ("x-original-uri", "//h/api/acme/site/artifacts"), of],
        ),
        (
            "authorize.uri",
            vec![get, ("x-original-uri", "/api/acme/site/artifacts#x"), of],
        ),
        (
            "authorize.uri",
            vec![get, ("x-original-uri", "/api/acme/site/arti facts"), of],
        ),
        ("authorize.uri", vec![get, ("x-original-uri", "*"), of]),
        ("head.target_too_long", vec![get, ("x-original-uri", &long), of]),
        ("authorize.client", vec![get, uri]),
        ("authorize.client", vec![get, uri, ("x-forwarded-for", "")]),
        (
            "authorize.client",
            vec![get, uri, ("x-forwarded-for", "203.0.113.7, unknown")],
        ),
        ("authorize.upgrade", vec![get, uri, of, ("upgrade", "websocket")]),
        (
            "authorize.header",
            vec![get, uri, of, ("x_bailiwick_login", "alice")],
        ),
        (
            "authorize.header",
            vec![get, uri, of, ("x-bailiwick-token_id", "1")],
        ),
        (
            "authorize.upgrade",
            vec![get, uri, of, ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")],
        ),
        (
            "head.override",
            vec![get, uri, of, ("x-http-method-override", "DELETE")],
        ),
        ("head.override", vec![get, uri, of, ("x-original-url", "/other")]),
        ("authorize.call", vec![get, uri, of, ("content-length", "1")]),
        // The front door's own refusals.
        (
            "path.ambiguous",
            vec![get, ("x-original-uri", "/api/acme/site/../secret/artifacts"), of],
        ),
        (
            "path.ambiguous",
            vec![
                get,
                ("x-original-uri", "/api/acme/site/%2e%2e/secret/artifacts"),
                of,
            ],
        ),
        (
            "path.ambiguous",
            vec![get, ("x-original-uri", "/api/acme%2Fsite/artifacts"), of],
        ),
        (
            "path.ambiguous",
            vec![get, ("x-original-uri", "/api//acme/site/artifacts"), of],
        ),
        (
            "path.ambiguous",
            vec![get, ("x-original-uri", "/api/acme/site/artifacts/%252e%252e"), of],
        ),
        (
            "path.ambiguous",
            vec![get, ("x-original-uri", "/api/acme/site\\..\\x/artifacts"), of],
        ),
    ];
    for (at, (reason, mut headers)) in rows.into_iter().enumerate() {
        headers.push(own);
        let body: &[u8] = if reason == "authorize.call" { b"x" } else { b"" };
        let target = "/-/authorize/nginx/artifacts";
        let refused = if body.is_empty() {
            stage.front.send("GET", target, &headers, b"").await
        } else {
            headers.retain(|(name, _)| *name != "content-length");
            stage.front.send("GET", target, &headers, body).await
        };
        assert_eq!(refused.reason(), reason, "row {at}: {}", refused.head);
        assert!(
            matches!(header(&refused, "x-bailiwick-status"), "400" | "413"),
            "{}",
            refused.head
        );
    }
    // Two credentials are none, as everywhere.
    let two = stage
        .front
        .send(
            "GET",
            "/-/authorize/nginx/artifacts",
            &[get, uri, of, own, own],
            b"",
        )
        .await;
    assert_eq!(two.status, 401);
    for target in [
        "/-/authorize/nginx",
        "/-/authorize/nginx/",
        "/-/authorize/nginx/artifacts/more",
        "/-/authorize/nginx/Arti_facts",
        "/-/authorize/nginx/artifacts?x=y",
        "/-/authorize/apache/artifacts",
        "/-/authorize",
    ] {
        let refused = stage.front.send("GET", target, &[get, uri, of, own], b"").await;
        assert_eq!(refused.reason(), "authorize.call", "{target}: {}", refused.head);
    }
    assert!(stage.app.take().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_its_head_does_not_decide_goes_through_the_gateway() {
    let stage = Stage::trusting(TRUSTED).await;
    let all = &[
        ("metadata", "read"),
        ("contents", "write"),
        ("workflows", "write"),
        ("issues", "write"),
        ("administration", "write"),
        ("packages", "write"),
    ];
    let (_, token) = stage.front.token(
        "alice",
        &[("home", None, all), ("labs", None, all), ("acme", None, all)],
    );
    let rows = [
        // What is kept here, before what could be this server's double.
        ("-", "GET", "/api/v3/repos/{here}", 204, ""),
        (
            "-",
            "GET",
            "/api/v3/user/personal-access-tokens/current",
            403,
            "authorize.own",
        ),
        ("-", "GET", "/", 403, "authorize.own"),
        ("-", "GET", "/healthz", 403, "authorize.own"),
        (
            "-",
            "POST",
            "/api/v3/repos/{here}/transfer",
            403,
            "authorize.needs_gateway",
        ),
        ("-", "POST", "/api/v3/repos/{here}/keys", 403, "policy.planting"),
        (
            "-",
            "GET",
            "/{here}.git/info/refs?service=git-upload-pack",
            204,
            "",
        ),
        (
            "-",
            "GET",
            "/{here}.git/info/refs?service=git-receive-pack",
            403,
            "authorize.needs_gateway",
        ),
        ("-", "POST", "/{here}.git/git-upload-pack", 204, ""),
        (
            "-",
            "POST",
            "/{here}.git/git-receive-pack",
            403,
            "authorize.needs_gateway",
        ),
        (
            "-",
            "POST",
            "/{here}.git/info/lfs/objects/batch",
            403,
            "authorize.needs_gateway",
        ),
        (
            "-",
            "GET",
            "/-/artifacts/api/{here}/artifacts",
            400,
            "authorize.uri",
        ),
        ("-", "GET", "/-/authorize/nginx/-", 400, "authorize.uri"),
        // What lives elsewhere than the proxy says.
        ("forge", "GET", "/api/v3/repos/{here}", 403, "authorize.elsewhere"),
        (
            "-",
            "GET",
            "/api/v1/repos/labs/rocket",
            403,
            "authorize.elsewhere",
        ),
        (
            "plain",
            "GET",
            "/api/v1/repos/labs/rocket",
            403,
            "authorize.elsewhere",
        ),
        (
            "nothing",
            "GET",
            "/api/v1/repos/labs/rocket",
            403,
            "authorize.upstream",
        ),
        (
            "forge",
            "GET",
            "/-/artifacts/api/labs/rocket/artifacts",
            400,
            "authorize.uri",
        ),
        // By the same name on both sides, and by another.
        ("forge", "GET", "/api/v1/repos/labs/rocket", 204, ""),
        (
            "forge",
            "GET",
            "/labs/rocket.git/info/refs?service=git-upload-pack",
            204,
            "",
        ),
        (
            "forge",
            "GET",
            "/api/v1/repos/acme/site",
            403,
            "authorize.needs_gateway",
        ),
        (
            "forge",
            "GET",
            "/acme/site.git/info/refs?service=git-upload-pack",
            403,
            "authorize.needs_gateway",
        ),
        (
            "forge",
            "GET",
            "/api/v1/repos/Labs/Rocket",
            403,
            "authorize.needs_gateway",
        ),
        // Gitea acts as whomever a request names.
        (
            "forge",
            "GET",
            "/api/v1/repos/labs/rocket?sudo=bob",
            400,
            "query.sudo",
        ),
        (
            "forge",
            "POST",
            "/api/v1/repos/labs/rocket/issues",
            403,
            "authorize.needs_gateway",
        ),
    ];
    for (upstream, method, path, status, reason) in rows {
        let path = &path.replace("{here}", "home/here");
        let answered = stage.nginx(upstream, method, path, &token).await;
        let said = match answered.status {
            204 => 204,
            _ => header(&answered, "x-bailiwick-status").parse().unwrap(),
        };
        let text = String::from_utf8_lossy(&answered.body).into_owned();
        assert_eq!(said, status, "{upstream} {method} {path}: {text}");
        assert_eq!(
            header(&answered, "x-bailiwick-reason"),
            reason,
            "{upstream} {method} {path}: {text}"
        );
    }
    // A list of an upstream shows all that the person may see: it takes a grant that selects all.
    let (_, some) = stage.front.token("alice", &[("labs", Some(&["rocket"]), all)]);
    let spans = stage
        .nginx("forge", "GET", "/api/v1/orgs/labs/repos", &some)
        .await;
    assert_eq!(
        header(&spans, "x-bailiwick-reason"),
        "upstream.spans",
        "{}",
        spans.head
    );
    let _ = stage
        .nginx("forge", "GET", "/api/v1/orgs/labs/repos", &token)
        .await
        .expect(204);
    assert!(stage.app.take().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_says_whose_request_it_is() {
    let stage = Stage::trusting(&["127.0.0.0/8", "10.0.0.0/8"]).await;
    let (_, token) = stage.token(WRITE);
    let authorization = format!("Bearer {token}");
    for (sent, expected) in [
        ("198.51.100.1", "198.51.100.1"),
        ("203.0.113.9, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        ("127.0.0.1", "127.0.0.1"),
    ] {
        let asked = stage
            .front
            .send(
                "PUT",
                &format!("/-/authorize/envoy/artifacts{FILE}"),
                &[("x-forwarded-for", sent), ("authorization", &authorization)],
                b"",
            )
            .await
            .expect(200);
        let request = header(&asked, "x-bailiwick-request-id").to_owned();
        let events = stage.front.events();
        let event = events
            .iter()
            .find(|event| event.request_id.as_deref() == Some(&request))
            .unwrap();
        assert_eq!(event.address.as_deref(), Some(expected), "{sent}");
    }
}
