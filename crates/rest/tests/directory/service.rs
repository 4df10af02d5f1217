//! Service accounts and their tokens.

use super::{column, expect_event};
use crate::harness::World;
use serde_json::{Value, json};

const PATH: &str = "/orgs/acme/service-accounts";

async fn mint(world: &World, body: Value) -> crate::harness::Answered {
    let alice = world.session("alice");
    world
        .call(
            "POST",
            &format!("{PATH}/robot/personal-access-tokens"),
            &alice,
            body,
        )
        .await
}

#[tokio::test]
async fn the_life_of_a_service_account() {
    let world = World::new();
    let alice = world.session("alice");
    world
        .call("POST", PATH, &world.session("bob"), json!({"login": "robot"}))
        .await
        .expect(403);
    let made = world
        .call(
            "POST",
            PATH,
            &alice,
            json!({"login": "robot", "description": "deploys"}),
        )
        .await
        .expect(201)
        .json;
    assert_eq!(
        (&made["type"], &made["organization"]),
        (&json!("Bot"), &json!("acme"))
    );
    expect_event(&world, "service_account.create");
    world
        .call("POST", PATH, &alice, json!({"login": "Robot"}))
        .await
        .expect(422);
    world
        .call("POST", PATH, &alice, json!({"login": "admin"}))
        .await
        .expect(422);
    world
        .get("/orgs/acme-labs/service-accounts/robot", &alice)
        .await
        .expect(404);
    world.get(&format!("{PATH}/bob"), &alice).await.expect(404);

    let grant = json!({"owner": "acme", "repositories": ["site"], "permissions": {"issues": "read"}});
    mint(
        &world,
        json!({"name": "t", "grants": [grant], "expires_in": "none"}),
    )
    .await
    .expect(422);
    mint(
        &world,
        json!({"name": "t", "kind": "classic", "scopes": ["repo"]}),
    )
    .await
    .expect(422);
    let elsewhere = json!({"owner": "bob", "repositories": ["dotfiles"], "permissions": {"issues": "read"}});
    mint(&world, json!({"name": "t", "grants": [elsewhere]}))
        .await
        .expect(422);
    let token = mint(&world, json!({"name": "t", "grants": [grant]}))
        .await
        .expect(201)
        .json;
    expect_event(&world, "personal_access_token.create");
    let text = token["token"].as_str().unwrap();
    let pending = world
        .get("/orgs/acme/personal-access-token-requests", &alice)
        .await
        .expect(200)
        .json;
    let path = format!("/orgs/acme/personal-access-token-requests/{}", pending[0]["id"]);
    world
        .call("POST", &path, &alice, json!({"action": "approve"}))
        .await
        .expect(204);
    world.get("/repos/acme/site", text).await.expect(200);
    world.get("/repos/acme/secret", text).await.expect(404);
    let listed = world.get("/user/repos", text).await.expect(200).json;
    assert_eq!(column(&listed, "full_name"), ["acme/site", "acme/www"]);

    let one = format!("{PATH}/robot");
    world
        .call("PATCH", &one, &alice, json!({"suspended": true}))
        .await
        .expect(200);
    world.get("/repos/acme/site", text).await.expect(401);
    world
        .call("PATCH", &one, &alice, json!({"suspended": false}))
        .await
        .expect(200);
    world.get("/repos/acme/site", text).await.expect(200);
    world.call("DELETE", &one, &alice, Value::Null).await.expect(204);
    expect_event(&world, "service_account.destroy");
    world.get("/repos/acme/site", text).await.expect(401);
    world.get(&one, &alice).await.expect(404);
}

#[tokio::test]
async fn a_token_of_a_service_account_is_ended_by_owners() {
    let world = World::new();
    let alice = world.session("alice");
    world
        .call("POST", PATH, &alice, json!({"login": "robot"}))
        .await
        .expect(201);
    let grant = json!({"owner": "acme", "repositories": ["site"], "permissions": {"issues": "read"}});
    let token = mint(&world, json!({"name": "t", "grants": [grant]}))
        .await
        .expect(201)
        .json;
    let tokens = format!("{PATH}/robot/personal-access-tokens");
    let listed = world.get(&tokens, &alice).await.expect(200).json;
    assert_eq!(listed[0]["id"], token["id"]);
    assert!(listed[0].get("token").is_none());
    let one = format!("{tokens}/{}", token["id"]);
    world
        .call("DELETE", &one, &world.session("bob"), Value::Null)
        .await
        .expect(403);
    world.call("DELETE", &one, &alice, Value::Null).await.expect(204);
    expect_event(&world, "personal_access_token.destroy");
    world
        .get("/user", token["token"].as_str().unwrap())
        .await
        .expect(401);
    // A person's token is none of a service account's.
    let (id, _) = world
        .mint("bob", "mine", &["site"], json!({"issues": "read"}))
        .await;
    world
        .call("DELETE", &format!("{tokens}/{id}"), &alice, Value::Null)
        .await
        .expect(404);
}
