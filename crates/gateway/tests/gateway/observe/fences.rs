//! What does not pass: what is ours, what is not observed, what is over, what cannot be read.

use super::standin::{BOBS, CAROLS, GATEWAYS};
use super::world::World;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

const SITE: &str = "/api/v3/repos/acme/site/issues";

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_ours_never_passes_whole_cut_off_or_beside_another() {
    let world = World::observing("github").await;
    let minted = world
        .mint(
            json!({"name": "narrow", "grants": [{"owner": "acme", "repositories": ["site"],
            "permissions": {"contents": "read"}}]}),
        )
        .await;
    let ours = minted.strip_prefix("Bearer ").unwrap();
    let session = world.session("bob");
    world.behind.take();
    // Decided and enforced as always: its grant holds no issues.
    let refused = world.get(SITE, &minted).await.expect(403);
    assert_eq!(refused.json["reason"], "level.too_low");
    let cut = &ours[..ours.len() - 3];
    let basic = |pair: String| format!("Basic {}", STANDARD.encode(pair));
    for carrier in [
        format!("Bearer {cut}"),
        format!("Bearer x{ours}"),
        format!("Bearer {}", ours.to_uppercase()),
        format!("token {}", &session[..20]),
        basic(format!("{ours}:hunter2")),
        basic(format!("bob:{cut}")),
        basic(format!("{session}:{BOBS}")),
    ] {
        for path in [SITE, "/acme/site.git/info/refs?service=git-upload-pack"] {
            assert_eq!(world.get(path, &carrier).await.status, 401, "{path}");
        }
    }
    assert!(world.behind.take().is_empty(), "nothing of it arrives");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_ours_is_served_at_an_observed_upstream_as_always() {
    let world = World::observing("gitea").await;
    let minted = world
        .mint(
            json!({"name": "narrow", "grants": [{"owner": "acme", "repositories": ["site"],
            "permissions": {"contents": "read"}}]}),
        )
        .await;
    world.behind.take();
    world
        .get("/api/v1/repos/acme/site/commits", &minted)
        .await
        .expect(200);
    let arrived = world.behind.take();
    assert_eq!(arrived.len(), 1);
    let ours = minted.strip_prefix("Bearer ").unwrap();
    assert!(!format!("{arrived:?}").contains(ours));
    let brought = arrived[0].all("authorization");
    assert!(brought[0].contains(GATEWAYS), "with the gateway's own credential");
    assert_eq!(arrived[0].all("sudo"), ["bob-there"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_observing_ends_everything_is_enforced_at_once() {
    let world = World::observing("github").await;
    let bob = format!("token {BOBS}");
    world.get(SITE, &bob).await.expect(200);
    world.advance_days(7);
    world.behind.take();
    for path in [
        SITE,
        "/api/v3/user/repos",
        "/acme/site.git/info/refs?service=git-upload-pack",
    ] {
        assert_eq!(world.get(path, &bob).await.status, 401, "{path}");
        assert!(world.get(path, "").await.status >= 401, "{path}");
    }
    assert!(world.behind.take().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_hosted_or_our_own_is_never_observed() {
    let world = World::observing("github").await;
    let bob = format!("token {BOBS}");
    for path in [
        "/api/v3/repos/here/local",
        "/here/local.git/info/refs?service=git-upload-pack",
        "/api/v3/user/personal-access-tokens",
        "/api/v3/orgs/acme/personal-access-tokens",
        "/api/v3/orgs/acme/audit-log",
        "/api/v3/admin/upstreams",
        "/api/v3/admin/upstreams/forge/observations",
        "/settings/tokens",
        "/acme/site",
        "/api/v1/repos/acme/site",
        "/-/forge/x",
    ] {
        assert_eq!(world.get(path, &bob).await.status, 401, "{path}");
    }
    // Visitors ask this server, unless the request names what lives elsewhere.
    world.get("/api/v3/meta", "").await.expect(200);
    world.get("/api/v3/user", "").await.expect(401);
    assert!(world.behind.passed().is_empty());
    world.get("/api/v3/repos/acme/site", "").await.expect(200);
    assert_eq!(world.behind.passed().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_in_one_way_stays_refused() {
    let world = World::observing("github").await;
    let bob = format!("token {BOBS}");
    for path in [
        "/api/v3/repos/acme/site/../private",
        "/api/v3/repos/acme%2Fsite/issues",
        "/api/v3/repos/acme/site/issues?access_token=x",
        "/acme/../site.git/info/refs?service=git-upload-pack",
    ] {
        let answer = world.get(path, &bob).await;
        assert!((400..=404).contains(&answer.status), "{path}: {}", answer.status);
    }
    for headers in [
        vec![("authorization", bob.as_str()), ("authorization", bob.as_str())],
        vec![("authorization", "Negotiate YII="), ("accept", "*/*")],
        vec![
            ("authorization", bob.as_str()),
            ("x-http-method-override", "DELETE"),
        ],
    ] {
        let answer = world.send("GET", SITE, &headers, Vec::new()).await;
        assert!((400..=401).contains(&answer.status), "{headers:?}");
    }
    assert!(world.behind.passed().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_tries_credentials_is_held_up_and_nobody_else() {
    let world = World::observing("github").await;
    let bob = format!("token {BOBS}");
    world.get(SITE, &bob).await.expect(200);
    let mut last = 0;
    for number in 0..30 {
        last = world.get(SITE, &format!("token guess-{number}")).await.status;
    }
    assert_eq!(last, 429);
    world.get(SITE, &bob).await.expect(200);
    // A token of one forge is not shown to another.
    let world = World::observing("gitea").await;
    assert_eq!(world.get("/api/v1/repos/acme/site", &bob).await.status, 401);
    assert!(world.behind.take().is_empty());
    world
        .get("/api/v1/repos/acme/site", &format!("token {CAROLS}"))
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_servers_that_know_their_callers_can_be_observed() {
    let world = World::observing("github").await;
    let alice = format!("Bearer {}", world.session("alice"));
    for (kind, address) in [("git", "file:///srv/git"), ("generic", "http://127.0.0.1:1")] {
        let body = json!({"name": "other", "kind": kind, "address": address, "mode": "observe",
            "observe_until": "2026-03-12T00:00:00Z",
            "settings": if kind == "generic" { json!({"catalogue": "x"}) } else { json!({}) }});
        let answer = world
            .call("POST", "/api/v3/admin/upstreams", &alice, body)
            .await
            .expect(422);
        assert_eq!(answer.json["errors"][0]["field"], "mode", "{}", answer.json);
    }
}
