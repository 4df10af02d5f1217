//! One question in plain data, as the naive model reads it, and its translation into the decision's facts.

use bailiwick_catalogue::{Anonymous, Kinds, Target, Term};
use bailiwick_decision::{
    Conditions, CredentialFacts, Decision, Facts, Known, Narrowed, TargetFacts, Targets, decide,
};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::policy::SetBy;
use bailiwick_model::*;
use std::collections::{BTreeMap, BTreeSet};

pub const PARTS: [Target; Target::COUNT] = [
    Target::Repository,
    Target::Organization,
    Target::Own,
    Target::Enterprise,
    Target::Destination,
    Target::SecondRepository,
];

#[derive(Clone, Debug)]
pub struct Question {
    pub now: i64,
    pub carried: Carried,
    pub who: Who,
    pub operation: Option<Asked>,
    /// By the place of the part in `PARTS`; what is not in the map is not named.
    pub things: BTreeMap<usize, Thing>,
    pub conditions: Conditions,
    pub rate_exceeded: bool,
    pub narrowed: Option<Narrowed>,
}

#[derive(Clone, Debug)]
pub enum Carried {
    Nothing,
    Garbage,
    FineGrained(Life, Vec<Given>),
    Classic(Life, BTreeSet<Scope>),
    Session { life: Life, sudo_until: i64 },
}

#[derive(Clone, Debug)]
pub struct Life {
    pub of: i64,
    pub created: i64,
    pub expires: Option<i64>,
    pub revoked: bool,
    pub several_owners: bool,
}

#[derive(Clone, Debug)]
pub struct Given {
    pub at: ResourceOwner,
    pub active: bool,
    pub levels: BTreeMap<u8, Level>,
    pub everything: bool,
    pub selected: Option<BTreeSet<i64>>,
}

#[derive(Clone, Debug)]
pub struct Who {
    pub id: Option<i64>,
    pub active: bool,
    pub person: bool,
    pub site_administrator: bool,
    pub organizations: BTreeMap<i64, OrganizationRole>,
    pub approver_of: BTreeSet<i64>,
    pub auditor_of: BTreeSet<i64>,
    pub enterprises: BTreeMap<i64, EnterpriseRole>,
    pub repositories: BTreeMap<i64, RepositoryRole>,
}

#[derive(Clone, Debug)]
pub enum Thing {
    Missing,
    Repository {
        id: i64,
        owned_by: i64,
        visibility: Visibility,
        archived: bool,
        owner: Owner,
    },
    Account(Owner),
    Enterprise(i64, Rules),
}

#[derive(Clone, Debug)]
pub struct Owner {
    pub id: i64,
    pub kind: OwnerKind,
    pub enterprise: Option<i64>,
    pub base: RepositoryRole,
    pub rules: Rules,
}

#[derive(Clone, Debug)]
pub struct Rules {
    pub fine_grained: KindRules,
    pub classic: KindRules,
    pub several_owners: bool,
    pub planting: bool,
}

#[derive(Clone, Debug)]
pub struct KindRules {
    pub allowed: bool,
    pub days: Option<i64>,
    pub set_by: SetBy,
    pub exempt: bool,
}

#[derive(Clone, Debug)]
pub struct Asked {
    pub anonymous: Anonymous,
    pub takes: Takes,
    pub scopes: Vec<(BTreeSet<Scope>, bool)>,
    pub kinds: Kinds,
    pub sudo: bool,
    pub plants: bool,
}

#[derive(Clone, Debug)]
pub enum Takes {
    Live,
    Closed,
    AnyOf(Vec<Vec<Term>>),
}

impl Question {
    /// What the optimised decision says.
    pub fn decide(&self) -> Decision {
        self.with_facts(decide)
    }

    /// Builds the borrowed facts and hands them to `ask`.
    pub fn with_facts<T>(&self, ask: impl FnOnce(&Facts<'_>) -> T) -> T {
        let principal = self.who.facts();
        let operation = self.operation.as_ref().map(Asked::operation);
        let token = self.carried.token();
        let session = self.carried.session();
        let credential = match (&self.carried, &token, &session) {
            (Carried::Nothing, ..) => CredentialFacts::Anonymous,
            (_, Some(token), _) => CredentialFacts::Token(token, &principal),
            (_, _, Some(session)) => CredentialFacts::Session(session, &principal),
            _ => CredentialFacts::Unknown,
        };
        let built: Vec<(usize, Built)> = self
            .things
            .iter()
            .map(|(part, thing)| (*part, thing.build()))
            .collect();
        let mut targets = Targets::default();
        for (part, thing) in &built {
            targets.set(PARTS[*part], thing.facts());
        }
        ask(&Facts {
            now: Timestamp(self.now),
            operation: operation.as_ref(),
            credential,
            targets,
            conditions: self.conditions,
            rate_exceeded: self.rate_exceeded,
            narrowed: self.narrowed,
        })
    }
}

pub enum Built {
    Missing,
    Repository(RepositoryFacts, OwnerFacts),
    Account(OwnerFacts),
    Enterprise(EnterpriseFacts),
}

impl Built {
    pub fn facts(&self) -> TargetFacts<'_> {
        match self {
            Built::Missing => TargetFacts::Missing,
            Built::Repository(repository, owner) => TargetFacts::Repository(repository, owner),
            Built::Account(owner) => TargetFacts::Account(owner),
            Built::Enterprise(enterprise) => TargetFacts::Enterprise(enterprise),
        }
    }
}

impl Thing {
    pub fn build(&self) -> Built {
        match self {
            Thing::Missing => Built::Missing,
            Thing::Repository {
                id,
                owned_by,
                visibility,
                archived,
                owner,
            } => Built::Repository(
                RepositoryFacts {
                    id: RepositoryId(*id),
                    owner: AccountId(*owned_by),
                    visibility: *visibility,
                    archived: *archived,
                },
                owner.facts(),
            ),
            Thing::Account(owner) => Built::Account(owner.facts()),
            Thing::Enterprise(id, rules) => Built::Enterprise(EnterpriseFacts {
                id: EnterpriseId(*id),
                slug: String::from("acme-group"),
                policy: rules.facts(),
            }),
        }
    }
}

impl Owner {
    fn facts(&self) -> OwnerFacts {
        OwnerFacts {
            id: AccountId(self.id),
            login: String::from("acme"),
            kind: self.kind,
            enterprise: self.enterprise.map(EnterpriseId),
            base_role: self.base,
            policy: self.rules.facts(),
        }
    }
}

impl Rules {
    fn facts(&self) -> ResolvedPolicy {
        ResolvedPolicy {
            fine_grained: self.fine_grained.facts(),
            classic: self.classic.facts(),
            several_owners_allowed: self.several_owners,
            owners_need_approval: false,
            planting: self.planting,
            planting_by: SetBy::Default,
        }
    }
}

impl KindRules {
    fn facts(&self) -> ResolvedKindPolicy {
        ResolvedKindPolicy {
            allowed: self.allowed,
            allowed_by: SetBy::Default,
            approval_required: true,
            approval_by: SetBy::Default,
            lifetime_days_max: self.days,
            lifetime_by: self.set_by,
            exempt_administrators: self.exempt,
        }
    }
}

impl Who {
    fn facts(&self) -> PrincipalFacts {
        PrincipalFacts {
            id: self.id.map(AccountId),
            login: String::from("bob"),
            active: self.active,
            person: self.person,
            site_administrator: self.site_administrator,
            organizations: self
                .organizations
                .iter()
                .map(|(id, role)| (AccountId(*id), *role))
                .collect(),
            approver_of: self.approver_of.iter().copied().map(AccountId).collect(),
            auditor_of: self.auditor_of.iter().copied().map(AccountId).collect(),
            enterprises: self
                .enterprises
                .iter()
                .map(|(id, role)| (EnterpriseId(*id), *role))
                .collect(),
            repositories: self
                .repositories
                .iter()
                .map(|(id, role)| (RepositoryId(*id), *role))
                .collect(),
        }
    }
}

impl Carried {
    pub fn life(&mut self) -> Option<&mut Life> {
        match self {
            Carried::Nothing | Carried::Garbage => None,
            Carried::FineGrained(life, _) | Carried::Classic(life, _) | Carried::Session { life, .. } => {
                Some(life)
            }
        }
    }

    fn token(&self) -> Option<TokenFacts> {
        let (life, kind, scopes, grants) = match self {
            Carried::FineGrained(life, given) => {
                let grants = given
                    .iter()
                    .enumerate()
                    .map(|(place, given)| given.facts(place))
                    .collect();
                (life, TokenKind::FineGrained, ScopeSet::EMPTY, grants)
            }
            Carried::Classic(life, scopes) => (
                life,
                TokenKind::Classic,
                scopes.iter().copied().collect::<ScopeSet>().expanded(),
                Vec::new(),
            ),
            Carried::Nothing | Carried::Garbage | Carried::Session { .. } => return None,
        };
        Some(TokenFacts {
            id: TokenId(1),
            kind,
            owner: AccountId(life.of),
            created_at: Timestamp(life.created),
            expires_at: life.expires.map(Timestamp),
            revoked: life.revoked,
            several_owners: life.several_owners,
            scopes,
            grants,
        })
    }

    fn session(&self) -> Option<SessionFacts> {
        match self {
            Carried::Session { life, sudo_until } => Some(SessionFacts {
                id: SessionId(1),
                owner: AccountId(life.of),
                expires_at: Timestamp(life.expires.unwrap_or(i64::MAX)),
                sudo_until: Timestamp(*sudo_until),
                revoked: life.revoked,
            }),
            _ => None,
        }
    }
}

impl Given {
    fn facts(&self, place: usize) -> Grant {
        Grant {
            id: GrantId(place as i64 + 1),
            owner: self.at,
            levels: self
                .levels
                .iter()
                .map(|(id, level)| (PermissionId(*id), *level))
                .collect(),
            selection: match (&self.selected, self.everything) {
                (_, true) => Selection::All,
                (None, false) => Selection::None,
                (Some(ids), false) => Selection::subset(ids.iter().copied().map(RepositoryId).collect()),
            },
            active: self.active,
        }
    }
}

/// Whether a condition counts for the naive model: what nobody could tell does.
pub fn counts(known: Known) -> bool {
    match known {
        Known::Yes | Known::Unknown => true,
        Known::No | Known::Later => false,
    }
}
