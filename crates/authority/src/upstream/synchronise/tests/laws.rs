//! What holds for every directory and every snapshot.

use super::world::{carry_out, snapshot, start};
use crate::upstream::synchronise::current::Current;
use crate::upstream::synchronise::guard::Removals;
use crate::upstream::synchronise::plan::plan;
use crate::upstream::synchronise::snapshot::{Seen, Snapshot};
use bailiwick_model::Visibility;
use bailiwick_model::name::fold;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A directory with a history.
fn history() -> impl Strategy<Value = Vec<Snapshot>> {
    proptest::collection::vec(snapshot(), 1..5)
}

/// Carries every snapshot out; what was before the last one, the last one, and what is after.
fn lived(history: Vec<Snapshot>) -> (Current, Snapshot, Current) {
    let mut next = 1000;
    let mut before = start();
    let mut current = before.clone();
    let mut last = Snapshot::default();
    for said in history {
        before = current.clone();
        let plan = plan(&current, &said);
        current = carry_out(current, &plan, &mut next);
        last = said;
    }
    (before, last, current)
}

fn distinct<T: Ord>(all: impl Iterator<Item = T>) -> bool {
    let mut seen = BTreeSet::new();
    all.into_iter().all(|one| seen.insert(one))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_same_again_changes_nothing(history in history()) {
        let (_, last, after) = lived(history);
        let again = plan(&after, &last);
        prop_assert!(again.is_empty(), "{again:?}");
        prop_assert_eq!(Removals::of(&again, &after).total(), 0);
    }

    #[test]
    fn an_id_there_is_the_same_id_here_while_it_is_there(history in history()) {
        let (before, last, after) = lived(history);
        for (id, row) in &before.repositories {
            let Some(there) = last.repositories.iter().find(|there| Some(&there.key) == row.key.as_ref()) else {
                prop_assert!(!after.repositories.contains_key(id), "what is gone there is gone here");
                continue;
            };
            let kept = after.repositories.values().filter(|other| other.key == row.key).count();
            prop_assert!(kept <= 1);
            if let Some(now) = after.repositories.get(id) {
                prop_assert_eq!(&now.upstream_name, &format!("{}/{}", there.owner_login, there.name));
            } else {
                // It left for an owner that is not bound or not there, or could not arrive where it went.
                prop_assert_eq!(kept, 0);
            }
        }
    }

    #[test]
    fn a_change_of_owner_is_a_transfer_and_leaves_everything_behind(history in history()) {
        let (before, last, _) = lived(history);
        let plan = plan(&before, &last);
        for (id, state) in &plan.updated {
            prop_assert_eq!(before.repositories[id].owner, state.owner);
        }
        let mut next = 5000;
        for (id, state) in &plan.transferred {
            prop_assert_ne!(before.repositories[id].owner, state.owner);
            // What is given again is given by what the upstream says now.
            let after = carry_out(before.clone(), &plan, &mut next);
            for (repository, person) in after.collaborators.keys().filter(|(repository, _)| repository == id) {
                let key = after.repositories[repository].key.as_ref();
                prop_assert!(plan.collaborators_set.iter().any(|(one, who, _)| Some(one) == key && who == person));
            }
        }
    }

    #[test]
    fn nobody_comes_in_who_is_not_linked_by_id(history in history()) {
        let (before, last, after) = lived(history);
        let linked = |person: &bailiwick_model::AccountId| after.links.get(person).and_then(|link| link.key.clone());
        for (owner, person) in after.members.keys().filter(|place| !before.members.contains_key(place)) {
            let key = linked(person);
            let said = last.people.as_ref().unwrap();
            prop_assert!(said.members.iter().any(|there| Some(&there.person) == key.as_ref()
                && Some(&there.owner) == after.owners[owner].key.as_ref()));
        }
        prop_assert_eq!(before.members.keys().filter(|(_, person)| person.0 == 20).count(), 1);
        prop_assert_eq!(after.members.keys().filter(|(_, person)| person.0 == 20).count(), 1, "kept here");
        prop_assert!(!after.members.keys().any(|(_, person)| person.0 == 14), "a service account is no member");
        for team in after.teams.values() {
            for person in &team.members {
                prop_assert!(after.members.contains_key(&(team.owner, *person)));
            }
        }
    }

    #[test]
    fn names_here_are_never_shared(history in history()) {
        let (_, _, after) = lived(history);
        let names = after.repositories.values().map(|row| (row.owner, fold(&row.name)));
        prop_assert!(distinct(names.chain(after.names_taken.iter().cloned())));
        let slugs = after.teams.values().map(|team| (team.owner, team.slug.clone()));
        prop_assert!(distinct(slugs.chain(after.slugs_taken.iter().cloned())));
        let logins = after.owners.values().map(|owner| fold(&owner.login));
        prop_assert!(distinct(logins.chain(after.logins_taken.iter().cloned())));
        prop_assert!(after.repositories.values().all(|row| bailiwick_model::name::repository(&row.name).is_ok()));
        prop_assert!(after.owners.values().all(|owner| bailiwick_model::name::login(&owner.login).is_ok()));
    }

    #[test]
    fn what_is_not_known_to_be_open_is_private(history in history()) {
        let (_, last, after) = lived(history);
        for row in after.repositories.values().filter(|row| row.visibility != Visibility::Private) {
            let there = last.repositories.iter().find(|there| Some(&there.key) == row.key.as_ref());
            let said = there.map(|there| there.visibility);
            // Kept here is what was said before.
            prop_assert!(matches!(said, Some(Seen::By(Visibility::Public) | Seen::KeptHere)), "{said:?}");
        }
    }

    #[test]
    fn teams_never_stand_above_themselves(history in history()) {
        let (_, _, after) = lived(history);
        for team in after.teams.values() {
            let mut steps = 0;
            let mut next = team.parent;
            while let Some(parent) = next {
                steps += 1;
                prop_assert!(steps <= after.teams.len());
                prop_assert_eq!(after.teams[&parent].owner, team.owner);
                next = after.teams[&parent].parent;
            }
        }
    }

    #[test]
    fn every_loss_is_counted(history in history()) {
        let (before, last, after) = lived(history);
        let removals = Removals::of(&plan(&before, &last), &before);
        let lost = before.repositories.iter().filter(|(id, row)| after.repositories.get(id).map(|now| now.owner) != Some(row.owner));
        prop_assert_eq!(removals.repositories, lost.count());
        let lost = before.members.keys().filter(|place| !after.members.contains_key(place));
        prop_assert_eq!(removals.members, lost.count());
        let lost = before.teams.keys().filter(|id| !after.teams.contains_key(id));
        prop_assert_eq!(removals.teams, lost.count());
        let lost = before.links.iter().filter(|(id, link)| link.active && !after.links[id].active);
        prop_assert_eq!(removals.links, lost.count());
    }

    #[test]
    fn the_order_of_what_is_said_does_not_matter(said in snapshot()) {
        let mut other = said.clone();
        other.owners.reverse();
        other.repositories.reverse();
        if let Some(people) = &mut other.people {
            people.persons.reverse();
            people.members.reverse();
            people.teams.reverse();
            people.collaborators.reverse();
        }
        let other = other.whole().unwrap();
        prop_assert_eq!(plan(&start(), &other), plan(&start(), &said));
    }
}
