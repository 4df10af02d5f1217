//! Servers behind the gateway.

use super::recipe::{Recipe, recipe};
use bailiwick_catalogue::op;
use serde_json::{Value, json};

const ALL: &str = "/admin/upstreams";
const FORGE: &str = "/admin/upstreams/forge";
const CREDENTIAL: &str = "/admin/upstreams/forge/credential";
const LINK: &str = "/admin/upstreams/forge/links/bob";
const OWNER: &str = "/admin/upstreams/forge/owners/acme";
const REPOSITORY: &str = "/admin/upstreams/forge/repositories/acme/elsewhere";
const OWN: &str = "/user/upstream-links/forge";

fn forge() -> Value {
    json!({"name": "forge", "kind": "gitea", "address": "https://git.example.com"})
}

fn hub() -> Value {
    let settings = json!({"client_id": "Iv1.0123"});
    json!({"name": "hub", "kind": "github", "address": "https://git.example.com", "settings": settings})
}

/// With an upstream that is there.
fn there(index: bailiwick_catalogue::OperationIndex, path: &'static str) -> Recipe {
    recipe(index, path).after("POST", ALL, forge())
}

pub fn recipes() -> Vec<Recipe> {
    vec![
        recipe(op::BAILIWICK_ADMIN_CREATE_UPSTREAM, ALL).body(forge()),
        there(op::BAILIWICK_ADMIN_UPDATE_UPSTREAM, FORGE).body(json!({"address": "https://b.example.com"})),
        there(op::BAILIWICK_ADMIN_DELETE_UPSTREAM, FORGE).wrong_path("/admin/upstreams/none"),
        there(op::BAILIWICK_ADMIN_SET_UPSTREAM_CREDENTIAL, CREDENTIAL)
            .body(json!({"secrets": {"token": "t0p"}})),
        there(op::BAILIWICK_ADMIN_SET_UPSTREAM_LINK, LINK).body(json!({"login": "bobby", "id": "7"})),
        there(op::BAILIWICK_ADMIN_DELETE_UPSTREAM_LINK, LINK)
            .after("PUT", LINK, json!({"login": "bobby"}))
            .wrong_path("/admin/upstreams/forge/links/carol"),
        there(
            op::BAILIWICK_ADMIN_SYNCHRONISE_UPSTREAM,
            "/admin/upstreams/forge/synchronise",
        )
        .after("PATCH", FORGE, json!({"settings": {"facts_seconds_max": 3600}}))
        .body(json!({})),
        there(op::BAILIWICK_ADMIN_BIND_UPSTREAM_OWNER, OWNER).body(json!({"name": "acme-inc"})),
        there(op::BAILIWICK_ADMIN_UNBIND_UPSTREAM_OWNER, OWNER)
            .after("PUT", OWNER, json!({}))
            .wrong_path("/admin/upstreams/forge/owners/rival"),
        there(op::BAILIWICK_ADMIN_BIND_UPSTREAM_REPOSITORY, REPOSITORY).body(json!({"id": "12"})),
        there(op::BAILIWICK_ADMIN_UNBIND_UPSTREAM_REPOSITORY, REPOSITORY)
            .after("PUT", REPOSITORY, json!({}))
            .wrong_path("/admin/upstreams/forge/repositories/acme/site"),
        // It is asked whose the secret is.
        recipe(
            op::BAILIWICK_SET_UPSTREAM_LINK_CREDENTIAL,
            "/user/upstream-links/forge/credential",
        )
        .after(
            "POST",
            ALL,
            json!({"name": "forge", "kind": "gitea", "address": crate::teller::start()}),
        )
        .after("PUT", LINK, json!({"login": "bobby"}))
        .by("bob")
        .body(json!({"secrets": {"token": "t0p"}})),
        recipe(op::BAILIWICK_BEGIN_UPSTREAM_LINK, "/user/upstreams/hub/link")
            .after("POST", ALL, hub())
            .after(
                "PUT",
                "/admin/upstreams/hub/credential",
                json!({"secrets": {"client_secret": "t0p"}}),
            )
            .by("bob")
            .wrong_path("/user/upstreams/none/link"),
        there(op::BAILIWICK_DELETE_UPSTREAM_LINK, OWN)
            .after("PUT", LINK, json!({"login": "bobby"}))
            .by("bob")
            .wrong_path("/user/upstream-links/none"),
    ]
}
