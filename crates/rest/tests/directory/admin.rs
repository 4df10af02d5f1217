//! `/admin`: administration of the installation.

use super::{column, expect_event};
use crate::harness::World;
use serde_json::{Value, json};

#[tokio::test]
async fn only_administrators_in_sudo_mode() {
    let world = World::new();
    let body = json!({"login": "dave"});
    world
        .call("POST", "/admin/users", "", body.clone())
        .await
        .expect(401);
    let refused = world
        .call("POST", "/admin/users", &world.session("bob"), body.clone())
        .await;
    assert!(matches!(refused.status, 403 | 404), "{}", refused.status);
    let alice = world.session("alice");
    world.clock_forward_hours(3);
    let sudo = world.call("POST", "/admin/users", &alice, body).await.expect(403);
    assert_eq!(sudo.json["reason"], "session.sudo_required");
}

#[tokio::test]
async fn the_life_of_a_person() {
    let world = World::new();
    let alice = world.session("alice");
    let body = json!({"login": "dave", "email": "dave@example.com", "password": "correct horse battery"});
    let made = world.call("POST", "/admin/users", &alice, body).await.expect(201);
    assert_eq!(made.json["login"], "dave");
    assert!(!String::from_utf8_lossy(&made.bytes).contains("argon2"));
    expect_event(&world, "user.create");
    for wrong in [
        json!({"login": "dave"}),
        json!({"login": "a b"}),
        json!({"login": "erin", "password": "short"}),
    ] {
        world
            .call("POST", "/admin/users", &alice, wrong)
            .await
            .expect(422);
    }
    let in_body = json!({"login": "dave", "password": "correct horse battery"});
    let session = world
        .call("POST", "/sessions", "", in_body.clone())
        .await
        .expect(201)
        .json;
    let session = session["token"].as_str().unwrap();
    world.get("/user", session).await.expect(200);
    // Suspending ends sessions for good.
    let path = "/admin/users/dave";
    let edited = world
        .call("PATCH", path, &alice, json!({"suspended": true}))
        .await
        .expect(200)
        .json;
    assert_eq!(edited["suspended"], true);
    expect_event(&world, "user.suspend");
    world.get("/user", session).await.expect(401);
    world
        .call("POST", "/sessions", "", in_body.clone())
        .await
        .expect(401);
    world
        .call("PATCH", path, &alice, json!({"suspended": false}))
        .await
        .expect(200);
    world.get("/user", session).await.expect(401);
    world
        .call("PATCH", path, &alice, json!({"login": "david"}))
        .await
        .expect(200);
    expect_event(&world, "user.rename");
    world.get("/users/dave", "").await.expect(404);
    world
        .call("DELETE", "/admin/users/david", &alice, Value::Null)
        .await
        .expect(204);
    expect_event(&world, "user.destroy");
    let all = world.get("/admin/users", &alice).await.expect(200).json;
    assert_eq!(column(&all, "login"), ["alice", "bob", "carol", "mallory"]);
}

#[tokio::test]
async fn suspending_makes_tokens_dead() {
    let world = World::new();
    let alice = world.session("alice");
    let (_, token) = world
        .mint_approved("bob", "t", &["site"], json!({"issues": "read"}))
        .await;
    world.get("/repos/acme/site", &token).await.expect(200);
    world
        .call("PATCH", "/admin/users/bob", &alice, json!({"suspended": true}))
        .await
        .expect(200);
    world.get("/repos/acme/site", &token).await.expect(401);
    world
        .call("PATCH", "/admin/users/bob", &alice, json!({"suspended": false}))
        .await
        .expect(200);
    world.get("/repos/acme/site", &token).await.expect(200);
}

#[tokio::test]
async fn who_cannot_be_deleted() {
    let world = World::new();
    let alice = world.session("alice");
    let owns = world
        .call("DELETE", "/admin/users/bob", &alice, Value::Null)
        .await
        .expect(409);
    assert_eq!(owns.json["reason"], "user.owns_repositories");
    let last = world
        .call("DELETE", "/admin/users/mallory", &alice, Value::Null)
        .await
        .expect(403);
    assert_eq!(last.json["reason"], "organization.last_owner");
    world
        .call("DELETE", "/admin/users/alice", &alice, Value::Null)
        .await
        .expect(409);
    let only = json!({"site_administrator": false});
    let refused = world
        .call("PATCH", "/admin/users/alice", &alice, only)
        .await
        .expect(409);
    assert_eq!(refused.json["reason"], "administrator.last");
    world
        .call(
            "PATCH",
            "/admin/users/bob",
            &alice,
            json!({"site_administrator": true}),
        )
        .await
        .expect(200);
    expect_event(&world, "user.promote");
    world
        .call("DELETE", "/admin/users/carol", &alice, Value::Null)
        .await
        .expect(204);
    let left = world
        .get("/repos/acme/site/collaborators?affiliation=direct", &alice)
        .await
        .expect(200)
        .json;
    assert_eq!(column(&left, "login"), ["bob"]);
}

#[tokio::test]
async fn organizations_and_enterprises() {
    let world = World::new();
    let alice = world.session("alice");
    let body = json!({"login": "newco", "admin": "bob", "profile_name": "New Company"});
    world
        .call("POST", "/admin/organizations", &alice, body.clone())
        .await
        .expect(201);
    expect_event(&world, "org.create");
    world
        .call("POST", "/admin/organizations", &alice, body)
        .await
        .expect(422);
    let nobody = json!({"login": "other", "admin": "nobody"});
    world
        .call("POST", "/admin/organizations", &alice, nobody)
        .await
        .expect(422);
    let bob = world.session("bob");
    let internal = json!({"name": "inside", "visibility": "internal"});
    world
        .call("POST", "/orgs/newco/repos", &bob, internal.clone())
        .await
        .expect(422);

    let group = json!({"slug": "group", "name": "Group", "owner": "bob"});
    let made = world
        .call("POST", "/admin/enterprises", &alice, group.clone())
        .await
        .expect(201)
        .json;
    assert_eq!(made["slug"], "group");
    expect_event(&world, "business.create");
    world
        .call("POST", "/admin/enterprises", &alice, group)
        .await
        .expect(422);
    let wrong = json!({"slug": "Not A Slug", "name": "x", "owner": "bob"});
    world
        .call("POST", "/admin/enterprises", &alice, wrong)
        .await
        .expect(422);
    let join = "/admin/enterprises/group/organizations/newco";
    world.call("PUT", join, &alice, Value::Null).await.expect(204);
    expect_event(&world, "business.add_organization");
    world
        .call(
            "PUT",
            "/admin/enterprises/group/organizations/acme",
            &alice,
            Value::Null,
        )
        .await
        .expect(409);
    world
        .call("POST", "/orgs/newco/repos", &bob, internal)
        .await
        .expect(201);
    let owner = "/admin/enterprises/group/owners";
    world
        .call("DELETE", &format!("{owner}/bob"), &alice, Value::Null)
        .await
        .expect(409);
    world
        .call("PUT", &format!("{owner}/carol"), &alice, Value::Null)
        .await
        .expect(204);
    world
        .call("DELETE", &format!("{owner}/bob"), &alice, Value::Null)
        .await
        .expect(204);
    expect_event(&world, "business.remove_admin");
    world
        .call("DELETE", &format!("{owner}/mallory"), &alice, Value::Null)
        .await
        .expect(404);
}

#[tokio::test]
async fn renaming_an_organization_keeps_grants_and_paths() {
    let world = World::new();
    let alice = world.session("alice");
    let (_, token) = world
        .mint_approved("bob", "t", &["site"], json!({"issues": "read"}))
        .await;
    let path = "/admin/organizations/acme";
    world
        .call("PATCH", path, &alice, json!({"login": "rival"}))
        .await
        .expect(422);
    world
        .call("PATCH", path, &alice, json!({"login": "apex"}))
        .await
        .expect(200);
    expect_event(&world, "org.rename");
    world.get("/repos/apex/site", &token).await.expect(200);
    let old = world.get("/repos/acme/site", &token).await.expect(200).json;
    assert_eq!(old["full_name"], "apex/site");
    // Whoever takes the name gets none of it.
    let taken = json!({"login": "acme", "admin": "mallory"});
    world
        .call("POST", "/admin/organizations", &alice, taken)
        .await
        .expect(201);
    world
        .call(
            "POST",
            "/orgs/acme/repos",
            &world.session("mallory"),
            json!({"name": "site", "private": true}),
        )
        .await
        .expect(201);
    world.get("/repos/acme/site", &token).await.expect(404);
}

#[tokio::test]
async fn deleting_an_organization() {
    let world = World::new();
    let alice = world.session("alice");
    world
        .call("DELETE", "/orgs/acme-labs", &alice, Value::Null)
        .await
        .expect(409);
    world
        .call("DELETE", "/repos/acme-labs/rocket", &alice, Value::Null)
        .await
        .expect(204);
    world
        .call("DELETE", "/orgs/acme-labs", &alice, Value::Null)
        .await
        .expect(202);
    expect_event(&world, "org.delete");
    world.get("/orgs/acme-labs", &alice).await.expect(404);
}
