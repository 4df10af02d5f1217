//! What credentials of upstreams' own were seen to do.

use crate::{NOW, World, on_both_engines};
use bailiwick_model::{UpstreamId, UpstreamKind, UpstreamMode};
use bailiwick_store::{ObservationRow, ObservedCredentialRow, UpstreamRow, observation, upstream};

on_both_engines!(
    a_credential_comes_back_as_it_was_written,
    uses_are_one_row_for_an_operation_and_a_target,
);

fn forge(world: &World) -> UpstreamId {
    let row = UpstreamRow {
        mode: UpstreamMode::Observe,
        observe_until: Some(NOW.plus_days(30)),
        ..UpstreamRow::new("forge", UpstreamKind::Gitea, "https://forge.example.com", NOW)
    };
    world.write(|tx| upstream::insert(tx, row)).id
}

fn credential(upstream_id: UpstreamId, digest: &str) -> ObservedCredentialRow {
    ObservedCredentialRow {
        id: 0,
        upstream_id,
        digest: digest.to_owned(),
        kind: String::from("other"),
        login: None,
        upstream_key: None,
        first_at: NOW,
        last_at: NOW,
        reads: 1,
        writes: 0,
        left_out: 0,
    }
}

fn a_credential_comes_back_as_it_was_written(world: &World) {
    let forge = forge(world);
    let one = world.write(|tx| observation::insert(tx, credential(forge, "aa")));
    let other = world.write(|tx| observation::insert(tx, credential(forge, "bb")));
    let seen = ObservedCredentialRow {
        login: Some(String::from("bob-there")),
        upstream_key: Some(String::from("7")),
        last_at: NOW.plus_seconds(9),
        writes: 2,
        left_out: 1,
        ..one.clone()
    };
    world.write(|tx| observation::update(tx, &seen));
    assert_eq!(
        world.read(|tx| observation::by_id(tx, one.id)),
        Some(seen.clone())
    );
    assert_eq!(
        world.read(|tx| observation::by_digest(tx, forge, "bb")),
        Some(other.clone())
    );
    assert_eq!(
        world.read(|tx| observation::by_digest(tx, UpstreamId(999), "bb")),
        None
    );
    assert_eq!(world.read(|tx| observation::count(tx, forge)), 2);
    assert_eq!(world.read(|tx| observation::count_nameless(tx, forge)), 1);
    let page = |offset| world.read(|tx| observation::of_upstream(tx, forge, offset, 1));
    assert_eq!(page(0), [seen]);
    assert_eq!(page(1), [other]);
    let twice = world
        .store
        .write(|tx| observation::insert(tx, credential(forge, "aa")));
    assert!(twice.is_err(), "a digest has one row at an upstream");
}

fn uses_are_one_row_for_an_operation_and_a_target(world: &World) {
    let forge = forge(world);
    let credential = world.write(|tx| observation::insert(tx, credential(forge, "aa")));
    let new = |operation: &str, target: &str| ObservationRow {
        id: 0,
        credential_id: credential.id,
        operation: operation.to_owned(),
        mapped: true,
        target: target.to_owned(),
        needs: String::from("[]"),
        verdict: String::from("allowed"),
        requests: 1,
        refused: 0,
        first_at: NOW,
        last_at: NOW,
    };
    let second = world.write(|tx| observation::insert_use(tx, new("gitea/b", "acme/site")));
    let first = world.write(|tx| observation::insert_use(tx, new("gitea/a", "acme/site")));
    let more = ObservationRow {
        requests: 4,
        refused: 1,
        verdict: String::from("role.too_low"),
        last_at: NOW.plus_seconds(3),
        ..second
    };
    world.write(|tx| observation::update_use(tx, &more));
    assert_eq!(
        world.read(|tx| observation::uses(tx, credential.id)),
        [first, more]
    );
    assert_eq!(world.read(|tx| observation::uses(tx, 999)), []);
    let twice = world
        .store
        .write(|tx| observation::insert_use(tx, new("gitea/a", "acme/site")));
    assert!(twice.is_err());
}
