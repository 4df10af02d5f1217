//! Questions for the properties: few ids, so that they meet, and mostly good facts, so that every stage is reached.

use crate::question::{
    Asked, Carried, Given, KindRules, Life, Owner, PARTS, Question, Rules, Takes, Thing, Who,
};
use bailiwick_catalogue::{Anonymous, Kinds, Role, Term, When, perm};
use bailiwick_decision::{Conditions, Known, Narrowed, Package};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::policy::SetBy;
use bailiwick_model::time::DAY;
use bailiwick_model::*;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option::weighted as maybe;
use proptest::prelude::*;
use proptest::sample::select;

/// The instant around which everything happens.
pub const NOW: i64 = 1_000 * DAY;

/// Two that visitors read, one that they do not, the one that archived repositories answer to, and the one for which
/// classic tokens need a scope of its own.
pub const PERMISSIONS: [u8; 5] = [
    perm::WORKFLOWS.0,
    perm::CONTENTS.0,
    perm::METADATA.0,
    perm::SECRETS.0,
    perm::ADMINISTRATION.0,
];

const PERSON: i64 = 1;
const SCOPES: [Scope; 8] = [
    Scope::Workflow,
    Scope::Repo,
    Scope::PublicRepo,
    Scope::RepoStatus,
    Scope::AdminOrg,
    Scope::ReadOrg,
    Scope::AdminEnterprise,
    Scope::ReadEnterprise,
];

fn often(percent: u32) -> impl Strategy<Value = bool> + Clone {
    prop::bool::weighted(f64::from(percent) / 100.0)
}

fn permission() -> impl Strategy<Value = u8> {
    select(PERMISSIONS.to_vec())
}

fn level() -> impl Strategy<Value = Level> {
    prop_oneof![1 => Just(Level::None), 8 => Just(Level::Read), 4 => Just(Level::Write), 2 => Just(Level::Admin)]
}

/// Grants mostly reach what is asked.
fn held() -> impl Strategy<Value = Level> {
    prop_oneof![1 => Just(Level::None), 3 => Just(Level::Read), 4 => Just(Level::Write), 6 => Just(Level::Admin)]
}

fn known() -> impl Strategy<Value = Known> {
    select(vec![Known::No, Known::Yes, Known::Unknown, Known::Later])
}

pub fn repository_role() -> impl Strategy<Value = RepositoryRole> {
    use RepositoryRole::*;
    select(vec![None, Read, Triage, Write, Maintain, Admin])
}

fn organization_role() -> impl Strategy<Value = OrganizationRole> {
    use OrganizationRole::*;
    select(vec![None, Member, Member, Owner, Owner])
}

fn enterprise_role() -> impl Strategy<Value = EnterpriseRole> {
    use EnterpriseRole::*;
    select(vec![None, Member, Owner])
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![
        3 => Just(Role::Anyone),
        6 => repository_role().prop_map(Role::Repository),
        4 => organization_role().prop_map(Role::Organization),
        1 => Just(Role::TokenApprover),
        1 => Just(Role::TokenAuditor),
        1 => enterprise_role().prop_map(Role::Enterprise),
        1 => Just(Role::SiteAdministrator),
    ]
}

fn life() -> impl Strategy<Value = Life> {
    let expires = maybe(
        0.8,
        prop_oneof![30 => NOW..NOW + 60 * DAY, 1 => NOW - 9 * DAY..NOW + 1],
    );
    let of = prop_oneof![40 => Just(PERSON), 1 => Just(2)];
    (of, NOW - 40 * DAY..NOW, expires, often(3), often(20)).prop_map(
        |(of, created, expires, revoked, several_owners)| Life {
            of,
            created,
            expires,
            revoked,
            several_owners,
        },
    )
}

fn owners() -> Vec<ResourceOwner> {
    let accounts = [1, 2, 10, 11].map(|id| ResourceOwner::Account(AccountId(id)));
    accounts
        .into_iter()
        .chain([ResourceOwner::Enterprise(EnterpriseId(50))])
        .collect()
}

fn given(at: ResourceOwner) -> impl Strategy<Value = Given> {
    let levels = btree_map(permission(), held(), 0..9);
    (
        often(85),
        levels,
        often(40),
        maybe(0.8, btree_set(100..104_i64, 0..4)),
    )
        .prop_map(move |(active, levels, everything, selected)| Given {
            at,
            active,
            levels,
            everything,
            selected,
        })
}

fn grants() -> impl Strategy<Value = Vec<Given>> {
    prop::sample::subsequence(owners(), 2..=5)
        .prop_flat_map(|owners| owners.into_iter().map(given).collect::<Vec<_>>())
        .prop_shuffle()
}

fn carried() -> impl Strategy<Value = Carried> {
    prop_oneof![
        2 => Just(Carried::Nothing),
        1 => Just(Carried::Garbage),
        14 => (life(), grants()).prop_map(|(life, grants)| Carried::FineGrained(life, grants)),
        5 => (life(), btree_set(select(SCOPES.to_vec()), 0..4)).prop_map(|(life, scopes)| Carried::Classic(life, scopes)),
        4 => (life(), NOW - DAY..NOW + 2 * DAY).prop_map(|(life, sudo_until)| Carried::Session { life, sudo_until }),
    ]
}

fn who() -> impl Strategy<Value = Who> {
    (
        prop_oneof![60 => Just(Some(PERSON)), 1 => Just(None)],
        (often(97), often(95)),
        often(20),
        btree_map(select(vec![10, 11]), organization_role(), 0..3),
        btree_set(select(vec![10, 11]), 0..2),
        btree_set(select(vec![10, 11]), 0..2),
        btree_map(Just(50), enterprise_role(), 0..2),
        btree_map(100..104_i64, repository_role(), 0..4),
    )
        .prop_map(
            |(
                id,
                (active, person),
                site_administrator,
                organizations,
                approver_of,
                auditor_of,
                enterprises,
                repositories,
            )| Who {
                id,
                active,
                person,
                site_administrator,
                organizations,
                approver_of,
                auditor_of,
                enterprises,
                repositories,
            },
        )
}

fn kind_rules() -> impl Strategy<Value = KindRules> {
    let days = maybe(0.4, select(vec![1, 10, 60, 120, i64::MAX, -1]));
    let set_by = select(vec![SetBy::Default, SetBy::Organization, SetBy::Enterprise]);
    (often(93), days, set_by, often(30)).prop_map(|(allowed, days, set_by, exempt)| KindRules {
        allowed,
        days,
        set_by,
        exempt,
    })
}

fn rules() -> impl Strategy<Value = Rules> {
    (kind_rules(), kind_rules(), often(80), often(60)).prop_map(
        |(fine_grained, classic, several_owners, planting)| Rules {
            fine_grained,
            classic,
            several_owners,
            planting,
        },
    )
}

fn owner(id: i64) -> impl Strategy<Value = Owner> {
    (maybe(0.6, Just(50)), repository_role(), rules()).prop_map(move |(enterprise, base, rules)| Owner {
        id,
        kind: if id < 10 {
            OwnerKind::User
        } else {
            OwnerKind::Organization
        },
        enterprise: enterprise.filter(|_| id >= 10),
        base,
        rules,
    })
}

fn any_owner() -> impl Strategy<Value = Owner> {
    select(vec![1, 2, 10, 10, 10, 11]).prop_flat_map(owner)
}

fn repository() -> impl Strategy<Value = Thing> {
    let visibility = select(vec![
        Visibility::Public,
        Visibility::Internal,
        Visibility::Private,
        Visibility::Private,
    ]);
    (any_owner(), 100..104_i64, visibility, often(30), often(3)).prop_map(
        |(owner, id, visibility, archived, torn)| Thing::Repository {
            id,
            owned_by: if torn { 99 } else { owner.id },
            visibility,
            archived,
            owner,
        },
    )
}

/// What plays a part is mostly of the part's sort.
fn thing(part: usize) -> BoxedStrategy<Thing> {
    let (repositories, own, accounts, enterprises) = match part {
        0 | 5 => (60, 0, 1, 1),
        2 => (1, 60, 1, 1),
        3 => (1, 0, 1, 60),
        _ => (1, 0, 60, 1),
    };
    prop_oneof![
        1 => Just(Thing::Missing),
        repositories => repository(),
        own => owner(PERSON).prop_map(Thing::Account),
        accounts => any_owner().prop_map(Thing::Account),
        enterprises => rules().prop_map(|rules| Thing::Enterprise(50, rules)),
    ]
    .boxed()
}

fn things() -> impl Strategy<Value = std::collections::BTreeMap<usize, Thing>> {
    let one = |part: usize, share: f64| maybe(share, thing(part)).prop_map(move |thing| (part, thing));
    (
        one(0, 0.97),
        one(1, 0.9),
        one(2, 0.9),
        one(3, 0.7),
        one(4, 0.6),
        one(5, 0.5),
    )
        .prop_map(|(a, b, c, d, e, f)| {
            [a, b, c, d, e, f]
                .into_iter()
                .filter_map(|(part, thing)| Some((part, thing?)))
                .collect()
        })
}

fn term() -> impl Strategy<Value = Term> {
    let target = select(vec![0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5]).prop_map(|part| PARTS[part]);
    let when = prop_oneof![
        6 => Just(When::Always),
        1 => Just(When::Issue),
        1 => Just(When::PullRequest),
        1 => Just(When::Workflow),
        1 => Just(When::NotPublic),
        1 => Just(When::DestinationOrganization),
    ];
    (target, permission(), level(), role(), maybe(0.2, role()), when).prop_map(
        |(target, permission, level, role, author_role, when)| Term {
            target,
            permission: PermissionId(permission),
            level,
            role,
            author_role,
            when,
        },
    )
}

fn asked() -> impl Strategy<Value = Asked> {
    let anonymous = prop_oneof![
        6 => Just(Anonymous::Never),
        2 => Just(Anonymous::IfPublic),
        1 => Just(Anonymous::Always),
    ];
    let terms = prop_oneof![1 => Just(vec![]), 12 => vec(term(), 1..4)];
    let takes = prop_oneof![
        1 => Just(Takes::Live),
        1 => Just(Takes::Closed),
        1 => Just(Takes::AnyOf(vec![])),
        20 => vec(terms, 1..4).prop_map(Takes::AnyOf),
    ];
    let scopes = vec((btree_set(select(SCOPES.to_vec()), 0..3), often(25)), 0..4);
    let kinds = (often(90), often(90), often(90)).prop_map(|(fine_grained, classic, session)| Kinds {
        fine_grained,
        classic,
        session,
    });
    (anonymous, takes, scopes, kinds, often(30), often(25)).prop_map(
        |(anonymous, takes, scopes, kinds, sudo, plants)| Asked {
            anonymous,
            takes,
            scopes,
            kinds,
            sudo,
            plants,
        },
    )
}

fn conditions() -> impl Strategy<Value = Conditions> {
    let package = prop_oneof![
        9 => Just(Package::Unnamed),
        1 => Just(Package::Unowned),
        2 => Just(Package::Public),
        4 => Just(Package::Private),
    ];
    (known(), known(), known(), known(), package).prop_map(
        |(issue, pull_request, workflow, author, package)| Conditions {
            issue,
            pull_request,
            workflow,
            author,
            package,
        },
    )
}

/// Any question.
pub fn question() -> impl Strategy<Value = Question> {
    (
        carried(),
        who(),
        maybe(0.97, asked()),
        things(),
        conditions(),
        often(5),
        maybe(0.04, (often(70), often(50), often(50))),
    )
        .prop_map(
            |(carried, who, operation, things, conditions, rate_exceeded, narrowed)| Question {
                now: NOW,
                carried,
                who,
                operation,
                things,
                conditions,
                rate_exceeded,
                narrowed: narrowed.map(|(read, write, delete)| Narrowed { read, write, delete }),
            },
        )
}
