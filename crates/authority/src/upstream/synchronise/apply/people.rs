//! Links, memberships and roles of collaborators. Who leaves an owner loses the grants there.

use super::{Doing, about_owner, live};
use crate::act::Act;
use crate::directory::member::end_access_by;
use crate::directory::outside::is_stranger;
use crate::fault::Fault;
use crate::upstream::synchronise::plan::Plan;
use bailiwick_model::{AccountId, RepositoryId};
use bailiwick_store::{LinkBar, StoreError, collaborator, membership, repository, synchronise, upstream};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn links(act: &mut Act<'_, '_>, doing: &Doing<'_>, plan: &Plan) -> Result<(), Fault> {
    let mut rows = Vec::new();
    for change in &plan.links {
        let mut row = upstream::link(act.tx, doing.id, change.account)?.ok_or(StoreError::Absent)?;
        let was_active = row.active;
        row.login.clone_from(&change.login);
        row.upstream_key.clone_from(&change.key);
        row.active = change.active;
        row.barred = match (change.active, change.lost) {
            (true, _) => None,
            (false, true) => Some(LinkBar::Upstream),
            (false, false) => row.barred,
        };
        row.updated_at = doing.now;
        let account = live(act.tx, change.account)?;
        let event = act.another("upstream.link");
        event.user = Some(account.login);
        event.data.insert("upstream".into(), doing.name.into());
        event
            .data
            .insert("upstream_login".into(), row.login.clone().into());
        event.data.insert("was_active".into(), was_active.into());
        event.data.insert("active".into(), row.active.into());
        rows.push(row);
    }
    Ok(synchronise::put_links(act.tx, &rows)?)
}

pub(super) fn members(act: &mut Act<'_, '_>, doing: &Doing<'_>, plan: &Plan) -> Result<(), Fault> {
    for (organization, person, role) in &plan.members_set {
        membership::set(act.tx, *organization, *person, *role, doing.now)?;
        let (owner, user) = (live(act.tx, *organization)?, live(act.tx, *person)?);
        let before = doing.before.members.get(&(*organization, *person));
        let action = if before.is_some() {
            "org.update_member"
        } else {
            "org.add_member"
        };
        let event = about_owner(act, action, &owner);
        event.user = Some(user.login);
        event.data.insert("permission".into(), role.word().into());
        if let Some(before) = before {
            event.data.insert("old_permission".into(), before.word().into());
        }
    }
    for (organization, person) in &plan.members_removed {
        membership::remove(act.tx, *organization, *person)?;
        let ended = end_access_by(act, doing.by(), *organization, *person)?;
        let (owner, user) = (live(act.tx, *organization)?, live(act.tx, *person)?);
        let event = about_owner(act, "org.remove_member", &owner);
        event.operation_type = "remove";
        event.user = Some(user.login);
        event.data.insert("grants_revoked".into(), ended.into());
    }
    Ok(())
}

pub(super) fn collaborators(
    act: &mut Act<'_, '_>,
    doing: &Doing<'_>,
    plan: &Plan,
    repositories: &BTreeMap<String, RepositoryId>,
) -> Result<(), Fault> {
    for (key, person, role) in &plan.collaborators_set {
        let id = *repositories.get(key).ok_or(StoreError::Absent)?;
        let before = collaborator::get(act.tx, id, *person)?;
        collaborator::set(act.tx, id, *person, *role, doing.now)?;
        let action = if before.is_some() {
            "repo.update_member"
        } else {
            "repo.add_member"
        };
        noted(act, action, id, *person)?;
        if let Some(event) = act.more.last_mut() {
            event.data.insert("permission".into(), role.word().into());
        }
    }
    let mut left: BTreeSet<(AccountId, AccountId)> = BTreeSet::new();
    for (id, person) in &plan.collaborators_removed {
        collaborator::remove(act.tx, *id, *person)?;
        let owner = noted(act, "repo.remove_member", *id, *person)?;
        if let Some(event) = act.more.last_mut() {
            event.operation_type = "remove";
        }
        left.insert((owner, *person));
    }
    // Who has nothing left at an owner loses the grants there.
    for (owner, person) in left {
        if is_stranger(act.tx, owner, person)? {
            end_access_by(act, doing.by(), owner, person)?;
        }
    }
    Ok(())
}

/// An event about somebody's role at a repository; returns whose the repository is.
fn noted(
    act: &mut Act<'_, '_>,
    action: &str,
    id: RepositoryId,
    person: AccountId,
) -> Result<AccountId, Fault> {
    let row = repository::by_id(act.tx, id)?.ok_or(StoreError::Absent)?;
    let (owner, user) = (live(act.tx, row.owner_id)?, live(act.tx, person)?);
    let event = about_owner(act, action, &owner);
    event.repository = Some(id);
    event.repository_name = Some(format!("{}/{}", owner.login, row.name));
    event.user = Some(user.login);
    Ok(owner.id)
}
