//! Permissions: what a grant can hold, and turning slugs into levels.

use crate::table::PERMISSIONS;
use bailiwick_model::{Level, Levels, PermissionId};

/// Whose things a permission is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PermissionKind {
    /// A person's own account.
    Account,
    /// An enterprise.
    Enterprise,
    /// An organization.
    Organization,
    /// A repository.
    Repository,
}

impl PermissionKind {
    /// The word in JSON and pages.
    pub const fn word(self) -> &'static str {
        match self {
            PermissionKind::Account => "account",
            PermissionKind::Enterprise => "enterprise",
            PermissionKind::Organization => "organization",
            PermissionKind::Repository => "repository",
        }
    }
}

/// One permission.
#[derive(Debug)]
pub struct Permission {
    /// Its place in the table. Meaningful within one build only; its slug is what is stored.
    pub id: PermissionId,
    /// Its name on the wire.
    pub slug: &'static str,
    /// Its kind.
    pub kind: PermissionKind,
    /// Its title on pages.
    pub title: &'static str,
    /// The levels that can be granted, weakest first.
    pub levels: &'static [Level],
    /// What it opens, in one sentence.
    pub description: &'static str,
}

impl Permission {
    /// Whether a level can be granted. `none` cannot: it is the absence of a permission.
    pub fn offers(&self, level: Level) -> bool {
        self.levels.contains(&level)
    }
}

/// The permission of a slug.
pub fn permission(slug: &str) -> Option<&'static Permission> {
    PERMISSIONS.iter().find(|permission| permission.slug == slug)
}

/// The permission at a place in the table.
pub fn permission_by_id(id: PermissionId) -> Option<&'static Permission> {
    PERMISSIONS.get(usize::from(id.0))
}

/// Why slugs and levels cannot be granted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LevelsError {
    /// No permission has this slug.
    UnknownPermission(String),
    /// The permission does not offer this level.
    LevelNotOffered(&'static str, Level),
    /// A slug occurs twice.
    Repeated(&'static str),
}

/// Packs slugs with levels. Anything unknown, not offered or said twice is refused whole.
pub fn levels_from_slugs<'a>(
    pairs: impl IntoIterator<Item = (&'a str, Level)>,
) -> Result<Levels, LevelsError> {
    let mut levels = Levels::NONE;
    for (slug, level) in pairs {
        let known = permission(slug).ok_or_else(|| LevelsError::UnknownPermission(slug.to_owned()))?;
        if !known.offers(level) {
            return Err(LevelsError::LevelNotOffered(known.slug, level));
        }
        if levels.get(known.id) != Level::None {
            return Err(LevelsError::Repeated(known.slug));
        }
        levels.set(known.id, level);
    }
    Ok(levels)
}
