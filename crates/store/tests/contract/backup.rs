//! Backups: a consistent copy while everything runs.

use crate::fixture::event;
use crate::{NOW, World, on_both_engines};
use bailiwick_store::{EngineKind, Result, Store, StoreError, Target, audit, setting};
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, Ordering};

on_both_engines!(backup_while_writing);

/// Each write raises the setting and appends one event: in a consistent copy the two agree.
fn step(store: &Store, number: i64) -> Result<()> {
    store.write(|tx| {
        setting::set(tx, "count", &number.to_string())?;
        audit::append(tx, "n", &[event("a.b", NOW)]).map(|_| ())
    })
}

fn backup_while_writing(world: &World) {
    let directory = tempfile::tempdir().unwrap();
    let copy = directory.path().join("copy.db");
    if world.store.engine() == EngineKind::Postgres {
        let error = world.store.backup(&copy).unwrap_err();
        assert!(matches!(error, StoreError::Unsupported { what } if what.contains("pg_dump")));
        assert!(!copy.exists());
        return;
    }
    step(&world.store, 1).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut number = 1;
            while !done.load(Ordering::Relaxed) || number < 20 {
                number += 1;
                step(&world.store, number).unwrap();
            }
            number
        });
        world.store.backup(&copy).unwrap();
        done.store(true, Ordering::Relaxed);
        assert!(writer.join().unwrap() >= 20);
    });
    let restored = Store::open(Target::Sqlite(copy.clone())).unwrap();
    let count: i64 = restored
        .read(|tx| setting::get(tx, "count"))
        .unwrap()
        .unwrap()
        .parse()
        .unwrap();
    let found = restored.read(|tx| audit::verify(tx, "n", 1)).unwrap();
    assert_eq!((found.events, found.broken), (count, None));
    // An existing file is never overwritten.
    assert!(world.store.backup(&copy).is_err());
}

#[test]
fn files_are_private() {
    let world = World::new(EngineKind::Sqlite);
    let Target::Sqlite(path) = &world.target else {
        panic!("not a file")
    };
    step(&world.store, 1).unwrap();
    let copy = path.with_file_name("copy.db");
    world.store.backup(&copy).unwrap();
    for file in [path.clone(), path.with_file_name("store.db-wal"), copy] {
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", file.display());
    }
}
