//! Teams: those that go let go of those below first; names that were swapped are put aside.

use super::{Doing, about_owner, live, team_ids};
use crate::act::Act;
use crate::fault::Fault;
use crate::upstream::synchronise::plan::{Plan, TeamState};
use bailiwick_model::{AccountId, RepositoryId, TeamId};
use bailiwick_store::{StoreError, TeamPrivacy, TeamRole, TeamRow, Tx, team};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn apply(
    act: &mut Act<'_, '_>,
    doing: &Doing<'_>,
    plan: &Plan,
    repositories: &BTreeMap<String, RepositoryId>,
) -> Result<(), Fault> {
    for id in &plan.teams_removed {
        remove(act, *id)?;
    }
    let mut ids = team_ids(doing.before);
    for (id, state) in &plan.teams_updated {
        let mut row = row(act.tx, *id)?;
        if row.slug != state.slug {
            // No slug holds a slash.
            row.slug = format!("/{id}");
            team::update(act.tx, &row)?;
        }
    }
    for state in &plan.teams_created {
        // Its name is free only once every other has its own.
        let mut row = TeamRow::new(state.owner, &format!("/{}", state.key), &state.name, doing.now);
        row.upstream_id = Some(doing.id);
        row.upstream_key = Some(state.key.clone());
        let row = team::insert(act.tx, row)?;
        ids.insert((state.owner, state.key.clone()), row.id);
    }
    let created = plan.teams_created.iter().map(|state| {
        let id = ids.get(&(state.owner, state.key.clone())).copied();
        (id, state)
    });
    let updated = plan.teams_updated.iter().map(|(id, state)| (Some(*id), state));
    for (id, state) in created.chain(updated) {
        let id = id.ok_or(StoreError::Absent)?;
        set(act, doing, id, state, &ids)?;
        members(act.tx, id, state)?;
        roles(act.tx, doing, id, state, repositories)?;
    }
    Ok(())
}

fn row(tx: &mut Tx<'_>, id: TeamId) -> Result<TeamRow, Fault> {
    team::by_id(tx, id)?.ok_or_else(|| StoreError::Absent.into())
}

fn remove(act: &mut Act<'_, '_>, id: TeamId) -> Result<(), Fault> {
    for mut child in team::children(act.tx, id)? {
        child.parent_id = None;
        team::update(act.tx, &child)?;
    }
    let row = row(act.tx, id)?;
    team::delete(act.tx, id)?;
    let owner = live(act.tx, row.organization_id)?;
    let event = about_owner(act, "team.destroy", &owner);
    event.operation_type = "remove";
    let name = format!("{}/{}", owner.login, row.slug);
    event.data.insert("team".into(), name.into());
    Ok(())
}

fn set(
    act: &mut Act<'_, '_>,
    doing: &Doing<'_>,
    id: TeamId,
    state: &TeamState,
    ids: &BTreeMap<(AccountId, String), TeamId>,
) -> Result<(), Fault> {
    let mut row = row(act.tx, id)?;
    row.name.clone_from(&state.name);
    row.slug.clone_from(&state.slug);
    row.privacy = if state.secret {
        TeamPrivacy::Secret
    } else {
        TeamPrivacy::Closed
    };
    let parent = state
        .parent
        .as_ref()
        .map(|key| ids.get(&(state.owner, key.clone())));
    row.parent_id = match parent {
        None => None,
        Some(parent) => Some(*parent.ok_or(StoreError::Absent)?),
    };
    row.updated_at = doing.now;
    Ok(team::update(act.tx, &row)?)
}

fn members(tx: &mut Tx<'_>, id: TeamId, state: &TeamState) -> Result<(), Fault> {
    let mut left = state.members.clone();
    for (_, user) in team::members(tx, id)? {
        // INVARIANT: whoever was put into a team of the upstream's here, and is not in it there, is in it no more.
        if !left.remove(&user.id) {
            team::remove_member(tx, id, user.id)?;
        }
    }
    for person in left {
        team::set_member(tx, id, person, TeamRole::Member)?;
    }
    Ok(())
}

fn roles(
    tx: &mut Tx<'_>,
    doing: &Doing<'_>,
    id: TeamId,
    state: &TeamState,
    repositories: &BTreeMap<String, RepositoryId>,
) -> Result<(), Fault> {
    let mut wanted = BTreeMap::new();
    for (key, role) in &state.repositories {
        wanted.insert(*repositories.get(key).ok_or(StoreError::Absent)?, *role);
    }
    let bound: BTreeSet<RepositoryId> = repositories.values().copied().collect();
    let before = doing.before.teams.get(&id).map(|team| &team.repositories);
    for held in before.into_iter().flat_map(BTreeMap::keys) {
        // Of a repository that is hosted here the upstream says nothing.
        if bound.contains(held) && !wanted.contains_key(held) {
            team::remove_repository(tx, id, *held)?;
        }
    }
    for (repository, role) in wanted {
        if team::repository(tx, id, repository)? != Some(role) {
            team::set_repository(tx, id, repository, role)?;
        }
    }
    Ok(())
}
