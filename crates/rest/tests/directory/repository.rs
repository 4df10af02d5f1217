//! Repositories: reading, listing, making, editing.

use super::{expect_event, field, names, on_disk};
use crate::harness::World;
use serde_json::json;

#[tokio::test]
async fn one_repository() {
    let world = World::new();
    let public = world.get("/repos/acme/www", "").await.expect(200).json;
    assert_eq!(public["full_name"], "acme/www");
    assert_eq!(public["visibility"], "public");
    assert!(public.get("permissions").is_none());
    world.get("/repos/acme/site", "").await.expect(404);
    world
        .get("/repos/acme/site", &world.session("mallory"))
        .await
        .expect(404);
    let private = world
        .get("/repos/ACME/Site", &world.session("carol"))
        .await
        .expect(200)
        .json;
    assert_eq!(private["role_name"], "write");
    assert_eq!(private["permissions"]["push"], true);
    assert_eq!(private["permissions"]["admin"], false);
    assert_eq!(private["organization"]["login"], "acme");
}

#[tokio::test]
async fn lists_show_what_grants_and_roles_admit() {
    let world = World::new();
    let bob = world.session("bob");
    let own = world.get("/user/repos", &bob).await.expect(200).json;
    assert_eq!(
        names(&own),
        [
            "acme/handbook",
            "acme/secret",
            "acme/site",
            "acme/www",
            "bob/dotfiles"
        ]
    );
    let owned = world
        .get("/user/repos?affiliation=owner", &bob)
        .await
        .expect(200)
        .json;
    assert_eq!(names(&owned), ["bob/dotfiles"]);
    let private = world
        .get("/user/repos?visibility=private&direction=desc", &bob)
        .await
        .expect(200)
        .json;
    assert_eq!(names(&private), ["acme/site", "acme/secret", "acme/handbook"]);
    world
        .get("/user/repos?type=all&visibility=all", &bob)
        .await
        .expect(422);
    // A token reads metadata where it has a grant, and what is public.
    let (_, token) = world
        .mint_approved("bob", "site", &["site"], json!({"issues": "read"}))
        .await;
    let some = world.get("/user/repos", &token).await.expect(200).json;
    assert_eq!(names(&some), ["acme/site", "acme/www", "bob/dotfiles"]);
    let some = world
        .get("/orgs/acme/repos?sort=full_name", &token)
        .await
        .expect(200)
        .json;
    assert_eq!(names(&some), ["acme/site", "acme/www"]);
    // Pending grants and strangers see the public only.
    let (_, pending) = world
        .mint("bob", "pending", &["site"], json!({"issues": "read"}))
        .await;
    for credential in ["", pending.as_str(), world.session("mallory").as_str()] {
        let public = world.get("/orgs/acme/repos", credential).await.expect(200).json;
        assert_eq!(names(&public), ["acme/www"]);
    }
    let outside = world
        .get("/user/repos", &world.session("carol"))
        .await
        .expect(200)
        .json;
    assert_eq!(names(&outside), ["acme/site"]);
    let all = world.get("/repositories", "").await.expect(200).json;
    assert_eq!(names(&all), ["acme/www", "bob/dotfiles"]);
    let pages = world.get("/user/repos?per_page=2&page=2", &bob).await.expect(200);
    assert_eq!(names(&pages.json), ["acme/site", "acme/www"]);
    assert!(pages.header("link").contains("rel=\"next\""));
}

#[tokio::test]
async fn making_one_with_a_first_commit() {
    let world = World::new();
    let bob = world.session("bob");
    let body = json!({"name": "tools", "private": true, "auto_init": true, "description": "hammers"});
    let made = world
        .call("POST", "/orgs/acme/repos", &bob, body.clone())
        .await
        .expect(201)
        .json;
    assert_eq!(made["full_name"], "acme/tools");
    assert_eq!(made["visibility"], "private");
    // A member who makes a repository administers it.
    assert_eq!(made["permissions"]["admin"], true);
    let event = expect_event(&world, "repo.create");
    assert_eq!(event.repository_name.as_deref(), Some("acme/tools"));
    let git = world.authority.git().open(made["id"].as_u64().unwrap()).unwrap();
    assert_eq!(git.branches().unwrap().len(), 1);
    let taken = world
        .call("POST", "/orgs/acme/repos", &bob, body)
        .await
        .expect(422);
    assert_eq!(taken.json["message"], "Repository creation failed.");
    assert_eq!(
        taken.json["errors"][0]["message"],
        "name already exists on this account"
    );
}

#[tokio::test]
async fn what_cannot_be_made_leaves_nothing() {
    let world = World::new();
    let bob = world.session("bob");
    let before = on_disk(&world);
    for body in [
        json!({}),
        json!({"name": "../x"}),
        json!({"name": "x.git"}),
        json!({"name": "x", "visibility": "internal"}),
        json!({"name": "x", "private": true, "visibility": "public"}),
        json!({"name": "x", "default_branch": "a..b"}),
        json!({"name": "x", "homepage": "javascript:1"}),
        json!({"name": "x", "description": "line\nbreak"}),
    ] {
        world.call("POST", "/user/repos", &bob, body).await.expect(422);
    }
    assert_eq!(on_disk(&world), before);
    world
        .call("POST", "/orgs/rival/repos", &bob, json!({"name": "x"}))
        .await
        .expect(403);
    let (_, token) = world
        .mint_approved("bob", "t", &["site"], json!({"issues": "write"}))
        .await;
    world
        .call("POST", "/orgs/acme/repos", &token, json!({"name": "x"}))
        .await
        .expect(403);
    assert_eq!(on_disk(&world), before);
}

#[tokio::test]
async fn renaming_leaves_the_old_path_leading_there() {
    let world = World::new();
    let alice = world.session("alice");
    let (_, token) = world
        .mint_approved("bob", "t", &["site"], json!({"issues": "read"}))
        .await;
    world
        .call(
            "PATCH",
            "/repos/acme/site",
            &world.session("bob"),
            json!({"name": "y"}),
        )
        .await
        .expect(403);
    let body = json!({"name": "web", "homepage": "https://acme.example", "has_issues": false});
    let edited = world
        .call("PATCH", "/repos/acme/site", &alice, body)
        .await
        .expect(200)
        .json;
    assert_eq!(edited["full_name"], "acme/web");
    assert_eq!(edited["has_issues"], false);
    let event = expect_event(&world, "repo.rename");
    assert_eq!(field(&event, "old_name"), "site");
    // The grant is bound to the repository, not to its name.
    let old = world.get("/repos/acme/site", &token).await.expect(200).json;
    assert_eq!(old["full_name"], "acme/web");
    // Another repository may take the old path.
    world
        .call(
            "POST",
            "/orgs/acme/repos",
            &alice,
            json!({"name": "site", "private": true}),
        )
        .await
        .expect(201);
    let other = world.get("/repos/acme/site", &alice).await.expect(200).json;
    assert_ne!(other["id"], old["id"]);
    world.get("/repos/acme/site", &token).await.expect(404);
}

#[tokio::test]
async fn visibility_archiving_and_default_branch() {
    let world = World::new();
    let alice = world.session("alice");
    let path = "/repos/acme/secret";
    world
        .call("PATCH", path, &alice, json!({"visibility": "internal"}))
        .await
        .expect(200);
    expect_event(&world, "repo.access");
    world
        .call("PATCH", path, &alice, json!({"private": false}))
        .await
        .expect(200);
    world.get(path, "").await.expect(200);
    world
        .call("PATCH", path, &alice, json!({"archived": true}))
        .await
        .expect(200);
    expect_event(&world, "repo.archived");
    world
        .call("PATCH", path, &alice, json!({"description": "x"}))
        .await
        .expect(403);
    world
        .call(
            "PATCH",
            path,
            &alice,
            json!({"archived": false, "description": "x"}),
        )
        .await
        .expect(200);
    expect_event(&world, "repo.unarchived");
    world
        .call("PATCH", path, &alice, json!({"default_branch": "trunk"}))
        .await
        .expect(200);
    expect_event(&world, "repo.update_default_branch");
    let made = world
        .call(
            "POST",
            "/user/repos",
            &alice,
            json!({"name": "full", "auto_init": true}),
        )
        .await
        .expect(201);
    assert_eq!(made.json["default_branch"], "main");
    let gone = json!({"default_branch": "gone"});
    world
        .call("PATCH", "/repos/alice/full", &alice, gone)
        .await
        .expect(422);
}
