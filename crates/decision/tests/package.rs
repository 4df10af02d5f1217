//! Packages: each belongs to one, and names tell nothing to whoever may not know.

use crate::question::{Asked, Carried, Given, KindRules, Life, Owner, Question, Rules, Takes, Thing, Who};
use crate::role::{acme, nobody};
use bailiwick_catalogue::{Operation, Requirement, by_id, perm};
use bailiwick_decision::{Conditions, Decision, Package, Reason, Refusal};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::*;
use std::collections::{BTreeMap, BTreeSet};

const BOB: i64 = 1;

fn asked(id: &str) -> Asked {
    let operation: &Operation = by_id(id).unwrap();
    let Requirement::AnyOf(alternatives) = operation.requirement else {
        unreachable!("{id} needs something")
    };
    Asked {
        anonymous: operation.anonymous,
        takes: Takes::AnyOf(alternatives.iter().map(|terms| terms.to_vec()).collect()),
        scopes: operation
            .scopes
            .iter()
            .map(|alternative| {
                (
                    Scope::ALL
                        .iter()
                        .copied()
                        .filter(|scope| alternative.set.contains(*scope))
                        .collect::<BTreeSet<_>>(),
                    alternative.public_only,
                )
            })
            .collect(),
        kinds: operation.kinds,
        sudo: operation.sudo,
        plants: operation.plants,
    }
}

fn life() -> Life {
    Life {
        of: BOB,
        created: 0,
        expires: Some(9),
        revoked: false,
        several_owners: false,
    }
}

fn holding(at: i64, levels: &[(PermissionId, Level)], everything: bool) -> Carried {
    let levels: BTreeMap<u8, Level> = levels.iter().map(|(id, level)| (id.0, *level)).collect();
    let given = Given {
        at: ResourceOwner::Account(AccountId(at)),
        active: true,
        levels,
        everything,
        selected: Some([100].into()),
    };
    Carried::FineGrained(life(), vec![given])
}

fn site() -> Thing {
    Thing::Repository {
        id: 100,
        owned_by: 10,
        visibility: Visibility::Private,
        archived: false,
        owner: acme(RepositoryRole::Read),
    }
}

fn person() -> Owner {
    let open = KindRules {
        allowed: true,
        days: None,
        set_by: bailiwick_model::policy::SetBy::Default,
        exempt: false,
    };
    Owner {
        id: BOB,
        kind: OwnerKind::User,
        enterprise: None,
        base: RepositoryRole::None,
        rules: Rules {
            fine_grained: open.clone(),
            classic: open,
            several_owners: true,
            planting: false,
        },
    }
}

fn question(
    operation: &str,
    carried: Carried,
    role: OrganizationRole,
    place: usize,
    thing: Thing,
) -> Question {
    Question {
        now: 1,
        carried,
        who: Who {
            organizations: [(10, role)].into(),
            repositories: [(100, RepositoryRole::Admin)].into(),
            ..nobody()
        },
        operation: Some(asked(operation)),
        things: [(place, thing)].into(),
        conditions: Conditions {
            package: Package::Private,
            ..Conditions::default()
        },
        rate_exceeded: false,
        narrowed: None,
    }
}

fn reason(decision: &Decision) -> Option<(Reason, Refusal)> {
    match decision {
        Decision::Allow(_) => None,
        Decision::Deny(deny) => Some((deny.reason, deny.refusal)),
    }
}

#[test]
fn a_package_of_a_repository_takes_the_repository_permission() {
    let ask = |levels: &[(PermissionId, Level)]| {
        let carried = holding(10, levels, false);
        reason(&question("oci/manifest-put", carried, OrganizationRole::Owner, 0, site()).decide())
    };
    assert_eq!(ask(&[(perm::PACKAGES, Level::Write)]), None);
    assert_eq!(
        ask(&[
            (perm::PACKAGES, Level::Read),
            (perm::ORGANIZATION_PACKAGES, Level::Admin)
        ]),
        Some((Reason::LevelTooLow, Refusal::Forbidden))
    );
}

#[test]
fn a_package_of_an_organization_takes_its_own_permission() {
    let ask = |levels: &[(PermissionId, Level)]| {
        let thing = Thing::Account(acme(RepositoryRole::Read));
        let carried = holding(10, levels, true);
        reason(&question("oci/manifest-put", carried, OrganizationRole::Owner, 1, thing).decide())
    };
    assert_eq!(ask(&[(perm::ORGANIZATION_PACKAGES, Level::Write)]), None);
    assert_eq!(
        ask(&[
            (perm::PACKAGES, Level::Admin),
            (perm::ORGANIZATION_PACKAGES, Level::Read)
        ]),
        Some((Reason::LevelTooLow, Refusal::Forbidden))
    );
}

#[test]
fn a_package_of_a_person_takes_a_grant_of_everything() {
    let ask = |everything| {
        let thing = Thing::Account(person());
        let carried = holding(BOB, &[(perm::PACKAGES, Level::Admin)], everything);
        reason(&question("oci/manifest-put", carried, OrganizationRole::None, 1, thing).decide())
    };
    assert_eq!(ask(true), None);
    assert_eq!(ask(false).map(|(reason, _)| reason), Some(Reason::NotSelected));
}

#[test]
fn deleting_takes_admin_and_members_only_read() {
    let ask = |operation, role, level| {
        let thing = Thing::Account(acme(RepositoryRole::Read));
        let carried = holding(10, &[(perm::ORGANIZATION_PACKAGES, level)], true);
        reason(&question(operation, carried, role, 1, thing).decide()).map(|(reason, _)| reason)
    };
    let (member, owner) = (OrganizationRole::Member, OrganizationRole::Owner);
    assert_eq!(ask("npm/tarball", member, Level::Read), None);
    assert_eq!(ask("npm/publish", member, Level::Admin), Some(Reason::RoleTooLow));
    assert_eq!(
        ask("npm/unpublish", owner, Level::Write),
        Some(Reason::LevelTooLow)
    );
    assert_eq!(ask("npm/unpublish", owner, Level::Admin), None);
}

#[test]
fn nobodys_package_is_refused_like_a_hidden_one() {
    let nothing = |package, things: BTreeMap<usize, Thing>| {
        let mut q = question(
            "oci/manifest-get",
            holding(10, &[(perm::ORGANIZATION_PACKAGES, Level::Read)], false),
            OrganizationRole::None,
            1,
            Thing::Account(acme(RepositoryRole::Read)),
        );
        q.who.repositories = [].into();
        q.things = things;
        q.conditions.package = package;
        reason(&q.decide())
    };
    assert_eq!(
        nothing(Package::Unowned, [].into()),
        Some((Reason::PackageUnowned, Refusal::NotFound))
    );
    let hidden = nothing(Package::Private, [(0, site())].into());
    assert_eq!(hidden.map(|(_, refusal)| refusal), Some(Refusal::NotFound));
    let owned = nothing(
        Package::Private,
        [(1, Thing::Account(acme(RepositoryRole::Read)))].into(),
    );
    assert_eq!(owned.map(|(_, refusal)| refusal), Some(Refusal::NotFound));
}

#[test]
fn anybody_reads_what_is_public_and_nothing_more() {
    let ask = |operation, package| {
        let mut q = question(
            operation,
            Carried::Nothing,
            OrganizationRole::None,
            1,
            Thing::Account(acme(RepositoryRole::Read)),
        );
        q.conditions.package = package;
        q.decide().is_allowed()
    };
    assert!(ask("oci/blob-get", Package::Public));
    assert!(!ask("oci/blob-get", Package::Private));
    assert!(!ask("oci/blob-get", Package::Unnamed));
    assert!(!ask("oci/manifest-put", Package::Public));
}

#[test]
fn a_grant_that_waits_is_the_reason_wherever_the_package_belongs() {
    for (thing, place, permission) in [
        (site(), 0, perm::PACKAGES),
        (
            Thing::Account(acme(RepositoryRole::Read)),
            1,
            perm::ORGANIZATION_PACKAGES,
        ),
    ] {
        let given = Given {
            at: ResourceOwner::Account(AccountId(10)),
            active: false,
            levels: BTreeMap::new(),
            everything: false,
            selected: None,
        };
        let carried = Carried::FineGrained(life(), vec![given]);
        let asked = question(
            "oci/manifest-put",
            carried,
            OrganizationRole::Member,
            place,
            thing,
        );
        let Decision::Deny(deny) = asked.decide() else {
            panic!("allowed")
        };
        assert_eq!(deny.reason, Reason::GrantInactive);
        // Hidden all the same: what the token does not reach yet, it may not know of.
        assert_eq!(deny.refusal, Refusal::NotFound);
        let missing = deny.missing.unwrap();
        assert_eq!((missing.permission, missing.level), (permission, Level::Write));
    }
}
