//! Facts older than their bound refuse.

use super::Town;
use super::forge::Lie;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn facts_that_are_too_old_are_not_decided_on() {
    let town = Town::new().await;
    Town::well(town.synchronise().await);
    let (_, text) = town
        .world
        .mint_approved("bob", "t", &["app"], json!({"contents": "read"}))
        .await;
    let fresh = town.fetch("acme/app", &text).await;
    assert_ne!(fresh.status, 503, "{}", fresh.text());
    // The bound is an hour; a failure does not make the facts any younger.
    town.world.clock_forward_hours(1);
    assert_ne!(town.fetch("acme/app", &text).await.status, 503);
    town.forge.state().lie = Lie::Fails;
    town.synchronise().await;
    town.world.clock_forward_hours(1);
    let asked = town.forge.state().asked.len();
    let refused = town.fetch("acme/app", &text).await;
    assert_eq!(refused.status, 503);
    assert!(
        refused.text().contains("too old to decide on"),
        "{}",
        refused.text()
    );
    assert_eq!(
        town.forge.state().asked.len(),
        asked,
        "nothing reached the upstream"
    );
    assert_eq!(town.stands().await["stale"], true);
    let alice = town.world.session("alice");
    let doctor = town
        .world
        .get("/admin/doctor", &alice)
        .await
        .expect(200)
        .text()
        .to_owned();
    assert!(doctor.contains("what is known of it is too old"), "{doctor}");
    town.forge.state().lie = Lie::None;
    Town::well(town.synchronise().await);
    assert_ne!(town.fetch("acme/app", &text).await.status, 503);
}
