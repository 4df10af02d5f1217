//! Collaborators of a repository: who has which role there, and giving and taking roles.

use super::member::end_access;
use super::outside::is_stranger;
use crate::Authority;
use crate::fault::Fault;
use crate::gather::{OwnerRecord, RepositoryRecord};
use crate::permit::Permit;
use bailiwick_decision::effective::repository_role;
use bailiwick_model::{AccountId, OrganizationRole, OwnerKind, RepositoryRole, Visibility};
use bailiwick_store::{AccountKind, AccountRow, Tx, account, collaborator, membership, team};
use std::collections::BTreeSet;

/// Which collaborators to list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Affiliation {
    /// Outside collaborators.
    Outside,
    /// Everybody with a role of their own.
    Direct,
    /// Everybody with a role, from wherever.
    #[default]
    All,
}

/// Somebody with a role.
#[derive(Clone, Debug)]
pub struct CollaboratorView {
    /// Who.
    pub user: AccountRow,
    /// The effective role.
    pub role: RepositoryRole,
}

impl Authority {
    /// The collaborators of the repository that the path names, with at least a role.
    pub fn collaborators(
        &self,
        permit: &Permit,
        affiliation: Affiliation,
        least: RepositoryRole,
    ) -> Result<Vec<CollaboratorView>, Fault> {
        let (record, owner) = permit.repository_record()?;
        let (record, owner) = (record.clone(), owner.clone());
        self.read(permit, |tx| {
            let mut found = Vec::new();
            for id in candidates(tx, &record, &owner, affiliation)? {
                if let Some(view) = collaborator_view(tx, &record, &owner, id)?
                    && view.role >= least.max(RepositoryRole::Read)
                {
                    found.push(view);
                }
            }
            Ok(found)
        })
    }

    /// Whether somebody is a collaborator; no is not found.
    pub fn collaborator_check(&self, permit: &Permit, login: &str) -> Result<(), Fault> {
        let (record, owner) = permit.repository_record()?;
        let (record, owner) = (record.clone(), owner.clone());
        self.read(permit, |tx| {
            let user = account::by_login(tx, login)?.ok_or_else(Fault::not_found)?;
            collaborator_view(tx, &record, &owner, user.id)?
                .filter(|view| view.role > RepositoryRole::None)
                .map(|_| ())
                .ok_or_else(Fault::not_found)
        })
    }

    /// What somebody may do at the repository that the path names, what its visibility gives included.
    pub fn collaborator_permission(&self, permit: &Permit, login: &str) -> Result<CollaboratorView, Fault> {
        let (record, owner) = permit.repository_record()?;
        let (record, owner) = (record.clone(), owner.clone());
        self.read(permit, |tx| {
            let user = account::by_login(tx, login)?.ok_or_else(Fault::not_found)?;
            let principal = crate::records::principal(tx, user.id)?.ok_or_else(Fault::not_found)?;
            let role = repository_role(&principal.facts, &record.facts, &owner.facts);
            Ok(CollaboratorView { user, role })
        })
    }

    /// Gives somebody a role, at once: there are no invitations.
    pub fn collaborator_set(&self, permit: Permit, login: &str, role: RepositoryRole) -> Result<(), Fault> {
        let (record, owner) = permit.repository_record()?;
        let (id, owner) = (record.facts.id, owner.clone());
        if role == RepositoryRole::None {
            return Err(Fault::invalid(
                "Repository",
                "permission",
                "invalid",
                "use pull, triage, push, maintain or admin",
            ));
        }
        self.act(permit, |act, permit| {
            let user = account::by_login(act.tx, login)?.ok_or_else(Fault::not_found)?;
            check_collaborator(&user, &owner)?;
            let before = collaborator::get(act.tx, id, user.id)?;
            collaborator::set(act.tx, id, user.id, role, permit.now())?;
            if let Some(before) = before {
                act.action("repo.update_member");
                act.note("old_permission", before.word());
            }
            act.event.user = Some(user.login);
            act.note("permission", role.word());
            Ok(())
        })
    }

    /// Takes the role of their own away from somebody. Who has nothing left at the owner loses the grants there.
    pub fn collaborator_remove(&self, permit: Permit, login: &str) -> Result<(), Fault> {
        let (record, owner) = permit.repository_record()?;
        let (id, owner) = (record.facts.id, owner.facts.id);
        self.act(permit, |act, permit| {
            let user = account::by_login(act.tx, login)?.ok_or_else(Fault::not_found)?;
            if !collaborator::remove(act.tx, id, user.id)? {
                return Err(Fault::not_found());
            }
            if is_stranger(act.tx, owner, user.id)? {
                let ended = end_access(act, permit, owner, user.id)?;
                act.note("grants_revoked", ended);
            }
            act.event.user = Some(user.login);
            Ok(())
        })
    }
}

fn check_collaborator(user: &AccountRow, owner: &OwnerRecord) -> Result<(), Fault> {
    let refuse = |message: &str| Err(Fault::invalid("Repository", "username", "custom", message));
    match user.kind {
        AccountKind::Organization => refuse("an organization cannot be a collaborator"),
        // A service account acts for its organization and is unknown elsewhere.
        AccountKind::Service if user.owner_id != Some(owner.facts.id) => Err(Fault::not_found()),
        AccountKind::User if user.id == owner.facts.id => refuse("Repository owner cannot be a collaborator"),
        AccountKind::User | AccountKind::Service => Ok(()),
    }
}

/// Whoever may have a role: nobody who is not here has one.
fn candidates(
    tx: &mut Tx<'_>,
    record: &RepositoryRecord,
    owner: &OwnerRecord,
    affiliation: Affiliation,
) -> Result<BTreeSet<AccountId>, Fault> {
    let direct = collaborator::list(tx, record.facts.id)?
        .into_iter()
        .map(|(_, user)| user);
    let mut ids = BTreeSet::new();
    for user in direct {
        let outside =
            user.kind == AccountKind::User && membership::get(tx, owner.facts.id, user.id)?.is_none();
        if affiliation != Affiliation::Outside || outside {
            ids.insert(user.id);
        }
    }
    if affiliation == Affiliation::All {
        match owner.facts.kind {
            OwnerKind::User => {
                ids.insert(owner.facts.id);
            }
            OwnerKind::Organization => {
                ids.extend(
                    membership::list(tx, owner.facts.id, None)?
                        .into_iter()
                        .map(|(_, user)| user.id),
                );
                for (row, _) in team::of_repository(tx, record.facts.id)? {
                    ids.extend(team::members(tx, row.id)?.into_iter().map(|(_, user)| user.id));
                }
            }
        }
    }
    Ok(ids)
}

/// Somebody with the role that is theirs, without what everybody has by the repository's visibility.
fn collaborator_view(
    tx: &mut Tx<'_>,
    record: &RepositoryRecord,
    owner: &OwnerRecord,
    id: AccountId,
) -> Result<Option<CollaboratorView>, Fault> {
    let Some(principal) = crate::records::principal(tx, id)? else {
        return Ok(None);
    };
    let facts = &principal.facts;
    let owns = match owner.facts.kind {
        OwnerKind::User => id == owner.facts.id,
        OwnerKind::Organization => facts.organization(owner.facts.id) == OrganizationRole::Owner,
    };
    let base = match facts.organization(owner.facts.id) {
        OrganizationRole::None => RepositoryRole::None,
        OrganizationRole::Member | OrganizationRole::Owner
            if record.facts.visibility == Visibility::Public =>
        {
            RepositoryRole::None
        }
        OrganizationRole::Member | OrganizationRole::Owner => owner.facts.base_role,
    };
    let role = if owns {
        RepositoryRole::Admin
    } else {
        base.max(facts.repository(record.facts.id))
    };
    Ok(Some(CollaboratorView {
        user: principal.row,
        role,
    }))
}
