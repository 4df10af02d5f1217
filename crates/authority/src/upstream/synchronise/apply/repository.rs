//! Repositories: gone ones first, so that their names are free.

use super::{Doing, about_owner, live};
use crate::act::Act;
use crate::fault::Fault;
use crate::upstream::synchronise::plan::{Plan, RepositoryState};
use bailiwick_model::{Event, RepositoryId};
use bailiwick_store::{AccountRow, RepositoryRow, StoreError, Tx, repository, synchronise};

pub(super) fn apply(act: &mut Act<'_, '_>, doing: &Doing<'_>, plan: &Plan) -> Result<(), Fault> {
    for id in &plan.removed {
        remove(act, doing, *id)?;
    }
    let mut placed = Vec::new();
    for (id, state) in &plan.transferred {
        // INVARIANT: grants of the old owner, and the people it let in, do not follow; coming back later does not
        // revive them.
        repository::detach(act.tx, *id)?;
        let before = row(act.tx, *id)?;
        let after = changed(before.clone(), state, doing);
        transferred(act, &before, &after)?;
        placed.push(after);
    }
    for (id, state) in &plan.updated {
        let before = row(act.tx, *id)?;
        let after = changed(before.clone(), state, doing);
        noted(act, &before, &after)?;
        placed.push(after);
    }
    synchronise::place(act.tx, &placed)?;
    for state in &plan.created {
        let empty = RepositoryRow::new(state.owner, &state.name, state.visibility, doing.now);
        let mut row = changed(empty, state, doing);
        // Issues of it are at the upstream, or nowhere.
        row.has_issues = false;
        repository::insert(act.tx, row)?;
    }
    Ok(())
}

fn row(tx: &mut Tx<'_>, id: RepositoryId) -> Result<RepositoryRow, Fault> {
    repository::by_id(tx, id)?.ok_or_else(|| StoreError::Absent.into())
}

fn changed(mut row: RepositoryRow, state: &RepositoryState, doing: &Doing<'_>) -> RepositoryRow {
    row.owner_id = state.owner;
    row.name.clone_from(&state.name);
    row.visibility = state.visibility;
    row.archived_at = row.archived_at.or(Some(doing.now)).filter(|_| state.archived);
    if let Some(branch) = &state.default_branch {
        row.default_branch.clone_from(branch);
    }
    row.upstream_id = Some(doing.id);
    row.upstream_name = Some(state.upstream_name.clone());
    row.upstream_key = Some(state.key.clone());
    row.updated_at = doing.now;
    row
}

fn about<'a>(
    act: &'a mut Act<'_, '_>,
    action: &str,
    owner: &AccountRow,
    row: &RepositoryRow,
) -> &'a mut Event {
    let event = about_owner(act, action, owner);
    event.repository = Some(row.id);
    event.repository_name = Some(format!("{}/{}", owner.login, row.name));
    event
}

fn remove(act: &mut Act<'_, '_>, doing: &Doing<'_>, id: RepositoryId) -> Result<(), Fault> {
    let row = row(act.tx, id)?;
    let owner = live(act.tx, row.owner_id)?;
    repository::delete(act.tx, id, doing.now)?;
    let event = about(act, "repo.destroy", &owner, &row);
    event.operation_type = "remove";
    event
        .data
        .insert("visibility".into(), row.visibility.word().into());
    if let Some(key) = row.upstream_key {
        event.data.insert("upstream_id".into(), key.into());
    }
    Ok(())
}

/// An event at each of the owners.
fn transferred(act: &mut Act<'_, '_>, before: &RepositoryRow, after: &RepositoryRow) -> Result<(), Fault> {
    let old = live(act.tx, before.owner_id)?;
    let new = live(act.tx, after.owner_id)?;
    for (owner, row) in [(&old, before), (&new, after)] {
        let event = about(act, "repo.transfer", owner, row);
        event.operation_type = "transfer";
        event.data.insert("old_user".into(), old.login.clone().into());
        event.data.insert("new_owner".into(), new.login.clone().into());
    }
    Ok(())
}

/// What owners want to know of: who may see it now, how it is called now, whether it is read-only now.
fn noted(act: &mut Act<'_, '_>, before: &RepositoryRow, after: &RepositoryRow) -> Result<(), Fault> {
    let owner = live(act.tx, after.owner_id)?;
    if before.visibility != after.visibility {
        let event = about(act, "repo.access", &owner, after);
        event
            .data
            .insert("old_visibility".into(), before.visibility.word().into());
        event
            .data
            .insert("visibility".into(), after.visibility.word().into());
    }
    if before.name != after.name {
        let event = about(act, "repo.rename", &owner, after);
        event.data.insert("old_name".into(), before.name.clone().into());
        event.data.insert("name".into(), after.name.clone().into());
    }
    match (before.archived_at, after.archived_at) {
        (None, Some(_)) => {
            about(act, "repo.archived", &owner, after);
        }
        (Some(_), None) => {
            about(act, "repo.unarchived", &owner, after);
        }
        (None, None) | (Some(_), Some(_)) => {}
    }
    Ok(())
}
