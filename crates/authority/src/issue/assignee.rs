//! Whom issues are and can be assigned to.

use super::viewing::Viewing;
use super::{IssueView, RESOURCE, found, note, place, require_issues};
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use crate::records;
use bailiwick_decision::effective::repository_role;
use bailiwick_model::limit::ISSUE_ASSIGNEES_MAX;
use bailiwick_model::{AccountId, OrganizationRole, RepositoryRole};
use bailiwick_store::{AccountKind, AccountRow, Tx, account, collaborator, issue, membership};
use std::collections::BTreeMap;

/// Issues are assigned to whoever can push, and to members of the organization who can read.
fn assignable(tx: &mut Tx<'_>, permit: &Permit, user: &AccountRow) -> Result<bool, Fault> {
    if user.kind == AccountKind::Organization || !user.is_active() {
        return Ok(false);
    }
    let (repository, owner) = permit.repository_record()?;
    let Some(principal) = records::principal(tx, user.id)? else {
        return Ok(false);
    };
    let role = repository_role(&principal.facts, &repository.facts, &owner.facts);
    let member = principal.facts.organization(owner.facts.id) > OrganizationRole::None;
    Ok(role >= RepositoryRole::Write || (member && role >= RepositoryRole::Read))
}

/// The accounts of logins that are to be assigned; one that cannot be is refused.
pub(crate) fn wanted(tx: &mut Tx<'_>, permit: &Permit, logins: &[String]) -> Result<Vec<AccountId>, Fault> {
    let mut users = Vec::new();
    for login in logins {
        let user = account::by_login(tx, login)?;
        match user {
            Some(user) if assignable(tx, permit, &user)? => {
                if !users.contains(&user.id) {
                    users.push(user.id);
                }
            }
            Some(_) | None => {
                let message = format!("{login} cannot be assigned to issues here");
                return Err(Fault::invalid(RESOURCE, "assignees", "invalid", message));
            }
        }
    }
    check_count(users.len())?;
    Ok(users)
}

fn check_count(count: usize) -> Result<(), Fault> {
    if count > ISSUE_ASSIGNEES_MAX {
        let message = format!("an issue has at most {ISSUE_ASSIGNEES_MAX} assignees");
        return Err(Fault::invalid(RESOURCE, "assignees", "invalid", message));
    }
    Ok(())
}

impl Authority {
    /// The accounts that issues of the permitted repository can be assigned to, by login.
    pub fn assignees(&self, permit: &Permit) -> Result<Vec<AccountRow>, Fault> {
        let (repository, owner) = permit.repository_record()?;
        self.read(permit, |tx| {
            let mut candidates = BTreeMap::new();
            if owner.row.kind != AccountKind::Organization {
                candidates.insert(owner.row.id, owner.row.clone());
            }
            for (_, user) in membership::list(tx, owner.row.id, None)? {
                candidates.insert(user.id, user);
            }
            for (_, user) in collaborator::list(tx, repository.row.id)? {
                candidates.insert(user.id, user);
            }
            let mut users = Vec::new();
            for user in candidates.into_values() {
                if assignable(tx, permit, &user)? {
                    users.push(user);
                }
            }
            users.sort_by_key(|user| user.login.to_ascii_lowercase());
            Ok(users)
        })
    }

    /// Whether issues of the permitted repository can be assigned to an account. With a number, that issue is
    /// there too.
    pub fn assignee_check(&self, permit: &Permit, number: Option<i64>, login: &str) -> Result<(), Fault> {
        self.read(permit, |tx| {
            if let Some(number) = number {
                require_issues(permit)?;
                found(tx, permit, number)?;
            }
            let user = account::by_login(tx, login)?.ok_or_else(Fault::not_found)?;
            if assignable(tx, permit, &user)? {
                Ok(())
            } else {
                Err(Fault::not_found())
            }
        })
    }

    /// Assigns an issue to further accounts, or with `remove` to fewer. Who cannot be assigned is left out, as
    /// GitHub does here.
    pub fn issue_assign(
        &self,
        permit: Permit,
        number: i64,
        logins: &[String],
        remove: bool,
    ) -> Result<IssueView, Fault> {
        require_issues(&permit)?;
        let place = place(&permit)?;
        self.act(permit, |act, permit| {
            let mut row = found(act.tx, permit, number)?;
            let mut users: Vec<AccountId> = issue::assignees(act.tx, row.id)?
                .iter()
                .map(|user| user.id)
                .collect();
            for login in logins {
                let Some(user) = account::by_login(act.tx, login)? else {
                    continue;
                };
                if remove {
                    users.retain(|id| *id != user.id);
                } else if !users.contains(&user.id) && assignable(act.tx, permit, &user)? {
                    users.push(user.id);
                }
            }
            if !remove {
                check_count(users.len())?;
            }
            issue::set_assignees(act.tx, row.id, &users)?;
            row.updated_at = permit.now();
            issue::update(act.tx, &row)?;
            note(act, &row);
            act.note("assignees", logins.to_vec());
            Viewing::default().issue(act.tx, permit, &place, row)
        })
    }
}
