//! Explanations, open conditions and archived repositories, on one push.

use crate::asked::term;
use crate::question::{Asked, Carried, Given, Life, Question, Takes, Thing, Who};

use crate::role::{acme, nobody};
use bailiwick_catalogue::perm;
use bailiwick_catalogue::{Anonymous, Kinds, Role, Target, When};
use bailiwick_decision::{Conditions, Decision, Known, Reason, explain};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::time::DAY;
use bailiwick_model::*;

/// A token with `0: read` at acme, asking for `0: read` and, if a workflow is touched, `1: write`; or for `2: read`.
fn pushed(workflow: Known) -> Question {
    let mut touched = term(
        Target::Repository,
        1,
        Level::Write,
        Role::Repository(RepositoryRole::Write),
    );
    touched.when = When::Workflow;
    let first = vec![
        term(
            Target::Repository,
            0,
            Level::Read,
            Role::Repository(RepositoryRole::Read),
        ),
        touched,
    ];
    let second = vec![term(
        Target::Repository,
        2,
        Level::Read,
        Role::Repository(RepositoryRole::Read),
    )];
    let life = Life {
        of: 1,
        created: 0,
        expires: Some(DAY),
        revoked: false,
        several_owners: false,
    };
    let given = Given {
        at: ResourceOwner::Account(AccountId(10)),
        active: true,
        levels: [(0, Level::Read)].into(),
        everything: false,
        selected: Some([100].into()),
    };
    let owner = acme(RepositoryRole::Write);
    let thing = Thing::Repository {
        id: 100,
        owned_by: 10,
        visibility: Visibility::Private,
        archived: false,
        owner,
    };
    Question {
        now: 1,
        carried: Carried::FineGrained(life, vec![given]),
        who: Who {
            organizations: [(10, OrganizationRole::Member)].into(),
            ..nobody()
        },
        operation: Some(Asked {
            anonymous: Anonymous::Never,
            takes: Takes::AnyOf(vec![first, second]),
            scopes: vec![],
            kinds: Kinds {
                fine_grained: true,
                classic: true,
                session: true,
            },
            sudo: false,
            plants: false,
        }),
        things: [(0, thing)].into(),
        conditions: Conditions {
            workflow,
            ..Conditions::default()
        },
        rate_exceeded: false,
        narrowed: None,
    }
}

#[test]
fn an_explanation_tells_the_fate_of_every_term() {
    for (workflow, allowed) in [
        (Known::No, true),
        (Known::Later, true),
        (Known::Yes, false),
        (Known::Unknown, false),
    ] {
        let explained = pushed(workflow).with_facts(explain);
        assert_eq!(explained.decision.is_allowed(), allowed, "{workflow:?}");
        let fate: Vec<Vec<(Known, Option<Reason>)>> = explained
            .alternatives
            .iter()
            .map(|terms| terms.iter().map(|trace| (trace.counts, trace.fails)).collect())
            .collect();
        let short = Some(Reason::LevelTooLow);
        assert_eq!(
            fate,
            [
                vec![(Known::Yes, None), (workflow, short)],
                vec![(Known::Yes, short)]
            ]
        );
    }
}

#[test]
fn an_open_condition_is_answered_provisionally_and_settled_later() {
    let provisional = |known| match pushed(known).decide() {
        Decision::Allow(allow) => Some(allow.provisional),
        Decision::Deny(_) => None,
    };
    assert_eq!(provisional(Known::Later), Some(true));
    assert_eq!(provisional(Known::No), Some(false));
    assert_eq!(provisional(Known::Yes), None);
    assert_eq!(provisional(Known::Unknown), None);
}

#[test]
fn an_archived_repository_is_read_and_administered_and_nothing_else() {
    for (permission, level, allowed) in [
        (0, Level::Read, true),
        (0, Level::Write, false),
        (perm::ADMINISTRATION.0, Level::Read, true),
        (perm::ADMINISTRATION.0, Level::Write, true),
    ] {
        let mut q = pushed(Known::No);
        let asks = term(
            Target::Repository,
            permission,
            level,
            Role::Repository(RepositoryRole::Read),
        );
        q.operation.as_mut().unwrap().takes = Takes::AnyOf(vec![vec![asks]]);
        if let Carried::FineGrained(_, given) = &mut q.carried {
            given[0].levels = [(permission, level)].into();
        }
        assert!(q.decide().is_allowed(), "{permission} {level:?}");
        if let Some(Thing::Repository { archived, .. }) = q.things.get_mut(&0) {
            *archived = true;
        }
        let expected = if allowed {
            None
        } else {
            Some(Reason::RepositoryArchived)
        };
        let reason = match q.decide() {
            Decision::Allow(_) => None,
            Decision::Deny(deny) => Some(deny.reason),
        };
        assert_eq!(reason, expected, "{permission} {level:?}");
    }
}

#[test]
fn an_alternative_without_conditions_is_preferred_wherever_it_stands() {
    let mut q = pushed(Known::Later);
    if let Carried::FineGrained(_, given) = &mut q.carried {
        given[0].levels = [(0, Level::Read), (2, Level::Read)].into();
    }
    for _ in 0..2 {
        assert!(matches!(q.decide(), Decision::Allow(allow) if !allow.provisional));
        if let Some(Takes::AnyOf(sets)) = q.operation.as_mut().map(|operation| &mut operation.takes) {
            sets.reverse();
        }
    }
}
