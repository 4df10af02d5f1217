//! Persons come in only where they are linked, by their id there. Of whoever is not linked the upstream says nothing.

use super::{LinkChange, Matched, Plan};
use crate::upstream::synchronise::current::{Current, LinkHere};
use crate::upstream::synchronise::snapshot::{Conflict, People, PersonThere};
use bailiwick_model::name::fold;
use bailiwick_model::{AccountId, OrganizationRole, OwnerKind, RepositoryId, RepositoryRole};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn links(current: &Current, people: &People, matched: &mut Matched, plan: &mut Plan) {
    let by_key: BTreeMap<&str, &PersonThere> =
        people.persons.iter().map(|one| (one.key.as_str(), one)).collect();
    let known: BTreeSet<&str> = current
        .links
        .values()
        .filter_map(|link| link.key.as_deref())
        .collect();
    for (account, here) in &current.links {
        let there = match &here.key {
            Some(key) => by_key.get(key.as_str()).copied(),
            None => named(here, people, &known),
        };
        if let Some(there) = there.filter(|_| here.person) {
            matched.persons.insert(there.key.clone(), *account);
        }
        let usable = there.is_some_and(|there| there.active);
        // SECURITY: the upstream gives back only what it took: what somebody here has switched off stays off.
        let ours = here.active || here.lost;
        let change = LinkChange {
            account: *account,
            key: there.map_or_else(|| here.key.clone(), |there| Some(there.key.clone())),
            login: there.map_or_else(|| here.login.clone(), |there| there.login.clone()),
            active: usable && ours,
            lost: !usable && ours,
        };
        if there.is_none() {
            plan.conflicts.push(Conflict::new(
                "person.gone",
                &here.login,
                "is not found at the upstream: the link is inactive; end it, or link who is meant",
            ));
        }
        let after = (&change.key, &change.login, change.active, change.lost);
        if after != (&here.key, &here.login, here.active, here.lost) {
            plan.links.push(change);
        }
    }
}

/// Whom an administrator has named; the id is taken down with the first synchronisation, and counts alone from then on.
fn named<'a>(here: &LinkHere, people: &'a People, known: &BTreeSet<&str>) -> Option<&'a PersonThere> {
    let folded = fold(&here.login);
    let mut found = people
        .persons
        .iter()
        .filter(|there| fold(&there.login) == folded && !known.contains(there.key.as_str()));
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The members that the organizations shall have, as far as they are linked.
pub(super) fn members(
    current: &Current,
    people: &People,
    matched: &Matched,
    plan: &mut Plan,
) -> BTreeMap<(AccountId, AccountId), OrganizationRole> {
    let mut wanted = BTreeMap::new();
    for there in &people.members {
        let Some(owner) = matched.owners.get(&there.owner) else {
            continue;
        };
        let organization = current
            .owners
            .get(owner)
            .is_some_and(|here| here.kind == OwnerKind::Organization);
        match matched.persons.get(&there.person) {
            Some(person) if organization && there.role != OrganizationRole::None => {
                wanted.insert((*owner, *person), there.role);
            }
            Some(_) => {}
            None => plan.ignored.unlinked += 1,
        }
    }
    for (place, role) in &wanted {
        if current.members.get(place) != Some(role) {
            plan.members_set.push((place.0, place.1, *role));
        }
    }
    for (owner, person) in current.members.keys() {
        if !current.links.contains_key(person) {
            plan.ignored.kept_here += 1;
        } else if !matched.alone.contains(owner) && !wanted.contains_key(&(*owner, *person)) {
            plan.members_removed.push((*owner, *person));
        }
    }
    wanted
}

pub(super) fn collaborators(current: &Current, people: &People, matched: &Matched, plan: &mut Plan) {
    let mut wanted: BTreeMap<(&str, AccountId), RepositoryRole> = BTreeMap::new();
    for there in &people.collaborators {
        if !matched.kept.contains_key(&there.repository) || there.role == RepositoryRole::None {
            continue;
        }
        match matched.persons.get(&there.person) {
            Some(person) => drop(wanted.insert((&there.repository, *person), there.role)),
            None => plan.ignored.unlinked += 1,
        }
    }
    let keys: BTreeMap<RepositoryId, &str> = matched
        .kept
        .iter()
        .filter_map(|(key, id)| Some(((*id)?, key.as_str())))
        .collect();
    let held = |key: &str, person: AccountId| {
        let id = matched.kept.get(key).copied().flatten()?;
        // What was given before a transfer goes with it.
        let role = current
            .collaborators
            .get(&(id, person))
            .filter(|_| !matched.bare.contains(&id));
        role.copied()
    };
    for ((key, person), role) in &wanted {
        if held(key, *person) != Some(*role) {
            plan.collaborators_set.push(((*key).to_owned(), *person, *role));
        }
    }
    for (repository, person) in current.collaborators.keys() {
        let linked = current.links.get(person).is_some_and(|link| link.person);
        let Some(key) = keys
            .get(repository)
            .filter(|_| linked && !matched.bare.contains(repository))
        else {
            continue;
        };
        if !wanted.contains_key(&(*key, *person)) {
            plan.collaborators_removed.push((*repository, *person));
        }
    }
}
