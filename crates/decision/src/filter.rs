//! The filter that a list must apply: the decision, asked for each element.

use crate::decide::{grant_at, may_know, not_live, policy_fails};
use crate::effective::repository_role;
use crate::facts::{CredentialFacts, Facts, TargetFacts};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{
    Level, OwnerFacts, PermissionId, RepositoryFacts, RepositoryRole, Scope, Timestamp, TokenKind, Visibility,
};

/// Which repositories (or things in them) a caller may be shown.
#[derive(Clone, Copy, Debug)]
pub struct Filter<'a> {
    credential: CredentialFacts<'a>,
    now: Timestamp,
    permission: PermissionId,
    level: Level,
}

impl<'a> Filter<'a> {
    /// A filter for things that need a repository permission at a level.
    pub fn new(facts: &Facts<'a>, permission: PermissionId, level: Level) -> Filter<'a> {
        Filter {
            credential: facts.credential,
            now: facts.now,
            permission,
            level,
        }
    }

    /// Whether an element of this repository may be shown.
    pub fn admits(&self, repository: &RepositoryFacts, owner: &OwnerFacts) -> bool {
        let public = repository.visibility == Visibility::Public;
        let facts = Facts {
            now: self.now,
            operation: None,
            credential: self.credential,
            targets: crate::Targets::default(),
            conditions: crate::Conditions::default(),
            rate_exceeded: false,
        };
        if not_live(&facts).is_some() {
            return false;
        }
        if public && self.level <= Level::Read {
            return true;
        }
        let target = TargetFacts::Repository(repository, owner);
        match self.credential {
            CredentialFacts::Anonymous | CredentialFacts::Unknown => false,
            CredentialFacts::Session(..) => may_know(self.credential, target),
            CredentialFacts::Token(token, principal) => {
                if policy_fails(token, principal, target, &owner.policy).is_some()
                    || repository_role(principal, repository, owner) < RepositoryRole::Read
                {
                    return false;
                }
                match token.kind {
                    TokenKind::FineGrained => {
                        grant_at(token, ResourceOwner::Account(owner.id)).is_some_and(|grant| {
                            grant.active
                                && grant.selection.contains(repository.id)
                                && grant.levels.get(self.permission) >= self.level
                        })
                    }
                    TokenKind::Classic => token.scopes.contains(Scope::Repo),
                    TokenKind::Session => false,
                }
            }
        }
    }
}
