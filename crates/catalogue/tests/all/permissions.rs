//! Slugs, levels and kinds.

use crate::words;
use bailiwick_catalogue::{
    LevelsError, PERMISSIONS, PermissionKind, levels_from_slugs, perm, permission, permission_by_id,
};
use bailiwick_model::{Level, PermissionId, Scope};

#[test]
fn ids_are_places() {
    for (at, row) in PERMISSIONS.iter().enumerate() {
        assert_eq!(usize::from(row.id.0), at);
        assert_eq!(permission(row.slug).unwrap().id, row.id);
        assert_eq!(permission_by_id(row.id).unwrap().slug, row.slug);
    }
    assert!(PERMISSIONS.len() <= PermissionId::CAPACITY);
    assert_eq!(PERMISSIONS.len(), 118 + 5);
    assert_eq!(permission("contents").unwrap().id, perm::CONTENTS);
    assert!(permission("Contents").is_none());
}

#[test]
fn the_words_of_the_data_are_the_models() {
    let models: Vec<&str> = Scope::ALL.iter().map(|scope| scope.word()).collect();
    assert_eq!(words::SCOPES, models);
    for (word, _) in words::LEVELS {
        assert!(Level::parse(word).is_some());
    }
    for kind in [
        PermissionKind::Account,
        PermissionKind::Enterprise,
        PermissionKind::Organization,
        PermissionKind::Repository,
    ] {
        assert!(words::KINDS.iter().any(|(word, _)| *word == kind.word()));
    }
}

#[test]
fn only_levels_that_are_offered_are_packed() {
    let levels = levels_from_slugs([("contents", Level::Write), ("issues", Level::Read)]).unwrap();
    assert_eq!(levels.get(perm::CONTENTS), Level::Write);
    assert_eq!(levels.get(perm::ISSUES), Level::Read);
    assert_eq!(levels.get(perm::METADATA), Level::None);
    let refused = |pairs: &[(&str, Level)]| levels_from_slugs(pairs.iter().copied()).unwrap_err();
    assert_eq!(
        refused(&[("workflows", Level::Read)]),
        LevelsError::LevelNotOffered("workflows", Level::Read)
    );
    assert_eq!(
        refused(&[("metadata", Level::Write)]),
        LevelsError::LevelNotOffered("metadata", Level::Write)
    );
    assert_eq!(
        refused(&[("contents", Level::None)]),
        LevelsError::LevelNotOffered("contents", Level::None)
    );
    assert_eq!(
        refused(&[("everything", Level::Read)]),
        LevelsError::UnknownPermission("everything".into())
    );
    assert_eq!(
        refused(&[("issues", Level::Write), ("issues", Level::Read)]),
        LevelsError::Repeated("issues")
    );
}

#[test]
fn deleting_packages_takes_admin() {
    assert!(permission("packages").unwrap().offers(Level::Admin));
    assert!(permission("organization_packages").unwrap().offers(Level::Admin));
}
