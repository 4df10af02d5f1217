//! What of the directory lives at an upstream: owners, repositories, and repositories that are adopted, which have no
//! directory here. One thing there is one thing here: bound twice, it would be decided on by two sets of grants.

use super::check;
use super::view::by_name;
use crate::Authority;
use crate::act::Act;
use crate::directory::check as texts;
use crate::directory::create::{about, check_row, check_visibility, conflict, directory};
use crate::directory::repository::{RepositoryView, view_of};
use crate::fault::Fault;
use crate::gather::OwnerRecord;
use crate::permit::Permit;
use bailiwick_model::{RepositoryId, Visibility};
use bailiwick_store::{
    AccountKind, AccountRow, RepositoryRow, StoreError, Tx, UpstreamRow, account, repository, upstream,
};

/// What a thing is called at an upstream.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Binding {
    /// Its name there; the name here by default.
    pub name: Option<String>,
    /// Its immutable id there.
    pub key: Option<String>,
}

/// What is known of a repository that is adopted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Adoption {
    /// What it is.
    pub description: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Its default branch.
    pub default_branch: Option<String>,
}

impl Authority {
    /// Binds an organization or a person to an account at the upstream of a name.
    pub fn upstream_bind_owner(
        &self,
        permit: Permit,
        name: &str,
        login: &str,
        binding: &Binding,
    ) -> Result<AccountRow, Fault> {
        let called = binding.name.as_deref().unwrap_or(login);
        check::login("name", called)?;
        check_key(binding)?;
        self.act(permit, |act, permit| {
            let there = by_name(act.tx, name)?;
            let mut row = owner(act.tx, login)?;
            elsewhere(row.upstream_id.is_some_and(|other| other != there.id))?;
            if let Some(other) = upstream::account_named(act.tx, there.id, called)?
                && other.id != row.id
            {
                return Err(bound_already(&other.login));
            }
            row.upstream_id = Some(there.id);
            row.upstream_name = Some(called.to_owned());
            row.upstream_key.clone_from(&binding.key);
            row.updated_at = permit.now();
            account::update(act.tx, &row).map_err(key_taken)?;
            note(act, &there, called, binding);
            about_owner(act, &row);
            Ok(row)
        })
    }

    /// Ends the binding of an owner. Its repositories stay where they are.
    pub fn upstream_unbind_owner(&self, permit: Permit, name: &str, login: &str) -> Result<(), Fault> {
        self.act(permit, |act, permit| {
            let there = by_name(act.tx, name)?;
            let mut row = owner(act.tx, login)?;
            if row.upstream_id != Some(there.id) {
                return Err(Fault::not_found());
            }
            act.note("upstream", there.name.clone());
            act.note("upstream_name", row.upstream_name.take());
            row.upstream_id = None;
            row.upstream_key = None;
            row.updated_at = permit.now();
            about_owner(act, &row);
            Ok(account::update(act.tx, &row)?)
        })
    }

    /// Binds a repository that holds nothing yet, binds one that is bound there under another name, or adopts one that
    /// is not known here; tells whether it was adopted.
    pub fn upstream_bind_repository(
        &self,
        permit: Permit,
        name: &str,
        (login, repository): (&str, &str),
        binding: &Binding,
        adoption: &Adoption,
    ) -> Result<(RepositoryView, bool), Fault> {
        check_key(binding)?;
        let (there, owner, known) = self.store.read(|tx| {
            let there = by_name(tx, name)?;
            let owner = crate::records::owner_by_login(tx, login)?.ok_or_else(Fault::not_found)?;
            let known = repository::by_name(tx, owner.facts.id, repository)?;
            Ok::<_, Fault>((there, owner, known))
        })?;
        let called = called(&there, &owner, repository, binding);
        check::repository("name", &called)?;
        self.must_be_there(&there, &called)?;
        if let Some(row) = known.as_ref().filter(|row| row.upstream_id.is_none()) {
            self.must_be_empty_here(row.id)?;
        }
        let adopted = known.is_none();
        // What is bound under another name or id is another thing there: nothing of the old one is here.
        let another = known.as_ref().is_some_and(|row| {
            row.upstream_name.as_deref() != Some(called.as_str()) || row.upstream_key != binding.key
        });
        let id = match &known {
            Some(row) => row.id,
            None => self
                .store
                .write(|tx| tx.next_id("repository").map(RepositoryId))?,
        };
        let view = self.act(permit, |act, permit| {
            // INVARIANT: looked up again in the transaction: what was looked at may have changed meanwhile.
            let there = by_name(act.tx, name)?;
            if let Some(other) = upstream::repository_named(act.tx, there.id, &called)?
                && other.id != id
            {
                return Err(bound_already(&other.name));
            }
            let row = match repository::by_id(act.tx, id)? {
                Some(row) if row.deleted_at.is_some() => return Err(Fault::not_found()),
                Some(mut row) => {
                    elsewhere(row.upstream_id.is_some_and(|other| other != there.id))?;
                    if row.upstream_id.is_none() {
                        self.must_be_empty_here(id)?;
                    }
                    set(&mut row, &there, &called, binding);
                    row.updated_at = permit.now();
                    repository::update(act.tx, &row).map_err(key_taken)?;
                    row
                }
                None => {
                    let mut row = adopted_row(&owner, repository, adoption, permit)?;
                    row.id = id;
                    set(&mut row, &there, &called, binding);
                    repository::insert_reserved(act.tx, row).map_err(row_taken)?
                }
            };
            about(act, &row, &owner.row);
            note(act, &there, &called, binding);
            act.note("adopted", adopted);
            view_of(act.tx, permit, row)
        })?;
        if another {
            self.forget_mirror(id);
        }
        Ok((view, adopted))
    }

    /// Ends the binding of a repository. One that has a directory here is hosted again; an adopted one is known here
    /// no longer, and grants to it end. Nothing changes at the upstream.
    pub fn upstream_unbind_repository(
        &self,
        permit: Permit,
        name: &str,
        (login, repository): (&str, &str),
    ) -> Result<(), Fault> {
        let id = self.act(permit, |act, permit| {
            let there = by_name(act.tx, name)?;
            let owner = owner(act.tx, login)?;
            let mut row = repository::by_name(act.tx, owner.id, repository)?
                .filter(|row| row.upstream_id == Some(there.id))
                .ok_or_else(Fault::not_found)?;
            about(act, &row, &owner);
            act.note("upstream", there.name.clone());
            act.note("upstream_name", row.upstream_name.clone());
            let hosted = self.git.open(directory(row.id)).is_ok();
            act.note("removed", !hosted);
            if !hosted {
                repository::delete(act.tx, row.id, permit.now())?;
                return Ok(row.id);
            }
            row.upstream_id = None;
            row.upstream_name = None;
            row.upstream_key = None;
            row.updated_at = permit.now();
            repository::update(act.tx, &row)?;
            Ok(row.id)
        })?;
        self.forget_mirror(id);
        Ok(())
    }

    /// A directory can be looked into at once; a server is asked by the doctor.
    fn must_be_there(&self, there: &UpstreamRow, called: &str) -> Result<(), Fault> {
        if !there.address.starts_with("file:") {
            return Ok(());
        }
        let upstream = self.upstream(there.id)?;
        self.open_there(&upstream, called).map(drop).map_err(|fault| {
            let why = fault.source().map(ToString::to_string).unwrap_or_default();
            let message = format!("cannot be opened in the directory of {}: {why}", there.name);
            Fault::invalid(check::RESOURCE, "name", "invalid", message)
        })
    }

    // SECURITY: a repository that is bound is asked for there. What lies here would be lost from sight, and people
    // would think that they still protect it.
    fn must_be_empty_here(&self, id: RepositoryId) -> Result<(), Fault> {
        let empty = match self.git.open(directory(id)) {
            Ok(found) => found
                .refs("refs/")
                .map_err(|error| Fault::internal("git.refs", error))?
                .is_empty(),
            Err(bailiwick_git::Error::NotFound(_)) => true,
            Err(error) => return Err(Fault::internal("git.repository", error)),
        };
        if empty {
            return Ok(());
        }
        let message =
            "the repository has content here: move it to the upstream, delete it here, and bind it then";
        Err(Fault::conflict("upstream.has_content", message))
    }
}

/// What it is called there: as told, or under the owner's name there with its own name here.
fn called(there: &UpstreamRow, owner: &OwnerRecord, repository: &str, binding: &Binding) -> String {
    if let Some(name) = &binding.name {
        return name.clone();
    }
    let login = match (&owner.row.upstream_name, owner.row.upstream_id) {
        (Some(name), Some(id)) if id == there.id => name,
        _ => &owner.row.login,
    };
    format!("{login}/{repository}")
}

fn set(row: &mut RepositoryRow, there: &UpstreamRow, called: &str, binding: &Binding) {
    row.upstream_id = Some(there.id);
    row.upstream_name = Some(called.to_owned());
    row.upstream_key.clone_from(&binding.key);
}

/// The row of a repository that is not known here yet.
fn adopted_row(
    owner: &OwnerRecord,
    name: &str,
    adoption: &Adoption,
    permit: &Permit,
) -> Result<RepositoryRow, Fault> {
    check_visibility(owner, adoption.visibility)?;
    let mut row = RepositoryRow::new(owner.facts.id, name, adoption.visibility, permit.now());
    row.description = texts::kept(adoption.description.as_deref());
    // Issues of it are at the upstream, or nowhere.
    row.has_issues = false;
    if let Some(branch) = &adoption.default_branch {
        row.default_branch.clone_from(branch);
    }
    check_row(&row)?;
    Ok(row)
}

/// The live owner of a login: a person or an organization.
fn owner(tx: &mut Tx<'_>, login: &str) -> Result<AccountRow, Fault> {
    account::by_login(tx, login)?
        .filter(|row| row.kind != AccountKind::Service)
        .ok_or_else(Fault::not_found)
}

fn check_key(binding: &Binding) -> Result<(), Fault> {
    match &binding.key {
        Some(key) => check::key("id", key),
        None => Ok(()),
    }
}

fn elsewhere(bound: bool) -> Result<(), Fault> {
    if bound {
        let message = "it lives at another upstream: unbind it there first";
        return Err(Fault::conflict("upstream.elsewhere", message));
    }
    Ok(())
}

fn bound_already(to: &str) -> Fault {
    let message = format!("is bound to {to} already: one thing there is one thing here");
    Fault::invalid(check::RESOURCE, "name", "already_exists", message)
}

fn key_taken(error: StoreError) -> Fault {
    match error {
        StoreError::Conflict { .. } => {
            let message = "is bound to something else here already: one thing there is one thing here";
            Fault::invalid(check::RESOURCE, "id", "already_exists", message)
        }
        other => other.into(),
    }
}

fn row_taken(error: StoreError) -> Fault {
    if error.is_conflict_of(repository::NAME_TAKEN) {
        conflict(error)
    } else {
        key_taken(error)
    }
}

fn note(act: &mut Act<'_, '_>, there: &UpstreamRow, called: &str, binding: &Binding) {
    act.note("upstream", there.name.clone());
    act.note("upstream_name", called);
    if let Some(key) = &binding.key {
        act.note("upstream_id", key.clone());
    }
}

fn about_owner(act: &mut Act<'_, '_>, row: &AccountRow) {
    act.event.owner = Some(row.id);
    act.event.owner_login = Some(row.login.clone());
    act.event.enterprise = row.enterprise_id;
}
