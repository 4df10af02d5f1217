//! Repositories: reading, listing, making, editing, transferring, forking, deleting.

use super::{column, events, expect_event, field};
use crate::harness::World;
use bailiwick_model::RepositoryId;
use serde_json::{Value, json};

fn names(list: &Value) -> Vec<String> {
    column(list, "full_name")
}

fn on_disk(world: &World) -> Vec<u64> {
    world.authority.git().ids().unwrap()
}

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

#[tokio::test]
async fn transfer_leaves_grants_and_people_behind() {
    let world = World::new();
    let alice = world.session("alice");
    let (_, token) = world
        .mint_approved("bob", "t", &["site", "www"], json!({"issues": "read"}))
        .await;
    world.get("/repos/acme/site", &token).await.expect(200);
    let to = json!({"new_owner": "acme-labs", "new_name": "probe"});
    world
        .call(
            "POST",
            "/repos/acme/site/transfer",
            &world.session("bob"),
            to.clone(),
        )
        .await
        .expect(403);
    let moved = world
        .call("POST", "/repos/acme/site/transfer", &alice, to)
        .await
        .expect(202)
        .json;
    assert_eq!(moved["full_name"], "acme-labs/probe");
    expect_event(&world, "repo.transfer");
    world.get("/repos/acme/site", &token).await.expect(404);
    world
        .get("/repos/acme-labs/probe", &world.session("carol"))
        .await
        .expect(404);
    // Coming back revives nothing: neither the selection nor the collaboration.
    let back = json!({"new_owner": "acme", "new_name": "site"});
    world
        .call("POST", "/repos/acme-labs/probe/transfer", &alice, back)
        .await
        .expect(202);
    world.get("/repos/acme/site", &token).await.expect(404);
    world
        .get("/repos/acme/site", &world.session("carol"))
        .await
        .expect(404);
    let same = json!({"new_owner": "acme"});
    world
        .call("POST", "/repos/acme/site/transfer", &alice, same)
        .await
        .expect(422);
    let rival = json!({"new_owner": "rival"});
    world
        .call("POST", "/repos/acme/site/transfer", &alice, rival)
        .await
        .expect(403);
}

#[tokio::test]
async fn forks_copy_what_may_be_copied() {
    let world = World::new();
    let alice = world.session("alice");
    let body = json!({"name": "base", "auto_init": true});
    world
        .call("POST", "/orgs/acme/repos", &alice, body)
        .await
        .expect(201);
    let mallory = world.session("mallory");
    let fork = world
        .call("POST", "/repos/acme/base/forks", &mallory, json!({}))
        .await
        .expect(202)
        .json;
    assert_eq!(fork["full_name"], "mallory/base");
    assert_eq!(fork["parent"]["full_name"], "acme/base");
    expect_event(&world, "repo.create");
    let git = world.authority.git().open(fork["id"].as_u64().unwrap()).unwrap();
    assert_eq!(git.branches().unwrap().len(), 1);
    let again = world
        .call("POST", "/repos/acme/base/forks", &mallory, json!({}))
        .await
        .expect(202)
        .json;
    assert_eq!(again["id"], fork["id"]);
    let rival = json!({"organization": "rival", "name": "copy"});
    let made = world
        .call("POST", "/repos/acme/base/forks", &mallory, rival)
        .await
        .expect(202)
        .json;
    assert_eq!(made["full_name"], "rival/copy");
    let listed = world
        .get("/repos/acme/base/forks?sort=oldest", "")
        .await
        .expect(200)
        .json;
    assert_eq!(names(&listed), ["mallory/base", "rival/copy"]);
    // Neither to others' accounts nor out of the organization.
    let foreign = json!({"organization": "acme"});
    world
        .call("POST", "/repos/bob/dotfiles/forks", &mallory, foreign)
        .await
        .expect(403);
    world
        .call("POST", "/repos/acme/site/forks", &world.session("bob"), json!({}))
        .await
        .expect(403);
    world
        .call("POST", "/repos/acme/site/forks", &mallory, json!({}))
        .await
        .expect(404);
}

#[tokio::test]
async fn deleting_removes_row_and_directory() {
    let world = World::new();
    let id = world.repositories["secret"].0 as u64;
    assert!(on_disk(&world).contains(&id));
    world
        .call("DELETE", "/repos/acme/secret", &world.session("bob"), Value::Null)
        .await
        .expect(403);
    let alice = world.session("alice");
    world
        .call("DELETE", "/repos/acme/secret", &alice, Value::Null)
        .await
        .expect(204);
    expect_event(&world, "repo.destroy");
    world.get("/repos/acme/secret", &alice).await.expect(404);
    assert!(!on_disk(&world).contains(&id));
}

#[tokio::test]
async fn leftovers_are_removed_and_nobodys_work_is() {
    let world = World::new();
    let deleted = world.repositories["secret"];
    let kept = world.repositories["site"].0 as u64;
    let now = bailiwick_authority::Clock::now(&*world.clock);
    world
        .store
        .write(|tx| bailiwick_store::repository::delete(tx, deleted, now))
        .unwrap();
    // From a newer database than this one: never touched.
    let foreign = RepositoryId(90_000).0 as u64;
    world.authority.git().create(foreign, "main").unwrap();
    assert_eq!(world.authority.clear_leftovers().unwrap(), 1);
    let left = on_disk(&world);
    assert!(left.contains(&kept) && left.contains(&foreign) && !left.contains(&(deleted.0 as u64)));
    assert!(!events(&world, 1).is_empty() || left.len() > 1);
}
