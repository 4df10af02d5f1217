//! Transactions, ids, the change feed and migrations.

use crate::{NOW, World, on_both_engines};
use bailiwick_model::AccountId;
use bailiwick_store::{
    AccountKind, AccountRow, ChangeKey, Store, StoreError, account, change, migration, setting, values,
};
use std::sync::{Arc, Mutex};

on_both_engines!(
    migrations_are_idempotent,
    newer_schema_is_refused,
    failed_write_leaves_nothing,
    swallowed_error_does_not_commit,
    panic_rolls_back,
    reads_cannot_write,
    reads_see_one_snapshot,
    ids_are_never_reused,
    ids_stay_exact_in_json,
    feed_follows_commits,
    listener_hears_before_write_returns,
    many_changes_become_everything,
    concurrent_writers_are_serial,
    settings_are_idempotent,
    nul_in_text_is_refused,
    text_sorts_by_bytes,
);

fn migrations_are_idempotent(world: &World) {
    let before = world.read(migration::version);
    world.write(|tx| setting::set(tx, "kept", "yes"));
    let again = Store::open(world.target.clone()).unwrap();
    assert_eq!(again.read(migration::version).unwrap(), before);
    assert_eq!(
        again.read(|tx| setting::get(tx, "kept")).unwrap().as_deref(),
        Some("yes")
    );
    assert!(before > 0);
}

fn newer_schema_is_refused(world: &World) {
    let known = world.read(migration::version);
    world.write(|tx| {
        tx.execute(
            "INSERT INTO schema_version (version, name) VALUES ($1, $2)",
            values![known + 1, "future"],
        )
    });
    let error = Store::open(world.target.clone()).unwrap_err();
    assert_eq!(
        error,
        StoreError::Newer {
            found: known + 1,
            known
        }
    );
}

fn failed_write_leaves_nothing(world: &World) {
    let heard = Arc::new(Mutex::new(0));
    let counter = heard.clone();
    world.store.on_commit(move |_| *counter.lock().unwrap() += 1);
    let error = world.refused(|tx| {
        setting::set(tx, "a", "1")?;
        tx.changed(ChangeKey::Everything);
        Err::<(), _>(StoreError::Absent)
    });
    assert_eq!(error, StoreError::Absent);
    assert_eq!(world.read(|tx| setting::get(tx, "a")), None);
    assert_eq!(world.read(change::head), 0);
    assert_eq!(*heard.lock().unwrap(), 0);
}

fn swallowed_error_does_not_commit(world: &World) {
    let error = world.refused(|tx| {
        setting::set(tx, "a", "1")?;
        let twice = tx.execute(
            "INSERT INTO setting (key, value) VALUES ($1, $2)",
            values!["a", "2"],
        );
        assert_eq!(
            twice.unwrap_err(),
            StoreError::Conflict {
                constraint: "setting_pkey".into()
            }
        );
        assert_eq!(setting::set(tx, "b", "1").unwrap_err(), StoreError::Aborted);
        Ok(())
    });
    assert_eq!(error, StoreError::Aborted);
    assert_eq!(world.read(|tx| setting::get(tx, "a")), None);
}

fn panic_rolls_back(world: &World) {
    let store = world.store.clone();
    let ended = std::thread::spawn(move || {
        store.write(|tx| -> Result<(), StoreError> {
            setting::set(tx, "a", "1")?;
            panic!("on purpose");
        })
    })
    .join();
    assert!(ended.is_err());
    assert_eq!(world.read(|tx| setting::get(tx, "a")), None);
    world.write(|tx| setting::set(tx, "a", "2"));
    assert_eq!(world.read(|tx| setting::get(tx, "a")).as_deref(), Some("2"));
}

fn reads_cannot_write(world: &World) {
    assert!(world.store.read(|tx| setting::set(tx, "a", "1")).is_err());
    assert_eq!(world.read(|tx| setting::get(tx, "a")), None);
}

fn reads_see_one_snapshot(world: &World) {
    world.write(|tx| setting::set(tx, "a", "1"));
    world.read(|tx| {
        let before = setting::get(tx, "a")?;
        std::thread::scope(|scope| {
            scope
                .spawn(|| world.write(|tx| setting::set(tx, "a", "2")))
                .join()
                .unwrap();
        });
        assert_eq!(setting::get(tx, "a")?, before);
        Ok(())
    });
    assert_eq!(world.read(|tx| setting::get(tx, "a")).as_deref(), Some("2"));
}

fn ids_are_never_reused(world: &World) {
    let first = world.write(|tx| account::insert(tx, AccountRow::new("alice", AccountKind::User, NOW)));
    world.write(|tx| account::delete(tx, first.id, NOW));
    let second = world.write(|tx| account::insert(tx, AccountRow::new("alice", AccountKind::User, NOW)));
    assert!(second.id > first.id);
    let batch = world.write(|tx| tx.next_ids("account", 10));
    assert_eq!(world.write(|tx| tx.next_id("account")), batch + 10);
    assert_eq!(world.write(|tx| tx.next_id("other")), 1);
}

fn ids_stay_exact_in_json(world: &World) {
    world.write(|tx| {
        tx.execute(
            "INSERT INTO ids (kind, next) VALUES ($1, $2)",
            values!["scarce", bailiwick_model::ID_MAX],
        )
    });
    let error = world.refused(|tx| tx.next_id("scarce"));
    assert_eq!(
        error,
        StoreError::Exhausted {
            kind: "scarce".into()
        }
    );
}

fn feed_follows_commits(world: &World) {
    let start = world.read(change::head);
    world.write(|tx| {
        tx.changed(ChangeKey::Account(AccountId(1)));
        tx.changed(ChangeKey::Account(AccountId(2)));
        tx.changed(ChangeKey::Account(AccountId(1)));
        Ok(())
    });
    world.write(|tx| {
        tx.changed(ChangeKey::Account(AccountId(3)));
        Ok(())
    });
    let changes = world.read(|tx| change::after(tx, start, 10));
    let keys: Vec<_> = changes.iter().map(|change| change.key).collect();
    assert_eq!(keys, [1, 2, 3].map(|id| ChangeKey::Account(AccountId(id))));
    assert!(changes.windows(2).all(|pair| pair[0].position < pair[1].position));
    assert_eq!(world.read(change::head), changes[2].position);
    assert_eq!(
        world.read(|tx| change::after(tx, changes[1].position, 10)),
        changes[2..]
    );
    world.write(|tx| change::prune(tx, changes[1].position));
    assert_eq!(world.read(|tx| change::after(tx, start, 10)), changes[2..]);
}

fn listener_hears_before_write_returns(world: &World) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ears = heard.clone();
    world
        .store
        .on_commit(move |committed| ears.lock().unwrap().push(committed.clone()));
    for id in 1..=3 {
        world.write(|tx| {
            tx.changed(ChangeKey::Account(AccountId(id)));
            Ok(())
        });
        let heard = heard.lock().unwrap();
        let last = heard.last().unwrap();
        assert_eq!(last.keys, [ChangeKey::Account(AccountId(id))]);
        assert_eq!(last.position, id);
    }
    world.write(|tx| setting::set(tx, "quiet", "1"));
    assert_eq!(heard.lock().unwrap().len(), 3);
}

fn many_changes_become_everything(world: &World) {
    world.write(|tx| {
        (0..5000).for_each(|id| tx.changed(ChangeKey::Account(AccountId(id))));
        Ok(())
    });
    let changes = world.read(|tx| change::after(tx, 0, 10));
    assert_eq!(
        changes.iter().map(|change| change.key).collect::<Vec<_>>(),
        [ChangeKey::Everything]
    );
}

fn concurrent_writers_are_serial(world: &World) {
    world.write(|tx| setting::set(tx, "count", "0"));
    let other = Store::open(world.target.clone()).unwrap();
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let store = if worker % 2 == 0 { &world.store } else { &other };
            scope.spawn(move || {
                for _ in 0..10 {
                    store
                        .write(|tx| -> Result<(), StoreError> {
                            let count: i64 = setting::get(tx, "count")?.unwrap().parse().unwrap();
                            tx.changed(ChangeKey::Account(AccountId(count)));
                            setting::set(tx, "count", &(count + 1).to_string())
                        })
                        .unwrap();
                }
            });
        }
    });
    assert_eq!(world.read(|tx| setting::get(tx, "count")).as_deref(), Some("40"));
    let keys: Vec<_> = world
        .read(|tx| change::after(tx, 0, 100))
        .iter()
        .map(|change| change.key)
        .collect();
    assert_eq!(
        keys,
        (0..40)
            .map(|id| ChangeKey::Account(AccountId(id)))
            .collect::<Vec<_>>()
    );
}

fn settings_are_idempotent(world: &World) {
    assert_eq!(
        world.write(|tx| setting::set_once(tx, "instance", "first")),
        "first"
    );
    assert_eq!(
        world.write(|tx| setting::set_once(tx, "instance", "second")),
        "first"
    );
    world.write(|tx| setting::set(tx, "instance", "third"));
    assert_eq!(
        world.read(|tx| setting::get(tx, "instance")).as_deref(),
        Some("third")
    );
}

fn nul_in_text_is_refused(world: &World) {
    assert!(matches!(
        world.refused(|tx| setting::set(tx, "a", "x\0y")),
        StoreError::Shape { .. }
    ));
}

fn text_sorts_by_bytes(world: &World) {
    world.write(|tx| {
        for key in ["b", "B", "a", "_", "é"] {
            setting::set(tx, key, "x")?;
        }
        Ok(())
    });
    let keys = world.read(|tx| {
        tx.query("SELECT key FROM setting ORDER BY key", &[])?
            .iter_mut()
            .map(|row| row.text())
            .collect::<Result<Vec<_>, _>>()
    });
    assert_eq!(keys, ["B", "_", "a", "b", "é"]);
}
