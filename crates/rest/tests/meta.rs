//! `/`, `/meta`, `/versions`, `/rate_limit`, `/permissions`, `/openapi.json`, and `/healthz`, `/readyz`, `/metrics`
//! at the root.

use crate::harness::{Answered, World};
use bailiwick_gate::whole;
use serde_json::Value;
use std::collections::BTreeSet;

async fn at_root(world: &World, path: &str, credential: &str) -> Answered {
    let mut request = http::Request::builder().uri(path);
    if !credential.is_empty() {
        request = request.header("authorization", format!("Bearer {credential}"));
    }
    world.send(request.body(whole("")).unwrap()).await
}

#[tokio::test]
async fn the_reference_is_open_to_visitors() {
    let world = World::new();
    let root = world.get("/", "").await.expect(200);
    assert!(
        root.json["current_user_url"]
            .as_str()
            .unwrap()
            .ends_with("/api/v3/user")
    );
    let meta = world.get("/meta", "").await.expect(200);
    assert_eq!(meta.json["verifiable_password_authentication"], false);
    let versions = world.get("/versions", "").await.expect(200);
    assert_eq!(versions.json, serde_json::json!(["2022-11-28", "2026-03-10"]));
    world.get("/zen", "").await.expect(200);
    let permissions = world.get("/permissions", "").await.expect(200);
    assert!(
        permissions.json["permissions"]
            .as_array()
            .is_some_and(|all| all.len() > 100)
    );
    world.get("/octocat", "").await.expect(501);
}

#[tokio::test]
async fn the_rate_is_told_without_being_counted() {
    let world = World::new();
    let (_, token) = world
        .mint("bob", "counted", &["site"], serde_json::json!({"issues": "read"}))
        .await;
    world.get("/meta", &token).await.expect(200);
    for _ in 0..3 {
        let rate = world.get("/rate_limit", &token).await.expect(200);
        assert_eq!(rate.json["rate"]["used"], 1);
        assert_eq!(rate.json["resources"]["core"]["remaining"], 4999);
    }
    let request = http::Request::builder()
        .uri("/api/v3/rate_limit")
        .header("x-github-api-version", "2026-03-10");
    let rate = world.send(request.body(whole("")).unwrap()).await.expect(200);
    assert_eq!(rate.json["rate"], Value::Null);
    assert_eq!(rate.json["resources"]["core"]["limit"], 60);
}

#[tokio::test]
async fn the_server_tells_whether_it_lives_and_administrators_its_figures() {
    let world = World::new();
    assert_eq!(at_root(&world, "/healthz", "").await.expect(200).bytes, b"ok\n");
    assert_eq!(at_root(&world, "/readyz", "").await.expect(200).bytes, b"ready\n");
    at_root(&world, "/metrics", "").await.expect(401);
    let bob = world.session("bob");
    at_root(&world, "/metrics", &bob).await.expect(403);
    let alice = world.session("alice");
    let metrics = at_root(&world, "/metrics", &alice).await.expect(200);
    let text = String::from_utf8(metrics.bytes).unwrap();
    assert!(text.contains("bailiwick_decisions_total{decision=\"refused\"}"));
    assert!(!text.contains("bob") && !text.contains("bwk"));
}

/// `docs/openapi.json`. Written again with `UPDATE_EXPECT=1`.
#[tokio::test]
async fn the_description_is_the_committed_one() {
    let world = World::new();
    let made = world.get("/openapi.json", "").await.expect(200);
    let text = format!("{}\n", serde_json::to_string_pretty(&made.json).unwrap());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == text,
        "docs/openapi.json is not what is served; run this test with UPDATE_EXPECT=1"
    );
}

#[tokio::test]
async fn the_description_is_whole() {
    let world = World::new();
    let document = world.get("/openapi.json", "").await.expect(200).json;
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut used = BTreeSet::new();
    references(&document, &mut used);
    for name in used
        .iter()
        .filter_map(|one| one.strip_prefix("#/components/schemas/"))
    {
        assert!(schemas.contains_key(name), "{name} is referred to and not there");
    }
    for name in schemas.keys() {
        assert!(
            used.contains(&format!("#/components/schemas/{name}")),
            "{name} is never used"
        );
    }
    // Every endpoint of our own tells its shapes.
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, one) in item.as_object().unwrap() {
            let Some(id) = one["operationId"].as_str() else {
                continue;
            };
            assert!(ids.insert(id.to_owned()), "{id} twice");
            if id.starts_with("bailiwick/") {
                assert!(
                    one["responses"].get("2XX").is_none(),
                    "{method} {path} has no shapes"
                );
            }
        }
    }
    assert!(ids.contains("issues/create") && ids.contains("bailiwick/create-token"));
}

#[tokio::test]
async fn settings_of_upstreams_are_described_as_they_are_checked() {
    use bailiwick_authority::upstream::setting::{SETTINGS, Shape};
    let world = World::new();
    let document = world.get("/openapi.json", "").await.expect(200).json;
    let described = &document["components"]["schemas"]["UpstreamSettings"]["properties"];
    assert_eq!(described.as_object().unwrap().len(), SETTINGS.len());
    for setting in SETTINGS {
        let one = &described[setting.key];
        let (word, least, most) = match setting.shape {
            Shape::Line | Shape::Text => ("string", None, None),
            Shape::Lines => ("array", None, None),
            Shape::Flag => ("boolean", None, None),
            Shape::Number { least, most, .. } => ("integer", Some(least), Some(most)),
        };
        assert_eq!(one["type"], serde_json::json!([word, "null"]), "{}", setting.key);
        assert_eq!(one["minimum"].as_u64(), least, "{}", setting.key);
        assert_eq!(one["maximum"].as_u64(), most, "{}", setting.key);
        assert!(one["description"].is_string(), "{}", setting.key);
    }
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(target)) = fields.get("$ref") {
                found.insert(target.clone());
            }
            fields.values().for_each(|one| references(one, found));
        }
        Value::Array(items) => items.iter().for_each(|one| references(one, found)),
        _ => {}
    }
}
