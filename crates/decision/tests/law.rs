//! The laws of the decision, each as a property over questions that a person would not think of.

use crate::question::{Built, Carried, Question, Takes, Thing};
use crate::reference::{judge, knows};
use crate::strategy::{NOW, question};
use crate::tightening::tightenings;
use bailiwick_catalogue::{Anonymous, Requirement, Target, When, by_id, perm};
use bailiwick_decision::{
    Basis, Conditions, Decision, Facts, Filter, Known, Package, Reason, Refusal, Stage, TargetFacts, Targets,
};
use bailiwick_model::Level;
use bailiwick_model::time::DAY;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn refusal(decision: &Decision) -> Option<Refusal> {
    match decision {
        Decision::Allow(_) => None,
        Decision::Deny(deny) => Some(deny.refusal),
    }
}

/// What the catalogue's own checks guarantee: in each alternative something counts whatever the object is.
fn well_formed(q: &Question) -> bool {
    q.operation
        .as_ref()
        .is_none_or(|operation| match &operation.takes {
            Takes::AnyOf(sets) => sets
                .iter()
                .all(|terms| terms.iter().any(|term| term.when == When::Always)),
            Takes::Live | Takes::Closed => true,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn taking_something_away_never_opens_anything(q in question()) {
        if !q.decide().is_allowed() {
            for (name, tighter) in tightenings(&q) {
                prop_assert!(!tighter.decide().is_allowed(), "{name}");
            }
        }
    }

    #[test]
    fn not_knowing_a_condition_never_opens_anything(q in question(), which in 0..4_usize) {
        if !q.decide().is_allowed() && well_formed(&q) {
            let mut blind = q.clone();
            let conditions = &mut blind.conditions;
            let slots = [&mut conditions.issue, &mut conditions.pull_request, &mut conditions.workflow, &mut conditions.author];
            *slots.into_iter().nth(which).unwrap() = Known::Unknown;
            prop_assert!(!blind.decide().is_allowed());
        }
    }

    #[test]
    fn a_final_answer_does_not_depend_on_an_open_condition(q in question(), workflow in any::<bool>()) {
        let mut open = q.clone();
        open.conditions.workflow = Known::Later;
        let answer = open.decide();
        if matches!(answer, Decision::Allow(allow) if !allow.provisional) {
            let mut settled = open;
            settled.conditions.workflow = if workflow { Known::Yes } else { Known::No };
            prop_assert_eq!(settled.decide(), answer);
        }
    }

    #[test]
    fn the_same_question_gets_the_same_answer(q in question()) {
        prop_assert_eq!(q.decide(), q.clone().decide());
        prop_assert_eq!(q.decide(), q.with_facts(|facts| bailiwick_decision::explain(facts).decision));
    }

    #[test]
    fn what_is_allowed_somewhere_could_be(q in question()) {
        if let Decision::Allow(allow) = q.decide() {
            let could = q.with_facts(|facts| bailiwick_decision::could(facts).is_ok());
            prop_assert!(could || allow.basis == Basis::Anonymous);
        }
    }

    #[test]
    fn nothing_granted_could_be_nothing(mut q in question()) {
        let taken = match &mut q.carried {
            Carried::FineGrained(_, given) => {
                given.iter_mut().for_each(|given| given.levels.clear());
                true
            }
            Carried::Classic(..) | Carried::Session { .. } | Carried::Nothing | Carried::Garbage => false,
        };
        let takes = q.operation.as_ref().is_some_and(|operation| matches!(operation.takes, Takes::AnyOf(_)));
        if taken && takes && well_formed(&q) {
            let could = q.with_facts(|facts| bailiwick_decision::could(facts).is_ok());
            prop_assert!(!could);
        }
    }

    #[test]
    fn order_never_matters((q, shuffled) in question().prop_flat_map(shuffle)) {
        prop_assert_eq!(q.decide(), shuffled.decide());
    }

    #[test]
    fn nothing_listed_is_nothing_allowed(mut q in question(), which in 0..5) {
        let Some(operation) = &mut q.operation else { return Ok(()) };
        operation.anonymous = Anonymous::Never;
        if !matches!(operation.takes, Takes::AnyOf(_)) {
            operation.takes = Takes::AnyOf(vec![]);
        }
        let fine_grained = matches!(q.carried, Carried::FineGrained(..));
        match (which, &mut q.carried) {
            (0, _) => operation.takes = Takes::AnyOf(vec![]),
            (1, _) => operation.takes = Takes::AnyOf(vec![vec![], vec![]]),
            (2, Carried::FineGrained(_, given)) => given.clear(),
            (3, Carried::FineGrained(_, given)) => given.iter_mut().for_each(|given| given.levels.clear()),
            (4, Carried::Classic(..)) => operation.scopes.clear(),
            _ => return Ok(()),
        }
        prop_assert!(!q.decide().is_allowed(), "{fine_grained}");
    }

    #[test]
    fn a_selection_of_nothing_opens_no_repository(mut q in question(), listed in any::<bool>()) {
        let Carried::FineGrained(_, given) = &mut q.carried else { return Ok(()) };
        for given in given {
            given.everything = false;
            given.selected = listed.then(BTreeSet::new);
        }
        if let Decision::Allow(allow) = q.decide() {
            let on_repository = |sets: &Vec<Vec<bailiwick_catalogue::Term>>| {
                sets.iter().all(|terms| terms.iter().any(|term| {
                    term.when == When::Always && matches!(term.target, Target::Repository | Target::SecondRepository)
                        && matches!(q.things.get(&(term.target as usize)), Some(Thing::Repository { .. }))
                }))
            };
            let takes = &q.operation.as_ref().unwrap().takes;
            prop_assert!(allow.basis != Basis::Grants || !matches!(takes, Takes::AnyOf(sets) if on_repository(sets)));
        }
    }

    #[test]
    fn no_token_plants_where_an_owner_refuses(mut q in question()) {
        let Some(operation) = &mut q.operation else { return Ok(()) };
        operation.plants = true;
        operation.anonymous = Anonymous::Never;
        for thing in q.things.values_mut() {
            if let Thing::Repository { owner, .. } | Thing::Account(owner) = thing {
                owner.rules.planting = false;
            } else if let Thing::Enterprise(_, rules) = thing {
                rules.planting = false;
            }
        }
        let by_token = matches!(q.carried, Carried::FineGrained(..) | Carried::Classic(..));
        prop_assert!(!by_token || !q.decide().is_allowed());
    }

    #[test]
    fn planting_is_no_matter_of_sessions_nor_of_what_plants_nothing(q in question()) {
        let mut open = q.clone();
        for thing in open.things.values_mut() {
            if let Thing::Repository { owner, .. } | Thing::Account(owner) = thing {
                owner.rules.planting = true;
            } else if let Thing::Enterprise(_, rules) = thing {
                rules.planting = true;
            }
        }
        let plants = q.operation.as_ref().is_some_and(|operation| operation.plants);
        if matches!(q.carried, Carried::Session { .. }) || !plants {
            prop_assert_eq!(q.decide(), open.decide());
        }
    }

    #[test]
    fn garbage_is_refused_before_anything_else(mut q in question()) {
        q.carried = Carried::Garbage;
        let Decision::Deny(deny) = q.decide() else { return Err(TestCaseError::fail("allowed")) };
        prop_assert_eq!((deny.reason, deny.refusal), (Reason::CredentialUnknown, Refusal::Unauthorized));
    }

    #[test]
    fn whatever_a_visitor_may_do_every_live_credential_may(q in question()) {
        let mut visitor = q.clone();
        visitor.carried = Carried::Nothing;
        if visitor.decide().is_allowed() {
            prop_assert!(q.decide().is_allowed() || judge(&q) == Err(Stage::Live));
        }
    }

    #[test]
    fn what_was_used_is_known_exactly_where_the_credential_itself_is_enough(mut q in question()) {
        if let Some(operation) = &mut q.operation {
            operation.anonymous = Anonymous::Never;
        }
        q.rate_exceeded = false;
        q.narrowed = None;
        let (used, allowed) = q.with_facts(|facts| {
            (bailiwick_decision::used(facts).is_some(), bailiwick_decision::decide(facts).is_allowed())
        });
        prop_assert_eq!(used, allowed);
    }

    #[test]
    fn what_is_hidden_is_refused_like_what_is_not_there(q in question()) {
        let answer = q.decide();
        for (part, thing) in &q.things {
            let hidden = !knows(&q, thing);
            // A limit tells of nothing: all but the limit would have allowed it.
            let limited = matches!(&answer, Decision::Deny(deny) if deny.stage() == Stage::Limits);
            if hidden && !answer.is_allowed() && !limited {
                let mut gone = q.clone();
                gone.things.insert(*part, Thing::Missing);
                prop_assert_eq!(refusal(&answer), refusal(&gone.decide()));
                prop_assert!(matches!(refusal(&answer), Some(Refusal::NotFound | Refusal::Unauthorized)));
            }
        }
    }

    #[test]
    fn every_denial_says_why_and_how_much_may_be_told(q in question()) {
        if let Decision::Deny(deny) = q.decide() {
            let told = q.with_facts(bailiwick_decision::decide::may_know_package);
            let known = told && q.things.values().all(|thing| knows(&q, thing));
            let expected = match (deny.stage(), deny.reason) {
                (Stage::Live, _) => Refusal::Unauthorized,
                (_, Reason::RegistryScope) => Refusal::Unauthorized,
                (Stage::Limits, _) => Refusal::TooMany,
                (_, Reason::OperationUnmapped) => Refusal::NotFound,
                _ if !known => Refusal::NotFound,
                (_, Reason::CredentialRequired) => Refusal::Unauthorized,
                _ => Refusal::Forbidden,
            };
            prop_assert_eq!(deny.refusal, expected);
            let explained = q.with_facts(bailiwick_decision::explain);
            let named = deny.missing.is_none_or(|missing| {
                explained.alternatives.iter().flatten().any(|trace| trace.term == missing && trace.fails == Some(deny.reason))
            });
            prop_assert!(named);
        }
    }

    #[test]
    fn a_filter_admits_what_a_single_read_would_allow(q in question(), which in 0..SINGLE.len()) {
        let single = by_id(SINGLE[which]).unwrap();
        let Requirement::AnyOf([[term]]) = single.requirement else { panic!("{} takes more than one term", single.id) };
        let Some(thing @ Thing::Repository { .. }) = q.things.get(&0) else { return Ok(()) };
        let Built::Repository(repository, owner) = thing.build() else { return Ok(()) };
        let (admits, decision) = q.with_facts(|facts| {
            let mut targets = Targets::default();
            targets.set(Target::Repository, TargetFacts::Repository(&repository, &owner));
            let conditions = Conditions { package: Package::Unnamed, ..facts.conditions };
            let asked = Facts { operation: Some(single), targets, rate_exceeded: false, narrowed: None, conditions, ..*facts };
            let filter = Filter::new(facts, term.permission, term.level).least(term.role);
            (filter.admits(&repository, &owner), bailiwick_decision::decide(&asked))
        });
        prop_assert_eq!(admits, decision.is_allowed(), "{:?}", decision);
    }

    #[test]
    fn a_filter_for_no_level_admits_nothing(q in question()) {
        let Some(Thing::Repository { .. }) = q.things.get(&0) else { return Ok(()) };
        let Built::Repository(repository, owner) = q.things[&0].build() else { return Ok(()) };
        let admits = q.with_facts(|facts| Filter::new(facts, perm::CONTENTS, Level::None).admits(&repository, &owner));
        prop_assert!(!admits);
    }
}

/// Operations that read one thing: what a filter by the same permission may show of it.
const SINGLE: [&str; 9] = [
    "repos/get",
    "repos/get-content",
    "repos/get-commit",
    "checks/get",
    "actions/get-repo-secret",
    "actions/get-repo-variable",
    "repos/get-branch-protection",
    "dependabot/get-alert",
    "secret-scanning/get-alert",
];

/// A question with its lists in another order.
fn shuffle(q: Question) -> impl Strategy<Value = (Question, Question)> {
    let given = match &q.carried {
        Carried::FineGrained(_, given) => given.clone(),
        _ => vec![],
    };
    let sets = match q.operation.as_ref().map(|operation| &operation.takes) {
        Some(Takes::AnyOf(sets)) => sets.clone(),
        _ => vec![],
    };
    let scopes = q
        .operation
        .as_ref()
        .map(|operation| operation.scopes.clone())
        .unwrap_or_default();
    let sets: Vec<_> = sets.into_iter().map(|terms| Just(terms).prop_shuffle()).collect();
    (
        Just(given).prop_shuffle(),
        sets.prop_shuffle(),
        Just(scopes).prop_shuffle(),
    )
        .prop_map(move |(given, sets, scopes)| {
            let mut other = q.clone();
            if let Carried::FineGrained(_, held) = &mut other.carried {
                *held = given;
            }
            if let Some(operation) = &mut other.operation {
                operation.scopes = scopes;
                if let Takes::AnyOf(held) = &mut operation.takes {
                    *held = sets;
                }
            }
            (q.clone(), other)
        })
}

#[test]
fn reasons_have_codes_of_their_own_and_come_in_the_order_of_their_stages() {
    let codes: BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    assert_eq!(codes.len(), Reason::ALL.len());
    for reason in Reason::ALL {
        let (category, word) = reason.code().split_once('.').unwrap();
        assert!(!category.is_empty() && !word.is_empty(), "{reason:?}");
        assert!(!reason.stage().word().is_empty());
    }
    assert!(Reason::ALL.is_sorted() && Reason::ALL.is_sorted_by_key(|reason| reason.stage()));
}

#[test]
fn time_that_remains_plays_no_part_in_a_lifetime() {
    let policy = bailiwick_decision::policy::default_policy().fine_grained;
    let fits = |created: i64, ends: Option<i64>| {
        let at = |days: i64| bailiwick_model::Timestamp(NOW + days * DAY);
        bailiwick_decision::decide::lifetime_fits(at(created), ends.map(at), &policy)
    };
    assert!(fits(0, Some(366)) && !fits(0, Some(367)) && !fits(0, None));
    assert!(!fits(-366, Some(1)), "one day remains, but it lives too long");
}
