//! What is published and deleted through the gateway: the package's row binds its name to its owner, versions get their
//! numbers, each with its event in the same transaction.

use crate::Authority;
use crate::fault::Fault;
use crate::gather::Gathered;
use crate::record::{Witness, request_event};
use bailiwick_model::{
    AccountId, Outcome, PackageId, PackageVersionId, RegistryKind, RepositoryId, Timestamp, UpstreamId,
    Visibility,
};
use bailiwick_store::{PackageHow, PackageRow, PackageVersionRow, Tx, audit, package};

/// A package as the registry has it by now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Published {
    /// The package.
    pub package: PackageId,
    /// The version; none where a package alone was named.
    pub version: Option<PackageVersionId>,
}

/// A version as it was noted before the registry was sent it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Noted {
    version: PackageVersionId,
    at: Timestamp,
    new: bool,
}

impl Authority {
    /// Binds the name of what is about to be published to the one that it was decided for, if it was never bound.
    /// Blocking; before the registry hears of it.
    // INVARIANT: nothing is published whose owner is not kept by its id: whoever takes over the login takes over nothing.
    pub fn package_begin(&self, witness: &Witness, upstream: UpstreamId) -> Result<PackageId, Fault> {
        let (gathered, now) = (witness.gathered(), witness.now);
        self.store.write(|tx| {
            let name = named(gathered)?;
            if let Some(row) = package::by_name(tx, upstream, name)? {
                return same_owner(&row, gathered).map(|()| row.id);
            }
            let row = package::insert(tx, new_row(gathered, upstream, now)?)?;
            let mut event = request_event(Some(witness.operation), gathered, &witness.caller, now);
            String::from("packages.package_published").clone_into(&mut event.action);
            event.outcome = Outcome::Allowed;
            event.data.insert("package_id".into(), row.id.0.into());
            event.data.insert("how".into(), row.how.word().into());
            audit::append(tx, &self.node, &[event])?;
            Ok(row.id)
        })
    }

    /// Notes a version that the registry is about to be sent. Blocking.
    // Lists ask a registry of images for what is known: what was stored while this could not be noted afterwards would be
    // in none, and nobody could delete it there.
    pub fn package_version_begin(
        &self,
        witness: &Witness,
        package: PackageId,
        version: &str,
    ) -> Result<Noted, Fault> {
        let now = self.now();
        let by = actor(witness.gathered());
        self.store.write(|tx| {
            let known = package::version(tx, package, version)?;
            let new = known.is_none_or(|row| row.deleted_at.is_some());
            let row = touched(tx, package, version, by, now)?;
            Ok(Noted {
                version: row.id,
                at: row.updated_at,
                new,
            })
        })
    }

    /// Takes back what was noted of a version that the registry did not take. Blocking.
    // INVARIANT: only what nobody else, here or on another node, has noted since: it may be there by theirs.
    pub fn package_version_missed(&self, noted: Noted) -> Result<(), Fault> {
        if !noted.new {
            return Ok(());
        }
        let now = self.now();
        self.store.write(|tx| {
            let row = package::version_by_id(tx, noted.version)?;
            let still = |row: &PackageVersionRow| row.deleted_at.is_none() && row.updated_at == noted.at;
            if let Some(mut row) = row.filter(still) {
                row.deleted_at = Some(now);
                package::update_version(tx, &row)?;
            }
            Ok(())
        })
    }

    /// Notes that the registry took a version. Blocking. The event of the request tells of it already.
    pub fn package_published(
        &self,
        witness: &Witness,
        package: PackageId,
        version: &str,
    ) -> Result<Published, Fault> {
        let now = self.now();
        let by = actor(witness.gathered());
        self.store.write(|tx| {
            let mut row = package::by_id(tx, package)?.ok_or_else(Fault::not_found)?;
            row.updated_at = now;
            row.deleted_at = None;
            package::update(tx, &row)?;
            Ok(Published {
                package,
                version: Some(touched(tx, package, version, by, now)?.id),
            })
        })
    }

    /// Notes that the registry removed a version, or with none the whole package. Blocking. The name stays whose it was.
    pub fn package_deleted(
        &self,
        upstream: UpstreamId,
        name: &str,
        version: Option<&str>,
    ) -> Result<(), Fault> {
        let now = self.now();
        self.store.write(|tx| {
            let Some(mut row) = package::by_name(tx, upstream, name)? else {
                return Ok(());
            };
            let mut left = false;
            for mut one in package::versions(tx, row.id)? {
                if one.deleted_at.is_some() {
                    continue;
                }
                if version.is_none_or(|version| version == one.name) {
                    one.deleted_at = Some(now);
                    package::update_version(tx, &one)?;
                } else {
                    left = true;
                }
            }
            if !left && version.is_none() {
                row.deleted_at = Some(now);
            }
            row.updated_at = now;
            package::update(tx, &row)?;
            Ok(())
        })
    }

    /// Moves a package to a repository of its owner, as a label of its image says. Blocking. Whether the publisher may
    /// write there was decided before.
    pub fn package_labelled(
        &self,
        witness: &Witness,
        id: PackageId,
        repository: RepositoryId,
    ) -> Result<(), Fault> {
        let now = self.now();
        self.store.write(|tx| {
            let Some(mut row) = package::by_id(tx, id)? else {
                return Err(Fault::not_found());
            };
            // An administrator's word, and what was linked once, is not moved by a label.
            if row.repository_id.is_some() || row.how == PackageHow::Link {
                return Ok(());
            }
            row.repository_id = Some(repository);
            row.how = PackageHow::Label;
            row.updated_at = now;
            package::update(tx, &row)?;
            let mut event = request_event(Some(witness.operation), witness.gathered(), &witness.caller, now);
            String::from("packages.link").clone_into(&mut event.action);
            event.repository = Some(repository);
            event.data.insert("how".into(), row.how.word().into());
            event.data.insert("package_id".into(), id.0.into());
            audit::append(tx, &self.node, &[event])?;
            Ok(())
        })
    }
}

/// The number of a version, given when it is first seen.
pub(crate) fn seen(
    tx: &mut Tx<'_>,
    package: PackageId,
    name: &str,
    by: Option<AccountId>,
    now: Timestamp,
) -> Result<PackageVersionId, Fault> {
    match package::version(tx, package, name)? {
        Some(row) if row.deleted_at.is_none() && by.is_none() => Ok(row.id),
        _ => Ok(touched(tx, package, name, by, now)?.id),
    }
}

/// The row of a version, which is there from now on. Later than it ever was: nobody who noted it before finds it as it was.
fn touched(
    tx: &mut Tx<'_>,
    package: PackageId,
    name: &str,
    by: Option<AccountId>,
    now: Timestamp,
) -> Result<PackageVersionRow, Fault> {
    if let Some(mut row) = package::version(tx, package, name)? {
        row.deleted_at = None;
        row.updated_at = now.max(Timestamp(row.updated_at.0.saturating_add(1)));
        package::update_version(tx, &row)?;
        return Ok(row);
    }
    let row = PackageVersionRow {
        id: PackageVersionId(0),
        package_id: package,
        name: name.to_owned(),
        created_by: by,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    Ok(package::insert_version(tx, row)?)
}

fn actor(gathered: &Gathered) -> Option<AccountId> {
    gathered.principal().and_then(|principal| principal.id)
}

fn named(gathered: &Gathered) -> Result<&str, Fault> {
    let record = gathered.package.as_ref().ok_or_else(Fault::not_found)?;
    Ok(&record.name)
}

fn new_row(gathered: &Gathered, upstream: UpstreamId, now: Timestamp) -> Result<PackageRow, Fault> {
    let record = gathered.package.as_ref().ok_or_else(Fault::not_found)?;
    let key = gathered.names.package.as_ref().ok_or_else(Fault::not_found)?;
    let kind: RegistryKind = record.kind;
    Ok(PackageRow {
        id: PackageId(0),
        upstream_id: upstream,
        kind,
        name: record.name.clone(),
        display_name: key.name.sent.clone(),
        account_id: record.owner,
        repository_id: record.repository,
        visibility: if record.public {
            Visibility::Public
        } else {
            Visibility::Private
        },
        how: record.how,
        created_by: actor(gathered),
        created_at: now,
        updated_at: now,
        deleted_at: None,
    })
}

/// A row that somebody else's publishing has made in between is not the one that was decided on.
fn same_owner(row: &PackageRow, gathered: &Gathered) -> Result<(), Fault> {
    let record = gathered.package.as_ref().ok_or_else(Fault::not_found)?;
    if row.account_id == record.owner && row.repository_id == record.repository {
        return Ok(());
    }
    Err(Fault::conflict(
        "package.moved",
        "whose this package is has changed meanwhile: try again",
    ))
}
