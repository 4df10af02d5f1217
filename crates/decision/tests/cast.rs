//! The people, credentials and resources of the matrix: alice, bob, carol, mallory and eve.

use bailiwick_catalogue::{PERMISSIONS, perm};
use bailiwick_decision::CredentialFacts;
use bailiwick_decision::policy::default_policy;
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::time::DAY;
use bailiwick_model::*;

pub const NOW: Timestamp = Timestamp(20_000 * DAY);
const ACME: i64 = 10;
const OTHER: i64 = 11;
const BOB: i64 = 2;
const GROUP: EnterpriseId = EnterpriseId(50);

/// What a person carries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Carries {
    Session,
    Sudo,
    Classic,
    ClassicFlows,
    Bare,
    Pending,
    Read,
    Write,
    Flows,
    Beside,
    Elsewhere,
    Expired,
    Revoked,
    Blocked,
    TooLong,
}

/// Every credential, in the order of the columns.
pub const CREDENTIALS: [Carries; 13] = [
    Carries::Session,
    Carries::Sudo,
    Carries::Classic,
    Carries::ClassicFlows,
    Carries::Bare,
    Carries::Pending,
    Carries::Elsewhere,
    Carries::Beside,
    Carries::Read,
    Carries::Write,
    Carries::Flows,
    Carries::Blocked,
    Carries::TooLong,
];

impl Carries {
    pub fn word(self) -> &'static str {
        match self {
            Carries::Session => "session",
            Carries::Sudo => "sudo session",
            Carries::Classic => "classic repo",
            Carries::ClassicFlows => "classic repo and workflow",
            Carries::Bare => "classic without scopes",
            Carries::Pending => "pending",
            Carries::Read => "read",
            Carries::Write => "write",
            Carries::Flows => "flows",
            Carries::Beside => "beside",
            Carries::Elsewhere => "elsewhere",
            Carries::Expired => "expired",
            Carries::Revoked => "revoked",
            Carries::Blocked => "blocked by policy",
            Carries::TooLong => "too long a life",
        }
    }
}

/// A repository, or an account where there is no id.
pub struct Resource {
    pub name: &'static str,
    id: Option<i64>,
    owner: i64,
    visibility: Visibility,
    archived: bool,
    account: bool,
}

const fn repository(name: &'static str, id: i64, owner: i64, visibility: Visibility) -> Resource {
    Resource {
        name,
        id: Some(id),
        owner,
        visibility,
        archived: false,
        account: false,
    }
}

const fn account(name: &'static str, owner: i64) -> Resource {
    Resource {
        name,
        id: None,
        owner,
        visibility: Visibility::Private,
        archived: false,
        account: true,
    }
}

/// What things are done to.
pub const RESOURCES: [Resource; 9] = [
    repository("acme/site (public)", 100, ACME, Visibility::Public),
    repository("acme/wiki (internal)", 101, ACME, Visibility::Internal),
    repository("acme/vault (private)", 102, ACME, Visibility::Private),
    Resource {
        archived: true,
        ..repository("acme/attic (private, archived)", 103, ACME, Visibility::Private)
    },
    repository("other/plans (private)", 104, OTHER, Visibility::Private),
    repository("bob/dotfiles (private)", 105, BOB, Visibility::Private),
    Resource {
        id: None,
        ..repository("acme/nothing (missing)", 0, ACME, Visibility::Private)
    },
    account("acme", ACME),
    account("other", OTHER),
];

impl Resource {
    pub fn is_repository(&self) -> bool {
        !self.account
    }

    pub fn is_public(&self) -> bool {
        self.visibility == Visibility::Public
    }

    /// The resource with its owner, which may block fine-grained tokens.
    pub fn facts(&self, blocked: bool) -> (Option<RepositoryFacts>, OwnerFacts) {
        let repository = self.id.map(|id| RepositoryFacts {
            id: RepositoryId(id),
            owner: AccountId(self.owner),
            visibility: self.visibility,
            archived: self.archived,
        });
        let mut owner = owner(self.owner);
        owner.policy.fine_grained.allowed = !blocked;
        (repository, owner)
    }
}

fn owner(id: i64) -> OwnerFacts {
    OwnerFacts {
        id: AccountId(id),
        login: String::new(),
        kind: if id < ACME {
            OwnerKind::User
        } else {
            OwnerKind::Organization
        },
        enterprise: (id == ACME).then_some(GROUP),
        base_role: RepositoryRole::Read,
        policy: ResolvedPolicy {
            planting: id == BOB,
            ..default_policy()
        },
    }
}

/// Somebody with an account.
pub struct Person(PrincipalFacts);

/// Everybody.
pub struct People;

impl People {
    pub fn nobody() -> Person {
        Person(PrincipalFacts::default())
    }

    pub fn all() -> [(&'static str, Person); 5] {
        let person = |id: i64| PrincipalFacts {
            id: Some(AccountId(id)),
            active: true,
            person: true,
            ..Default::default()
        };
        let write = |ids: &[i64]| {
            ids.iter()
                .map(|id| (RepositoryId(*id), RepositoryRole::Write))
                .collect::<Vec<_>>()
        };
        let member = vec![(GROUP, EnterpriseRole::Member)];
        [
            (
                "alice",
                Person(PrincipalFacts {
                    organizations: vec![(AccountId(ACME), OrganizationRole::Owner)],
                    enterprises: member.clone(),
                    ..person(1)
                }),
            ),
            (
                "bob",
                Person(PrincipalFacts {
                    organizations: vec![(AccountId(ACME), OrganizationRole::Member)],
                    enterprises: member,
                    repositories: write(&[100, 101, 102, 103]),
                    ..person(BOB)
                }),
            ),
            (
                "carol",
                Person(PrincipalFacts {
                    repositories: write(&[102, 103]),
                    ..person(3)
                }),
            ),
            ("mallory", Person(person(5))),
            (
                "eve",
                Person(PrincipalFacts {
                    enterprises: vec![(GROUP, EnterpriseRole::Owner)],
                    ..person(6)
                }),
            ),
        ]
    }
}

impl Person {
    /// A service account with the same roles.
    pub fn as_service_account(&self) -> Person {
        let mut facts = self.0.clone();
        facts.person = false;
        Person(facts)
    }

    /// The person's own account; a visitor has none.
    pub fn account(&self) -> Option<OwnerFacts> {
        self.0.id.map(|id| owner(id.0))
    }

    /// Asks with one credential; what is asked is told as well whether the owner blocks it.
    pub fn carrying<T>(
        &self,
        carries: Carries,
        resource: &Resource,
        ask: impl FnOnce(CredentialFacts<'_>, bool) -> T,
    ) -> T {
        let me = self.0.id.unwrap_or(AccountId(0));
        let sudo_until = if carries == Carries::Sudo {
            NOW.plus_days(1)
        } else {
            NOW
        };
        let session = SessionFacts {
            id: SessionId(1),
            owner: me,
            expires_at: NOW.plus_days(1),
            sudo_until,
            revoked: false,
        };
        if matches!(carries, Carries::Session | Carries::Sudo) {
            return ask(CredentialFacts::Session(&session, &self.0), false);
        }
        let classic = matches!(carries, Carries::Classic | Carries::ClassicFlows | Carries::Bare);
        let repo = ScopeSet::EMPTY.with(Scope::Repo).expanded();
        let scopes = match carries {
            Carries::Classic => repo,
            Carries::ClassicFlows => repo.with(Scope::Workflow),
            _ => ScopeSet::EMPTY,
        };
        let token = TokenFacts {
            id: TokenId(1),
            kind: if classic {
                TokenKind::Classic
            } else {
                TokenKind::FineGrained
            },
            owner: me,
            created_at: if carries == Carries::TooLong {
                NOW.plus_days(-400)
            } else {
                NOW.plus_days(-10)
            },
            expires_at: Some(if carries == Carries::Expired {
                NOW
            } else {
                NOW.plus_days(20)
            }),
            revoked: carries == Carries::Revoked,
            several_owners: false,
            scopes,
            grants: if classic {
                vec![]
            } else {
                vec![grant(carries, resource)]
            },
        };
        ask(
            CredentialFacts::Token(&token, &self.0),
            carries == Carries::Blocked,
        )
    }
}

fn grant(carries: Carries, resource: &Resource) -> Grant {
    let at = if carries == Carries::Elsewhere {
        12
    } else {
        resource.owner
    };
    let most = if carries == Carries::Read {
        Level::Read
    } else {
        Level::Write
    };
    let levels = PERMISSIONS
        .iter()
        .filter(|permission| permission.id != perm::WORKFLOWS || carries == Carries::Flows)
        .filter_map(|permission| {
            let level = permission
                .levels
                .iter()
                .copied()
                .filter(|level| *level <= most)
                .max()?;
            Some((permission.id, level))
        })
        .collect();
    let selection = match (carries, resource.id) {
        (Carries::Elsewhere, _) => Selection::All,
        (Carries::Beside, _) => Selection::subset(vec![RepositoryId(199)]),
        (_, id) => Selection::subset(id.into_iter().map(RepositoryId).collect()),
    };
    Grant {
        id: GrantId(1),
        owner: ResourceOwner::Account(AccountId(at)),
        levels,
        selection,
        active: carries != Carries::Pending,
    }
}
