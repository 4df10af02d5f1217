//! Repositories: known by their id there. One that changed its owner is transferred, with which every grant of the old
//! owner ends for it; a name that is taken here is never shared.

use super::{Bound, Matched, Plan, RepositoryState, Unread};
use crate::upstream::synchronise::current::{Current, RepositoryHere};
use crate::upstream::synchronise::snapshot::{Conflict, RepositoryThere, Seen, Snapshot};
use bailiwick_model::name::{self, fold, is_plain_text};
use bailiwick_model::{AccountId, RepositoryId, Visibility};
use std::collections::{BTreeMap, BTreeSet};

/// Longest name of a branch that is taken over.
const BRANCH_BYTES_MAX: usize = 255;

/// A repository on its way to its name here.
struct Moving<'a> {
    id: Option<RepositoryId>,
    before: Option<&'a RepositoryHere>,
    state: RepositoryState,
    /// Its name if the one there cannot be had.
    fallback: Option<String>,
}

pub(super) fn repositories(current: &Current, snapshot: &Snapshot, matched: &mut Matched, plan: &mut Plan) {
    let rows = match_rows(current, snapshot);
    let mut moving = Vec::new();
    let mut staying: BTreeSet<RepositoryId> = BTreeSet::new();
    for there in &snapshot.repositories {
        let id = rows.get(&there.key).copied();
        let before = id.and_then(|id| current.repositories.get(&id));
        let owner = matched.owners.get(&there.owner).copied();
        let bound = before.is_some_and(|before| current.owners.contains_key(&before.owner));
        let own = match (before, owner) {
            // Bound on its own: whose it is here was said here, whoever owns it there.
            (Some(before), _) if !bound => before.owner,
            (_, Some(owner)) => owner,
            (Some(before), None) if matched.alone.contains(&before.owner) => continue,
            (_, None) => continue,
        };
        staying.extend(id);
        moving.push(wanted(current, there, id, before, own));
    }
    for (id, here) in &current.repositories {
        if staying.contains(id) || matched.alone.contains(&here.owner) {
            continue;
        }
        let bound = current.owners.contains_key(&here.owner);
        let mut unread = snapshot.unread.iter().filter(|_| !bound);
        if let Some(one) = unread.find(|one| one.is(here.key.as_ref(), &here.upstream_name)) {
            plan.unread.push(Unread {
                what: Bound::Repository(*id),
                name: here.upstream_name.clone(),
                known: here.key.is_some(),
                code: one.code,
                message: one.message.clone(),
            });
        } else if here.key.is_some() {
            plan.removed.push(*id);
        } else {
            plan.conflicts.push(Conflict::new(
                "repository.unknown",
                &here.upstream_name,
                "is not found at the upstream: was it bound under the right name?",
            ));
        }
    }
    name_all(current, moving, matched, plan);
}

/// Rows by their id there; by the name that was bound only until the id is known.
fn match_rows(current: &Current, snapshot: &Snapshot) -> BTreeMap<String, RepositoryId> {
    let keyed = current
        .repositories
        .iter()
        .filter_map(|(id, here)| Some((here.key.clone()?, *id)));
    let mut rows: BTreeMap<String, RepositoryId> = keyed.collect();
    let named: BTreeMap<String, RepositoryId> = current
        .repositories
        .iter()
        .filter(|(_, here)| here.key.is_none())
        .map(|(id, here)| (fold(&here.upstream_name), *id))
        .collect();
    let mut used = BTreeSet::new();
    for there in &snapshot.repositories {
        if let Some(id) = named.get(&fold(&full_name(there)))
            && !rows.contains_key(&there.key)
            && used.insert(*id)
        {
            rows.insert(there.key.clone(), *id);
        }
    }
    rows
}

fn full_name(there: &RepositoryThere) -> String {
    format!("{}/{}", there.owner_login, there.name)
}

fn wanted<'a>(
    current: &Current,
    there: &RepositoryThere,
    id: Option<RepositoryId>,
    before: Option<&'a RepositoryHere>,
    owner: AccountId,
) -> Moving<'a> {
    let enterprise = current
        .owners
        .get(&owner)
        .is_some_and(|owner| owner.in_enterprise);
    let same_owner = before.filter(|before| before.owner == owner);
    let alone = same_owner.filter(|before| !current.owners.contains_key(&before.owner));
    Moving {
        id,
        before,
        fallback: same_owner.map(|before| before.name.clone()),
        state: RepositoryState {
            owner,
            key: there.key.clone(),
            upstream_name: full_name(there),
            // What is bound on its own keeps the name it was given here.
            name: alone.map_or_else(|| there.name.clone(), |before| before.name.clone()),
            visibility: match (there.visibility, same_owner) {
                (Seen::By(Visibility::Public), _) => Visibility::Public,
                (Seen::By(Visibility::Internal), _) if enterprise => Visibility::Internal,
                (Seen::KeptHere, Some(before)) => before.visibility,
                // SECURITY: what is not known, or has no word here, is open to nobody.
                (
                    Seen::By(Visibility::Internal | Visibility::Private) | Seen::Unknown | Seen::KeptHere,
                    _,
                ) => Visibility::Private,
            },
            archived: there
                .archived
                .unwrap_or_else(|| before.is_some_and(|before| before.archived)),
            default_branch: there
                .default_branch
                .clone()
                .filter(|branch| {
                    !branch.is_empty() && branch.len() <= BRANCH_BYTES_MAX && is_plain_text(branch, false)
                })
                .or_else(|| before.map(|before| before.default_branch.clone())),
        },
    }
}

/// Gives every repository its name: those that keep theirs first, then whoever finds theirs free.
fn name_all(current: &Current, moving: Vec<Moving<'_>>, matched: &mut Matched, plan: &mut Plan) {
    let mut taken = current.names_taken.clone();
    let (kept, mut open): (Vec<_>, Vec<_>) = moving.into_iter().partition(|one| {
        let own = one.fallback.as_deref().map(fold);
        own == Some(fold(&one.state.name))
    });
    for one in kept {
        taken.insert((one.state.owner, fold(&one.state.name)));
        settle(one, matched, plan);
    }
    // A name that cannot be had makes another stay, which may take a third one's: until nothing changes.
    loop {
        let mut wanted: BTreeSet<(AccountId, String)> = BTreeSet::new();
        let blocked = open.iter().position(|one| {
            let place = (one.state.owner, fold(&one.state.name));
            name::repository(&one.state.name).is_err() || taken.contains(&place) || !wanted.insert(place)
        });
        let Some(at) = blocked else { break };
        let mut one = open.remove(at);
        plan.conflicts.push(conflict(&one));
        match one.fallback.take() {
            Some(name) => {
                one.state.name = name;
                taken.insert((one.state.owner, fold(&one.state.name)));
                settle(one, matched, plan);
            }
            // SECURITY: it cannot arrive, and it must not stay with the owner that it has left.
            None => plan.removed.extend(one.id),
        }
    }
    for one in open {
        settle(one, matched, plan);
    }
    plan.created.sort_by(|one, other| one.key.cmp(&other.key));
    plan.updated.sort_by_key(|one| one.0);
    plan.transferred.sort_by_key(|one| one.0);
    plan.removed.sort();
}

fn conflict(one: &Moving<'_>) -> Conflict {
    let (code, why) = if name::repository(&one.state.name).is_err() {
        (
            "repository.name_invalid",
            "its name is no name of a repository here",
        )
    } else {
        (
            "repository.name_taken",
            "its name is taken here by something else",
        )
    };
    let what = match (&one.fallback, one.id) {
        (Some(_), _) => "it keeps the name it has; rename one of them",
        (None, Some(_)) => "it has left its old owner and is not known here until one of them is renamed",
        (None, None) => "it is left out until one of them is renamed",
    };
    Conflict::new(code, &one.state.upstream_name, format!("{why}: {what}"))
}

fn settle(one: Moving<'_>, matched: &mut Matched, plan: &mut Plan) {
    if current_owner_is_bound(&one, matched) {
        matched.kept.insert(one.state.key.clone(), one.id);
    }
    match (one.id, one.before) {
        (Some(id), Some(before)) if before.owner != one.state.owner => {
            matched.bare.insert(id);
            plan.transferred.push((id, one.state));
        }
        (Some(id), Some(before)) => {
            if differs(before, &one.state) {
                plan.updated.push((id, one.state));
            }
        }
        (_, _) => plan.created.push(one.state),
    }
}

fn current_owner_is_bound(one: &Moving<'_>, matched: &Matched) -> bool {
    matched.owners.values().any(|owner| *owner == one.state.owner)
}

fn differs(before: &RepositoryHere, state: &RepositoryState) -> bool {
    before.key.as_ref() != Some(&state.key)
        || before.upstream_name != state.upstream_name
        || before.name != state.name
        || before.visibility != state.visibility
        || before.archived != state.archived
        || state
            .default_branch
            .as_ref()
            .is_some_and(|branch| *branch != before.default_branch)
}
