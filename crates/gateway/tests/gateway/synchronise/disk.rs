//! A directory of bare repositories.

use crate::harness::World;
use bailiwick_authority::upstream::synchronise::state::Stand;
use bailiwick_model::{UpstreamId, Visibility};
use bailiwick_store::{RepositoryRow, repository};
use serde_json::json;
use std::fs;
use std::path::Path;

fn bare(root: &Path, name: &str) {
    let path = root.join(name);
    fs::create_dir_all(&path).unwrap();
    fs::write(path.join("HEAD"), "ref: refs/heads/trunk\n").unwrap();
}

fn named(world: &World, name: &str) -> Option<RepositoryRow> {
    let owner = world.accounts["acme-labs"];
    world
        .store
        .read(|tx| repository::by_name(tx, owner, name))
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn repositories_of_bound_owners_are_found_and_lost() {
    let world = World::new();
    let root = tempfile::tempdir().unwrap();
    let alice = world.session("alice");
    for name in [
        "labs/a.git",
        "labs/b.git",
        "labs/no name.git",
        "labs/rocket.git",
        "other/c.git",
    ] {
        bare(root.path(), name);
    }
    fs::create_dir_all(root.path().join("labs/empty.git")).unwrap();
    std::os::unix::fs::symlink(root.path().join("other/c.git"), root.path().join("labs/link.git")).unwrap();
    let body = json!({"name": "disk", "kind": "git", "address": format!("file:{}", root.path().display()),
        "settings": {"facts_seconds_max": 3600}});
    let made = world
        .call("POST", "/admin/upstreams", &alice, body)
        .await
        .expect(201);
    let id = UpstreamId(made.json["id"].as_i64().unwrap());
    world
        .call(
            "PUT",
            "/admin/upstreams/disk/owners/acme-labs",
            &alice,
            json!({"name": "labs"}),
        )
        .await
        .expect(200);
    let synchronise = || bailiwick_gateway::directory::synchronise(&world.authority, id);
    let state = synchronise().await.unwrap().unwrap();
    assert_eq!(state.state, Stand::Done, "{state:?}");
    assert_eq!(state.changes.repositories_created, 2);
    let a = named(&world, "a").unwrap();
    assert_eq!(
        (a.visibility, a.default_branch.as_str()),
        (Visibility::Private, "trunk")
    );
    assert_eq!(a.upstream_name.as_deref(), Some("labs/a"));
    let codes: Vec<&str> = state.conflicts.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(
        codes,
        [
            "repository.name_invalid",
            "repository.name_taken",
            "repository.not_a_directory"
        ]
    );
    // Who may see it is kept here.
    let mut open = a.clone();
    open.visibility = Visibility::Public;
    world.store.write(|tx| repository::update(tx, &open)).unwrap();
    fs::remove_dir_all(root.path().join("labs/b.git")).unwrap();
    let state = synchronise().await.unwrap().unwrap();
    assert_eq!(state.changes.repositories_removed, 1);
    assert!(named(&world, "b").is_none());
    assert_eq!(named(&world, "a").unwrap().visibility, Visibility::Public);
    // A disk that is not there is not empty.
    let aside = root.path().with_extension("aside");
    fs::rename(root.path(), &aside).unwrap();
    let state = synchronise().await.unwrap().unwrap();
    assert_eq!(state.state, Stand::Failed);
    assert!(named(&world, "a").is_some());
    fs::rename(&aside, root.path()).unwrap();
}
