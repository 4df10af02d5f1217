//! Outside collaborators: people with a role at repositories of an organization that they are no members of.

use super::account::{live, person};
use super::member::{end_access, leave};
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::AccountId;
use bailiwick_store::{AccountKind, AccountRow, Tx, collaborator, membership, repository};

impl Authority {
    /// The outside collaborators of the organization that the path names.
    pub fn outside_collaborators(&self, permit: &Permit) -> Result<Vec<AccountRow>, Fault> {
        let organization = permit.owner()?.id;
        self.read(permit, |tx| {
            let found = collaborator::outside(tx, organization)?;
            // A service account of the organization is no outsider.
            Ok(found
                .into_iter()
                .filter(|row| row.kind == AccountKind::User)
                .collect())
        })
    }

    /// Takes an outside collaborator's roles at every repository away, with the grants.
    pub fn outside_collaborator_remove(&self, permit: Permit, login: &str) -> Result<(), Fault> {
        let organization = permit.owner()?.id;
        self.act(permit, |act, permit| {
            let user = person(act.tx, login)?;
            if membership::get(act.tx, organization, user.id)?.is_some() {
                let message =
                    "You cannot specify an organization member to remove as an outside collaborator.";
                return Err(Fault::invalid(
                    "OrganizationMembership",
                    "username",
                    "custom",
                    message,
                ));
            }
            let removed = collaborator::remove_all(act.tx, organization, user.id)?;
            let ended = end_access(act, permit, organization, user.id)?;
            act.event.user = Some(user.login);
            act.note("repositories", removed.len());
            act.note("grants_revoked", ended);
            Ok(())
        })
    }

    /// Makes a member an outside collaborator, who keeps the roles that teams and collaborations gave.
    pub fn member_convert(&self, permit: Permit, login: &str) -> Result<(), Fault> {
        let organization = permit.owner()?.id;
        self.act(permit, |act, permit| {
            let user = person(act.tx, login)?;
            let roles = crate::records::principal(act.tx, user.id)?.map(|record| record.facts.repositories);
            leave(act, permit, organization, &user)?;
            for (id, role) in roles.unwrap_or_default() {
                let here = repository::by_id(act.tx, id)?.is_some_and(|row| row.owner_id == organization);
                if here {
                    collaborator::set(act.tx, id, user.id, role, permit.now())?;
                }
            }
            act.event.user = Some(user.login);
            Ok(())
        })
    }
}

/// Whether an account has nothing left at an owner: no membership and no collaboration.
pub(crate) fn is_stranger(tx: &mut Tx<'_>, owner: AccountId, user: AccountId) -> Result<bool, Fault> {
    let account = live(tx, user)?;
    if user == owner || account.owner_id == Some(owner) || membership::get(tx, owner, user)?.is_some() {
        return Ok(false);
    }
    Ok(collaborator::repositories(tx, user, &|row| row.owner_id == owner)?.is_empty())
}
