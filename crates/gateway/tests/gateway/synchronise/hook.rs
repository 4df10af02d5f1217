//! The upstream's own hook, and the task that keeps everything synchronised.

use super::Town;
use crate::harness::World;
use bailiwick_gate::whole;
use ring::hmac;
use serde_json::json;

async fn hook(town: &Town, name: &str, header: &str, signature: &str, body: &str) -> u16 {
    let request = http::Request::post(format!("/upstream-hooks/{name}"))
        .header(header, signature)
        .body(whole(body.as_bytes().to_vec()))
        .unwrap();
    town.world.send(request).await.status
}

pub fn sign(secret: &str, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, body.as_bytes());
    tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A hook as GitHub sends it.
pub async fn hook_of(world: &World, name: &str, signature: &str, event: Option<&str>, body: &str) -> u16 {
    let mut request =
        http::Request::post(format!("/upstream-hooks/{name}")).header("x-hub-signature-256", signature);
    if let Some(event) = event {
        request = request.header("x-github-event", event);
    }
    let request = request.body(whole(body.as_bytes().to_vec())).unwrap();
    world.send(request).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_signed_is_heard() {
    let town = Town::new().await;
    let before = town.world.rows_besides(&[]).len();
    let body = r#"{"action":"deleted","repository":{"id":100}}"#;
    let good = sign("h00k", body);
    let wanted = || town.world.authority.synchronise_asks().len();
    for (name, header, signature, body) in [
        ("forge", "x-gitea-signature", sign("other", body), body),
        ("forge", "x-gitea-signature", good.clone(), "{}"),
        ("forge", "x-gitea-signature", String::new(), body),
        ("forge", "x-gitea-signature", "zz".repeat(32), body),
        ("forge", "x-hub-signature-256", good.clone(), body),
        ("forge", "x-other", good.clone(), body),
        ("nobody", "x-gitea-signature", good.clone(), body),
        ("nobody", "x-gitea-signature", sign("", body), body),
    ] {
        assert_eq!(
            hook(&town, name, header, &signature, body).await,
            403,
            "{name} {header} {signature}"
        );
    }
    assert_eq!(wanted(), 0);
    assert_eq!(town.world.authority.upstream_hooks_refused(), 8);
    assert_eq!(town.world.rows_besides(&[]).len(), before, "no event of anybody");
    assert_eq!(hook(&town, "forge", "x-gitea-signature", &good, body).await, 202);
    assert_eq!(
        hook(
            &town,
            "forge",
            "x-hub-signature-256",
            &format!("sha256={good}"),
            body
        )
        .await,
        202
    );
    assert_eq!(wanted(), 1, "many hooks are one ask");
    assert!(
        town.named("acme", "app").is_none(),
        "nothing of the body is believed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn too_large_a_hook_is_not_read() {
    let town = Town::new().await;
    let body = "x".repeat((1 << 20) + 1);
    let status = hook(&town, "forge", "x-gitea-signature", &sign("h00k", &body), &body).await;
    assert_eq!(status, 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wanted_is_done_soon() {
    let town = Town::new().await;
    let mut changes = town.world.authority.upstream_changes();
    let keeping = tokio::spawn(bailiwick_gateway::directory::keep(town.world.authority.clone()));
    let ask = || {
        town.world.call(
            "POST",
            "/admin/upstreams/forge/synchronise",
            &town.alice,
            json!({}),
        )
    };
    ask().await.expect(202);
    while town.synchronised_at().is_none() {
        changes.changed().await.unwrap();
    }
    let id = town.named("acme", "app").unwrap().id;
    town.forge.state().repository(100).name = "application".into();
    town.world.clock_forward_hours(1);
    ask().await.expect(202);
    while town.row(id).name != "application" {
        changes.changed().await.unwrap();
    }
    assert_eq!(town.events("upstream.synchronise_request").len(), 2);
    keeping.abort();
}
