//! Levels between the packed set, the stored slugs, and GitHub's three groups.

use crate::fault::Fault;
use bailiwick_catalogue::{LevelsError, PermissionKind, levels_from_slugs, permission_by_id};
use bailiwick_model::{Level, Levels};
use std::collections::BTreeMap;

/// Slugs with level words, as stored and as asked for.
pub type Slugs = BTreeMap<String, String>;

/// What a person or client asked for, checked whole: unknown slugs, words and levels not offered are refused.
pub fn parse(slugs: &Slugs, field: &str) -> Result<Levels, Fault> {
    let mut pairs = Vec::new();
    for (slug, word) in slugs {
        let level = Level::parse(word).ok_or_else(|| {
            let message = format!("{word} is not a level: use read, write or admin");
            Fault::invalid(
                "PersonalAccessToken",
                &format!("{field}.{slug}"),
                "invalid",
                message,
            )
        })?;
        if level != Level::None {
            pairs.push((slug.as_str(), level));
        }
    }
    levels_from_slugs(pairs)
        .map(with_implied)
        .map_err(|error| match error {
            LevelsError::UnknownPermission(slug) => Fault::invalid(
                "PersonalAccessToken",
                &format!("{field}.{slug}"),
                "invalid",
                "no such permission: `bailiwick permissions` lists them",
            ),
            LevelsError::LevelNotOffered(slug, level) => Fault::invalid(
                "PersonalAccessToken",
                &format!("{field}.{slug}"),
                "invalid",
                format!("{slug} has no level {}", level.word()),
            ),
            LevelsError::Repeated(slug) => Fault::invalid(
                "PersonalAccessToken",
                &format!("{field}.{slug}"),
                "invalid",
                "is given twice",
            ),
        })
}

/// Stored slugs. One that this build does not know, or does not offer, gives nothing: never more than stored.
pub fn load(slugs: &Slugs) -> Levels {
    let levels = slugs
        .iter()
        .filter_map(|(slug, word)| {
            let level = Level::parse(word)?;
            let known = bailiwick_catalogue::permission(slug)?;
            known.offers(level).then_some((known.id, level))
        })
        .collect();
    with_implied(levels)
}

/// Any repository permission implies reading metadata.
pub(crate) fn with_implied(mut levels: Levels) -> Levels {
    let any = levels
        .iter()
        .any(|(id, _)| permission_by_id(id).is_some_and(|known| known.kind == PermissionKind::Repository));
    if any && levels.get(bailiwick_catalogue::perm::METADATA) == Level::None {
        levels.set(bailiwick_catalogue::perm::METADATA, Level::Read);
    }
    levels
}

/// The slugs to store.
pub fn store(levels: &Levels) -> Slugs {
    levels
        .iter()
        .filter_map(|(id, level)| Some((permission_by_id(id)?.slug.to_owned(), level.word().to_owned())))
        .collect()
}

/// GitHub's three groups.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct Grouped {
    /// Organization permissions.
    pub organization: Slugs,
    /// Repository permissions.
    pub repository: Slugs,
    /// Account and enterprise permissions.
    pub other: Slugs,
}

/// Sorts slugs into GitHub's three groups.
pub fn grouped(slugs: &Slugs) -> Grouped {
    let mut groups = Grouped::default();
    for (slug, level) in slugs {
        let group = match bailiwick_catalogue::permission(slug).map(|known| known.kind) {
            Some(PermissionKind::Organization) => &mut groups.organization,
            Some(PermissionKind::Repository) => &mut groups.repository,
            Some(PermissionKind::Account | PermissionKind::Enterprise) | None => &mut groups.other,
        };
        group.insert(slug.clone(), level.clone());
    }
    groups
}

/// Whether levels hold a permission of a kind.
pub fn has_kind(levels: &Levels, kind: PermissionKind) -> bool {
    levels
        .iter()
        .any(|(id, _)| permission_by_id(id).is_some_and(|known| known.kind == kind))
}

/// The slug of a permission.
pub fn slug(id: bailiwick_model::PermissionId) -> &'static str {
    permission_by_id(id).map_or("unknown", |known| known.slug)
}
