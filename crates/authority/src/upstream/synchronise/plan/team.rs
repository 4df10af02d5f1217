//! Teams: known by their id there. A team above that is not there, or that is below itself, is no team above.

use super::{Matched, Plan, TeamState};
use crate::upstream::synchronise::current::{Current, TeamHere};
use crate::upstream::synchronise::snapshot::{Conflict, People, TeamThere};
use bailiwick_model::name::{self, is_plain_text};
use bailiwick_model::{AccountId, OrganizationRole, OwnerKind, RepositoryRole, TeamId};
use std::collections::{BTreeMap, BTreeSet};

/// Longest name of a team.
const NAME_CHARS_MAX: usize = 255;

type Members = BTreeMap<(AccountId, AccountId), OrganizationRole>;

pub(super) fn teams(
    current: &Current,
    people: &People,
    matched: &Matched,
    members: &Members,
    plan: &mut Plan,
) {
    let here: BTreeMap<&str, TeamId> = current
        .teams
        .iter()
        .map(|(id, team)| (team.key.as_str(), *id))
        .collect();
    let mut wanted: Vec<(Option<TeamId>, TeamState)> = Vec::new();
    for there in &people.teams {
        let owner = matched.owners.get(&there.owner).copied().filter(|owner| {
            let kind = current.owners.get(owner).map(|here| here.kind);
            kind == Some(OwnerKind::Organization)
        });
        let Some(owner) = owner else { continue };
        let id = here.get(there.key.as_str()).copied();
        // A team cannot change its organization: it is another one then.
        let id = id.filter(|id| current.teams.get(id).is_some_and(|team| team.owner == owner));
        wanted.push((id, state(there, owner, matched, members, plan)));
    }
    let wanted = name_all(current, wanted, plan);
    let wanted = untangle(wanted, plan);
    let staying: BTreeSet<TeamId> = wanted.iter().filter_map(|(id, _)| *id).collect();
    for (id, team) in &current.teams {
        if !staying.contains(id) && !matched.alone.contains(&team.owner) {
            plan.teams_removed.push(*id);
        }
    }
    for (id, state) in wanted {
        match id.and_then(|id| Some((id, current.teams.get(&id)?))) {
            Some((id, before)) if differs(before, &state, current, matched) => {
                plan.teams_updated.push((id, state));
            }
            Some(_) => {}
            None => plan.teams_created.push(state),
        }
    }
}

fn state(
    there: &TeamThere,
    owner: AccountId,
    matched: &Matched,
    members: &Members,
    plan: &mut Plan,
) -> TeamState {
    let mut inside = BTreeSet::new();
    for key in &there.members {
        match matched.persons.get(key) {
            // Whoever is in a team belongs to the organization, or is in it by mistake.
            Some(person) if members.contains_key(&(owner, *person)) => drop(inside.insert(*person)),
            Some(_) => {}
            None => plan.ignored.unlinked += 1,
        }
    }
    let repositories = there
        .repositories
        .iter()
        .filter(|(key, role)| matched.kept.contains_key(key) && *role != RepositoryRole::None)
        .cloned()
        .collect();
    TeamState {
        owner,
        key: there.key.clone(),
        name: there.name.clone(),
        slug: name::slug(&there.name),
        parent: there.parent.clone(),
        secret: there.secret,
        members: inside,
        repositories,
    }
}

/// Gives every team its name: those that keep theirs first, then whoever finds theirs free. A name that cannot be had
/// leaves a team with the one it has, and a new team out.
fn name_all(
    current: &Current,
    wanted: Vec<(Option<TeamId>, TeamState)>,
    plan: &mut Plan,
) -> Vec<(Option<TeamId>, TeamState)> {
    let mut taken = current.slugs_taken.clone();
    let before = |id: &Option<TeamId>| id.and_then(|id| current.teams.get(&id));
    let (mut done, mut open): (Vec<_>, Vec<_>) = wanted
        .into_iter()
        .partition(|(id, state)| before(id).is_some_and(|team| team.slug == state.slug));
    taken.extend(done.iter().map(|(_, state)| (state.owner, state.slug.clone())));
    loop {
        let mut seen = BTreeSet::new();
        let blocked = open.iter().position(|(_, state)| {
            let place = (state.owner, state.slug.clone());
            !is_name(state) || taken.contains(&place) || !seen.insert(place)
        });
        let Some(at) = blocked else { break };
        let (id, mut state) = open.remove(at);
        plan.conflicts.push(Conflict::new(
            "team.name_taken",
            &state.name,
            "its name is taken in the organization here, or is no name of a team: rename one of them",
        ));
        if let Some(team) = before(&id) {
            state.name.clone_from(&team.name);
            state.slug.clone_from(&team.slug);
            taken.insert((state.owner, state.slug.clone()));
            done.push((id, state));
        }
    }
    done.extend(open);
    done.sort_by(|one, other| one.1.key.cmp(&other.1.key));
    done
}

fn is_name(state: &TeamState) -> bool {
    !state.slug.is_empty()
        && state.name.chars().count() <= NAME_CHARS_MAX
        && is_plain_text(&state.name, false)
}

/// Takes parents away that are not there or lead back to the team itself: roles come from above, so this only narrows.
fn untangle(
    mut wanted: Vec<(Option<TeamId>, TeamState)>,
    plan: &mut Plan,
) -> Vec<(Option<TeamId>, TeamState)> {
    let mut above: BTreeMap<String, (AccountId, Option<String>)> = wanted
        .iter()
        .map(|(_, state)| (state.key.clone(), (state.owner, state.parent.clone())))
        .collect();
    for (_, state) in &mut wanted {
        let Some(parent) = state.parent.clone() else {
            continue;
        };
        let inside = above.get(&parent).is_some_and(|(owner, _)| *owner == state.owner);
        if inside && !leads_back(&above, &state.key) {
            // A team with others above is seen like them.
            state.secret = false;
            continue;
        }
        plan.conflicts.push(Conflict::new(
            "team.parent",
            &state.name,
            "the team above it is not there or is below it: it stands on its own here",
        ));
        state.parent = None;
        above.insert(state.key.clone(), (state.owner, None));
    }
    let parents: BTreeSet<String> = wanted
        .iter()
        .filter_map(|(_, state)| state.parent.clone())
        .collect();
    for (_, state) in &mut wanted {
        state.secret &= !parents.contains(&state.key);
    }
    wanted
}

fn leads_back(above: &BTreeMap<String, (AccountId, Option<String>)>, key: &str) -> bool {
    let mut seen = BTreeSet::from([key]);
    let mut next = above.get(key).and_then(|(_, parent)| parent.as_deref());
    while let Some(parent) = next {
        if !seen.insert(parent) {
            return true;
        }
        next = above.get(parent).and_then(|(_, parent)| parent.as_deref());
    }
    false
}

fn differs(before: &TeamHere, state: &TeamState, current: &Current, matched: &Matched) -> bool {
    let parent = before.parent.and_then(|id| current.teams.get(&id));
    let roles: BTreeMap<String, RepositoryRole> = matched
        .kept
        .iter()
        .filter_map(|(key, id)| {
            let id = (*id).filter(|id| !matched.bare.contains(id))?;
            Some((key.clone(), *before.repositories.get(&id)?))
        })
        .collect();
    before.name != state.name
        || before.slug != state.slug
        || before.secret != state.secret
        || before.parent.is_some() != state.parent.is_some()
        || parent.map(|team| &team.key) != state.parent.as_ref()
        || before.members.iter().ne(state.members.iter())
        || roles != state.repositories
}
