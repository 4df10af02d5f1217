//! Collaborators of repositories.

use super::{column, expect_event, field};
use crate::harness::World;
use serde_json::{Value, json};

const PATH: &str = "/repos/acme/site/collaborators";

#[tokio::test]
async fn who_has_which_role() {
    let world = World::new();
    let alice = world.session("alice");
    let all = world.get(PATH, &alice).await.expect(200).json;
    assert_eq!(column(&all, "login"), ["alice", "bob", "carol"]);
    assert_eq!(column(&all, "role_name"), ["admin", "write", "write"]);
    let outside = world
        .get(&format!("{PATH}?affiliation=outside"), &alice)
        .await
        .expect(200)
        .json;
    assert_eq!(column(&outside, "login"), ["carol"]);
    let admins = world
        .get(&format!("{PATH}?permission=admin"), &alice)
        .await
        .expect(200)
        .json;
    assert_eq!(column(&admins, "login"), ["alice"]);
    world.get(&format!("{PATH}/carol"), &alice).await.expect(204);
    world.get(&format!("{PATH}/mallory"), &alice).await.expect(404);
    let level = world
        .get(&format!("{PATH}/carol/permission"), &alice)
        .await
        .expect(200)
        .json;
    assert_eq!(
        (&level["permission"], &level["role_name"]),
        (&json!("write"), &json!("write"))
    );
    let none = world
        .get(&format!("{PATH}/mallory/permission"), &alice)
        .await
        .expect(200)
        .json;
    assert_eq!(none["permission"], "none");
    world.get(PATH, &world.session("mallory")).await.expect(404);
}

#[tokio::test]
async fn giving_and_taking_a_role() {
    let world = World::new();
    let alice = world.session("alice");
    let mallory = world.session("mallory");
    let one = format!("{PATH}/mallory");
    let refused = world
        .call("PUT", &one, &world.session("bob"), json!({}))
        .await
        .expect(403);
    // Somebody who is signed in has no token to be told of.
    assert_eq!(refused.json["missing"], "the repository role admin at acme/site");
    let help = refused.json["help"].as_str().unwrap();
    assert!(!help.contains("token") && help.contains("acme/site"), "{help}");
    world
        .call("PUT", &one, &alice, json!({"permission": "none"}))
        .await
        .expect(422);
    world
        .call("PUT", &one, &alice, json!({"permission": "pull"}))
        .await
        .expect(204);
    expect_event(&world, "repo.add_member");
    world.get("/repos/acme/site", &mallory).await.expect(200);
    world
        .call("PUT", &one, &alice, json!({"permission": "admin"}))
        .await
        .expect(204);
    expect_event(&world, "repo.update_member");
    world.call("DELETE", &one, &alice, Value::Null).await.expect(204);
    expect_event(&world, "repo.remove_member");
    world.get("/repos/acme/site", &mallory).await.expect(404);
    world.call("DELETE", &one, &alice, Value::Null).await.expect(404);
    world
        .call("PUT", &format!("{PATH}/rival"), &alice, json!({}))
        .await
        .expect(422);
    let own = "/repos/bob/dotfiles/collaborators/bob";
    world
        .call("PUT", own, &world.session("bob"), json!({}))
        .await
        .expect(422);
}

#[tokio::test]
async fn the_last_role_takes_the_grants_with_it() {
    let world = World::new();
    let alice = world.session("alice");
    let (_, token) = world
        .mint_approved("carol", "t", &["site"], json!({"issues": "read"}))
        .await;
    world.get("/repos/acme/site", &token).await.expect(200);
    world
        .call("DELETE", &format!("{PATH}/carol"), &alice, Value::Null)
        .await
        .expect(204);
    assert_eq!(
        field(&expect_event(&world, "repo.remove_member"), "grants_revoked"),
        1
    );
    world
        .call("PUT", &format!("{PATH}/carol"), &alice, json!({}))
        .await
        .expect(204);
    world.get("/repos/acme/site", &token).await.expect(404);
    world
        .get("/repos/acme/site", &world.session("carol"))
        .await
        .expect(200);
}
