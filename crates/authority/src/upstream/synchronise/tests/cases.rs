//! Single cases, by name.

use super::world::{carry_out, start};
use crate::upstream::synchronise::current::Current;
use crate::upstream::synchronise::guard::Removals;
use crate::upstream::synchronise::plan::{Plan, plan};
use crate::upstream::synchronise::snapshot::{
    Contradiction, OwnerThere, People, PersonThere, RepositoryThere, Seen, Snapshot,
};
use bailiwick_model::{AccountId, OwnerKind, Visibility};

fn owner(key: &str, login: &str) -> OwnerThere {
    OwnerThere {
        key: key.to_owned(),
        login: login.to_owned(),
        kind: Some(OwnerKind::Organization),
        base_role: None,
    }
}

fn repository(key: &str, owner: (&str, &str), name: &str) -> RepositoryThere {
    RepositoryThere {
        key: key.to_owned(),
        owner: owner.0.to_owned(),
        owner_login: owner.1.to_owned(),
        name: name.to_owned(),
        visibility: Seen::By(Visibility::Public),
        archived: Some(false),
        default_branch: None,
    }
}

fn said(owners: Vec<OwnerThere>, repositories: Vec<RepositoryThere>) -> Snapshot {
    let said = Snapshot {
        owners,
        repositories,
        ..Snapshot::default()
    };
    said.whole().unwrap()
}

fn three() -> Vec<OwnerThere> {
    vec![owner("o1", "one"), owner("o2", "two"), owner("o3", "three")]
}

fn after(current: Current, said: &Snapshot) -> (Current, Plan) {
    let plan = plan(&current, said);
    let mut next = 100 + i64::try_from(current.repositories.len()).unwrap() * 100;
    (carry_out(current, &plan, &mut next), plan)
}

fn codes(plan: &Plan) -> Vec<&str> {
    plan.conflicts.iter().map(|one| one.code.as_str()).collect()
}

#[test]
fn two_names_can_be_swapped() {
    let (current, _) = after(
        start(),
        &said(
            three(),
            vec![
                repository("r1", ("o1", "one"), "a"),
                repository("r2", ("o1", "one"), "b"),
            ],
        ),
    );
    let (swapped, plan) = after(
        current.clone(),
        &said(
            three(),
            vec![
                repository("r1", ("o1", "one"), "b"),
                repository("r2", ("o1", "one"), "a"),
            ],
        ),
    );
    assert_eq!(plan.updated.len(), 2);
    assert!(plan.conflicts.is_empty());
    for (id, row) in &current.repositories {
        assert_eq!(swapped.repositories[id].key, row.key);
        assert_ne!(swapped.repositories[id].name, row.name);
    }
}

#[test]
fn a_name_that_something_here_has_is_not_taken_from_it() {
    let (current, plan) = after(
        start(),
        &said(three(), vec![repository("r1", ("o1", "one"), "Local")]),
    );
    assert!(current.repositories.is_empty());
    assert_eq!(codes(&plan), ["repository.name_taken"]);
    let (_, plan) = after(
        start(),
        &said(three(), vec![repository("r1", ("o1", "one"), "a b")]),
    );
    assert_eq!(codes(&plan), ["repository.name_invalid"]);
}

#[test]
fn what_cannot_arrive_leaves_its_old_owner_all_the_same() {
    let (current, _) = after(
        start(),
        &said(three(), vec![repository("r1", ("o2", "two"), "local")]),
    );
    assert_eq!(current.repositories.len(), 1);
    let (current, plan) = after(
        current,
        &said(three(), vec![repository("r1", ("o1", "one"), "local")]),
    );
    assert!(current.repositories.is_empty());
    assert_eq!(plan.removed.len(), 1);
    assert_eq!(codes(&plan), ["repository.name_taken"]);
}

#[test]
fn an_owner_of_the_same_name_is_not_the_owner() {
    let (current, _) = after(
        start(),
        &said(three(), vec![repository("r1", ("o1", "one"), "a")]),
    );
    let owners = vec![owner("o7", "one"), owner("o2", "two"), owner("o3", "three")];
    let (current, plan) = after(current, &said(owners, vec![repository("r1", ("o7", "one"), "a")]));
    assert_eq!(plan.owners_gone, [AccountId(1)]);
    assert_eq!(plan.removed.len(), 1);
    assert!(current.repositories.is_empty());
    assert_eq!(codes(&plan), ["owner.gone"]);
}

#[test]
fn owners_take_over_a_new_name_unless_it_is_taken_here() {
    let owners = vec![owner("o1", "uno"), owner("o2", "local"), owner("o3", "three")];
    let (current, plan) = after(start(), &said(owners, Vec::new()));
    assert_eq!(current.owners[&AccountId(1)].login, "uno");
    assert_eq!(current.owners[&AccountId(2)].login, "two");
    assert_eq!(current.owners[&AccountId(2)].upstream_name, "local");
    assert_eq!(codes(&plan), ["owner.name_taken"]);
}

#[test]
fn a_binding_that_is_not_found_is_left_alone() {
    let owners = vec![owner("o1", "one"), owner("o2", "two"), owner("o5", "thre")];
    let (_, plan) = after(start(), &said(owners, Vec::new()));
    assert_eq!(codes(&plan), ["owner.unknown"]);
    assert_eq!(Removals::of(&plan, &start()).total(), 0);
}

#[test]
fn a_person_who_is_gone_or_inactive_is_linked_to_nothing_that_works() {
    let person = |key: &str, login: &str, active| PersonThere {
        key: key.to_owned(),
        login: login.to_owned(),
        active,
    };
    let persons = vec![
        person("p1", "u1", false),
        person("p2", "other", true),
        person("p3", "u3", true),
    ];
    let said = Snapshot {
        people: Some(People {
            persons,
            ..People::default()
        }),
        ..said(three(), Vec::new())
    };
    let (current, _) = after(start(), &said);
    let link = |id: i64| &current.links[&AccountId(id)];
    assert!(!link(11).active);
    assert_eq!((link(12).login.as_str(), link(12).active), ("other", true));
    assert_eq!(link(13).key.as_deref(), Some("p3"));
    assert!(!link(14).active, "not there");
    // Active there again, it is here; but not what was switched off here.
    let mut current = current;
    current.links.get_mut(&AccountId(12)).unwrap().active = false;
    let mut said = said;
    said.people.as_mut().unwrap().persons[0].active = true;
    let (current, _) = after(current, &said);
    assert!(current.links[&AccountId(11)].active);
    assert!(!current.links[&AccountId(12)].active);
}

#[test]
fn more_than_ten_and_a_tenth_are_many() {
    let all = |count: i64| {
        let each =
            (0..count).map(|number| repository(&format!("r{number}"), ("o1", "one"), &format!("n{number}")));
        said(three(), each.collect())
    };
    let are_many = |before: i64, now: i64| {
        let (current, _) = after(start(), &all(before));
        let plan = plan(&current, &all(now));
        Removals::of(&plan, &current).are_many(&current)
    };
    assert!(!are_many(10, 0));
    assert!(are_many(11, 0));
    assert!(!are_many(100, 90));
    assert!(are_many(100, 89));
    assert!(!are_many(200, 180));
    assert!(are_many(200, 179));
}

#[test]
fn one_id_for_two_things_is_no_snapshot() {
    let twice = |other: &str| Snapshot {
        owners: three(),
        repositories: vec![
            repository("r1", ("o1", "one"), "a"),
            repository("r1", ("o1", "one"), other),
        ],
        ..Snapshot::default()
    };
    assert_eq!(twice("b").whole(), Err(Contradiction("repository")));
    assert_eq!(twice("a").whole().unwrap().repositories.len(), 1);
}
