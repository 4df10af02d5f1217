//! Many removals at once wait for an administrator.

use super::forge::Lie;
use super::{State, Town, directory, repository_there};
use bailiwick_authority::upstream::synchronise::state::Stand;
use bailiwick_store::repository;
use serde_json::json;

fn large() -> State {
    let mut there = directory();
    for id in 200..220 {
        there
            .repositories
            .push(repository_there(id, 10, &format!("r{id}")));
    }
    there
}

fn count(town: &Town) -> usize {
    let query = repository::RepositoryQuery {
        owners: Some(vec![town.acme()]),
        ..Default::default()
    };
    let all = town
        .world
        .store
        .read(|tx| repository::list(tx, &query, &|row| row.upstream_id.is_some()));
    all.unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_looks_empty_stops_and_alarms() {
    let town = Town::with(large()).await;
    Town::well(town.synchronise().await);
    assert_eq!(count(&town), 23);
    let good_at = town.synchronised_at();
    town.world.clock_forward_hours(1);
    town.forge.state().repositories.retain(|one| one.id < 200);
    town.forge.state().members.clear();
    let state = town.synchronise().await;
    assert_eq!(state.state, Stand::Stopped);
    assert_eq!(state.removals.unwrap().repositories, 20);
    assert_eq!(count(&town), 23, "nothing is applied");
    assert_eq!(town.synchronised_at(), good_at, "the facts grow old");
    town.synchronise().await;
    let refused: Vec<_> = town
        .events("upstream.synchronise")
        .into_iter()
        .filter(|event| event.reason == "upstream.many_removals")
        .collect();
    assert_eq!(refused.len(), 1, "told once");
    let doctor = town
        .world
        .get("/admin/doctor", &town.alice)
        .await
        .expect(200)
        .text()
        .to_owned();
    assert!(
        doctor.contains("the synchronisation is stopped: it would remove 21 things"),
        "{doctor}"
    );
    let shown = town.stands().await;
    assert_eq!(
        (shown["state"].as_str(), &shown["removals"]["total"]),
        (Some("stopped"), &json!(21))
    );
    // A lower number is not what would happen.
    let path = "/admin/upstreams/forge/synchronise";
    let ask = |count: i64| {
        town.world
            .call("POST", path, &town.alice, json!({"confirm_removals": count}))
    };
    let refused = ask(20).await.expect(409);
    assert_eq!(refused.json["reason"], "upstream.many_removals");
    ask(21).await.expect(202);
    let state = Town::well(town.synchronise().await);
    assert_eq!(state.changes.repositories_removed, 20);
    assert_eq!(count(&town), 3);
    assert!(state.removals.is_none());
    // It counts once.
    ask(21).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missed_once_is_not_gone() {
    let town = Town::new().await;
    Town::well(town.synchronise().await);
    let before = town.named("acme", "app").unwrap().id;
    town.forge.state().lie = Lie::BlinksOnce;
    let state = Town::well(town.synchronise().await);
    assert_eq!(state.changes.repositories_removed, 0);
    assert_eq!(town.named("acme", "app").unwrap().id, before);
}
