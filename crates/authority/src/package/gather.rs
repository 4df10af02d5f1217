//! What a package adds to what is gathered: the one that it belongs to becomes the target.

use super::PackageRecord;
use crate::cache::PackagePlace;
use crate::gather::{Gathered, Named};
use crate::names::PackageKey;
use bailiwick_catalogue::Target;
use bailiwick_decision::Package;
use std::sync::Arc;

/// What a package is looked up by in the cache.
pub(crate) fn place(key: &PackageKey) -> PackagePlace {
    (key.registry, key.upstream, key.name.normal.clone())
}

/// A package is about what it belongs to: one repository, or one owner; nobody's is about nothing.
pub(crate) fn put_package(gathered: &mut Gathered, whose: Option<Arc<PackageRecord>>, named: Option<Named>) {
    gathered.conditions.package = match (&whose, &named) {
        (None, _) | (_, None) => Package::Unowned,
        (Some(package), _) if package.public && package.repository.is_none() => Package::Public,
        (Some(_), Some(_)) => Package::Private,
    };
    match named {
        Some(named @ Named::Account(_)) => gathered.set(Target::Organization, named),
        Some(named) => gathered.set(Target::Repository, named),
        None => {}
    }
    gathered.package = whose;
}

/// A request about a repository is also about its owner.
// SECURITY: not where a package names it: what belongs to a repository is no business of the owner's own permissions.
pub(crate) fn fill_owner(gathered: &mut Gathered) {
    if gathered.names.package.is_none()
        && matches!(gathered.named(Target::Organization), Named::Absent)
        && let Named::Repository(_, owner) = gathered.named(Target::Repository)
    {
        let owner = owner.clone();
        gathered.set(Target::Organization, Named::Account(owner));
    }
}
