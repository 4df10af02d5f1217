//! Carrying a plan out, inside one transaction with its events: whoever leaves loses the grants there, and what moves
//! leaves its grants behind, as when somebody here does it.

mod people;
mod repository;
mod team;

use super::current::Current;
use super::plan::Plan;
use crate::act::Act;
use crate::fault::Fault;
use crate::token::edit::By;
use bailiwick_model::{AccountId, RepositoryId, TeamId, Timestamp, UpstreamId};
use bailiwick_store::{AccountRow, StoreError, Tx, account};
use std::collections::BTreeMap;

/// Who carries out, and what for.
pub(super) struct Doing<'a> {
    /// The upstream.
    pub id: UpstreamId,
    /// Its name.
    pub name: &'a str,
    /// When.
    pub now: Timestamp,
    /// What was here before.
    pub before: &'a Current,
}

impl Doing<'_> {
    const fn by(&self) -> By {
        By {
            actor: None,
            now: self.now,
        }
    }
}

/// Carries a plan out.
pub(super) fn apply(act: &mut Act<'_, '_>, doing: &Doing<'_>, plan: &Plan) -> Result<(), Fault> {
    owners(act, doing, plan)?;
    repository::apply(act, doing, plan)?;
    let repositories = keys(act.tx, doing.id)?;
    people::links(act, doing, plan)?;
    people::members(act, doing, plan)?;
    team::apply(act, doing, plan, &repositories)?;
    people::collaborators(act, doing, plan, &repositories)
}

/// Repositories by their ids there.
fn keys(tx: &mut Tx<'_>, id: UpstreamId) -> Result<BTreeMap<String, RepositoryId>, Fault> {
    let rows = bailiwick_store::synchronise::repositories(tx, id)?;
    Ok(rows
        .into_iter()
        .filter_map(|row| Some((row.upstream_key?, row.id)))
        .collect())
}

/// The live account of an id; the plan was made in the same transaction.
fn live(tx: &mut Tx<'_>, id: AccountId) -> Result<AccountRow, Fault> {
    account::by_id(tx, id)?.ok_or_else(|| StoreError::Absent.into())
}

fn owners(act: &mut Act<'_, '_>, doing: &Doing<'_>, plan: &Plan) -> Result<(), Fault> {
    // Two owners may have taken each other's names there.
    for change in &plan.owners {
        let mut row = live(act.tx, change.id)?;
        row.upstream_name = None;
        account::update(act.tx, &row)?;
    }
    for change in &plan.owners {
        let mut row = live(act.tx, change.id)?;
        let base_role = row.base_role;
        row.upstream_name = Some(change.upstream_name.clone());
        row.upstream_key = Some(change.key.clone());
        row.base_role = change.base_role;
        row.updated_at = doing.now;
        account::update(act.tx, &row)?;
        if base_role != change.base_role {
            let event = about_owner(act, "org.update_default_repository_permission", &row);
            event
                .data
                .insert("old_permission".into(), base_role.word().into());
            event
                .data
                .insert("permission".into(), change.base_role.word().into());
        }
        if let Some(login) = &change.login {
            let former = row.login.clone();
            let row = account::rename(act.tx, change.id, login, doing.now)?;
            let event = about_owner(act, "org.rename", &row);
            event.data.insert("old_login".into(), former.into());
        }
    }
    Ok(())
}

/// One more event, about an owner.
fn about_owner<'a>(
    act: &'a mut Act<'_, '_>,
    action: &str,
    owner: &AccountRow,
) -> &'a mut bailiwick_model::Event {
    let upstream = act.event.data.get("upstream").cloned();
    let event = act.another(action);
    event.owner = Some(owner.id);
    event.owner_login = Some(owner.login.clone());
    event.enterprise = owner.enterprise_id;
    if let Some(upstream) = upstream {
        event.data.insert("upstream".into(), upstream);
    }
    event
}

/// Teams by their ids there.
fn team_ids(current: &Current) -> BTreeMap<(AccountId, String), TeamId> {
    let teams = current.teams.iter();
    teams
        .map(|(id, team)| ((team.owner, team.key.clone()), *id))
        .collect()
}
