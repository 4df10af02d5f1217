//! Token approvers and auditors: members who decide requests, or read tokens and the log, without owning.

use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::AccountId;
use bailiwick_store::{AccountRow, TokenRole, account, membership};

impl Authority {
    /// The token roles at the organization that the path names.
    pub fn token_roles(&self, permit: &Permit) -> Result<Vec<(TokenRole, AccountRow)>, Fault> {
        let organization = permit.owner()?.id;
        self.read(permit, |tx| Ok(membership::token_roles(tx, organization)?))
    }

    /// Gives a member a token role.
    pub fn token_role_set(&self, permit: Permit, login: &str, role: TokenRole) -> Result<(), Fault> {
        let organization = permit.owner()?.id;
        self.act(permit, |act, _| {
            let user = member(act.tx, organization, login)?;
            membership::add_token_role(act.tx, organization, user.id, role)?;
            act.action("org.assign_token_role");
            act.event.user = Some(user.login);
            act.note("role", role.word());
            Ok(())
        })
    }

    /// Takes every token role from a member.
    pub fn token_role_remove(&self, permit: Permit, login: &str) -> Result<(), Fault> {
        let organization = permit.owner()?.id;
        self.act(permit, |act, _| {
            let user = account::by_login(act.tx, login)?.ok_or_else(Fault::not_found)?;
            let mut removed = false;
            for role in [TokenRole::Approver, TokenRole::Auditor] {
                removed |= membership::remove_token_role(act.tx, organization, user.id, role)?;
            }
            if !removed {
                return Err(Fault::not_found());
            }
            act.action("org.revoke_token_role");
            act.event.user = Some(user.login);
            Ok(())
        })
    }
}

fn member(
    tx: &mut bailiwick_store::Tx<'_>,
    organization: AccountId,
    login: &str,
) -> Result<AccountRow, Fault> {
    let user = account::by_login(tx, login)?.ok_or_else(Fault::not_found)?;
    if membership::get(tx, organization, user.id)?.is_none() {
        return Err(Fault::invalid(
            "TokenRole",
            "username",
            "invalid",
            "only members can have a token role",
        ));
    }
    Ok(user)
}
