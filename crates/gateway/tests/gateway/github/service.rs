//! Service accounts act with tokens of the App's installation that reach no further than the request.

use super::{OTHER_KEY, hub, robot, set_secrets, world};
use crate::harness::World;
use serde_json::{Value, json};
use std::sync::{Arc, Barrier};

/// What the hub was asked for when it last lent a token.
fn asked(hub: &hub::Hub) -> Value {
    let seen = hub.taken();
    let lending = seen
        .iter()
        .rfind(|one| one.target.ends_with("/access_tokens"))
        .unwrap();
    serde_json::from_str(&lending.body).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_reaches_the_repository_and_the_permissions_of_its_request() {
    let (world, hub) = world().await;
    let token = robot(&world, "t", json!({"issues": "write", "contents": "read"})).await;
    let answer = world.get("/repos/acme/site/issues", &token).await.expect(200);
    assert_eq!(answer.json["who"], "installation");
    assert_eq!(answer.json["target"], "/api/v3/repos/acme-inc/site-up/issues");
    let want = json!({"repository_ids": [4242], "permissions": {"metadata": "read", "issues": "read"}});
    assert_eq!(asked(&hub), want);
    // The same shape is asked for once; another one for itself.
    world
        .get("/repos/acme/site/issues?state=all", &token)
        .await
        .expect(200);
    assert_eq!(hub.lendings(), 0);
    world
        .call("POST", "/repos/acme/site/issues", &token, json!({"title": "t"}))
        .await
        .expect(200);
    let want = json!({"repository_ids": [4242], "permissions": {"metadata": "read", "issues": "write"}});
    assert_eq!(asked(&hub), want);
    // The other repository is public; the token's own grant holds it, so it is asked with a token too.
    world.get("/repos/acme/www/contents/a", &token).await.expect(200);
    let want = json!({"repository_ids": [4343], "permissions": {"metadata": "read", "contents": "read"}});
    assert_eq!(asked(&hub), want);
    // What only visitors' rights allow brings nothing along.
    let narrow = robot(&world, "n", json!({"issues": "read"})).await;
    let answer = world.get("/repos/acme/www/contents/a", &narrow).await.expect(200);
    assert_eq!(answer.json["who"], "visitor");
    // Refused here, nothing is asked there.
    hub.taken();
    world
        .get("/repos/acme/site/contents/a", &narrow)
        .await
        .expect(403);
    assert!(hub.taken().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn git_carries_it_as_a_password() {
    let (world, hub) = world().await;
    let token = robot(&world, "t", json!({"contents": "read"})).await;
    let request = http::Request::builder()
        .uri("/acme/site.git/info/refs?service=git-upload-pack")
        .header("authorization", format!("Bearer {token}"))
        .body(bailiwick_gate::whole(""))
        .unwrap();
    world.send(request).await.expect(200);
    let seen = hub.taken();
    let last = seen.last().unwrap();
    assert_eq!(
        last.target,
        "/acme-inc/site-up.git/info/refs?service=git-upload-pack"
    );
    assert!(last.header("authorization").starts_with("Basic "), "{}", last.raw);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_used_until_shortly_before_it_ends() {
    let (world, hub) = world().await;
    let token = robot(&world, "t", json!({"issues": "read"})).await;
    let ask = || world.get("/repos/acme/site/issues", &token);
    ask().await.expect(200);
    assert_eq!(hub.lendings(), 1);
    world.clock_forward_seconds(54 * 60);
    ask().await.expect(200);
    assert_eq!(hub.lendings(), 1);
    world.clock_forward_seconds(2 * 60);
    ask().await.expect(200);
    assert_eq!(hub.lendings(), 2);
    // Taken back over there: a clear word once, and a new one the next time.
    hub.state.lock().unwrap().forget_lent();
    let refused = ask().await.expect(502);
    assert_eq!(refused.json["reason"], "upstream.credential_refused");
    ask().await.expect(200);
    assert_eq!(hub.lendings(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_asks_for_a_token_once() {
    let (world, hub) = world().await;
    let world = Arc::new(world);
    let token = robot(&world, "t", json!({"issues": "read"})).await;
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    hub.state.lock().unwrap().gate = Some(gate.clone());
    let crowd: Vec<_> = (0..40)
        .map(|_| {
            let (world, token) = (world.clone(), token.clone());
            tokio::spawn(async move { world.get("/repos/acme/site/issues", &token).await.status })
        })
        .collect();
    gate.add_permits(1);
    for one in crowd {
        assert_eq!(one.await.unwrap(), 200);
    }
    assert_eq!(hub.lendings(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_upstreams_at_once_shares_what_they_lend() {
    let (world, _hub) = world().await;
    for round in 0..20 {
        set_secrets(&world, super::KEY, &format!("secret-{round}")).await;
        let together = Barrier::new(8);
        let read = || {
            together.wait();
            world.authority.upstreams().unwrap().named("hub").unwrap().clone()
        };
        let all: Vec<_> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..8).map(|_| scope.spawn(read)).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        for one in &all {
            assert!(std::ptr::eq(one.minted(), all[0].minted()), "round {round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_credential_or_address_lets_nothing_old_stand() {
    let (world, hub) = world().await;
    let token = robot(&world, "t", json!({"issues": "read"})).await;
    let ask = || world.get("/repos/acme/site/issues", &token);
    ask().await.expect(200);
    // Another key, which the hub does not know.
    set_secrets(&world, OTHER_KEY, hub::SECRET).await;
    let refused = ask().await.expect(502);
    assert_eq!(refused.json["reason"], "upstream.credential_refused");
    set_secrets(&world, super::KEY, hub::SECRET).await;
    ask().await.expect(200);
    assert_eq!(hub.lendings(), 2);
    // What changes nothing about it keeps what was lent.
    let alice = world.session("alice");
    let path = "/admin/upstreams/hub/links/bob";
    world
        .call("PUT", path, &alice, json!({"login": "bobby", "id": "7"}))
        .await
        .expect(201);
    ask().await.expect(200);
    assert_eq!(hub.lendings(), 2);
}

async fn refused_with(world: &World, token: &str, status: u16, reason: &str) {
    let answer = world.get("/repos/acme/site/issues", token).await.expect(status);
    assert_eq!(answer.json["reason"], reason, "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_app_cannot_is_told() {
    let (world, hub) = world().await;
    let token = robot(&world, "t", json!({"issues": "read", "deployments": "read"})).await;
    hub.state.lock().unwrap().installed = false;
    refused_with(&world, &token, 403, "upstream.not_installed").await;
    hub.state.lock().unwrap().installed = true;
    let answer = world
        .get("/repos/acme/site/deployments", &token)
        .await
        .expect(403);
    assert_eq!(answer.json["reason"], "upstream.app_lacks");
    assert!(answer.text().contains("deployments: read"), "{}", answer.text());
    // A server that gives more than was asked for is not trusted with a request.
    hub.state.lock().unwrap().wide = true;
    refused_with(&world, &token, 502, "upstream.not_narrowed").await;
    hub.state.lock().unwrap().wide = false;
    world.get("/repos/acme/site/issues", &token).await.expect(200);
    // Without its number there, nothing can be narrowed to it.
    let alice = world.session("alice");
    let path = "/admin/upstreams/hub/repositories/acme/site";
    world
        .call(
            "PUT",
            path,
            &alice,
            json!({"name": "acme-inc/site-up", "id": null}),
        )
        .await
        .expect(200);
    refused_with(&world, &token, 409, "upstream.unnamed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_none_is_an_administrators_matter() {
    let (world, hub) = world().await;
    let token = robot(&world, "t", json!({"issues": "read"})).await;
    let broken = "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    set_secrets(&world, broken, hub::SECRET).await;
    refused_with(&world, &token, 502, "upstream.no_credential").await;
    assert!(hub.taken().is_empty());
}
