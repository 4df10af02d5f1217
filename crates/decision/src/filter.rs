//! The filter that a list must apply: the decision, asked for each element.

use crate::decide::role_fails;
use crate::facts::{CredentialFacts, Facts, Known, TargetFacts};
use crate::grant::{grant_fails, policy_fails};
use crate::live::not_live;
use bailiwick_catalogue::{Role, Target, Term, When, perm};
use bailiwick_model::{
    Level, OwnerFacts, PermissionId, RepositoryFacts, RepositoryRole, Scope, TokenKind, Visibility,
};

/// What visitors read of a public repository. Of everything else (secrets, hooks, alerts …) a public repository
/// shows no more than a private one.
const OPEN: [PermissionId; 7] = [
    perm::METADATA,
    perm::CONTENTS,
    perm::ISSUES,
    perm::PULL_REQUESTS,
    perm::STATUSES,
    perm::CHECKS,
    perm::DEPLOYMENTS,
];

/// Which repositories (or things in them) a caller may be shown.
#[derive(Clone, Copy, Debug)]
pub struct Filter<'a> {
    credential: CredentialFacts<'a>,
    live: bool,
    term: Term,
}

impl<'a> Filter<'a> {
    /// A filter for things that need a repository permission at a level, and of the caller itself the role of the
    /// same name; `least` asks for another. A classic token is shown what visitors are, and with `repo` the rest.
    pub fn new(facts: &Facts<'a>, permission: PermissionId, level: Level) -> Filter<'a> {
        let role = match level {
            Level::None | Level::Read => RepositoryRole::Read,
            Level::Write => RepositoryRole::Write,
            Level::Admin => RepositoryRole::Admin,
        };
        Filter {
            credential: facts.credential,
            live: not_live(facts).is_none(),
            term: Term {
                target: Target::Repository,
                permission,
                level,
                role: Role::Repository(role),
                author_role: None,
                when: When::Always,
            },
        }
    }

    /// The same filter for things that take another least role, as the operation that reads one of them names it.
    #[must_use]
    pub fn least(mut self, role: Role) -> Filter<'a> {
        self.term.role = role;
        self
    }

    /// Whether an element of this repository may be shown.
    pub fn admits(&self, repository: &RepositoryFacts, owner: &OwnerFacts) -> bool {
        if !self.live || self.term.level == Level::None {
            return false;
        }
        if repository.visibility == Visibility::Public
            && self.term.level == Level::Read
            && OPEN.contains(&self.term.permission)
        {
            return true;
        }
        let target = TargetFacts::Repository(repository, owner);
        let principal = match self.credential {
            CredentialFacts::Anonymous | CredentialFacts::Unknown => return false,
            CredentialFacts::Session(_, principal) => principal,
            CredentialFacts::Token(token, principal) => {
                let fails = match token.kind {
                    // A list shows; it plants nothing.
                    TokenKind::FineGrained => {
                        grant_fails(token, principal, target, false, &self.term).is_some()
                    }
                    TokenKind::Classic => {
                        policy_fails(token, principal, target, &owner.policy).is_some()
                            || !token.scopes.contains(Scope::Repo)
                    }
                    TokenKind::Session => true,
                };
                if fails {
                    return false;
                }
                principal
            }
        };
        role_fails(Known::No, principal, target, &self.term).is_none()
    }
}
