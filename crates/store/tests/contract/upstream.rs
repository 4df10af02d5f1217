//! Upstreams, links, and what is bound: one thing there is one thing here, in whatever case it is written.

use crate::fixture::acme;
use crate::{NOW, World, on_both_engines};
use bailiwick_model::{AccountId, Digest, RepositoryId, SessionId, UpstreamId, UpstreamKind, Visibility};
use bailiwick_store::linking::{self, LinkingRow};
use bailiwick_store::upstream::{self, KEY_TAKEN, NAME_TAKEN};
use bailiwick_store::{RepositoryRow, Secret, StoreError, UpstreamLinkRow, UpstreamRow, account, repository};

on_both_engines!(
    names_are_free_again_once_removed,
    an_account_there_belongs_to_one_account_here,
    a_repository_there_is_one_repository_here,
    a_deleted_account_is_linked_no_longer,
    credentials_of_links_are_forgotten,
    a_link_that_was_begun_comes_back_once,
);

fn row(name: &str) -> UpstreamRow {
    UpstreamRow::new(name, UpstreamKind::Gitea, "https://git.example.com", NOW)
}

fn link(there: UpstreamId, account_id: AccountId, login: &str, key: Option<&str>) -> UpstreamLinkRow {
    UpstreamLinkRow {
        id: 0,
        upstream_id: there,
        account_id,
        login: login.into(),
        upstream_key: key.map(str::to_owned),
        credential: Some(Secret("sealed".into())),
        expires_at: None,
        active: true,
        barred: None,
        created_at: NOW,
        updated_at: NOW,
    }
}

fn is_conflict<T>(outcome: Result<T, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Conflict { .. }))
}

fn names_are_free_again_once_removed(world: &World) {
    let first = world.write(|tx| upstream::insert(tx, row("forge")));
    let again = world.store.write(|tx| upstream::insert(tx, row("forge")));
    assert!(again.is_err_and(|error| error.is_conflict_of(NAME_TAKEN)));
    world.write(|tx| upstream::delete(tx, first.id, NOW));
    assert_eq!(world.read(|tx| upstream::by_name(tx, "forge")), None);
    let second = world.write(|tx| upstream::insert(tx, row("forge")));
    assert!(second.id > first.id, "ids are never used again");
    assert_eq!(world.read(upstream::all).len(), 1);
}

fn an_account_there_belongs_to_one_account_here(world: &World) {
    let acme = acme(world);
    let there = world.write(|tx| upstream::insert(tx, row("forge"))).id;
    let other = world.write(|tx| upstream::insert(tx, row("other"))).id;
    world.write(|tx| upstream::put_link(tx, link(there, acme.alice, "Alice-L", Some("7"))));
    let same_login = link(there, acme.bob, "alice-l", Some("8"));
    assert!(is_conflict(
        world.store.write(|tx| upstream::put_link(tx, same_login))
    ));
    let same_key = link(there, acme.bob, "bobby", Some("7"));
    let taken = world.store.write(|tx| upstream::put_link(tx, same_key));
    assert!(taken.is_err_and(|error| error.is_conflict_of(KEY_TAKEN)));
    // Ids that are not known are not the same.
    world.write(|tx| upstream::put_link(tx, link(there, acme.bob, "bobby", None)));
    world.write(|tx| upstream::put_link(tx, link(there, acme.carol, "carol", None)));
    world.write(|tx| upstream::put_link(tx, link(other, acme.bob, "alice-l", Some("7"))));
    let found = world
        .read(|tx| upstream::link_named(tx, there, "ALICE-l"))
        .unwrap();
    assert_eq!(found.account_id, acme.alice);
    assert_eq!(world.read(|tx| upstream::link_keyed(tx, there, "7")), Some(found));
    // Putting it again changes the one there is.
    world.write(|tx| upstream::put_link(tx, link(there, acme.alice, "alice2", Some("7"))));
    assert_eq!(world.read(|tx| upstream::links(tx, there)).len(), 3);
    assert_eq!(world.read(|tx| upstream::links_of(tx, acme.bob)).len(), 2);
    assert!(world.write(|tx| upstream::unlink(tx, there, acme.bob)));
    assert!(!world.write(|tx| upstream::unlink(tx, there, acme.bob)));
}

fn a_repository_there_is_one_repository_here(world: &World) {
    let acme = acme(world);
    let there = world.write(|tx| upstream::insert(tx, row("forge"))).id;
    let bound = |name: &str, called: &str| RepositoryRow {
        upstream_id: Some(there),
        upstream_name: Some(called.into()),
        ..RepositoryRow::new(acme.acme.id, name, Visibility::Private, NOW)
    };
    let first = world.write(|tx| repository::insert(tx, bound("one", "acme/one")));
    assert!(is_conflict(
        world
            .store
            .write(|tx| repository::insert(tx, bound("two", "ACME/One")))
    ));
    let second = world.write(|tx| repository::insert(tx, bound("two", "acme/two")));
    let found = world.read(|tx| upstream::repository_named(tx, there, "Acme/ONE"));
    assert_eq!(found.map(|row| row.id), Some(first.id));
    assert_eq!(world.read(|tx| upstream::bound(tx, there)), (0, 2));
    let page = |after, limit| {
        let rows = world.read(|tx| upstream::repositories(tx, there, after, limit));
        rows.iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(page(RepositoryId(0), 1), [first.id]);
    assert_eq!(page(first.id, 9), [second.id]);
    // A deleted one does not stand in the way.
    world.write(|tx| repository::delete(tx, first.id, NOW));
    world.write(|tx| repository::insert(tx, bound("one", "acme/one")));
    let mut owner = world.read(|tx| account::by_id(tx, acme.acme.id)).unwrap();
    owner.upstream_id = Some(there);
    owner.upstream_name = Some("Acme-Inc".into());
    world.write(|tx| account::update(tx, &owner));
    assert_eq!(world.read(|tx| upstream::accounts(tx, there)), [owner.clone()]);
    assert_eq!(
        world.read(|tx| upstream::account_named(tx, there, "acme-INC")),
        Some(owner)
    );
    let mut other = world.read(|tx| account::by_id(tx, acme.bob)).unwrap();
    other.upstream_id = Some(there);
    other.upstream_name = Some("acme-inc".into());
    assert!(is_conflict(world.store.write(|tx| account::update(tx, &other))));
}

fn a_deleted_account_is_linked_no_longer(world: &World) {
    let acme = acme(world);
    let there = world.write(|tx| upstream::insert(tx, row("forge"))).id;
    world.write(|tx| upstream::put_link(tx, link(there, acme.bob, "bobby", Some("7"))));
    world.write(|tx| account::delete(tx, acme.bob, NOW));
    assert_eq!(world.read(|tx| upstream::links(tx, there)), []);
    world.write(|tx| upstream::put_link(tx, link(there, acme.carol, "bobby", Some("7"))));
}

fn credentials_of_links_are_forgotten(world: &World) {
    let acme = acme(world);
    let there = world.write(|tx| upstream::insert(tx, row("forge"))).id;
    let other = world.write(|tx| upstream::insert(tx, row("other"))).id;
    for place in [there, other] {
        world.write(|tx| upstream::put_link(tx, link(place, acme.bob, "bobby", None)));
    }
    world.write(|tx| upstream::forget_link_credentials(tx, there));
    let held = |place| {
        let row = world.read(|tx| upstream::link(tx, place, acme.bob)).unwrap();
        row.credential.is_some()
    };
    assert!(!held(there));
    assert!(held(other));
}

fn a_link_that_was_begun_comes_back_once(world: &World) {
    let acme = acme(world);
    let there = world.write(|tx| upstream::insert(tx, row("hub"))).id;
    let begun = |text: &str, session: i64| LinkingRow {
        digest: Digest::of(text.as_bytes()),
        session_id: SessionId(session),
        account_id: acme.alice,
        upstream_id: there,
        verifier: Secret("sealed".into()),
        created_at: NOW,
        expires_at: NOW.plus_seconds(600),
    };
    let take = |text: &str, after: i64| {
        let digest = Digest::of(text.as_bytes());
        world.write(|tx| linking::take(tx, &digest, NOW.plus_seconds(after)))
    };
    world.write(|tx| linking::begin(tx, &begun("one", 1)));
    assert_eq!(take("one", 0), Some(begun("one", 1)));
    assert_eq!(take("one", 0), None);
    // The last that a session began counts; another session's stays.
    world.write(|tx| linking::begin(tx, &begun("two", 1)));
    world.write(|tx| linking::begin(tx, &begun("three", 1)));
    world.write(|tx| linking::begin(tx, &begun("four", 2)));
    assert_eq!(take("two", 0), None);
    assert_eq!(take("three", 599), Some(begun("three", 1)));
    // Too late, and used up with that.
    assert_eq!(take("four", 600), None);
    assert_eq!(take("four", 0), None);
    world.write(|tx| linking::begin(tx, &begun("five", 1)));
    assert_eq!(world.write(|tx| linking::prune(tx, NOW.plus_seconds(600))), 1);
    world.write(|tx| linking::begin(tx, &begun("six", 1)));
    world.write(|tx| upstream::delete(tx, there, NOW));
    assert_eq!(take("six", 0), None);
}
