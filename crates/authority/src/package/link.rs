//! What administrators say of whose packages are, and what owners change of theirs.

use super::view::{PackageLinkView, PackageView, named, view};
use crate::Authority;
use crate::act::Act;
use crate::fault::Fault;
use crate::permit::Permit;
use crate::upstream::view::by_name;
use bailiwick_model::{PackageLinkId, RegistryKind, Visibility};
use bailiwick_store::{
    AccountKind, AccountRow, PackageHow, PackageLinkRow, PackageRow, RepositoryRow, StoreError, Tx,
    UpstreamRow, account, package, repository,
};
use bailiwick_wire::registry::linked;

/// The resource in messages.
const RESOURCE: &str = "Package";

/// What an administrator links.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PackageLinkInput {
    /// The name, or what names begin with.
    pub name: String,
    /// Whether it is this name alone.
    pub exact: bool,
    /// Whose packages of it are.
    pub whose: Whose,
}

/// To whom packages belong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Whose {
    /// The owner's login.
    pub owner: String,
    /// A repository of the owner.
    pub repository: Option<String>,
    /// Whether everybody may read those that belong to the owner as a whole.
    pub public: bool,
}

/// What is changed of a package by its owner.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PackageEdit {
    /// Whether everybody may read it, if it belongs to the owner as a whole.
    pub public: Option<bool>,
    /// The repository of the same owner that it belongs to from now on; inner `None` for none.
    pub repository: Option<Option<String>>,
}

impl Authority {
    /// The links of a registry.
    pub fn package_links(&self, permit: &Permit, upstream: &str) -> Result<Vec<PackageLinkView>, Fault> {
        self.read(permit, |tx| {
            let there = by_name(tx, upstream)?;
            let mut views = Vec::new();
            for row in package::links(tx, there.id)? {
                views.push(link_view(tx, row)?);
            }
            Ok(views)
        })
    }

    /// Links a name, or all names below one, to an owner or a repository. A package of exactly that name moves there now;
    /// those below a prefix stay whose they are.
    pub fn package_link(
        &self,
        permit: Permit,
        upstream: &str,
        input: &PackageLinkInput,
    ) -> Result<PackageLinkView, Fault> {
        self.act(permit, |act, permit| {
            let (there, kind) = registry(act.tx, upstream)?;
            let name = linked(kind, &input.name, !input.exact)
                .ok_or_else(|| invalid("name", "is no name that such a registry has"))?;
            let (owner, repository) = whose(act.tx, &input.whose)?;
            let visibility = visibility(input.whose.public);
            let row = PackageLinkRow {
                id: PackageLinkId(0),
                upstream_id: there.id,
                kind,
                exact: input.exact,
                name: name.clone(),
                account_id: owner.id,
                repository_id: repository.as_ref().map(|row| row.id),
                visibility,
                created_by: permit.actor(),
                created_at: permit.now(),
            };
            let row = package::insert_link(act.tx, row).map_err(taken)?;
            if input.exact
                && let Some(mut held) = package::by_name(act.tx, there.id, &name)?
            {
                held.account_id = owner.id;
                held.repository_id = row.repository_id;
                held.visibility = visibility;
                held.how = PackageHow::Link;
                held.updated_at = permit.now();
                package::update(act.tx, &held)?;
                act.note("package_id", held.id.0);
            }
            act.note("upstream", there.name);
            act.note("package_type", kind.package_type());
            act.note("package", name);
            act.note("exact", input.exact);
            act.note("visibility", visibility.word());
            about(act, &owner, repository.as_ref());
            Ok(PackageLinkView {
                row,
                owner,
                repository,
            })
        })
    }

    /// Ends a link. Packages that were published under it stay whose they are.
    pub fn package_unlink(&self, permit: Permit, upstream: &str, id: i64) -> Result<(), Fault> {
        self.act(permit, |act, _| {
            let there = by_name(act.tx, upstream)?;
            let row = package::link_by_id(act.tx, PackageLinkId(id))?
                .filter(|row| row.upstream_id == there.id)
                .ok_or_else(Fault::not_found)?;
            let gone = link_view(act.tx, row)?;
            package::delete_link(act.tx, &gone.row)?;
            act.note("upstream", there.name);
            act.note("package_type", gone.row.kind.package_type());
            act.note("package", gone.row.name.as_str());
            act.note("exact", gone.row.exact);
            about(act, &gone.owner, gone.repository.as_ref());
            Ok(())
        })
    }

    /// A page of the packages of a registry: whose each is.
    pub fn packages_at(
        &self,
        permit: &Permit,
        upstream: &str,
        offset: i64,
        limit: i64,
    ) -> Result<Vec<PackageView>, Fault> {
        self.read(permit, |tx| {
            let there = by_name(tx, upstream)?;
            let mut views = Vec::new();
            for row in package::of_upstream(tx, there.id, offset, limit)? {
                views.extend(view(tx, row)?);
            }
            Ok(views)
        })
    }

    /// Forgets whose a package is: its name is then decided anew by links and rules.
    pub fn package_forget(&self, permit: Permit, upstream: &str, id: i64) -> Result<(), Fault> {
        self.act(permit, |act, _| {
            let there = by_name(act.tx, upstream)?;
            let row = package::by_id(act.tx, bailiwick_model::PackageId(id))?
                .filter(|row| row.upstream_id == there.id)
                .ok_or_else(Fault::not_found)?;
            note_package(act, &row);
            act.note("upstream", there.name);
            package::delete(act.tx, row.id)?;
            Ok(())
        })
    }

    /// Changes a package of the owner that the path names, or of the person.
    pub fn package_edit(
        &self,
        permit: Permit,
        kind: RegistryKind,
        name: &str,
        edit: &PackageEdit,
    ) -> Result<PackageView, Fault> {
        let owner = super::owner_of(permit.gathered())?;
        self.act(permit, |act, permit| {
            let found = named(act.tx, owner.id, kind, name)?;
            let mut row = found.row;
            if let Some(wanted) = &edit.repository {
                let repository = match wanted {
                    Some(name) => Some(repository_of(act.tx, &owner, name)?),
                    None => None,
                };
                let there = repository.as_ref().map(|row| row.id);
                // SECURITY: what was said of it elsewhere is not said of it here.
                if row.repository_id != there {
                    row.visibility = Visibility::Private;
                }
                row.account_id = owner.id;
                row.repository_id = there;
                row.how = PackageHow::Link;
                if let Some(repository) = &repository {
                    act.event.repository = Some(repository.id);
                    act.event.repository_name = Some(format!("{}/{}", owner.login, repository.name));
                }
            }
            if let Some(public) = edit.public {
                if row.repository_id.is_some() {
                    return Err(Fault::conflict(
                        "package.follows_repository",
                        "a package of a repository can be seen by whoever sees the repository: change that, or take the \
                         package out of the repository first",
                    ));
                }
                row.visibility = visibility(public);
                act.note("visibility", row.visibility.word());
            }
            row.updated_at = permit.now();
            package::update(act.tx, &row)?;
            note_package(act, &row);
            view(act.tx, row)?.ok_or_else(Fault::not_found)
        })
    }
}

fn note_package(act: &mut Act<'_, '_>, row: &PackageRow) {
    act.note("package_id", row.id.0);
    act.note("package_type", row.kind.package_type());
    act.note("package", row.name.as_str());
}

fn about(act: &mut Act<'_, '_>, owner: &AccountRow, repository: Option<&RepositoryRow>) {
    act.event.owner = Some(owner.id);
    act.event.owner_login = Some(owner.login.clone());
    act.event.enterprise = owner.enterprise_id;
    if let Some(repository) = repository {
        act.event.repository = Some(repository.id);
        act.event.repository_name = Some(format!("{}/{}", owner.login, repository.name));
    }
}

fn link_view(tx: &mut Tx<'_>, row: PackageLinkRow) -> Result<PackageLinkView, Fault> {
    let owner = account::by_id(tx, row.account_id)?.ok_or_else(Fault::not_found)?;
    let repository = match row.repository_id {
        Some(id) => repository::by_id(tx, id)?,
        None => None,
    };
    Ok(PackageLinkView {
        row,
        owner,
        repository,
    })
}

/// The upstream of a name, which must be a registry.
fn registry(tx: &mut Tx<'_>, name: &str) -> Result<(UpstreamRow, RegistryKind), Fault> {
    let there = by_name(tx, name)?;
    match there.kind.registry() {
        Some(kind) => Ok((there, kind)),
        None => Err(Fault::conflict(
            "registry.none",
            format!("the upstream {name} is no registry of packages"),
        )),
    }
}

fn whose(tx: &mut Tx<'_>, whose: &Whose) -> Result<(AccountRow, Option<RepositoryRow>), Fault> {
    let owner = account::by_login(tx, &whose.owner)?
        .filter(|row| row.kind != AccountKind::Service)
        .ok_or_else(|| invalid("owner", "there is no such user or organization"))?;
    let repository = match &whose.repository {
        Some(name) => Some(repository_of(tx, &owner, name)?),
        None => None,
    };
    Ok((owner, repository))
}

fn repository_of(tx: &mut Tx<'_>, owner: &AccountRow, name: &str) -> Result<RepositoryRow, Fault> {
    repository::by_name(tx, owner.id, name)?
        .ok_or_else(|| invalid("repository", "the owner has no such repository"))
}

fn visibility(public: bool) -> Visibility {
    if public {
        Visibility::Public
    } else {
        Visibility::Private
    }
}

fn invalid(field: &str, message: &str) -> Fault {
    Fault::invalid(RESOURCE, field, "invalid", message)
}

fn taken(error: StoreError) -> Fault {
    if error.is_conflict_of(package::LINK_TAKEN) {
        return Fault::invalid(
            RESOURCE,
            "name",
            "already_exists",
            "is linked already: end that link first",
        );
    }
    error.into()
}
