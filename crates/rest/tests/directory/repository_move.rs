//! Repositories that go: transfers, forks, deletions and what they leave.

use super::{events, expect_event, names, on_disk};
use crate::harness::World;
use bailiwick_model::RepositoryId;
use serde_json::{Value, json};

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
