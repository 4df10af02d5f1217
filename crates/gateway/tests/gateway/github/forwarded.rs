//! What is decided on is what arrives: paths, names, links and redirects, whatever the caller writes.

use super::hub::{Hub, json_with};
use super::person::{link, linked};
use super::wire::Said;
use super::world;
use serde_json::{Value, json};

fn said(status: u16, headers: &[(&str, String)], body: &str) -> Said {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()));
    Said::Whole(status, headers.collect(), body.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_arrive_as_they_were_decided_on_or_not_at_all() {
    let (world, hub, token) = linked(json!({"contents": "read"})).await;
    let base = "/repos/acme-inc/site-up/contents";
    for (path, arrives) in [
        ("/repos/acme/site/contents/a/b", Some("/a/b")),
        ("/repos/ACME/Site/contents/a", Some("/a")),
        ("/repos/acme/site/contents/a%20b", Some("/a%20b")),
        (
            "/repos/acme/site/contents/a?ref=x%2Fy&ref=z",
            Some("/a?ref=x%2Fy&ref=z"),
        ),
        ("/repos/acme/site/contents/a%C3%A9", Some("/a%C3%A9")),
        ("/repos/acme/site/contents/..", None),
        ("/repos/acme/site/contents/../../../rival/plans", None),
        ("/repos/acme/site/contents/%2e%2e/%2E%2E/x", None),
        ("/repos/acme/site/contents/a%2f..%2f..", None),
        ("/repos/acme/site/contents/%252e%252e/x", None),
        ("/repos/acme/site/contents/a%5c..%5cb", None),
        ("/repos/acme/site//contents/a", None),
        ("/repos/acme/site;x=y/contents/a", None),
        ("/repos/acme/site%00/contents/a", None),
        ("/repos/acme/site/contents/%c0%ae%c0%ae/x", None),
        ("/repos/acme%2Fsite/x/contents/a", None),
        ("/repos/acme/site%2F../secret/contents/a", None),
        ("/repos/acme/secret/contents/a", None),
        ("/repos/rival/plans/contents/a", None),
        ("/graphql", None),
    ] {
        let answer = world.get(path, &token).await;
        let targets: Vec<String> = hub.taken().into_iter().map(|one| one.target).collect();
        match arrives {
            Some(rest) => {
                assert_eq!(answer.status, 200, "{path}: {answer:?}");
                assert_eq!(targets, [format!("/api/v3{base}{rest}")], "{path}");
            }
            None => {
                assert!((400..500).contains(&answer.status), "{path}: {answer:?}");
                assert!(targets.is_empty(), "{path} arrived as {targets:?}");
            }
        }
    }
    let request = http::Request::builder().method("POST").uri("/api/graphql");
    let request = request.header("authorization", format!("Bearer {token}"));
    let answer = world
        .send(
            request
                .body(bailiwick_gate::whole(r#"{"query":"{viewer{login}}"}"#))
                .unwrap(),
        )
        .await;
    assert_eq!(answer.status, 404);
    assert!(hub.taken().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_carrier_of_the_callers_credential_arrives() {
    let (world, hub, token) = linked(json!({"issues": "write"})).await;
    let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("bob:{token}"));
    for (name, value) in [
        ("authorization", format!("Bearer {token}")),
        ("authorization", format!("token {token}")),
        ("authorization", format!("Basic {basic}")),
    ] {
        let request = http::Request::builder()
            .method("POST")
            .uri("/api/v3/repos/acme/site/issues")
            .header(name, value)
            .header("content-type", "application/json")
            .header("accept", "application/vnd.github.raw+json")
            .header("x-github-api-version", "2022-11-28")
            .header("accept-encoding", "gzip")
            .header("x-forwarded-for", "10.0.0.1")
            .header("x-forwarded-host", "evil.example.com")
            .header("cookie", "user_session=1")
            .header("x-github-otp", "123456")
            .header("private-token", &token)
            .header("proxy-authorization", format!("Basic {basic}"))
            .body(bailiwick_gate::whole(r#"{"title":"t"}"#))
            .unwrap();
        world.send(request).await.expect(200);
        let seen = hub.taken().pop().unwrap();
        assert!(
            !seen.raw.contains(&token) && !seen.raw.contains(&basic),
            "{}",
            seen.raw
        );
        let mut names: Vec<&str> = seen.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        let known = [
            "accept",
            "authorization",
            "content-length",
            "content-type",
            "host",
            "x-github-api-version",
        ];
        assert_eq!(names, known, "{}", seen.raw);
        assert_eq!(seen.header("accept"), "application/vnd.github.raw+json");
        assert_eq!(seen.body, r#"{"title":"t"}"#);
    }
    for name in ["x-original-url", "x-http-method-override", "x-rewrite-url"] {
        let request = http::Request::builder()
            .uri("/api/v3/repos/acme/site/issues")
            .header("authorization", format!("Bearer {token}"))
            .header(name, "/api/v3/repos/acme-inc/other");
        let answer = world.send(request.body(bailiwick_gate::whole("")).unwrap()).await;
        for seen in hub.taken() {
            assert_eq!(seen.header(name), "", "{}", answer.status);
        }
    }
    for uri in [
        format!("/api/v3/repos/acme/site/issues?access_token={token}"),
        format!("/api/v3/repos/acme/site/issues?token={token}"),
    ] {
        let request = http::Request::builder()
            .uri(&uri)
            .header("authorization", format!("Bearer {token}"));
        let answer = world.send(request.body(bailiwick_gate::whole("")).unwrap()).await;
        for seen in hub.taken() {
            assert!(!seen.raw.contains(&token), "{}: {}", answer.status, seen.raw);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_lead_home() {
    let (world, hub, token) = linked(json!({"issues": "read"})).await;
    let there = format!("{}/api/v3", hub.address());
    let home = format!("{}/api/v3", crate::harness::BASE_URL);
    for (given, expected) in [
        (
            "{t}/repositories/4242/issues?page=2",
            Some("{h}/repos/acme/site/issues?page=2"),
        ),
        (
            "{t}/repos/acme-inc/site-up/issues?page=2",
            Some("{h}/repos/acme/site/issues?page=2"),
        ),
        (
            "{t}/repos/Acme-Inc/Site-Up/issues?page=2",
            Some("{h}/repos/acme/site/issues?page=2"),
        ),
        // The same number is another repository here.
        ("{t}/repositories/1/issues?page=2", None),
        ("{t}/organizations/1/issues?page=2", None),
        ("https://evil.example.com/api/v3/repositories/4242/issues", None),
    ] {
        let fill = |text: &str| text.replace("{t}", &there).replace("{h}", &home);
        hub.say(said(
            200,
            &[("link", format!("<{}>; rel=\"next\"", fill(given)))],
            "[]",
        ));
        let answer = world.get("/repos/acme/site/issues", &token).await.expect(200);
        let expected = expected.map_or(String::new(), |text| format!("<{}>; rel=\"next\"", fill(text)));
        assert_eq!(answer.header("link"), expected, "{given}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_lead_home_or_nowhere() {
    let (world, hub, token) = linked(json!({"contents": "read", "issues": "write"})).await;
    let there = format!("{}/api/v3", hub.address());
    for (given, reason) in [
        // Renamed over there: the number is the same, and home is where one came from.
        (
            format!("{there}/repositories/4242/issues"),
            Some("upstream.renamed"),
        ),
        (
            format!("{there}/repos/acme-inc/site-up/issues"),
            Some("upstream.renamed"),
        ),
        (
            format!("{there}/repositories/9/issues"),
            Some("upstream.redirect"),
        ),
        (
            String::from("https://evil.example.com/x"),
            Some("upstream.redirect"),
        ),
        (String::from("//evil.example.com/x"), Some("upstream.redirect")),
        (String::from("http://127.0.0.1:1/x"), Some("upstream.redirect")),
        (format!("{there}/repos/acme-inc/site-up/issues/1"), None),
    ] {
        for method in ["GET", "POST"] {
            hub.say(said(307, &[("location", given.clone())], ""));
            let body = json!({"title": "t"});
            let body = if method == "GET" { Value::Null } else { body };
            let answer = world.call(method, "/repos/acme/site/issues", &token, body).await;
            match reason {
                Some(reason) => {
                    assert!(
                        answer.status == 502 || answer.status == 409,
                        "{given}: {answer:?}"
                    );
                    assert_eq!(answer.json["reason"], reason, "{given}");
                    assert_eq!(answer.header("location"), "");
                }
                None => {
                    let home = format!("{}/api/v3/repos/acme/site/issues/1", crate::harness::BASE_URL);
                    assert_eq!((answer.status, answer.header("location")), (307, home.as_str()));
                }
            }
            assert_eq!(hub.taken().len(), 1, "followed: {given}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn downloads_are_followed_without_the_credential() {
    let (world, hub, token) = linked(json!({"contents": "read"})).await;
    let store = Hub::start(world.clock.clone()).await;
    let alice = world.session("alice");
    let follow = json!({"settings": {"follow": [format!("{}/files", store.address())]}});
    world
        .call("PATCH", "/admin/upstreams/hub", &alice, follow)
        .await
        .expect(200);
    let archive = "/repos/acme/site/tarball/main";
    hub.say(said(
        302,
        &[("location", format!("{}/files/a.tgz?sig=1", store.address()))],
        "",
    ));
    // The store knows no credential and says so; what counts is what it was asked.
    world.get(archive, &token).await;
    let asked = store.taken();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].target, "/files/a.tgz?sig=1");
    assert_eq!(asked[0].header("authorization"), "", "{}", asked[0].raw);
    // Below another path, or around in circles: no.
    for place in [
        format!("{}/other", store.address()),
        format!("{}/files/../x", store.address()),
    ] {
        hub.say(said(302, &[("location", place.clone())], ""));
        world.get(archive, &token).await.expect(502);
        assert!(store.taken().is_empty(), "{place}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_spans_takes_a_grant_for_all() {
    let (world, hub, token) = linked(json!({"issues": "read"})).await;
    let answer = world.get("/orgs/acme/issues", &token).await;
    assert!(answer.status == 403 || answer.status == 404, "{answer:?}");
    assert_eq!(answer.json["reason"], "upstream.spans", "{answer:?}");
    assert!(hub.taken().is_empty());
    // A session and a classic token with `repo` select nothing.
    let session = world.session("bob");
    world.get("/orgs/acme/issues", &session).await.expect(200);
    let classic = world.mint_classic("bob", "c", &["repo", "read:org"]).await;
    world.get("/orgs/acme/issues", &classic).await.expect(200);
    let targets: Vec<String> = hub.taken().into_iter().map(|one| one.target).collect();
    assert_eq!(targets, ["/api/v3/orgs/acme-inc/issues"; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_grant_was_looked_at_for_is_asked_as_a_visitor() {
    let (world, hub, token) = linked(json!({"issues": "read"})).await;
    let session = world.session("bob");
    // Open to everybody: a token's grants play no part, so neither do the person's rights over there.
    for (path, of_session) in [
        ("/orgs/acme", "visitor"),
        ("/orgs/acme/repos", "visitor"),
        ("/repos/acme/www/contents/a", "bobby"),
    ] {
        let answer = world.get(path, &token).await.expect(200);
        assert_eq!(answer.json["who"], "visitor", "{path}");
        let answer = world.get(path, &session).await.expect(200);
        assert_eq!(answer.json["who"], of_session, "{path}");
    }
    // A public thing that the grant holds is asked for with the person's rights.
    let (_, both) = world
        .mint_approved("bob", "both", &["www"], json!({"contents": "read"}))
        .await;
    let answer = world.get("/repos/acme/www/contents/a", &both).await.expect(200);
    assert_eq!(answer.json["who"], "bobby");
    hub.taken();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clone_token_in_an_answer_does_not_pass() {
    let (world, hub, token) = linked(json!({"metadata": "read"})).await;
    hub.say(json_with(
        200,
        &json!({"id": 4242, "temp_clone_token": "ABCDEF", "name": "site-up"}),
    ));
    let answer = world.get("/repos/acme/site", &token).await.expect(200);
    assert_eq!(answer.json["temp_clone_token"], "");
    assert_eq!(answer.json["name"], "site-up");
    let length = answer.header("content-length");
    assert!(length.is_empty() || length == answer.bytes.len().to_string());
    // Hidden in a coding that nobody asked for.
    hub.say(said(
        200,
        &[
            ("content-type", "application/json".into()),
            ("content-encoding", "gzip".into()),
        ],
        "x",
    ));
    let answer = world.get("/repos/acme/site", &token).await.expect(502);
    assert_eq!(answer.json["reason"], "upstream.malformed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_names_two_owners_arrives_nowhere() {
    let (world, hub) = world().await;
    let token = world.mint_classic("alice", "t", &["repo"]).await;
    link(&world, &hub, "alice", "ally", 9).await;
    // What a body names has one name here and there.
    let (alice, owner) = (world.session("alice"), json!({"name": "acme", "id": "77"}));
    world
        .call("PUT", "/admin/upstreams/hub/owners/acme", &alice, owner)
        .await
        .expect(200);
    hub.taken();
    let to = |body: &'static str| {
        let request = http::Request::builder()
            .method("POST")
            .uri("/api/v3/repos/acme/site/transfer")
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(bailiwick_gate::whole(body))
            .unwrap();
        world.send(request)
    };
    to(r#"{"new_owner":"acme"}"#).await.expect(200);
    assert_eq!(hub.taken().len(), 1);
    for body in [
        r#"{"new_owner":"rival","new_owner":"acme"}"#,
        r#"{"new_owner":"acme","\u006eew_owner":"acme"}"#,
    ] {
        let answer = to(body).await.expect(400);
        assert_eq!(answer.json["reason"], "body.unreadable", "{body}");
    }
    assert!(hub.taken().is_empty());
}
