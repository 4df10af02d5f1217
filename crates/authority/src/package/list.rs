//! GitHub's Packages API: answered from what the registries hold. Each package is decided for itself, as its own registry
//! would be asked; numbers of versions are given here when a version is first seen.

use super::publish::seen;
use super::touch::Touch;
use super::view::{PackageView, VersionView, deleted, named, of_owner};
use crate::Authority;
use crate::fault::{Fault, FaultKind};
use crate::gather::Gathered;
use crate::permit::Permit;
use crate::record::permit_event;
use bailiwick_decision::Refusal;
use bailiwick_model::{Event, Outcome, PackageVersionId, RegistryKind, Timestamp, Visibility};
use bailiwick_store::{AccountRow, Tx, audit, package};
use std::sync::Arc;

/// Asks registries for what they hold. The gateway is one. All of it blocks.
pub trait Registries: Send + Sync {
    /// The versions of the package that a permit to read names; `known` are those that were seen before.
    fn versions(&self, permit: &Permit, known: &[String]) -> Result<Vec<Held>, Fault>;
    /// Deletes what a permit to delete names: a version, or with none the whole package.
    fn delete(&self, permit: &Permit, version: Option<&str>) -> Result<(), Fault>;
    /// Brings a deleted version back, where the registry can.
    fn restore(&self, permit: &Permit, version: &str) -> Result<(), Fault>;
}

/// A version as a registry has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Held {
    /// The version; of an image the digest.
    pub name: String,
    /// The tags that lead to it.
    pub tags: Vec<String>,
    /// When it was published.
    pub published_at: Option<Timestamp>,
}

impl Authority {
    /// Registers who asks registries. Once: later calls change nothing.
    pub fn ask_registries_with(&self, registries: Arc<dyn Registries>) {
        let _ = self.registries.set(registries);
    }

    fn registries(&self) -> Result<&Arc<dyn Registries>, Fault> {
        self.registries.get().ok_or_else(|| {
            Fault::new(
                FaultKind::NotImplemented,
                "registry.none",
                "no registry of packages is behind this server",
            )
        })
    }

    /// The packages of the owner that the path names, or of the person, that the caller may see.
    pub fn packages(
        &self,
        permit: &Permit,
        kind: Option<RegistryKind>,
        visibility: Option<Visibility>,
    ) -> Result<Vec<PackageView>, Fault> {
        let owner = super::owner_of(permit.gathered())?;
        let mut views = self.read(permit, |tx| of_owner(tx, owner.id, kind))?;
        views.retain(|view| view.row.deleted_at.is_none());
        // SECURITY: each for itself, as its registry would be read: what the operation takes says nothing of a repository.
        let mut shown = Vec::with_capacity(views.len());
        for view in views {
            match self.package_permit(permit, Touch::Read, &view, None) {
                Ok(_) => shown.push(view),
                Err(fault) if matches!(fault.kind, FaultKind::NotFound | FaultKind::Forbidden) => {}
                // Without facts there is no list, rather than one that lacks what nobody could decide on.
                Err(fault) => return Err(fault),
            }
        }
        shown.retain(|view| visibility.is_none_or(|wanted| wanted == seen_by(view)));
        Ok(shown)
    }

    /// One package of that owner.
    pub fn package(&self, permit: &Permit, kind: RegistryKind, name: &str) -> Result<PackageView, Fault> {
        let owner = super::owner_of(permit.gathered())?;
        let view = self.read(permit, |tx| named(tx, owner.id, kind, name))?;
        self.package_permit(permit, Touch::Read, &view, None)?;
        Ok(view)
    }

    /// The versions of one package, newest first.
    pub fn package_versions(
        &self,
        permit: &Permit,
        kind: RegistryKind,
        name: &str,
    ) -> Result<(PackageView, Vec<VersionView>), Fault> {
        let owner = super::owner_of(permit.gathered())?;
        let view = self.read(permit, |tx| named(tx, owner.id, kind, name))?;
        let reading = self.package_permit(permit, Touch::Read, &view, None)?;
        let versions = self.held(&reading, &view)?;
        Ok((view, versions))
    }

    /// One version of it.
    pub fn package_version(
        &self,
        permit: &Permit,
        kind: RegistryKind,
        name: &str,
        id: i64,
    ) -> Result<(PackageView, VersionView), Fault> {
        let (view, versions) = self.package_versions(permit, kind, name)?;
        let found = versions.into_iter().find(|version| version.row.id.0 == id);
        Ok((view, found.ok_or_else(Fault::not_found)?))
    }

    /// Deletes a package with all its versions.
    pub fn package_delete(&self, permit: &Permit, kind: RegistryKind, name: &str) -> Result<(), Fault> {
        let owner = super::owner_of(permit.gathered())?;
        let view = self.read(permit, |tx| named(tx, owner.id, kind, name))?;
        let deleting = self.package_permit(permit, Touch::DeleteWhole, &view, None)?;
        self.on_record(permit, &view, None)?;
        self.or_failed(permit, &view, None, || {
            if Touch::DeleteWhole.is_whole(kind) {
                self.registries()?.delete(&deleting, None)?;
            } else {
                let known = self.known(&view)?;
                for version in self.registries()?.versions(&deleting, &known)? {
                    self.registries()?.delete(&deleting, Some(&version.name))?;
                    // Whatever becomes of the next: this one is gone.
                    self.package_deleted(view.row.upstream_id, &view.row.name, Some(&version.name))?;
                }
            }
            self.package_deleted(view.row.upstream_id, &view.row.name, None)
        })
    }

    /// Deletes one version.
    pub fn package_version_delete(
        &self,
        permit: &Permit,
        kind: RegistryKind,
        name: &str,
        id: i64,
    ) -> Result<(), Fault> {
        let (view, version) = self.one_version(permit, kind, name, id)?;
        let deleting = self.package_permit(permit, Touch::Delete, &view, Some(&version))?;
        self.on_record(permit, &view, Some(&version))?;
        self.or_failed(permit, &view, Some(&version), || {
            self.registries()?.delete(&deleting, Some(&version))?;
            self.package_deleted(view.row.upstream_id, &view.row.name, Some(&version))
        })
    }

    /// Brings a deleted version back, where its registry can.
    pub fn package_version_restore(
        &self,
        permit: &Permit,
        kind: RegistryKind,
        name: &str,
        id: i64,
    ) -> Result<(), Fault> {
        let (view, version) = self.one_version(permit, kind, name, id)?;
        let restoring = self.package_permit(permit, Touch::Restore, &view, Some(&version))?;
        self.on_record(permit, &view, Some(&version))?;
        let now = self.now();
        self.or_failed(permit, &view, Some(&version), || {
            self.registries()?.restore(&restoring, &version)?;
            self.store
                .write(|tx| seen(tx, view.row.id, &version, permit.actor(), now).map(|_| ()))
        })
    }

    /// Brings back a package that was deleted whole, where its registry can.
    pub fn package_restore(&self, permit: &Permit, kind: RegistryKind, name: &str) -> Result<(), Fault> {
        let owner = super::owner_of(permit.gathered())?;
        let (view, versions) = self.read(permit, |tx| {
            let view = deleted(tx, owner.id, kind, name)?;
            let versions = package::versions(tx, view.row.id)?;
            Ok::<_, Fault>((view, versions))
        })?;
        let restoring = self.package_permit(permit, Touch::RestoreWhole, &view, None)?;
        self.on_record(permit, &view, None)?;
        let now = self.now();
        self.or_failed(permit, &view, None, || {
            for version in &versions {
                self.registries()?.restore(&restoring, &version.name)?;
                self.store.write(|tx| {
                    let mut row = view.row.clone();
                    row.deleted_at = None;
                    row.updated_at = now;
                    package::update(tx, &row)?;
                    seen(tx, row.id, &version.name, permit.actor(), now).map(|_| ())
                })?;
            }
            Ok(())
        })
    }

    fn one_version(
        &self,
        permit: &Permit,
        kind: RegistryKind,
        name: &str,
        id: i64,
    ) -> Result<(PackageView, String), Fault> {
        let owner = super::owner_of(permit.gathered())?;
        self.read(permit, |tx| {
            let view = named(tx, owner.id, kind, name)?;
            let version = package::version_by_id(tx, PackageVersionId(id))?
                // SECURITY: a number of another package's version is nobody's here.
                .filter(|version| version.package_id == view.row.id)
                .ok_or_else(Fault::not_found)?;
            Ok((view, version.name))
        })
    }

    /// Decides what the registry would be asked, for the same caller, on facts that are not too old for that.
    fn package_permit(
        &self,
        permit: &Permit,
        touch: Touch,
        view: &PackageView,
        version: Option<&str>,
    ) -> Result<Permit, Fault> {
        let also = self
            .also_package(permit, touch.at(view.row.kind), view.key(version))
            .map_err(hidden)?;
        let upstream = self.upstream(view.row.upstream_id)?;
        self.check_fresh(&upstream, &also)?;
        Ok(also)
    }

    fn known(&self, view: &PackageView) -> Result<Vec<String>, Fault> {
        let rows = self.store.read(|tx| package::versions(tx, view.row.id))?;
        let live = rows.into_iter().filter(|row| row.deleted_at.is_none());
        Ok(live.map(|row| row.name).collect())
    }

    /// What the registry holds, with the numbers of versions; those that are new here get one.
    fn held(&self, reading: &Permit, view: &PackageView) -> Result<Vec<VersionView>, Fault> {
        let known = self.known(view)?;
        let held = self.registries()?.versions(reading, &known)?;
        let id = view.row.id;
        if held.iter().any(|one| !known.contains(&one.name)) {
            let now = self.now();
            self.store.write(|tx| {
                // Oldest first, as far as the registry tells, so that numbers grow with time.
                for one in held.iter().rev() {
                    seen(tx, id, &one.name, None, now)?;
                }
                Ok::<_, Fault>(())
            })?;
        }
        let rows = self.store.read(|tx| package::versions(tx, id))?;
        let of = |row: bailiwick_store::PackageVersionRow| {
            let found = held.iter().find(|one| one.name == row.name)?;
            Some(VersionView {
                tags: found.tags.clone(),
                published_at: found.published_at,
                row,
            })
        };
        Ok(rows.into_iter().filter_map(of).collect())
    }

    /// The event of a change, durable before the registry hears of it.
    fn on_record(&self, permit: &Permit, view: &PackageView, version: Option<&str>) -> Result<(), Fault> {
        self.append(change(permit, view, version))
    }

    /// Does what is on record as allowed; if it did not come about, a second event says so.
    fn or_failed(
        &self,
        permit: &Permit,
        view: &PackageView,
        version: Option<&str>,
        act: impl FnOnce() -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let Err(fault) = act() else { return Ok(()) };
        let mut event = change(permit, view, version);
        event.at = self.now();
        event.outcome = match fault.kind {
            FaultKind::Forbidden => Outcome::Refused,
            _ => Outcome::Failed,
        };
        fault.code.clone_into(&mut event.reason);
        self.append(event)?;
        Err(fault.recorded())
    }

    fn append(&self, event: Event) -> Result<(), Fault> {
        self.store.write(|tx: &mut Tx<'_>| {
            audit::append(tx, &self.node, &[event])?;
            Ok(())
        })
    }
}

/// What is told of a change of a package.
fn change(permit: &Permit, view: &PackageView, version: Option<&str>) -> Event {
    let mut event: Event = permit_event(permit);
    let data = &mut event.data;
    data.insert("package_type".into(), view.row.kind.package_type().into());
    data.insert("package".into(), view.row.name.as_str().into());
    data.insert("package_id".into(), view.row.id.0.into());
    data.insert("upstream".into(), view.upstream.name.as_str().into());
    if let Some(version) = version {
        data.insert("package_version".into(), version.into());
    }
    event
}

/// Who can read a package: a repository's are as the repository is.
pub fn seen_by(view: &PackageView) -> Visibility {
    view.repository
        .as_ref()
        .map_or(view.row.visibility, |repository| repository.visibility)
}

/// A registry that keeps nothing of what was deleted.
pub fn not_kept() -> Fault {
    Fault::new(
        FaultKind::NotImplemented,
        "package.not_kept",
        "the registry keeps nothing of what was deleted: publish it again",
    )
}

/// What may not be known answers as what is not there.
fn hidden(mut fault: Fault) -> Fault {
    match fault.take_refused() {
        Some(refused) if refused.deny.refusal == Refusal::NotFound => Fault::not_found(),
        Some(refused) => refused.into(),
        None => fault,
    }
}

/// The owner whom the path names, or the person where it names none.
pub(crate) fn owner_of(gathered: &Gathered) -> Result<AccountRow, Fault> {
    match gathered.owner() {
        Some(owner) => Ok(owner.clone()),
        None => gathered
            .principal_record()
            .map(|record| record.row.clone())
            .ok_or_else(Fault::not_found),
    }
}
