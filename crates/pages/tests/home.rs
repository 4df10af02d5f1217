//! The start page: for a visitor, for somebody with nothing to do, and for somebody who is waited for.

use crate::harness::World;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_is_told_what_this_is_and_sees_nothing_else() {
    let world = World::new();
    world
        .browser()
        .get("/")
        .await
        .expect(200)
        .says("href=\"/login\"")
        .says("Access tokens that say what they may do")
        .hides("acme")
        .hides("Needs you");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_sees_what_waits_and_the_asker_that_it_waits() {
    let world = World::new();
    let (alice, bob) = (world.signed_in("alice"), world.signed_in("bob"));
    alice.get("/").await.expect(200).says("Nothing waits");
    world
        .mint("bob", "<b>deploy</b>", &["site"], json!({"issues": "read"}))
        .await;
    alice
        .get("/")
        .await
        .expect(200)
        .says("1 token asks")
        .says("/organizations/acme/settings/personal-access-token-requests")
        .hides("Nothing waits");
    bob.get("/")
        .await
        .expect(200)
        .says("&lt;b&gt;deploy&lt;/b&gt;")
        .says("waits for approval")
        .says("href=\"/orgs/acme\"")
        .says("href=\"/acme/site\"")
        .hides("token asks")
        .hides("/acme-labs/rocket");
    // A stranger is told of none of it.
    world
        .signed_in("mallory")
        .get("/")
        .await
        .expect(200)
        .says("Nothing waits")
        .hides("deploy")
        .hides("acme");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_end_soon_are_told_of_and_others_not() {
    let world = World::new();
    let bob = world.signed_in("bob");
    let session = world.session("bob");
    for (name, days) in [("shortlived", 7), ("longlived", 90)] {
        let grant = json!({"owner": "bob", "repositories": ["dotfiles"], "permissions": {"issues": "read"}});
        let body = json!({"name": name, "expires_in": days, "grants": [grant]});
        world
            .call("POST", "/user/personal-access-tokens", &session, body)
            .await
            .expect(201);
    }
    bob.get("/")
        .await
        .expect(200)
        .says("shortlived")
        .says("ends soon")
        .hides("longlived");
}
