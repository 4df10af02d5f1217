//! Restoring: what is copied, and what is refused.

use super::*;
use crate::clock::{SystemClock, SystemRandom};
use bailiwick_authority::setup;

fn backup(root: &Path) -> PathBuf {
    let path = root.join("backup");
    fs::create_dir_all(path.join("repositories/00/1.git/refs")).unwrap();
    fs::write(path.join("repositories/00/1.git/HEAD"), "ref: refs/heads/main\n").unwrap();
    let source = root.join("source.sqlite");
    let store = Store::open(Target::Sqlite(source)).unwrap();
    let random = SystemRandom::new().unwrap();
    setup::first_administrator(
        &store,
        "main",
        &SystemClock,
        &random,
        "alice",
        "correct horse battery",
    )
    .unwrap();
    store.backup(&path.join("bailiwick.sqlite")).unwrap();
    path
}

#[test]
fn a_backup_is_copied_and_checked() {
    let root = tempfile::tempdir().unwrap();
    let from = backup(root.path());
    let directory = DataDirectory::take(&root.path().join("data")).unwrap();
    assert_eq!(
        copy(&from, &from.join("bailiwick.sqlite"), &directory).unwrap(),
        (1, 1)
    );
    assert!(directory.repositories().join("00/1.git/HEAD").is_file());
    assert!(directory.repositories().join("00/1.git/refs").is_dir());
    assert!(!directory.path().join("restore.new").exists());
    let store = Store::open(Target::Sqlite(directory.database())).unwrap();
    assert!(setup::administrator_exists(&store).unwrap());
    assert_eq!(empty(&directory).expect_err("holds data").code(), 6);
}

#[test]
fn links_are_refused_and_nothing_counts() {
    let root = tempfile::tempdir().unwrap();
    let from = backup(root.path());
    std::os::unix::fs::symlink("/etc", from.join("repositories/00/out")).unwrap();
    let directory = DataDirectory::take(&root.path().join("data")).unwrap();
    assert!(copy(&from, &from.join("bailiwick.sqlite"), &directory).is_err());
    assert!(!directory.database().exists());
    assert!(empty(&directory).is_ok());
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let from = backup(root.path());
    fs::write(
        from.join("bailiwick.sqlite"),
        "not a database, but long enough to be looked at by anybody",
    )
    .unwrap();
    let directory = DataDirectory::take(&root.path().join("data")).unwrap();
    assert!(copy(&from, &from.join("bailiwick.sqlite"), &directory).is_err());
    assert!(!directory.database().exists());
}
