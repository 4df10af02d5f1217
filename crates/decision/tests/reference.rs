//! The naive model of the decision, written from the prose of ARCHITECTURE.md, and its comparison with `decide`.
//!
//! Tie-breaking: within one alternative the earliest failing stage counts; between alternatives the one that came
//! furthest. So a stage is all that the model says; which term of that stage is named is the optimised code's choice.

use crate::question::{Carried, Given, KindRules, Life, Owner, Question, Rules, Takes, Thing, counts};
use crate::strategy::question;
use bailiwick_catalogue::{Anonymous, PermissionKind, Role, Target, Term, When, perm, permission_by_id};
use bailiwick_decision::{Decision, Known, Package, Reason, Stage};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::policy::SetBy;
use bailiwick_model::{
    EnterpriseRole, Level, OrganizationRole, OwnerKind, RepositoryRole, Scope, Visibility, time::DAY,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::{BTreeMap, BTreeSet};

/// The stage that refuses; `Ok` allows, `true` only until an open condition is known.
pub fn judge(q: &Question) -> Result<bool, Stage> {
    live(q)?;
    let operation = q.operation.as_ref().ok_or(Stage::Mapped)?;
    if for_visitors(q, operation.anonymous) {
        return limits(q, false);
    }
    let open = match &q.carried {
        Carried::FineGrained(..) => operation.kinds.fine_grained,
        Carried::Classic(..) => operation.kinds.classic,
        Carried::Session { sudo_until, .. } => {
            operation.kinds.session && (!operation.sudo || q.now < *sudo_until)
        }
        Carried::Nothing | Carried::Garbage => true,
    };
    let sets = match &operation.takes {
        Takes::Closed => return Err(Stage::Mapped),
        _ if !open => return Err(Stage::Mapped),
        _ if matches!(q.carried, Carried::Nothing) => return Err(Stage::Anonymous),
        Takes::Live if q.things.values().any(|thing| !knows(q, thing)) => return Err(Stage::Grant),
        Takes::Live if operation.plants && by_token(q) => return Err(Stage::Policy),
        Takes::Live if matches!(&q.carried, Carried::Classic(_, held) if !scopes(q, held, None)) => {
            return Err(Stage::Level);
        }
        Takes::Live => return limits(q, false),
        Takes::AnyOf(_) if q.things.values().any(|thing| matches!(thing, Thing::Missing)) => {
            return Err(Stage::Grant);
        }
        Takes::AnyOf(_) if q.conditions.package == Package::Unowned => return Err(Stage::Grant),
        Takes::AnyOf(sets) => sets,
    };
    let judged: Vec<Result<bool, Stage>> = sets.iter().map(|terms| alternative(q, terms)).collect();
    match (judged.contains(&Ok(false)), judged.contains(&Ok(true))) {
        (true, _) => limits(q, false),
        (false, true) => limits(q, true),
        (false, false) => Err(judged
            .into_iter()
            .filter_map(Result::err)
            .max()
            .unwrap_or(Stage::Mapped)),
    }
}

/// Whether the credential was narrowed to less than this takes, whichever alternative it is.
fn beyond(q: &Question) -> bool {
    let (Some(narrowed), Some(operation)) = (q.narrowed, &q.operation) else {
        return false;
    };
    match &operation.takes {
        Takes::Closed => true,
        Takes::Live => operation.anonymous != Anonymous::Never,
        Takes::AnyOf(sets) => sets.iter().flatten().any(|term| match term.level {
            Level::None => true,
            Level::Read => !narrowed.read,
            Level::Write => !narrowed.write,
            Level::Admin => !narrowed.delete,
        }),
    }
}

fn limits(q: &Question, provisional: bool) -> Result<bool, Stage> {
    if q.rate_exceeded || beyond(q) {
        Err(Stage::Limits)
    } else {
        Ok(provisional)
    }
}

fn by_token(q: &Question) -> bool {
    matches!(q.carried, Carried::FineGrained(..) | Carried::Classic(..))
}

fn live(q: &Question) -> Result<(), Stage> {
    let good = |life: &Life| {
        !life.revoked
            && life.expires.is_none_or(|end| q.now < end)
            && q.who.id == Some(life.of)
            && q.who.active
    };
    match &q.carried {
        Carried::Nothing => Ok(()),
        Carried::FineGrained(life, _) | Carried::Classic(life, _) if good(life) => Ok(()),
        Carried::Session { life, .. } if good(life) && q.who.person => Ok(()),
        _ => Err(Stage::Live),
    }
}

fn for_visitors(q: &Question, anonymous: Anonymous) -> bool {
    let public = |thing: &Thing| match thing {
        Thing::Repository { visibility, .. } => *visibility == Visibility::Public,
        Thing::Account(_) => true,
        Thing::Missing | Thing::Enterprise(..) => false,
    };
    let names_one = q
        .things
        .values()
        .any(|thing| matches!(thing, Thing::Repository { .. }));
    match anonymous {
        Anonymous::Never => false,
        Anonymous::Always => true,
        Anonymous::IfPublic => (names_one || free(q)) && q.things.values().all(public),
    }
}

/// Whether a package is named that is public and belongs to an owner.
fn free(q: &Question) -> bool {
    let owned = q.things.values().any(|thing| matches!(thing, Thing::Account(_)));
    q.conditions.package == Package::Public && owned
}

/// At the owner of a package: an organization's own permission there, a person's repository permission there.
fn of_package(q: &Question, thing: &Thing, term: &Term) -> bool {
    if q.conditions.package == Package::Unnamed || term.target != Target::Organization {
        return true;
    }
    let kind = permission_by_id(term.permission).map(|permission| permission.kind);
    match thing {
        Thing::Account(owner) if owner.kind == OwnerKind::Organization => {
            kind == Some(PermissionKind::Organization)
        }
        Thing::Account(_) => kind == Some(PermissionKind::Repository),
        Thing::Missing | Thing::Repository { .. } | Thing::Enterprise(..) => false,
    }
}

fn alternative(q: &Question, terms: &[Term]) -> Result<bool, Stage> {
    let known = |term: &&Term| condition(q, term.when);
    let counted: Vec<&Term> = terms.iter().filter(|term| counts(known(term))).collect();
    if counted.is_empty() {
        return Err(Stage::Mapped);
    }
    match counted.iter().filter_map(|term| fails(q, term)).min() {
        Some(stage) => Err(stage),
        None => Ok(terms.iter().any(|term| known(&term) == Known::Later)),
    }
}

fn condition(q: &Question, when: When) -> Known {
    let yes_or_no = |holds| if holds { Known::Yes } else { Known::No };
    match (when, q.things.get(&0), q.things.get(&4)) {
        (When::Always, ..) => Known::Yes,
        (When::Issue, ..) => q.conditions.issue,
        (When::PullRequest, ..) => q.conditions.pull_request,
        (When::Workflow, ..) => q.conditions.workflow,
        (When::NotPublic, Some(Thing::Repository { visibility, .. }), _) => {
            yes_or_no(*visibility != Visibility::Public)
        }
        (When::DestinationOrganization, _, Some(Thing::Account(owner))) => {
            yes_or_no(owner.kind == OwnerKind::Organization)
        }
        _ => Known::Unknown,
    }
}

fn fails(q: &Question, term: &Term) -> Option<Stage> {
    let Some(thing) = q.things.get(&(term.target as usize)) else {
        return Some(Stage::Grant);
    };
    let own = matches!(thing, Thing::Account(owner) if q.who.id == Some(owner.id));
    let (at, rules) = match thing {
        Thing::Missing => return Some(Stage::Grant),
        Thing::Repository { owned_by, owner, .. } if *owned_by != owner.id => return Some(Stage::Grant),
        _ if term.target == Target::Own && !own => return Some(Stage::Grant),
        _ if !of_package(q, thing, term) => return Some(Stage::Grant),
        Thing::Repository { owner, .. } | Thing::Account(owner) => (account(owner.id), &owner.rules),
        Thing::Enterprise(id, rules) => (
            ResourceOwner::Enterprise(bailiwick_model::EnterpriseId(*id)),
            rules,
        ),
    };
    match &q.carried {
        Carried::FineGrained(life, given) => {
            let Some(given) = approved(given, at) else {
                return Some(Stage::Grant);
            };
            if !permits(q, rules, &rules.fine_grained, life, thing) {
                return Some(Stage::Policy);
            }
            if matches!(thing, Thing::Repository { id, .. } if !selects(given, *id)) {
                return Some(Stage::Selection);
            }
            let loose = q.conditions.package != Package::Unnamed && term.target == Target::Organization;
            if loose
                && !given.everything
                && matches!(thing, Thing::Account(owner) if owner.kind == OwnerKind::User)
            {
                return Some(Stage::Selection);
            }
            if term.level == Level::None || held(given, term.permission.0) < term.level {
                return Some(Stage::Level);
            }
        }
        Carried::Classic(life, _) if !permits(q, rules, &rules.classic, life, thing) => {
            return Some(Stage::Policy);
        }
        Carried::Classic(_, set) if !scopes(q, set, Some(thing)) => return Some(Stage::Level),
        Carried::Classic(_, set) if term.permission == perm::WORKFLOWS && !set.contains(&Scope::Workflow) => {
            return Some(Stage::Level);
        }
        _ => {}
    }
    let author = term.author_role.filter(|_| q.conditions.author == Known::Yes);
    let frozen = matches!(thing, Thing::Repository { archived: true, .. })
        && term.level > Level::Read
        && term.permission != perm::ADMINISTRATION;
    let able = is(q, thing, term.role) || author.is_some_and(|role| is(q, thing, role));
    if able && !frozen { None } else { Some(Stage::Role) }
}

fn account(id: i64) -> ResourceOwner {
    ResourceOwner::Account(bailiwick_model::AccountId(id))
}

fn approved(given: &[Given], at: ResourceOwner) -> Option<&Given> {
    given.iter().find(|given| given.at == at && given.active)
}

fn selects(given: &Given, repository: i64) -> bool {
    given.everything
        || given
            .selected
            .as_ref()
            .is_some_and(|ids| ids.contains(&repository))
}

fn held(given: &Given, permission: u8) -> Level {
    given.levels.get(&permission).copied().unwrap_or(Level::None)
}

fn permits(q: &Question, rules: &Rules, kind: &KindRules, life: &Life, thing: &Thing) -> bool {
    let fits = match (kind.days, life.expires) {
        (None, _) => true,
        (Some(days), Some(end)) => i128::from(end - life.created) <= i128::from(days) * i128::from(DAY),
        (Some(_), None) => false,
    };
    let exempt = kind.exempt
        && match (kind.set_by, thing) {
            (SetBy::Organization, Thing::Repository { owner, .. } | Thing::Account(owner)) => {
                in_organization(q, owner) == OrganizationRole::Owner
            }
            (SetBy::Enterprise, Thing::Repository { owner, .. } | Thing::Account(owner)) => {
                in_enterprise(q, owner.enterprise) == EnterpriseRole::Owner
            }
            (SetBy::Organization | SetBy::Enterprise, Thing::Enterprise(id, _)) => {
                in_enterprise(q, Some(*id)) == EnterpriseRole::Owner
            }
            _ => false,
        };
    let plants = q.operation.as_ref().is_some_and(|operation| operation.plants);
    kind.allowed
        && (fits || exempt)
        && (rules.several_owners || !life.several_owners)
        && (rules.planting || !plants)
}

/// Whether a classic token's scopes, with all that they contain, hold one of the accepted sets.
fn scopes(q: &Question, held: &BTreeSet<Scope>, thing: Option<&Thing>) -> bool {
    let within = |scope: &Scope| {
        std::iter::successors(Some(*scope), |scope| scope.parent()).any(|scope| held.contains(&scope))
    };
    let repository = |wanted: bool| matches!(thing, Some(Thing::Repository { visibility, .. }) if (*visibility == Visibility::Public) == wanted);
    let accepted = q
        .operation
        .as_ref()
        .map_or(&[][..], |operation| &operation.scopes);
    accepted.iter().any(|(set, public_only)| {
        set.iter().all(within)
            && (!public_only || repository(true))
            && (!set.is_empty() || !repository(false) || held.contains(&Scope::Repo))
    })
}

fn in_organization(q: &Question, owner: &Owner) -> OrganizationRole {
    match owner.kind {
        OwnerKind::User if q.who.id == Some(owner.id) => OrganizationRole::Owner,
        OwnerKind::User => OrganizationRole::None,
        OwnerKind::Organization => q.who.organizations.get(&owner.id).copied().unwrap_or_default(),
    }
}

fn in_enterprise(q: &Question, id: Option<i64>) -> EnterpriseRole {
    id.and_then(|id| q.who.enterprises.get(&id).copied())
        .unwrap_or_default()
}

fn at_repository(q: &Question, id: i64, visibility: Visibility, owner: &Owner) -> RepositoryRole {
    let member = in_organization(q, owner);
    let inside = in_enterprise(q, owner.enterprise) != EnterpriseRole::None;
    let ways = [
        (member == OrganizationRole::Owner, RepositoryRole::Admin),
        (
            member == OrganizationRole::Member && visibility != Visibility::Public,
            owner.base,
        ),
        (visibility == Visibility::Public, RepositoryRole::Read),
        (visibility == Visibility::Internal && inside, RepositoryRole::Read),
        (true, q.who.repositories.get(&id).copied().unwrap_or_default()),
    ];
    ways.into_iter()
        .filter(|way| way.0)
        .map(|way| way.1)
        .max()
        .unwrap_or_default()
}

/// Whether the principal itself is what a role says at a thing.
pub fn is(q: &Question, thing: &Thing, role: Role) -> bool {
    let (organization, enterprise, repository, id) = match thing {
        Thing::Missing => return false,
        Thing::Repository { owned_by, owner, .. } if *owned_by != owner.id => return false,
        Thing::Repository {
            id,
            visibility,
            owner,
            ..
        } => {
            let role = at_repository(q, *id, *visibility, owner);
            if role == RepositoryRole::None {
                return false;
            }
            (Some(in_organization(q, owner)), None, Some(role), None)
        }
        Thing::Account(owner) => (Some(in_organization(q, owner)), None, None, Some(owner.id)),
        Thing::Enterprise(id, _) => (None, Some(in_enterprise(q, Some(*id))), None, None),
    };
    let named = |set: &BTreeSet<i64>| id.is_some_and(|id| set.contains(&id));
    let owns = repository.is_none()
        && (organization == Some(OrganizationRole::Owner) || enterprise == Some(EnterpriseRole::Owner));
    match role {
        Role::Anyone => true,
        Role::Repository(least) => repository.is_some_and(|role| role >= least),
        Role::Organization(least) => organization.is_some_and(|role| role >= least),
        Role::Enterprise(least) => enterprise.is_some_and(|role| role >= least),
        Role::TokenApprover => owns || named(&q.who.approver_of),
        Role::TokenAuditor => owns || named(&q.who.approver_of) || named(&q.who.auditor_of),
        Role::SiteAdministrator => q.who.site_administrator,
    }
}

/// Whether the caller may know that a thing exists: it is public or inside an active grant (scopes; a session's role).
pub fn knows(q: &Question, thing: &Thing) -> bool {
    match thing {
        Thing::Missing => false,
        Thing::Account(_)
        | Thing::Repository {
            visibility: Visibility::Public,
            ..
        } => true,
        Thing::Repository { id, owner, .. } => {
            let inside = match &q.carried {
                Carried::Nothing | Carried::Garbage => false,
                Carried::FineGrained(_, given) => {
                    approved(given, account(owner.id)).is_some_and(|given| selects(given, *id))
                }
                Carried::Classic(_, held) => held.contains(&Scope::Repo),
                Carried::Session { .. } => true,
            };
            inside && is(q, thing, Role::Repository(RepositoryRole::Read))
        }
        Thing::Enterprise(id, _) => {
            let inside = match &q.carried {
                Carried::Nothing | Carried::Garbage => false,
                Carried::FineGrained(_, given) => approved(
                    given,
                    ResourceOwner::Enterprise(bailiwick_model::EnterpriseId(*id)),
                )
                .is_some(),
                Carried::Classic(_, held) => {
                    held.contains(&Scope::ReadEnterprise) || held.contains(&Scope::AdminEnterprise)
                }
                Carried::Session { .. } => true,
            };
            inside && in_enterprise(q, Some(*id)) != EnterpriseRole::None
        }
    }
}

fn said(decision: &Decision) -> Result<bool, Stage> {
    match decision {
        Decision::Allow(allow) => Ok(allow.provisional),
        Decision::Deny(deny) => Err(deny.stage()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn the_optimised_decision_agrees_with_the_naive_one(q in question()) {
        prop_assert_eq!(said(&q.decide()), judge(&q));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn what_may_be_known_agrees_too(q in question()) {
        for thing in q.things.values() {
            let knows_it = q.with_facts(|facts| {
                bailiwick_decision::decide::may_know(facts.credential, thing.build().facts())
            });
            prop_assert_eq!(knows_it, knows(&q, thing) || matches!(thing, Thing::Repository { visibility: Visibility::Public, .. }));
        }
    }
}

/// A comparison says something only if every answer occurs in it.
#[test]
fn the_questions_reach_every_answer() {
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<Reason, usize> = BTreeMap::new();
    let (mut allowed, mut provisional) = (0, 0);
    for _ in 0..20_000 {
        let q = question().new_tree(&mut runner).unwrap().current();
        match q.decide() {
            Decision::Allow(allow) if allow.provisional => provisional += 1,
            Decision::Allow(_) => allowed += 1,
            Decision::Deny(deny) => *seen.entry(deny.reason).or_default() += 1,
        }
    }
    let unseen: Vec<&Reason> = Reason::ALL
        .iter()
        .filter(|reason| !seen.contains_key(reason))
        .collect();
    assert!(unseen.is_empty(), "{unseen:?} of {seen:?}");
    assert!(
        allowed > 2_000 && provisional > 50,
        "{allowed} {provisional} {seen:?}"
    );
}
