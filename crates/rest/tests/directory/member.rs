//! Memberships, public members and outside collaborators.

use super::{column, events, expect_event, field};
use crate::harness::World;
use serde_json::{Value, json};

#[tokio::test]
async fn members_are_for_members() {
    let world = World::new();
    let bob = world.session("bob");
    let all = world.get("/orgs/acme/members", &bob).await.expect(200).json;
    assert_eq!(column(&all, "login"), ["alice", "bob"]);
    let owners = world
        .get("/orgs/acme/members?role=admin", &bob)
        .await
        .expect(200)
        .json;
    assert_eq!(column(&owners, "login"), ["alice"]);
    world.get("/orgs/acme/members?role=king", &bob).await.expect(422);
    world.get("/orgs/acme/members/alice", &bob).await.expect(204);
    world.get("/orgs/acme/members/carol", &bob).await.expect(404);
    let membership = world
        .get("/orgs/acme/memberships/bob", &bob)
        .await
        .expect(200)
        .json;
    assert_eq!(
        (&membership["state"], &membership["role"]),
        (&json!("active"), &json!("member"))
    );
    world
        .get("/orgs/acme/members", &world.session("mallory"))
        .await
        .expect(403);
    let (_, token) = world
        .mint_approved("bob", "t", &["site"], json!({"issues": "read"}))
        .await;
    world.get("/orgs/acme/members", &token).await.expect(403);
}

#[tokio::test]
async fn a_membership_begins_at_once() {
    let world = World::new();
    let alice = world.session("alice");
    world
        .call(
            "PUT",
            "/orgs/acme/memberships/mallory",
            &world.session("bob"),
            json!({}),
        )
        .await
        .expect(403);
    let path = "/orgs/acme/memberships/mallory";
    let made = world
        .call("PUT", path, &alice, json!({"role": "member"}))
        .await
        .expect(200)
        .json;
    assert_eq!(made["state"], "active");
    expect_event(&world, "org.add_member");
    world
        .get("/repos/acme/secret", &world.session("mallory"))
        .await
        .expect(200);
    let owner = world
        .call("PUT", path, &alice, json!({"role": "admin"}))
        .await
        .expect(200)
        .json;
    assert_eq!(owner["role"], "admin");
    expect_event(&world, "org.update_member");
    world
        .call("PUT", path, &alice, json!({"role": "king"}))
        .await
        .expect(422);
    world
        .call("PUT", "/orgs/acme/memberships/acme-labs", &alice, json!({}))
        .await
        .expect(404);
}

#[tokio::test]
async fn whoever_leaves_loses_every_grant_there() {
    let world = World::new();
    let (_, granted) = world
        .mint_approved("bob", "granted", &["site"], json!({"issues": "read"}))
        .await;
    let (_, pending) = world
        .mint("bob", "pending", &["site"], json!({"issues": "write"}))
        .await;
    world.get("/repos/acme/site", &granted).await.expect(200);
    // Nobody leaves for another, and bob needs nobody's leave.
    let bob = world.session("bob");
    world
        .call("DELETE", "/orgs/acme/memberships/alice", &bob, Value::Null)
        .await
        .expect(403);
    world
        .call("DELETE", "/orgs/acme/memberships/bob", &bob, Value::Null)
        .await
        .expect(204);
    let main = expect_event(&world, "org.remove_member");
    assert_eq!(field(&main, "grants_revoked"), 1);
    let actions: Vec<String> = events(&world, 8).into_iter().map(|event| event.action).collect();
    assert!(actions.contains(&String::from("personal_access_token.access_revoked")));
    assert!(actions.contains(&String::from("personal_access_token.request_cancelled")));
    world.get("/repos/acme/site", &granted).await.expect(404);
    // Coming back revives nothing.
    let alice = world.session("alice");
    world
        .call("PUT", "/orgs/acme/memberships/bob", &alice, json!({}))
        .await
        .expect(200);
    world.get("/repos/acme/secret", &bob).await.expect(200);
    world.get("/repos/acme/site", &granted).await.expect(404);
    let state = world
        .get("/user/personal-access-tokens/current", &pending)
        .await
        .expect(200)
        .json;
    assert_eq!(state["grants"][0]["state"], "revoked");
    let waiting = world
        .get("/orgs/acme/personal-access-token-requests", &alice)
        .await
        .expect(200)
        .json;
    assert_eq!(waiting, json!([]));
}

#[tokio::test]
async fn the_last_owner_stays() {
    let world = World::new();
    let alice = world.session("alice");
    for path in ["/orgs/acme/memberships/alice", "/orgs/acme/members/alice"] {
        let refused = world.call("DELETE", path, &alice, Value::Null).await.expect(403);
        assert_eq!(refused.json["reason"], "organization.last_owner");
    }
    world
        .call(
            "PUT",
            "/orgs/acme/memberships/alice",
            &alice,
            json!({"role": "member"}),
        )
        .await
        .expect(403);
    world
        .call("PUT", "/orgs/acme/outside_collaborators/alice", &alice, json!({}))
        .await
        .expect(403);
    world
        .call(
            "PUT",
            "/orgs/acme/memberships/bob",
            &alice,
            json!({"role": "admin"}),
        )
        .await
        .expect(200);
    world
        .call("DELETE", "/orgs/acme/memberships/alice", &alice, Value::Null)
        .await
        .expect(204);
}

#[tokio::test]
async fn showing_ones_membership() {
    let world = World::new();
    let bob = world.session("bob");
    world.get("/orgs/acme/public_members/bob", "").await.expect(404);
    world
        .call("PUT", "/orgs/acme/public_members/bob", &bob, Value::Null)
        .await
        .expect(204);
    expect_event(&world, "org.publicize_membership");
    world.get("/orgs/acme/public_members/bob", "").await.expect(204);
    let all = world.get("/orgs/acme/public_members", "").await.expect(200).json;
    assert_eq!(column(&all, "login"), ["bob"]);
    let shown = world.get("/users/bob/orgs", "").await.expect(200).json;
    assert_eq!(column(&shown, "login"), ["acme"]);
    let alice = world.session("alice");
    world
        .call("PUT", "/orgs/acme/public_members/bob", &alice, Value::Null)
        .await
        .expect(403);
    world
        .call("PUT", "/orgs/acme/public_members/alice", &bob, Value::Null)
        .await
        .expect(403);
    world
        .call("DELETE", "/orgs/acme/public_members/bob", &alice, Value::Null)
        .await
        .expect(204);
    world.get("/orgs/acme/public_members/bob", "").await.expect(404);
}

#[tokio::test]
async fn members_become_outside_collaborators() {
    let world = World::new();
    let alice = world.session("alice");
    let outside = world
        .get("/orgs/acme/outside_collaborators", &alice)
        .await
        .expect(200)
        .json;
    assert_eq!(column(&outside, "login"), ["carol"]);
    world
        .get("/orgs/acme/outside_collaborators", &world.session("bob"))
        .await
        .expect(403);
    world
        .call(
            "DELETE",
            "/orgs/acme/outside_collaborators/bob",
            &alice,
            Value::Null,
        )
        .await
        .expect(422);
    world
        .call("PUT", "/orgs/acme/outside_collaborators/bob", &alice, json!({}))
        .await
        .expect(204);
    expect_event(&world, "org.convert_member_to_outside_collaborator");
    let bob = world.session("bob");
    world.get("/repos/acme/site", &bob).await.expect(200);
    world.get("/repos/acme/secret", &bob).await.expect(404);
    world
        .call(
            "DELETE",
            "/orgs/acme/outside_collaborators/bob",
            &alice,
            Value::Null,
        )
        .await
        .expect(204);
    expect_event(&world, "org.remove_outside_collaborator");
    world.get("/repos/acme/site", &bob).await.expect(404);
}

#[tokio::test]
async fn ones_own_membership() {
    let world = World::new();
    let bob = world.session("bob");
    let own = world
        .get("/user/memberships/orgs/acme", &bob)
        .await
        .expect(200)
        .json;
    assert_eq!(own["user"]["login"], "bob");
    world.get("/user/memberships/orgs/rival", &bob).await.expect(404);
    let active = json!({"state": "active"});
    world
        .call("PATCH", "/user/memberships/orgs/acme", &bob, active)
        .await
        .expect(200);
    world
        .call("PATCH", "/user/memberships/orgs/acme", &bob, json!({}))
        .await
        .expect(422);
    let none = world
        .get("/user/memberships/orgs?state=pending", &bob)
        .await
        .expect(200)
        .json;
    assert_eq!(none, json!([]));
}
