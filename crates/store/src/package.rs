//! Packages at registries behind the gateway, their versions, and administrators' links of names to owners.

use crate::column::word_enum;
use crate::record::record;
use crate::{ChangeKey, Result, Tx, Value, values};
use bailiwick_model::{
    AccountId, PackageId, PackageLinkId, PackageVersionId, RegistryKind, RepositoryId, Timestamp, UpstreamId,
    Visibility,
};

word_enum! {
    /// How it is known whose a package is.
    PackageHow {
        /// By the first segments of its path: owner, and repository.
        Path = "path",
        /// By its npm scope.
        Scope = "scope",
        /// By a label of the image.
        Label = "label",
        /// By an administrator's link.
        Link = "link",
        /// By an administrator's link of its Maven group.
        Group = "group",
    }
}

record! {
    /// A package.
    pub struct PackageRow in "package" {
        /// Its id; `insert` gives it.
        pub id: PackageId,
        /// The registry.
        pub upstream_id: UpstreamId,
        /// What the registry speaks.
        pub kind: RegistryKind,
        /// Its name in the normal form.
        pub name: String,
        /// Its name as its first publisher wrote it.
        pub display_name: String,
        /// The owner.
        pub account_id: AccountId,
        /// The repository that it belongs to; none if it belongs to the owner as a whole.
        pub repository_id: Option<RepositoryId>,
        /// Who can read one that belongs to the owner as a whole.
        pub visibility: Visibility,
        /// How it is known whose it is.
        pub how: PackageHow,
        /// Who published it first, or linked it.
        pub created_by: Option<AccountId>,
        /// When that was.
        pub created_at: Timestamp,
        /// When something was last published, or its owner changed.
        pub updated_at: Timestamp,
        /// When its last version was deleted; the name stays whose it was.
        pub deleted_at: Option<Timestamp>,
    }
}

record! {
    /// A version of a package.
    pub struct PackageVersionRow in "package_version" {
        /// Its id; `insert_version` gives it.
        pub id: PackageVersionId,
        /// The package.
        pub package_id: PackageId,
        /// The version; of an image the digest of its manifest.
        pub name: String,
        /// Who published it, if that was seen.
        pub created_by: Option<AccountId>,
        /// When it was published or first seen.
        pub created_at: Timestamp,
        /// When it was last published.
        pub updated_at: Timestamp,
        /// When it was deleted.
        pub deleted_at: Option<Timestamp>,
    }
}

record! {
    /// An administrator's word on whose packages of a name are.
    pub struct PackageLinkRow in "package_link" {
        /// Its id; `insert_link` gives it.
        pub id: PackageLinkId,
        /// The registry.
        pub upstream_id: UpstreamId,
        /// What the registry speaks.
        pub kind: RegistryKind,
        /// Whether it is this name alone, rather than it and what is below it.
        pub exact: bool,
        /// The name in the normal form.
        pub name: String,
        /// The owner.
        pub account_id: AccountId,
        /// The repository.
        pub repository_id: Option<RepositoryId>,
        /// Who can read packages that belong to the owner as a whole.
        pub visibility: Visibility,
        /// Who said so.
        pub created_by: Option<AccountId>,
        /// When.
        pub created_at: Timestamp,
    }
}

/// The unique index of names at a registry.
pub const NAME_TAKEN: &str = "package_upstream_id_name_key";
/// The unique index of linked names at a registry.
pub const LINK_TAKEN: &str = "package_link_upstream_id_name_exact_key";

/// Adds a package under a new id. A taken name is a conflict of [`NAME_TAKEN`].
pub fn insert(tx: &mut Tx<'_>, mut row: PackageRow) -> Result<PackageRow> {
    row.id = PackageId(tx.next_id("package")?);
    row.insert_row(tx)?;
    tx.changed(ChangeKey::Package(row.id));
    Ok(row)
}

/// Writes every field.
pub fn update(tx: &mut Tx<'_>, row: &PackageRow) -> Result<()> {
    tx.changed(ChangeKey::Package(row.id));
    row.update_row(tx)
}

/// Forgets a package with its versions: whose the name is, is then decided anew.
pub fn delete(tx: &mut Tx<'_>, id: PackageId) -> Result<()> {
    tx.changed(ChangeKey::Package(id));
    tx.execute("DELETE FROM package_version WHERE package_id = $1", values![id])?;
    tx.execute("DELETE FROM package WHERE id = $1", values![id])?;
    Ok(())
}

/// The package of an id.
pub fn by_id(tx: &mut Tx<'_>, id: PackageId) -> Result<Option<PackageRow>> {
    PackageRow::find(tx, "package WHERE id = $1", values![id])
}

/// The package of a name at a registry.
pub fn by_name(tx: &mut Tx<'_>, upstream: UpstreamId, name: &str) -> Result<Option<PackageRow>> {
    PackageRow::find(
        tx,
        "package WHERE upstream_id = $1 AND name = $2",
        values![upstream, name],
    )
}

/// The packages of a name at all live registries of a kind, in the order of ids.
pub fn of_kind(tx: &mut Tx<'_>, kind: RegistryKind, name: &str) -> Result<Vec<PackageRow>> {
    PackageRow::select(
        tx,
        "package JOIN upstream ON upstream.id = package.upstream_id \
         WHERE package.kind = $1 AND package.name = $2 AND upstream.deleted_at IS NULL ORDER BY package.id",
        values![kind, name],
    )
}

/// The packages of an owner, also those in its repositories and those that were deleted, by kind and name; of one kind
/// where given.
pub fn of_account(
    tx: &mut Tx<'_>,
    account: AccountId,
    kind: Option<RegistryKind>,
) -> Result<Vec<PackageRow>> {
    let kind = kind.map_or("%", RegistryKind::word);
    PackageRow::select(
        tx,
        "package JOIN upstream ON upstream.id = package.upstream_id \
         LEFT JOIN repository ON repository.id = package.repository_id \
         WHERE upstream.deleted_at IS NULL AND package.kind LIKE $2 AND ( \
           (package.repository_id IS NULL AND package.account_id = $1) \
           OR (repository.owner_id = $1 AND repository.deleted_at IS NULL)) \
         ORDER BY package.kind, package.name, package.id",
        values![account, kind],
    )
}

/// How many packages and links there are at a registry.
pub fn count(tx: &mut Tx<'_>, upstream: UpstreamId) -> Result<(i64, i64)> {
    let mut count = |table: &str| {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE upstream_id = $1");
        tx.one(&sql, values![upstream])?.int()
    };
    Ok((count("package")?, count("package_link")?))
}

/// A page of the packages of a registry, by name.
pub fn of_upstream(
    tx: &mut Tx<'_>,
    upstream: UpstreamId,
    offset: i64,
    limit: i64,
) -> Result<Vec<PackageRow>> {
    PackageRow::select(
        tx,
        "package WHERE upstream_id = $1 ORDER BY name, id LIMIT $3 OFFSET $2",
        values![upstream, offset, limit],
    )
}

/// Adds a version under a new id.
pub fn insert_version(tx: &mut Tx<'_>, mut row: PackageVersionRow) -> Result<PackageVersionRow> {
    row.id = PackageVersionId(tx.next_id("package_version")?);
    row.insert_row(tx)?;
    Ok(row)
}

/// Writes every field of a version.
pub fn update_version(tx: &mut Tx<'_>, row: &PackageVersionRow) -> Result<()> {
    row.update_row(tx)
}

/// A version of a package by its name, deleted or not.
pub fn version(tx: &mut Tx<'_>, package: PackageId, name: &str) -> Result<Option<PackageVersionRow>> {
    PackageVersionRow::find(
        tx,
        "package_version WHERE package_id = $1 AND name = $2",
        values![package, name],
    )
}

/// A version by its id, deleted or not.
pub fn version_by_id(tx: &mut Tx<'_>, id: PackageVersionId) -> Result<Option<PackageVersionRow>> {
    PackageVersionRow::find(tx, "package_version WHERE id = $1", values![id])
}

/// The versions of a package, deleted or not, newest first.
pub fn versions(tx: &mut Tx<'_>, package: PackageId) -> Result<Vec<PackageVersionRow>> {
    PackageVersionRow::select(
        tx,
        "package_version WHERE package_id = $1 ORDER BY id DESC",
        values![package],
    )
}

/// Adds a link under a new id. A taken name is a conflict of [`LINK_TAKEN`].
pub fn insert_link(tx: &mut Tx<'_>, mut row: PackageLinkRow) -> Result<PackageLinkRow> {
    row.id = PackageLinkId(tx.next_id("package_link")?);
    row.insert_row(tx)?;
    tx.changed(ChangeKey::Upstream(row.upstream_id));
    Ok(row)
}

/// Removes a link.
pub fn delete_link(tx: &mut Tx<'_>, row: &PackageLinkRow) -> Result<()> {
    tx.changed(ChangeKey::Upstream(row.upstream_id));
    tx.execute("DELETE FROM package_link WHERE id = $1", values![row.id])?;
    Ok(())
}

/// The link of an id.
pub fn link_by_id(tx: &mut Tx<'_>, id: PackageLinkId) -> Result<Option<PackageLinkRow>> {
    PackageLinkRow::find(tx, "package_link WHERE id = $1", values![id])
}

/// The links of a registry, by name.
pub fn links(tx: &mut Tx<'_>, upstream: UpstreamId) -> Result<Vec<PackageLinkRow>> {
    PackageLinkRow::select(
        tx,
        "package_link WHERE upstream_id = $1 ORDER BY name, exact",
        values![upstream],
    )
}

/// The links of any of these names at live registries of a kind.
pub fn links_named(tx: &mut Tx<'_>, kind: RegistryKind, names: &[&str]) -> Result<Vec<PackageLinkRow>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<String> = (2..names.len() + 2).map(|at| format!("${at}")).collect();
    let mut given = vec![Value::from(&kind)];
    given.extend(names.iter().map(Value::from));
    let tail = format!(
        "package_link JOIN upstream ON upstream.id = package_link.upstream_id \
         WHERE package_link.kind = $1 AND upstream.deleted_at IS NULL AND package_link.name IN ({}) \
         ORDER BY package_link.id",
        places.join(", ")
    );
    PackageLinkRow::select(tx, &tail, &given)
}
