//! A naive world: what is here as plain maps, plans carried out on it one entry at a time, and random snapshots.

use crate::upstream::synchronise::current::{Current, LinkHere, OwnerHere, RepositoryHere, TeamHere};
use crate::upstream::synchronise::plan::{Plan, RepositoryState};
use crate::upstream::synchronise::snapshot::{
    CollaboratorThere, MemberThere, OwnerThere, People, PersonThere, RepositoryThere, Seen, Snapshot,
    TeamThere,
};
use bailiwick_model::{
    AccountId, OrganizationRole, OwnerKind, RepositoryId, RepositoryRole, TeamId, Visibility,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Three owners are bound, two by id and one by name; four accounts are linked, one of them by name; one member is not
/// linked; a repository and a team were made here.
pub fn start() -> Current {
    let owner = |key: Option<&str>, name: &str| OwnerHere {
        key: key.map(str::to_owned),
        upstream_name: name.to_owned(),
        login: name.to_owned(),
        kind: OwnerKind::Organization,
        base_role: RepositoryRole::Read,
        in_enterprise: false,
    };
    let link = |key: Option<&str>, login: &str, person: bool| LinkHere {
        key: key.map(str::to_owned),
        login: login.to_owned(),
        active: true,
        lost: false,
        person,
    };
    let id = AccountId;
    Current {
        owners: BTreeMap::from([
            (id(1), owner(Some("o1"), "one")),
            (id(2), owner(Some("o2"), "two")),
            (id(3), owner(None, "three")),
        ]),
        links: BTreeMap::from([
            (id(11), link(Some("p1"), "u1", true)),
            (id(12), link(Some("p2"), "u2", true)),
            (id(13), link(None, "u3", true)),
            (id(14), link(Some("p4"), "u4", false)),
        ]),
        members: BTreeMap::from([((id(1), id(20)), OrganizationRole::Owner)]),
        names_taken: BTreeSet::from([(id(1), String::from("local"))]),
        slugs_taken: BTreeSet::from([(id(1), String::from("local"))]),
        logins_taken: BTreeSet::from([String::from("local")]),
        ..Current::default()
    }
}

fn put(current: &mut Current, id: RepositoryId, state: &RepositoryState) {
    let before = current.repositories.get(&id);
    let branch = before.map_or(String::from("main"), |before| before.default_branch.clone());
    let row = RepositoryHere {
        owner: state.owner,
        key: Some(state.key.clone()),
        upstream_name: state.upstream_name.clone(),
        name: state.name.clone(),
        visibility: state.visibility,
        archived: state.archived,
        default_branch: state.default_branch.clone().unwrap_or(branch),
    };
    current.repositories.insert(id, row);
}

/// Takes a repository out of everything.
fn detach(current: &mut Current, id: RepositoryId) {
    current
        .collaborators
        .retain(|(repository, _), _| *repository != id);
    for team in current.teams.values_mut() {
        team.repositories.remove(&id);
    }
}

/// Carries a plan out. Ids are never given twice: `next` counts.
pub fn carry_out(mut current: Current, plan: &Plan, next: &mut i64) -> Current {
    let mut fresh = || {
        *next += 1;
        *next
    };
    for change in &plan.owners {
        let owner = current.owners.get_mut(&change.id).unwrap();
        owner.key = Some(change.key.clone());
        owner.upstream_name.clone_from(&change.upstream_name);
        owner.base_role = change.base_role;
        if let Some(login) = &change.login {
            owner.login.clone_from(login);
        }
    }
    for id in &plan.removed {
        detach(&mut current, *id);
        current.repositories.remove(id);
    }
    for (id, state) in &plan.transferred {
        detach(&mut current, *id);
        put(&mut current, *id, state);
    }
    for (id, state) in &plan.updated {
        put(&mut current, *id, state);
    }
    for state in &plan.created {
        put(&mut current, RepositoryId(fresh()), state);
    }
    for change in &plan.links {
        let link = current.links.get_mut(&change.account).unwrap();
        link.key.clone_from(&change.key);
        link.login.clone_from(&change.login);
        link.active = change.active;
        link.lost = change.lost;
    }
    for (owner, person, role) in &plan.members_set {
        current.members.insert((*owner, *person), *role);
    }
    for place in &plan.members_removed {
        current.members.remove(place);
        let inside = current.teams.values_mut().filter(|team| team.owner == place.0);
        inside.for_each(|team| team.members.retain(|person| *person != place.1));
    }
    for id in &plan.teams_removed {
        current.teams.remove(id);
    }
    teams(&mut current, plan, &mut fresh);
    let keys = by_key(&current);
    for (key, person, role) in &plan.collaborators_set {
        current.collaborators.insert((keys[key], *person), *role);
    }
    for place in &plan.collaborators_removed {
        current.collaborators.remove(place);
    }
    current
}

fn by_key(current: &Current) -> BTreeMap<String, RepositoryId> {
    let rows = current.repositories.iter();
    rows.filter_map(|(id, row)| Some((row.key.clone()?, *id)))
        .collect()
}

fn teams(current: &mut Current, plan: &Plan, fresh: &mut impl FnMut() -> i64) {
    let keys = by_key(current);
    let mut all: Vec<(TeamId, _)> = plan.teams_updated.clone();
    all.extend(
        plan.teams_created
            .iter()
            .map(|state| (TeamId(fresh()), state.clone())),
    );
    let mut ids: BTreeMap<String, TeamId> = current
        .teams
        .iter()
        .map(|(id, team)| (team.key.clone(), *id))
        .collect();
    ids.extend(all.iter().map(|(id, state)| (state.key.clone(), *id)));
    for (id, state) in all {
        let team = TeamHere {
            owner: state.owner,
            parent: state.parent.as_ref().map(|key| ids[key]),
            key: state.key,
            name: state.name,
            slug: state.slug,
            secret: state.secret,
            members: state.members,
            repositories: state
                .repositories
                .iter()
                .map(|(key, role)| (keys[key], *role))
                .collect(),
        };
        current.teams.insert(id, team);
    }
}

const OWNERS: &[(&str, &str)] = &[("o1", "one"), ("o2", "two"), ("o3", "three"), ("o9", "nine")];
const NAMES: &[&str] = &["a", "b", "c", "B", "local", "no name", "d"];

fn some<T: Clone + std::fmt::Debug + 'static>(all: Vec<T>) -> impl Strategy<Value = Vec<T>> {
    let most = all.len();
    proptest::sample::subsequence(all, 0..=most)
}

fn owners() -> impl Strategy<Value = Vec<OwnerThere>> {
    let logins = prop_oneof![4 => Just(None), 1 => proptest::sample::select(vec!["two", "ten", "local", "x.y"]).prop_map(Some)];
    some(OWNERS.to_vec()).prop_flat_map(move |chosen| {
        let one = logins.clone();
        let count = chosen.len();
        proptest::collection::vec((one, any::<bool>()), count).prop_map(move |parts| {
            let with = chosen.iter().zip(parts);
            with.map(|((key, login), (other, base))| OwnerThere {
                key: (*key).to_owned(),
                login: other.unwrap_or(login).to_owned(),
                kind: Some(OwnerKind::Organization),
                base_role: base.then_some(RepositoryRole::None),
            })
            .collect()
        })
    })
}

fn repositories() -> impl Strategy<Value = Vec<RepositoryThere>> {
    let visibility = proptest::sample::select(vec![
        Seen::Unknown,
        Seen::KeptHere,
        Seen::By(Visibility::Public),
        Seen::By(Visibility::Private),
        Seen::By(Visibility::Internal),
    ]);
    let one = (
        proptest::sample::select(OWNERS),
        proptest::sample::select(NAMES),
        visibility,
        proptest::option::of(any::<bool>()),
        any::<bool>(),
    );
    proptest::collection::btree_map(0..6_u8, one, 0..6).prop_map(|all| {
        let each =
            all.into_iter().map(
                |(key, (owner, name, visibility, archived, branch))| RepositoryThere {
                    key: format!("r{key}"),
                    owner: owner.0.to_owned(),
                    owner_login: owner.1.to_owned(),
                    name: name.to_owned(),
                    visibility,
                    archived,
                    default_branch: branch.then(|| String::from("trunk")),
                },
            );
        each.collect()
    })
}

fn role() -> impl Strategy<Value = RepositoryRole> {
    proptest::sample::select(vec![
        RepositoryRole::Read,
        RepositoryRole::Write,
        RepositoryRole::Admin,
    ])
}

fn keys(letter: char, count: u8) -> impl Strategy<Value = Vec<String>> {
    some((0..count).map(|number| format!("{letter}{number}")).collect())
}

fn key(letter: char, count: u8) -> impl Strategy<Value = String> {
    (0..count).prop_map(move |number| format!("{letter}{number}"))
}

fn team() -> impl Strategy<Value = TeamThere> {
    (
        (
            key('t', 5),
            key('o', 4),
            proptest::sample::select(NAMES),
            proptest::option::of(key('t', 5)),
        ),
        (
            any::<bool>(),
            keys('p', 6),
            proptest::collection::btree_map(key('r', 6), role(), 0..4),
        ),
    )
        .prop_map(
            |((key, owner, name, parent), (secret, members, repositories))| TeamThere {
                key,
                owner,
                name: name.to_owned(),
                parent,
                secret,
                members,
                repositories: repositories.into_iter().collect(),
            },
        )
}

fn people() -> impl Strategy<Value = People> {
    let person = (proptest::option::weighted(0.2, Just("renamed")), any::<bool>());
    let persons = proptest::collection::btree_map(1..6_u8, person, 0..6).prop_map(|all| {
        let each = all.into_iter().map(|(number, (other, active))| PersonThere {
            key: format!("p{number}"),
            login: other.map_or(format!("u{number}"), |other| format!("{other}{number}")),
            active,
        });
        each.collect()
    });
    let members = proptest::collection::btree_map((key('o', 4), key('p', 6)), any::<bool>(), 0..8);
    let collaborators = proptest::collection::btree_map((key('r', 6), key('p', 6)), role(), 0..8);
    (
        persons,
        members,
        proptest::collection::vec(team(), 0..5),
        collaborators,
    )
        .prop_map(|(persons, members, mut teams, collaborators)| {
            teams.sort_by(|one, other| one.key.cmp(&other.key));
            teams.dedup_by(|one, other| one.key == other.key);
            let role = |owner| {
                if owner {
                    OrganizationRole::Owner
                } else {
                    OrganizationRole::Member
                }
            };
            People {
                persons,
                members: members
                    .into_iter()
                    .map(|((owner, person), is)| MemberThere {
                        owner,
                        person,
                        role: role(is),
                    })
                    .collect(),
                teams,
                collaborators: collaborators
                    .into_iter()
                    .map(|((repository, person), role)| CollaboratorThere {
                        repository,
                        person,
                        role,
                    })
                    .collect(),
                unlinked: 0,
            }
        })
}

/// What an upstream might say.
pub fn snapshot() -> impl Strategy<Value = Snapshot> {
    (
        owners(),
        repositories(),
        proptest::option::weighted(0.9, people()),
    )
        .prop_map(|(owners, repositories, people)| {
            let said = Snapshot {
                owners,
                repositories,
                people,
                ..Snapshot::default()
            };
            said.whole().unwrap()
        })
}
