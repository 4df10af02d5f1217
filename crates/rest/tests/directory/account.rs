//! Profiles and organizations.

use super::{column, expect_event};
use crate::harness::World;
use serde_json::json;

#[tokio::test]
async fn who_am_i() {
    let world = World::new();
    world.get("/user", "").await.expect(401);
    let session = world.session("bob");
    let own = world.get("/user", &session).await.expect(200).json;
    assert_eq!(own["login"], "bob");
    assert_eq!(own["type"], "User");
    assert_eq!(own["public_repos"], 1);
    assert_eq!(own["owned_private_repos"], 0);
    // A token without the profile sees the public half.
    let (_, token) = world
        .mint_approved("bob", "issues", &["site"], json!({"issues": "read"}))
        .await;
    let public = world.get("/user", &token).await.expect(200).json;
    assert_eq!(public["login"], "bob");
    assert!(public.get("owned_private_repos").is_none());
    let answer = world.call("PATCH", "/user", &token, json!({"bio": "x"})).await;
    answer.expect(403);
}

#[tokio::test]
async fn editing_ones_profile() {
    let world = World::new();
    let session = world.session("bob");
    let body = json!({"name": "Bob", "bio": "Builder", "blog": "https://bob.example", "company": null});
    let edited = world
        .call("PATCH", "/user", &session, body)
        .await
        .expect(200)
        .json;
    assert_eq!(edited["name"], "Bob");
    assert_eq!(edited["blog"], "https://bob.example");
    expect_event(&world, "user.update");
    let script = json!({"blog": "javascript:alert(1)"});
    let refused = world.call("PATCH", "/user", &session, script).await.expect(422);
    assert_eq!(refused.json["errors"][0]["field"], "blog");
    let shown = world.get("/users/bob", "").await.expect(200).json;
    assert_eq!(shown["name"], "Bob");
    let by_id = world
        .get(&format!("/user/{}", shown["id"]), "")
        .await
        .expect(200)
        .json;
    assert_eq!(by_id["login"], "bob");
    world.get("/users/nobody", "").await.expect(404);
}

#[tokio::test]
async fn everybody_is_listed_after_an_id() {
    let world = World::new();
    let first = world.get("/users?per_page=2", "").await.expect(200);
    assert_eq!(column(&first.json, "login"), ["alice", "bob"]);
    let link = first.header("link").to_owned();
    let path = link.split("/api/v3").nth(1).unwrap().split('>').next().unwrap();
    let second = world.get(path, "").await.expect(200);
    assert_eq!(column(&second.json, "login"), ["carol", "mallory"]);
    let organizations = world.get("/organizations", "").await.expect(200);
    assert_eq!(
        column(&organizations.json, "login"),
        ["acme", "acme-labs", "rival"]
    );
    assert_eq!(organizations.header("link"), "");
}

#[tokio::test]
async fn an_organization_as_owner_member_and_visitor() {
    let world = World::new();
    let owner = world
        .get("/orgs/acme", &world.session("alice"))
        .await
        .expect(200)
        .json;
    assert_eq!(owner["default_repository_permission"], "read");
    assert_eq!(owner["public_repos"], 1);
    assert_eq!(owner["total_private_repos"], 3);
    let member = world
        .get("/orgs/acme", &world.session("bob"))
        .await
        .expect(200)
        .json;
    assert!(member.get("default_repository_permission").is_none());
    assert_eq!(member["total_private_repos"], 3);
    let visitor = world.get("/orgs/ACME", "").await.expect(200).json;
    assert!(visitor.get("total_private_repos").is_none());
    assert_eq!(visitor["public_repos"], 1);
    world.get("/orgs/alice", "").await.expect(404);
}

#[tokio::test]
async fn the_base_role_is_set_by_owners() {
    let world = World::new();
    let body = json!({"default_repository_permission": "none", "description": "makers"});
    world
        .call("PATCH", "/orgs/acme", &world.session("bob"), body.clone())
        .await
        .expect(403);
    let owner = world.session("alice");
    let edited = world
        .call("PATCH", "/orgs/acme", &owner, body)
        .await
        .expect(200)
        .json;
    assert_eq!(edited["default_repository_permission"], "none");
    assert_eq!(edited["description"], "makers");
    expect_event(&world, "org.update_default_repository_permission");
    // bob keeps what is his own, and loses what the base role gave.
    let bob = world.session("bob");
    world.get("/repos/acme/site", &bob).await.expect(200);
    world.get("/repos/acme/secret", &bob).await.expect(404);
    let wrong = json!({"default_repository_permission": "maintain"});
    world.call("PATCH", "/orgs/acme", &owner, wrong).await.expect(422);
}

#[tokio::test]
async fn a_token_sees_the_organizations_where_it_has_a_grant() {
    let world = World::new();
    let session = world.session("alice");
    let all = world.get("/user/orgs", &session).await.expect(200).json;
    assert_eq!(column(&all, "login"), ["acme", "acme-labs"]);
    let (_, token) = world
        .mint_approved("alice", "site", &["site"], json!({"issues": "read"}))
        .await;
    let some = world.get("/user/orgs", &token).await.expect(200).json;
    assert_eq!(column(&some, "login"), ["acme"]);
    let memberships = world.get("/user/memberships/orgs", &token).await.expect(200).json;
    assert_eq!(memberships[0]["organization"]["login"], "acme");
    assert_eq!(memberships[0]["role"], "admin");
    // Public memberships only, for everybody.
    let shown = world.get("/users/alice/orgs", "").await.expect(200).json;
    assert_eq!(shown, json!([]));
}
