//! What fails or lies changes nothing, and the facts grow old.

use super::Land;
use super::hub::Lie;
use crate::synchronise::lies::UNTOLD;

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_not_understood_is_no_snapshot() {
    let land = Land::settled().await;
    land.well().await;
    let good_at = land.synchronised_at();
    let good = land.world.rows_besides(UNTOLD);
    land.world.clock_forward_hours(1);
    for (lie, code) in [
        (Lie::EmptyPageTwo, "upstream.changed_while_read"),
        (Lie::NoLink, "upstream.changed_while_read"),
        (Lie::SamePage, "upstream.malformed"),
        (Lie::Endless, "upstream.malformed"),
        (Lie::OddLink, "upstream.malformed"),
        (Lie::HugeId, "upstream.malformed"),
        (Lie::TwiceTheField, "upstream.malformed"),
        (Lie::NoName, "upstream.malformed"),
        (Lie::NoList, "upstream.malformed"),
        (Lie::CutOff, "upstream.malformed"),
        (Lie::Fails, "upstream.unexpected"),
        (Lie::DeadToken, "upstream.credential_refused"),
    ] {
        land.forge.state().lie = lie;
        land.fails(&lie, code).await;
    }
    assert!(land.world.rows_besides(UNTOLD) == good, "something changed");
    // What only one installation cannot, the others still can; there, nothing changes.
    for (lie, code) in [
        (Lie::NoPageTwo, "upstream.unexpected"),
        (Lie::WideToken, "upstream.not_narrowed"),
    ] {
        land.forge.state().lie = lie;
        let state = land.well().await;
        let unread: Vec<(&str, &str)> = state
            .unread
            .iter()
            .map(|one| (one.name.as_str(), one.code.as_str()))
            .collect();
        assert_eq!(unread[0], ("acme", code), "{lie:?}");
        assert_eq!(state.unread[0].read_at, good_at, "{lie:?}");
    }
    assert!(land.world.rows_besides(UNTOLD) == good, "something changed");
    land.forge.state().lie = Lie::None;
    assert!(land.well().await.unread.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_than_the_apps_reads_nothing() {
    let land = Land::settled().await;
    let secrets = serde_json::json!({"secrets": {"private_key": include_str!("../../github/other.pem")}});
    land.world
        .call("PUT", "/admin/upstreams/forge/credential", &land.alice, secrets)
        .await
        .expect(200);
    let state = land.synchronise().await;
    assert_eq!(state.error.unwrap().code, "upstream.credential_refused");
    assert_eq!(land.forge.state().asked.len(), 1);
}
