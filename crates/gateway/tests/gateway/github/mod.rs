//! GitHub behind the gateway: the App's flows, its whole API, and what goes wrong there.

mod every;
mod forwarded;
mod hostile;
pub mod hub;
mod names;
mod person;
mod service;
pub mod wire;

use crate::harness::World;
use hub::Hub;
use serde_json::{Value, json};

/// The App's private key.
pub const KEY: &str = include_str!("app.pem");
/// Another one.
const OTHER_KEY: &str = include_str!("other.pem");

/// A world before a hub: acme is `acme-inc` there, `acme/site` is `acme-inc/site-up`, number 4242, `acme/www` is
/// `acme-inc/www`, number 4343. `robot` is a service account of acme that may write to site.
async fn world() -> (World, Hub) {
    let world = World::new();
    let hub = Hub::start(world.clock.clone()).await;
    bind(
        &world,
        &hub.address(),
        json!({"client_id": hub::CLIENT, "app_id": hub::APP}),
    )
    .await;
    (world, hub)
}

/// Sets the upstream up as an administrator does.
async fn bind(world: &World, address: &str, settings: Value) {
    let alice = world.session("alice");
    let made = json!({"name": "hub", "kind": "github", "address": address, "settings": settings});
    world
        .call("POST", "/admin/upstreams", &alice, made)
        .await
        .expect(201);
    set_secrets(world, KEY, hub::SECRET).await;
    for (path, body) in [
        ("owners/acme", json!({"name": "acme-inc", "id": "77"})),
        (
            "repositories/acme/site",
            json!({"name": "acme-inc/site-up", "id": "4242"}),
        ),
        (
            "repositories/acme/www",
            json!({"name": "acme-inc/www", "id": "4343"}),
        ),
    ] {
        let path = format!("/admin/upstreams/hub/{path}");
        world.call("PUT", &path, &alice, body).await.expect(200);
    }
}

async fn set_secrets(world: &World, key: &str, secret: &str) {
    let alice = world.session("alice");
    let secrets = json!({"secrets": {"private_key": key, "client_secret": secret}});
    world
        .call("PUT", "/admin/upstreams/hub/credential", &alice, secrets)
        .await
        .expect(200);
}

/// A token of the service account `robot`, made where it is not there.
async fn robot(world: &World, name: &str, permissions: Value) -> String {
    let alice = world.session("alice");
    let accounts = "/orgs/acme/service-accounts";
    let made = world
        .call("POST", accounts, &alice, json!({"login": "robot"}))
        .await;
    assert!(made.status == 201 || made.status == 422, "{made:?}");
    let now = bailiwick_authority::Clock::now(&*world.clock);
    let write = bailiwick_model::RepositoryRole::Write;
    world
        .store
        .write(|tx| {
            let id = bailiwick_store::account::by_login(tx, "robot")?.unwrap().id;
            for name in ["site", "www"] {
                bailiwick_store::collaborator::set(tx, world.repositories[name], id, write, now)?;
            }
            Ok::<_, bailiwick_store::StoreError>(())
        })
        .unwrap();
    let grant = json!({"owner": "acme", "repositories": ["site", "www"], "permissions": permissions});
    let made = world
        .call(
            "POST",
            &format!("{accounts}/robot/personal-access-tokens"),
            &alice,
            json!({"name": name, "grants": [grant]}),
        )
        .await
        .expect(201);
    let pending = "/orgs/acme/personal-access-token-requests";
    for request in world
        .get(pending, &alice)
        .await
        .expect(200)
        .json
        .as_array()
        .unwrap()
    {
        let path = format!("{pending}/{}", request["id"]);
        let approve = json!({"action": "approve"});
        world.call("POST", &path, &alice, approve).await.expect(204);
    }
    made.json["token"].as_str().unwrap().to_owned()
}
