//! Ours: all nine stages over facts that are already loaded.

use crate::world::{Asking, PERMISSIONS, REPOSITORIES, World};
use bailiwick_catalogue::{
    Anonymous, Door, Kinds, Operation, OperationIndex, Requirement, Role, ScopeAlternative, Target, Term,
    When,
};
use bailiwick_decision::policy::default_policy;
use bailiwick_decision::{Conditions, CredentialFacts, Facts, TargetFacts, Targets, decide};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::time::DAY;
use bailiwick_model::{
    AccountId, EnterpriseId, EnterpriseRole, Grant, GrantId, Level, OrganizationRole, OwnerFacts, OwnerKind,
    PermissionId, PrincipalFacts, RepositoryFacts, RepositoryId, RepositoryRole, Scope, ScopeSet, Selection,
    Timestamp, TokenFacts, TokenId, TokenKind, Visibility,
};
use std::collections::HashMap;
use std::sync::Arc;

const NOW: Timestamp = Timestamp(20_000 * DAY);
const ACME: AccountId = AccountId(10);
const GROUP: EnterpriseId = EnterpriseId(50);

/// A token as a node keeps it: shared, with who it acts as.
type Resident = Arc<(TokenFacts, Arc<PrincipalFacts>)>;

/// Everything resident.
pub struct Ours {
    tokens: Vec<Resident>,
    tokens_by_id: HashMap<TokenId, Resident>,
    repositories: Vec<Arc<RepositoryFacts>>,
    repositories_by_id: HashMap<RepositoryId, Arc<RepositoryFacts>>,
    owner: Arc<OwnerFacts>,
    operations: Vec<Operation>,
}

impl Ours {
    /// The same grants.
    pub fn new(world: &World) -> Ours {
        let people: Vec<Arc<PrincipalFacts>> = (0..world.people())
            .map(|person| Arc::new(principal(person)))
            .collect();
        let tokens: Vec<Resident> = (0..world.tokens)
            .filter_map(|token| {
                let person = people.get(world.person_of(token))?;
                Some(Arc::new((token_facts(world, token, person), Arc::clone(person))))
            })
            .collect();
        let repositories: Vec<Arc<RepositoryFacts>> = (0..REPOSITORIES)
            .map(|id| {
                Arc::new(RepositoryFacts {
                    id: RepositoryId(id as i64),
                    owner: ACME,
                    visibility: Visibility::Private,
                    archived: false,
                })
            })
            .collect();
        Ours {
            tokens_by_id: tokens
                .iter()
                .map(|resident| (resident.0.id, Arc::clone(resident)))
                .collect(),
            tokens,
            repositories_by_id: repositories
                .iter()
                .map(|facts| (facts.id, Arc::clone(facts)))
                .collect(),
            repositories,
            owner: Arc::new(OwnerFacts {
                id: ACME,
                login: String::from("acme"),
                kind: OwnerKind::Organization,
                enterprise: Some(GROUP),
                base_role: RepositoryRole::Read,
                policy: default_policy(),
            }),
            operations: (0..PERMISSIONS).map(operation).collect(),
        }
    }

    /// The same question, facts at hand.
    pub fn decide(&self, asking: &Asking) -> bool {
        match (
            self.tokens.get(asking.token),
            self.repositories.get(asking.repository),
        ) {
            (Some(token), Some(repository)) => self.ask(asking, token, repository),
            _ => false,
        }
    }

    /// The same question, with looking up the token and the repository.
    pub fn find_and_decide(&self, asking: &Asking) -> bool {
        let token = self.tokens_by_id.get(&TokenId(asking.token as i64));
        let repository = self
            .repositories_by_id
            .get(&RepositoryId(asking.repository as i64));
        match (token, repository) {
            (Some(token), Some(repository)) => self.ask(asking, token, repository),
            _ => false,
        }
    }

    fn ask(&self, asking: &Asking, token: &Resident, repository: &RepositoryFacts) -> bool {
        let mut targets = Targets::default();
        targets.set(
            Target::Repository,
            TargetFacts::Repository(repository, &self.owner),
        );
        decide(&Facts {
            now: NOW,
            operation: self.operations.get(usize::from(asking.permission)),
            credential: CredentialFacts::Token(&token.0, &token.1),
            targets,
            conditions: Conditions::default(),
            rate_exceeded: false,
            narrowed: None,
        })
        .is_allowed()
    }
}

fn principal(person: usize) -> PrincipalFacts {
    PrincipalFacts {
        id: Some(AccountId(1_000 + person as i64)),
        login: format!("person-{person}"),
        active: true,
        person: true,
        organizations: vec![
            (ACME, OrganizationRole::Member),
            (AccountId(11), OrganizationRole::Member),
        ],
        enterprises: vec![(GROUP, EnterpriseRole::Member)],
        repositories: (0..20)
            .map(|id| (RepositoryId(id * 100), RepositoryRole::Write))
            .collect(),
        ..PrincipalFacts::default()
    }
}

fn token_facts(world: &World, token: usize, person: &PrincipalFacts) -> TokenFacts {
    let ids = world.selected(token).map(|id| RepositoryId(id as i64)).collect();
    TokenFacts {
        id: TokenId(token as i64),
        kind: TokenKind::FineGrained,
        owner: person.id.unwrap_or(AccountId(0)),
        created_at: Timestamp(NOW.0 - 10 * DAY),
        expires_at: Some(Timestamp(NOW.0 + 20 * DAY)),
        revoked: false,
        several_owners: false,
        scopes: ScopeSet::EMPTY,
        grants: vec![Grant {
            id: GrantId(token as i64),
            owner: ResourceOwner::Account(ACME),
            levels: (0..PERMISSIONS)
                .map(|id| (PermissionId(id), Level::Read))
                .collect(),
            selection: Selection::subset(ids),
            active: true,
        }],
    }
}

/// An operation like `issues/list-for-repo`. The few that there are live as long as the program.
fn operation(permission: u8) -> Operation {
    let term = Term {
        target: Target::Repository,
        permission: PermissionId(permission),
        level: Level::Read,
        role: Role::Repository(RepositoryRole::Read),
        author_role: None,
        when: When::Always,
    };
    let terms: &'static [Term] = vec![term].leak();
    let scopes = vec![
        ScopeAlternative {
            set: ScopeSet::EMPTY.with(Scope::Repo),
            public_only: false,
        },
        ScopeAlternative {
            set: ScopeSet::EMPTY.with(Scope::PublicRepo),
            public_only: true,
        },
    ];
    Operation {
        id: "bench/read",
        index: OperationIndex(u16::from(permission)),
        door: Door::Api,
        method: "GET",
        path: "/repos/{owner}/{repo}/things",
        requirement: Requirement::AnyOf(vec![terms].leak()),
        anonymous: Anonymous::IfPublic,
        scopes: scopes.leak(),
        kinds: Kinds {
            fine_grained: true,
            classic: true,
            session: true,
        },
        writes: false,
        bulk: false,
        sudo: false,
        plants: false,
        spans: false,
        action: "bench.read",
        why: "",
    }
}
