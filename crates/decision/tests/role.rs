//! Tables of effective roles, and of what holds at which target.

use crate::question::{Built, Carried, KindRules, Life, Owner, Question, Rules, Thing, Who};
use bailiwick_catalogue::Role;
use bailiwick_decision::effective::{holds, repository_role};
use bailiwick_decision::{Conditions, TargetFacts};
use bailiwick_model::policy::SetBy;
use bailiwick_model::time::DAY;
use bailiwick_model::*;

fn open() -> KindRules {
    KindRules {
        allowed: true,
        days: None,
        set_by: SetBy::Default,
        exempt: false,
    }
}

pub fn acme(base: RepositoryRole) -> Owner {
    let rules = Rules {
        fine_grained: open(),
        classic: open(),
        several_owners: true,
        planting: false,
    };
    Owner {
        id: 10,
        kind: OwnerKind::Organization,
        enterprise: Some(50),
        base,
        rules,
    }
}

pub fn nobody() -> Who {
    Who {
        id: Some(1),
        active: true,
        person: true,
        site_administrator: false,
        organizations: [].into(),
        approver_of: [].into(),
        auditor_of: [].into(),
        enterprises: [].into(),
        repositories: [].into(),
    }
}

fn facts_of(who: Who) -> PrincipalFacts {
    let mut principal = None;
    let life = Life {
        of: 1,
        created: 0,
        expires: Some(DAY),
        revoked: false,
        several_owners: false,
    };
    let q = Question {
        now: 0,
        carried: Carried::Session { life, sudo_until: 0 },
        who,
        operation: None,
        things: [].into(),
        conditions: Conditions::default(),
        rate_exceeded: false,
        narrowed: None,
    };
    q.with_facts(|facts| {
        if let bailiwick_decision::CredentialFacts::Session(_, found) = facts.credential {
            principal = Some(found.clone());
        }
    });
    principal.unwrap()
}

fn at(visibility: Visibility, owner: Owner) -> (RepositoryFacts, OwnerFacts) {
    let thing = Thing::Repository {
        id: 100,
        owned_by: owner.id,
        visibility,
        archived: false,
        owner,
    };
    match thing.build() {
        Built::Repository(repository, owner) => (repository, owner),
        _ => unreachable!("a repository was built"),
    }
}

#[test]
fn the_effective_role_is_the_highest_of_all_ways() {
    use RepositoryRole::*;
    use Visibility::*;
    let outsider = nobody();
    let member = Who {
        organizations: [(10, OrganizationRole::Member)].into(),
        ..nobody()
    };
    let owner = Who {
        organizations: [(10, OrganizationRole::Owner)].into(),
        ..nobody()
    };
    let collaborator = Who {
        repositories: [(100, Triage)].into(),
        ..nobody()
    };
    let elsewhere = Who {
        repositories: [(101, Admin)].into(),
        ..nobody()
    };
    let colleague = Who {
        enterprises: [(50, EnterpriseRole::Member)].into(),
        ..nobody()
    };
    let eve = Who {
        enterprises: [(50, EnterpriseRole::Owner)].into(),
        ..nobody()
    };
    let stranger = Who {
        enterprises: [(51, EnterpriseRole::Owner)].into(),
        ..nobody()
    };
    let site = Who {
        site_administrator: true,
        ..nobody()
    };
    let both = Who {
        repositories: [(100, Maintain)].into(),
        ..member.clone()
    };
    for (name, who, base, public, internal, private) in [
        ("outsider", &outsider, Write, Read, None, None),
        ("member, no base role", &member, None, Read, None, None),
        (
            "member, base write: not where everybody reads",
            &member,
            Write,
            Read,
            Write,
            Write,
        ),
        ("organization owner", &owner, None, Admin, Admin, Admin),
        ("collaborator", &collaborator, Write, Triage, Triage, Triage),
        (
            "collaborator of another repository",
            &elsewhere,
            Write,
            Read,
            None,
            None,
        ),
        ("member of the enterprise", &colleague, Write, Read, Read, None),
        (
            "owner of the enterprise: no access by that",
            &eve,
            Write,
            Read,
            Read,
            None,
        ),
        ("owner of another enterprise", &stranger, Write, Read, None, None),
        (
            "site administrator: no access by that",
            &site,
            Write,
            Read,
            None,
            None,
        ),
        (
            "member and collaborator: the higher",
            &both,
            Write,
            Maintain,
            Maintain,
            Maintain,
        ),
    ] {
        for (visibility, expected) in [(Public, public), (Internal, internal), (Private, private)] {
            let (repository, owner) = at(visibility, acme(base));
            assert_eq!(
                repository_role(&facts_of(who.clone()), &repository, &owner),
                expected,
                "{name}, {visibility:?}"
            );
        }
    }
}

#[test]
fn a_user_owns_its_own_repositories_and_nobody_elses() {
    let home = |id| Owner {
        id,
        kind: OwnerKind::User,
        enterprise: None,
        ..acme(RepositoryRole::Admin)
    };
    let person = facts_of(Who {
        organizations: [(2, OrganizationRole::Owner)].into(),
        ..nobody()
    });
    let (repository, owner) = at(Visibility::Private, home(1));
    assert_eq!(
        repository_role(&person, &repository, &owner),
        RepositoryRole::Admin
    );
    let (repository, owner) = at(Visibility::Private, home(2));
    assert_eq!(
        repository_role(&person, &repository, &owner),
        RepositoryRole::None
    );
    let lost = PrincipalFacts { id: None, ..person };
    let (repository, owner) = at(Visibility::Private, home(1));
    assert_eq!(repository_role(&lost, &repository, &owner), RepositoryRole::None);
}

#[test]
fn another_owners_facts_give_no_role() {
    let (mut repository, owner) = at(Visibility::Private, acme(RepositoryRole::None));
    let alice = facts_of(Who {
        organizations: [(10, OrganizationRole::Owner)].into(),
        ..nobody()
    });
    repository.owner = AccountId(11);
    assert_eq!(repository_role(&alice, &repository, &owner), RepositoryRole::None);
}

#[test]
fn a_role_holds_only_at_a_target_of_its_sort() {
    let all = facts_of(Who {
        site_administrator: true,
        organizations: [(10, OrganizationRole::Owner)].into(),
        enterprises: [(50, EnterpriseRole::Owner)].into(),
        ..nobody()
    });
    let (repository, owner) = at(Visibility::Private, acme(RepositoryRole::None));
    let enterprise = EnterpriseFacts {
        id: EnterpriseId(50),
        slug: String::new(),
        policy: owner.policy,
    };
    let here = TargetFacts::Repository(&repository, &owner);
    let there = TargetFacts::Account(&owner);
    let above = TargetFacts::Enterprise(&enterprise);
    for (role, expected) in [
        (Role::Anyone, [true, true, true]),
        (Role::Repository(RepositoryRole::Read), [true, false, false]),
        (Role::Organization(OrganizationRole::Member), [true, true, false]),
        (Role::TokenApprover, [false, true, true]),
        (Role::TokenAuditor, [false, true, true]),
        (Role::Enterprise(EnterpriseRole::Owner), [false, false, true]),
        (Role::SiteAdministrator, [true, true, true]),
    ] {
        let held = [here, there, above].map(|target| holds(&all, target, role));
        assert_eq!(held, expected, "{role:?}");
        assert!(
            !holds(&all, TargetFacts::Missing, role) && !holds(&all, TargetFacts::Absent, role),
            "{role:?}"
        );
    }
}

#[test]
fn what_cannot_be_seen_is_out_of_reach_whatever_is_asked() {
    let site = facts_of(Who {
        site_administrator: true,
        organizations: [(10, OrganizationRole::Member)].into(),
        ..nobody()
    });
    let (repository, owner) = at(Visibility::Private, acme(RepositoryRole::None));
    for role in [
        Role::Anyone,
        Role::Organization(OrganizationRole::Member),
        Role::SiteAdministrator,
    ] {
        assert!(
            !holds(&site, TargetFacts::Repository(&repository, &owner), role),
            "{role:?}"
        );
    }
}

#[test]
fn approvers_decide_and_auditors_read() {
    let owner = acme(RepositoryRole::None);
    let Built::Account(organization) = Thing::Account(owner).build() else {
        unreachable!("an account")
    };
    let account = TargetFacts::Account(&organization);
    let approver = facts_of(Who {
        approver_of: [10].into(),
        ..nobody()
    });
    let auditor = facts_of(Who {
        auditor_of: [10].into(),
        ..nobody()
    });
    assert!(holds(&approver, account, Role::TokenApprover) && holds(&approver, account, Role::TokenAuditor));
    assert!(!holds(&auditor, account, Role::TokenApprover) && holds(&auditor, account, Role::TokenAuditor));
    assert!(!holds(&facts_of(nobody()), account, Role::TokenAuditor));
}
