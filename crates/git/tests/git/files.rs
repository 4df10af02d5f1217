//! One file changed at a time, as the contents API does it.

use bailiwick_git::{Error, FileChangeKind, Oid, PreparedCommit, Repository, Result};

use crate::world::{World, alice};

fn prepare(
    repository: &Repository,
    path: &str,
    text: Option<&str>,
    expected: Option<Oid>,
) -> Result<PreparedCommit> {
    let change = text.map_or(FileChangeKind::Delete, |text| FileChangeKind::Put(text.into()));
    repository.prepare_file("main", path, &change, expected, "m\n", &alice(), &alice())
}

#[test]
fn a_file_lives_through_create_update_delete() {
    let world = World::new();
    let repository = world.repository();
    let created = prepare(&repository, "d/a", Some("1"), None).unwrap();
    assert!(created.created);
    assert_eq!(
        repository.resolve("main").unwrap(),
        None,
        "nothing moves before the caller decides"
    );
    repository
        .update_refs(std::slice::from_ref(&created.update))
        .unwrap();
    assert_eq!(repository.resolve("main").unwrap(), Some(created.commit));
    assert_eq!(
        repository.file(created.commit, "d/a", 9).unwrap().unwrap().1,
        b"1"
    );

    let updated = prepare(&repository, "d/a", Some("2"), created.blob).unwrap();
    assert!(!updated.created);
    assert_eq!(
        repository.commit(updated.commit).unwrap().parents,
        [created.commit]
    );
    repository
        .update_refs(std::slice::from_ref(&updated.update))
        .unwrap();
    assert!(matches!(
        repository.update_refs(&[created.update]),
        Err(Error::StaleRef(_))
    ));

    let deleted = prepare(&repository, "d/a", None, updated.blob).unwrap();
    assert_eq!(deleted.blob, None);
    repository.update_refs(&[deleted.update]).unwrap();
    assert!(
        repository
            .tree(deleted.commit, true, 9)
            .unwrap()
            .entries
            .is_empty()
    );
}

#[test]
fn what_changed_meanwhile_is_not_overwritten() {
    let world = World::new();
    let repository = world.repository();
    let created = prepare(&repository, "a", Some("1"), None).unwrap();
    repository.update_refs(&[created.update]).unwrap();
    let unseen = prepare(&repository, "a", Some("2"), None);
    assert!(matches!(unseen, Err(Error::StaleBlob(current)) if current == created.blob));
    let wrong = prepare(&repository, "a", Some("2"), Some(Oid::EMPTY_TREE));
    assert!(matches!(wrong, Err(Error::StaleBlob(current)) if current == created.blob));
    assert!(matches!(
        prepare(&repository, "b", None, created.blob),
        Err(Error::StaleBlob(None))
    ));
    assert!(matches!(
        prepare(&repository, "b", None, None),
        Err(Error::NotFound(_))
    ));
    assert!(matches!(
        prepare(&repository, ".git/config", Some("x"), None),
        Err(Error::Invalid(_))
    ));
    let below = prepare(&repository, "d/x", Some("1"), None).unwrap();
    repository.update_refs(&[below.update]).unwrap();
    assert!(matches!(
        prepare(&repository, "d", Some("x"), None),
        Err(Error::Invalid(_))
    ));
    let put = FileChangeKind::Put(b"x".to_vec());
    let elsewhere = repository.prepare_file("other", "x", &put, None, "m", &alice(), &alice());
    assert!(matches!(elsewhere, Err(Error::NotFound(_))));
}
