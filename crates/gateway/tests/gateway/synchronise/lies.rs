//! An upstream that fails or lies changes nothing, and the facts grow old.

use super::Town;
use super::forge::Lie;

/// What a failure may write: how it stands, and that it failed.
pub const UNTOLD: &[&str] = &[
    "upstream",
    "upstream_lease",
    "audit_event",
    "audit_head",
    "ids",
    "change_feed",
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_not_understood_is_no_snapshot() {
    let town = Town::new().await;
    Town::well(town.synchronise().await);
    let good_at = town.synchronised_at();
    let good = town.world.rows_besides(UNTOLD);
    town.world.clock_forward_hours(1);
    for (lie, code) in [
        (Lie::SamePage, "upstream.malformed"),
        (Lie::HugeId, "upstream.malformed"),
        (Lie::TwiceTheField, "upstream.malformed"),
        (Lie::CutOff, "upstream.malformed"),
        (Lie::Endless, "upstream.malformed"),
        (Lie::TwoUnderOneId, "upstream.changed_while_read"),
        (Lie::LongerThanItIs, "upstream.changed_while_read"),
        (Lie::Fails, "upstream.unexpected"),
    ] {
        town.forge.state().lie = lie;
        town.fails(&lie, code).await;
    }
    let now = town.world.rows_besides(UNTOLD);
    assert!(now == good, "something changed");
    let failed = town.events("upstream.synchronise");
    assert_eq!(
        failed
            .iter()
            .filter(|event| event.outcome.word() == "failed")
            .count(),
        1,
        "told once"
    );
    town.forge.state().lie = Lie::None;
    let state = Town::well(town.synchronise().await);
    assert_eq!(state.failures, 0);
    assert_ne!(town.synchronised_at(), good_at);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_node_at_a_time() {
    let town = Town::new().await;
    let authority = &town.world.authority;
    let work = authority.synchronise_begin(town.id).unwrap().unwrap();
    assert!(authority.synchronise_begin(town.id).unwrap().is_none());
    // Who is silent for too long is overtaken, and writes nothing after that.
    town.world.clock_forward_hours(1);
    Town::well(town.synchronise().await);
    let late = authority.synchronise_finish(&work, &Default::default(), None, Default::default());
    assert_eq!(late.unwrap_err().code, "upstream.overtaken");
}
