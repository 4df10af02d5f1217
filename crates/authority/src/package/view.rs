//! Packages and links as surfaces show them, and finding them by the names that paths give.

use crate::fault::Fault;
use crate::names::PackageKey;
use bailiwick_model::{AccountId, RegistryKind, Timestamp};
use bailiwick_store::{
    AccountRow, PackageLinkRow, PackageRow, PackageVersionRow, RepositoryRow, Tx, UpstreamRow, account,
    package, repository, upstream,
};
use bailiwick_wire::registry::PackageName;

/// A package with what it belongs to.
#[derive(Clone, Debug)]
pub struct PackageView {
    /// What is stored.
    pub row: PackageRow,
    /// The registry.
    pub upstream: UpstreamRow,
    /// The owner; of a package in a repository, the repository's.
    pub owner: AccountRow,
    /// The repository.
    pub repository: Option<RepositoryRow>,
    /// How many versions are known.
    pub versions: usize,
}

/// A version of a package, as the registry has it.
#[derive(Clone, Debug)]
pub struct VersionView {
    /// What is stored.
    pub row: PackageVersionRow,
    /// The tags that lead to it, where the registry has such.
    pub tags: Vec<String>,
    /// When the registry says that it was published.
    pub published_at: Option<Timestamp>,
}

/// A link with what it leads to.
#[derive(Clone, Debug)]
pub struct PackageLinkView {
    /// What is stored.
    pub row: PackageLinkRow,
    /// The owner.
    pub owner: AccountRow,
    /// The repository.
    pub repository: Option<RepositoryRow>,
}

impl PackageView {
    /// How its registry would be asked about it, or about a version of it.
    pub(crate) fn key(&self, version: Option<&str>) -> PackageKey {
        PackageKey {
            registry: self.row.kind,
            upstream: Some(self.row.upstream_id),
            name: PackageName {
                normal: self.row.name.clone(),
                sent: self.row.display_name.clone(),
            },
            version: version.map(str::to_owned),
        }
    }

    /// Its name beside its owner's: without the owner's login, where it begins with that.
    pub fn shown(&self) -> &str {
        let name = &self.row.name;
        let login = bailiwick_model::name::fold(&self.owner.login);
        let start = match self.row.kind {
            RegistryKind::Oci => format!("{login}/"),
            RegistryKind::Npm => format!("@{login}/"),
            RegistryKind::Maven | RegistryKind::NuGet | RegistryKind::PyPi => return name,
        };
        name.strip_prefix(&start).unwrap_or(name)
    }
}

/// The view of a package; `None` where the owner or repository that it belonged to is gone.
pub(crate) fn view(tx: &mut Tx<'_>, row: PackageRow) -> Result<Option<PackageView>, Fault> {
    let repository = match row.repository_id {
        None => None,
        Some(id) => match repository::by_id(tx, id)?.filter(|row| row.deleted_at.is_none()) {
            Some(row) => Some(row),
            None => return Ok(None),
        },
    };
    let owner = repository.as_ref().map_or(row.account_id, |row| row.owner_id);
    let owner = account::by_id(tx, owner)?.filter(|row| row.deleted_at.is_none());
    let upstream = upstream::by_id(tx, row.upstream_id)?.filter(|row| row.deleted_at.is_none());
    let (Some(owner), Some(upstream)) = (owner, upstream) else {
        return Ok(None);
    };
    let versions = package::versions(tx, row.id)?;
    Ok(Some(PackageView {
        versions: versions.iter().filter(|row| row.deleted_at.is_none()).count(),
        row,
        upstream,
        owner,
        repository,
    }))
}

/// The packages of an owner and of its repositories, of one kind where given; also those that were deleted.
pub(crate) fn of_owner(
    tx: &mut Tx<'_>,
    owner: AccountId,
    kind: Option<RegistryKind>,
) -> Result<Vec<PackageView>, Fault> {
    let mut views = Vec::new();
    for row in package::of_account(tx, owner, kind)? {
        views.extend(view(tx, row)?);
    }
    Ok(views)
}

/// The package that an owner has under a name as it is shown, or under its whole name.
pub(crate) fn named(
    tx: &mut Tx<'_>,
    owner: AccountId,
    kind: RegistryKind,
    name: &str,
) -> Result<PackageView, Fault> {
    find(tx, owner, kind, |view| view.row.deleted_at.is_none(), name)
}

/// The same among those that were deleted.
pub(crate) fn deleted(
    tx: &mut Tx<'_>,
    owner: AccountId,
    kind: RegistryKind,
    name: &str,
) -> Result<PackageView, Fault> {
    find(tx, owner, kind, |view| view.row.deleted_at.is_some(), name)
}

fn find(
    tx: &mut Tx<'_>,
    owner: AccountId,
    kind: RegistryKind,
    among: impl Fn(&PackageView) -> bool,
    name: &str,
) -> Result<PackageView, Fault> {
    let mut views = of_owner(tx, owner, Some(kind))?;
    views.retain(among);
    let shown = views.iter().find(|view| view.shown() == name);
    shown
        .or_else(|| views.iter().find(|view| view.row.name == name))
        .cloned()
        .ok_or_else(Fault::not_found)
}
