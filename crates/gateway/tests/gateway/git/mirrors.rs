//! A mirror lies here as long as pushes to what it mirrors are inspected, and no longer.

use crate::harness::World;
use bailiwick_git::Repositories;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_goes_with_what_it_mirrors() {
    let world = World::new();
    let alice = world.session("alice");
    let call = |method: &'static str, path: &'static str, body: Value| world.call(method, path, &alice, body);
    let made = json!({"name": "plain", "kind": "git", "address": "http://127.0.0.1:9", "settings": {"inspect": true}});
    call("POST", "/admin/upstreams", made).await.expect(201);
    let site = "/admin/upstreams/plain/repositories/acme/site";
    call("PUT", site, json!({"name": "team/site", "id": "7"}))
        .await
        .expect(200);
    let root = world.authority.mirrors_root().to_owned();
    let mirrors = Repositories::new(root, "/bin/false".into()).unwrap();
    let id = u64::try_from(world.repositories["site"].0).unwrap();
    let made = || drop(mirrors.create(id, "main").unwrap());
    let is_there = || mirrors.open(id).is_ok();
    made();
    assert_eq!(world.authority.mirrors_sweep().unwrap(), 0);
    call("PUT", site, json!({"name": "team/site", "id": "7"}))
        .await
        .expect(200);
    assert!(is_there(), "the same as before");
    call("PUT", site, json!({"name": "team/other", "id": "8"}))
        .await
        .expect(200);
    assert!(!is_there(), "another one is bound");
    made();
    call(
        "PATCH",
        "/admin/upstreams/plain",
        json!({"settings": {"inspect": false}}),
    )
    .await
    .expect(200);
    assert!(is_there());
    assert_eq!(
        world.authority.mirrors_sweep().unwrap(),
        1,
        "nothing is inspected there"
    );
    assert!(!is_there());
    made();
    call("DELETE", site, Value::Null).await.expect(204);
    assert!(!is_there(), "unbound");
    // One that nobody knows of.
    mirrors.create(999_999, "main").unwrap();
    assert_eq!(world.authority.mirrors_sweep().unwrap(), 1);
    assert!(mirrors.ids().unwrap().is_empty());
}
