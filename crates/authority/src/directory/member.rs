//! Who belongs to an organization. Whoever leaves loses every grant there, teams and roles included.

use super::account::person;
use super::organization::MembershipView;
use crate::Authority;
use crate::act::Act;
use crate::fault::Fault;
use crate::permit::Permit;
use crate::token::edit::{By, end_grant_by};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{AccountId, EnterpriseId, OrganizationRole};
use bailiwick_store::grant::GrantQuery;
use bailiwick_store::{AccountRow, Tx, account, collaborator, grant, membership};

impl Authority {
    /// The members of the organization that the path names; with a role only those who have it.
    pub fn members(&self, permit: &Permit, role: Option<OrganizationRole>) -> Result<Vec<AccountRow>, Fault> {
        let organization = permit.owner()?.id;
        self.read(permit, |tx| {
            let found = membership::list(tx, organization, role)?;
            Ok(found.into_iter().map(|(_, user)| user).collect())
        })
    }

    /// The members who let everybody know.
    pub fn public_members(&self, permit: &Permit) -> Result<Vec<AccountRow>, Fault> {
        let organization = permit.owner()?.id;
        self.read(permit, |tx| {
            let found = membership::list(tx, organization, None)?;
            Ok(found
                .into_iter()
                .filter(|(row, _)| row.public)
                .map(|(_, user)| user)
                .collect())
        })
    }

    /// A membership at the organization that the path names; none is not found.
    pub fn membership(&self, permit: &Permit, login: &str) -> Result<MembershipView, Fault> {
        let organization = permit.owner()?.clone();
        self.read(permit, |tx| {
            let user = person(tx, login)?;
            membership_of(tx, &organization, user)
        })
    }

    /// The caller's own membership at the organization that the path names.
    pub fn own_membership(&self, permit: &Permit) -> Result<MembershipView, Fault> {
        let (organization, own) = (permit.owner()?.clone(), permit.person()?);
        self.read(permit, |tx| {
            let user = super::account::live(tx, own)?;
            membership_of(tx, &organization, user)
        })
    }

    /// Says yes to a membership. Memberships begin at once here, so there is nothing left to accept.
    pub fn own_membership_accept(&self, permit: Permit) -> Result<MembershipView, Fault> {
        let (organization, own) = (permit.owner()?.clone(), permit.person()?);
        self.act(permit, |act, _| {
            let user = super::account::live(act.tx, own)?;
            membership_of(act.tx, &organization, user)
        })
    }

    /// Makes a person a member or an owner, at once: there are no invitations.
    pub fn membership_set(
        &self,
        permit: Permit,
        login: &str,
        role: OrganizationRole,
    ) -> Result<MembershipView, Fault> {
        let organization = permit.owner()?.clone();
        self.act(permit, |act, permit| {
            let user = person(act.tx, login)?;
            let before = membership::get(act.tx, organization.id, user.id)?;
            if before
                .as_ref()
                .is_some_and(|row| row.role == OrganizationRole::Owner)
                && role != OrganizationRole::Owner
            {
                keep_an_owner(act.tx, organization.id)?;
            }
            membership::set(act.tx, organization.id, user.id, role, permit.now())?;
            if let Some(before) = &before {
                act.action("org.update_member");
                act.note("old_permission", before.role.word());
            }
            act.event.user = Some(user.login.clone());
            act.note("permission", role.word());
            membership_of(act.tx, &organization, user)
        })
    }

    /// Ends a membership, by an owner or by the person who leaves.
    pub fn membership_remove(&self, permit: Permit, login: &str) -> Result<(), Fault> {
        let organization = permit.owner()?.id;
        self.act(permit, |act, permit| {
            let user = person(act.tx, login)?;
            leave(act, permit, organization, &user)?;
            collaborator::remove_all(act.tx, organization, user.id)?;
            act.event.user = Some(user.login);
            Ok(())
        })
    }

    /// Shows or hides a membership.
    pub fn membership_publish(&self, permit: Permit, login: &str, public: bool) -> Result<(), Fault> {
        let organization = permit.owner()?.id;
        self.act(permit, |act, permit| {
            let user = person(act.tx, login)?;
            if public && permit.actor() != Some(user.id) {
                // An owner may hide anybody, but everybody shows only themselves.
                return Err(Fault::forbidden(
                    "membership.others",
                    "only the member can make a membership public",
                ));
            }
            if !membership::set_public(act.tx, organization, user.id, public)? {
                return Err(Fault::not_found());
            }
            act.event.user = Some(user.login);
            Ok(())
        })
    }
}

fn membership_of(
    tx: &mut Tx<'_>,
    organization: &AccountRow,
    user: AccountRow,
) -> Result<MembershipView, Fault> {
    let row = membership::get(tx, organization.id, user.id)?.ok_or_else(Fault::not_found)?;
    Ok(MembershipView {
        row,
        organization: organization.clone(),
        user,
    })
}

/// Refuses what would leave an organization without an owner.
fn keep_an_owner(tx: &mut Tx<'_>, organization: AccountId) -> Result<(), Fault> {
    if membership::count_owners(tx, organization)? > 1 {
        return Ok(());
    }
    let message =
        "the last owner of an organization cannot leave or step down: make somebody else an owner first";
    Err(Fault::forbidden("organization.last_owner", message))
}

/// Ends a membership with its teams, token roles and grants. Collaborations are the caller's.
pub(crate) fn leave(
    act: &mut Act<'_, '_>,
    permit: &Permit,
    organization: AccountId,
    user: &AccountRow,
) -> Result<(), Fault> {
    let row = membership::get(act.tx, organization, user.id)?.ok_or_else(Fault::not_found)?;
    if row.role == OrganizationRole::Owner {
        keep_an_owner(act.tx, organization)?;
    }
    membership::remove(act.tx, organization, user.id)?;
    let ended = end_access(act, permit, organization, user.id)?;
    act.note("grants_revoked", ended);
    Ok(())
}

/// Revokes every grant that the tokens of an account hold at an owner and withdraws what they ask for there.
/// Coming back later revives nothing. Returns how many active grants ended.
pub(crate) fn end_access(
    act: &mut Act<'_, '_>,
    permit: &Permit,
    owner: AccountId,
    holder: AccountId,
) -> Result<i64, Fault> {
    end_access_by(act, By::of(permit), owner, holder)
}

/// The same, whoever ends it.
pub(crate) fn end_access_by(
    act: &mut Act<'_, '_>,
    by: By,
    owner: AccountId,
    holder: AccountId,
) -> Result<i64, Fault> {
    end_grants(act, by, ResourceOwner::Account(owner), holder)
}

/// The same at an enterprise.
pub(crate) fn end_enterprise_access(
    act: &mut Act<'_, '_>,
    permit: &Permit,
    enterprise: EnterpriseId,
    holder: AccountId,
) -> Result<i64, Fault> {
    end_grants(act, By::of(permit), ResourceOwner::Enterprise(enterprise), holder)
}

fn end_grants(act: &mut Act<'_, '_>, by: By, owner: ResourceOwner, holder: AccountId) -> Result<i64, Fault> {
    let query = GrantQuery {
        holders: vec![holder],
        limit: usize::MAX,
        ..GrantQuery::default()
    };
    let mut ended = 0;
    for held in grant::list(act.tx, owner, &query)? {
        if held.grant.active {
            ended += 1;
        }
        end_grant_by(act, by, &held.token, &held.grant)?;
    }
    Ok(ended)
}

/// The member of a login, for teams.
pub(crate) fn member(
    tx: &mut Tx<'_>,
    organization: AccountId,
    login: &str,
) -> Result<Option<AccountRow>, Fault> {
    let Some(user) = account::by_login(tx, login)? else {
        return Ok(None);
    };
    Ok(membership::get(tx, organization, user.id)?.map(|_| user))
}
