//! Access requests: decided once, never beyond what was asked, and narrowing gives only what both sides hold.

use bailiwick_decision::request::{Conflict, Verb, apply, narrowed, narrows, widens};
use bailiwick_model::{Level, Levels, PermissionId, RepositoryId, RequestState, Selection};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;

const VERBS: [Verb; 5] = [
    Verb::Approve,
    Verb::Deny,
    Verb::Cancel,
    Verb::Expire,
    Verb::Supersede,
];
const STATES: [RequestState; 6] = [
    RequestState::Pending,
    RequestState::Approved,
    RequestState::Denied,
    RequestState::Cancelled,
    RequestState::Expired,
    RequestState::Superseded,
];

fn levels() -> impl Strategy<Value = Levels> {
    let level = select(vec![Level::None, Level::Read, Level::Write, Level::Admin]);
    btree_map(select(vec![0_u8, 1, 31, 32, 127]), level, 0..5).prop_map(|map| {
        map.into_iter()
            .map(|(id, level)| (PermissionId(id), level))
            .collect()
    })
}

fn selection() -> impl Strategy<Value = Selection> {
    prop_oneof![
        Just(Selection::None),
        Just(Selection::All),
        vec(0..5_i64, 0..5).prop_map(|ids| Selection::subset(ids.into_iter().map(RepositoryId).collect())),
    ]
}

/// Whether a pair of levels and selection opens a permission at a level in a repository.
fn opens(one: (&Levels, &Selection), permission: u8, level: Level, repository: i64) -> bool {
    one.0.get(PermissionId(permission)) >= level && one.1.contains(RepositoryId(repository))
}

#[test]
fn a_request_is_decided_once() {
    for state in STATES {
        for verb in VERBS {
            for (base, revision) in [(1, 1), (1, 2)] {
                let after = apply(state, verb, base, revision);
                match (state, verb) {
                    (RequestState::Pending, Verb::Approve) if base != revision => {
                        assert_eq!(after, Err(Conflict::Moved))
                    }
                    (RequestState::Pending, _) => {
                        let after = after.unwrap();
                        assert_ne!(after, RequestState::Pending, "{verb:?}");
                        for again in VERBS {
                            assert_eq!(apply(after, again, base, revision), Err(Conflict::Decided(after)));
                        }
                    }
                    _ => assert_eq!(after, Err(Conflict::Decided(state))),
                }
            }
        }
    }
}

#[test]
fn each_verb_leads_to_its_own_state() {
    let after: Vec<RequestState> = VERBS
        .map(|verb| apply(RequestState::Pending, verb, 7, 7).unwrap())
        .into();
    assert_eq!(after, STATES[1..]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn an_approval_never_gives_more_than_was_asked(
        asked in (levels(), selection()), approved in (levels(), selection()),
        permission in select(vec![0_u8, 1, 31, 32, 127]), repository in 0..6_i64,
    ) {
        let (asked, approved) = ((&asked.0, &asked.1), (&approved.0, &approved.1));
        if narrows(asked, approved).is_ok() {
            for level in [Level::Read, Level::Write, Level::Admin] {
                prop_assert!(!opens(approved, permission, level, repository) || opens(asked, permission, level, repository));
            }
        } else {
            prop_assert_eq!(narrows(asked, approved), Err(Conflict::BeyondRequest));
        }
        prop_assert_eq!(narrows(asked, approved).is_err(), widens(asked, approved));
        prop_assert!(narrows(asked, asked).is_ok());
    }

    #[test]
    fn what_holds_while_a_widening_waits_is_in_both(
        approved in (levels(), selection()), wanted in (levels(), selection()),
        permission in select(vec![0_u8, 1, 31, 32, 127]), repository in 0..6_i64,
    ) {
        let (approved, wanted) = ((&approved.0, &approved.1), (&wanted.0, &wanted.1));
        let (levels, selection) = narrowed(approved, wanted);
        let now = (&levels, &selection);
        prop_assert!(!widens(approved, now) && !widens(wanted, now));
        for level in [Level::Read, Level::Write, Level::Admin] {
            let both = opens(approved, permission, level, repository) && opens(wanted, permission, level, repository);
            prop_assert_eq!(opens(now, permission, level, repository), both);
        }
    }
}
