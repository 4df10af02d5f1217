//! Where the App is suspended, removed or may not read, nothing changes, and what is known of it grows old by itself.

use super::super::hook::{hook_of, sign};
use super::Land;
use crate::synchronise::lies::UNTOLD;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn one_organization_grows_old_and_the_others_do_not() {
    let land = Land::settled().await;
    land.well().await;
    let good_at = land.synchronised_at();
    let (_, text) = land
        .world
        .mint_approved("bob", "t", &["app"], json!({"contents": "read"}))
        .await;
    let rows = land.world.rows_besides(UNTOLD);
    land.forge.state().installations.get_mut(&31).unwrap().suspended = true;
    land.world.clock_forward_seconds(1800);
    let state = land.well().await;
    assert_eq!(state.unread.len(), 1, "{state:?}");
    assert_eq!(
        (state.unread[0].name.as_str(), state.unread[0].code.as_str()),
        ("acme", "upstream.suspended")
    );
    assert_eq!(state.unread[0].read_at, good_at);
    let told = land.events("upstream.synchronise");
    assert_eq!(told.len(), 2, "told");
    land.well().await;
    assert_eq!(land.events("upstream.synchronise").len(), 2, "once");
    let after = land.world.rows_besides(UNTOLD);
    assert!(rows == after, "nothing changes there");
    assert_ne!(land.fetch("acme/app", &text).await.status, 503, "not yet too old");
    // Removed, or without what it takes to see everybody: the same.
    let mut kept = land.forge.state().installations.remove(&31).unwrap();
    kept.suspended = false;
    land.world.clock_forward_seconds(1801);
    let state = land.well().await;
    assert_eq!(state.unread[0].code, "upstream.not_installed");
    assert_eq!(state.unread[0].read_at, good_at, "as old as it was");
    let asked = land.forge.state().asked.len();
    let refused = land.fetch("acme/app", &text).await;
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert!(
        refused.text().contains("too old to decide on"),
        "{}",
        refused.text()
    );
    assert_eq!(
        land.forge.state().asked.len(),
        asked,
        "nothing reached the upstream"
    );
    assert_eq!(land.stands().await["stale"], false, "the others are known");
    assert!(
        land.doctor().await.contains("acme could not be read"),
        "{}",
        land.doctor().await
    );
    let mut blind = kept.clone();
    blind.permissions = json!({"metadata": "read"});
    land.forge.state().installations.insert(31, blind);
    assert_eq!(land.well().await.unread[0].code, "upstream.app_lacks");
    land.forge.state().installations.insert(31, kept);
    assert!(land.well().await.unread.is_empty());
    assert_ne!(land.fetch("acme/app", &text).await.status, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_read_is_not_decided_on() {
    let land = Land::settled().await;
    land.forge.state().installations.remove(&32);
    let state = land.well().await;
    assert_eq!(state.unread.len(), 1);
    assert_eq!(
        (state.unread[0].name.as_str(), state.unread[0].read_at),
        ("labs", None)
    );
    assert!(land.stands().await["unread"][0]["read_at"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_is_installed_nowhere_ends_nothing() {
    let land = Land::settled().await;
    land.well().await;
    let rows = land.world.rows_besides(UNTOLD);
    land.forge.state().installations.clear();
    let state = land.well().await;
    assert_eq!(state.unread.len(), 2);
    let after = land.world.rows_besides(UNTOLD);
    assert!(rows == after);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_hooks_about_the_directory_are_heard() {
    let land = Land::settled().await;
    let body = r#"{"action":"deleted"}"#;
    let good = format!("sha256={}", sign("h00k", body));
    let wanted = || land.world.authority.synchronise_asks().len();
    for event in ["push", "issues", "ping", "star"] {
        assert_eq!(hook_of(&land.world, "forge", &good, Some(event), body).await, 202);
    }
    assert_eq!(wanted(), 0);
    assert_eq!(
        hook_of(&land.world, "forge", "sha256=00", Some("member"), body).await,
        403
    );
    assert_eq!(wanted(), 0);
    assert_eq!(
        hook_of(&land.world, "forge", &good, Some("membership"), body).await,
        202
    );
    assert_eq!(wanted(), 1);
}
