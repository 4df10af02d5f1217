//! What a caller may know to exist, and so how much of a refusal it may see.

use crate::effective::repository_role;
use crate::facts::{CredentialFacts, Facts, TargetFacts};
use crate::grant::active_grant_at;
use crate::outcome::{Decision, Deny, Missing, Reason, Refusal};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{
    EnterpriseRole, OwnerFacts, PrincipalFacts, RepositoryFacts, RepositoryRole, Scope, TokenFacts,
    TokenKind, Visibility,
};

/// Turns a reason into a refusal with as much openness as the caller may have.
#[inline(never)]
pub(crate) fn deny(facts: &Facts<'_>, reason: Reason, missing: Option<Missing>) -> Decision {
    // SECURITY: one target that may not be known hides the whole answer, or the others would tell of it.
    let hidden = facts
        .targets
        .iter()
        .any(|target| !may_know(facts.credential, target))
        || !crate::package::may_know(facts);
    let refusal = if hidden || reason == Reason::OperationUnmapped {
        Refusal::NotFound
    } else if reason == Reason::CredentialRequired {
        Refusal::Unauthorized
    } else {
        Refusal::Forbidden
    };
    Decision::Deny(Deny {
        reason,
        missing,
        refusal,
    })
}

/// Whether the caller may know that a target exists: it is public, or inside an active grant (a session: inside
/// its own role; a classic token: inside its scopes).
pub fn may_know(credential: CredentialFacts<'_>, target: TargetFacts<'_>) -> bool {
    match target {
        TargetFacts::Absent => true,
        TargetFacts::Missing => false,
        // Accounts are public: their names are on every repository.
        TargetFacts::Account(_) => true,
        TargetFacts::Repository(repository, owner) => {
            repository.visibility == Visibility::Public
                || match credential {
                    CredentialFacts::Anonymous | CredentialFacts::Unknown => false,
                    CredentialFacts::Session(_, principal) => sees(principal, repository, owner),
                    CredentialFacts::Token(token, principal) => {
                        reaches(token, repository, owner) && sees(principal, repository, owner)
                    }
                }
        }
        TargetFacts::Enterprise(enterprise) => {
            let member =
                |principal: &PrincipalFacts| principal.enterprise(enterprise.id) != EnterpriseRole::None;
            match credential {
                CredentialFacts::Anonymous | CredentialFacts::Unknown => false,
                CredentialFacts::Session(_, principal) => member(principal),
                CredentialFacts::Token(token, principal) => {
                    member(principal)
                        && match token.kind {
                            TokenKind::FineGrained => {
                                active_grant_at(token, ResourceOwner::Enterprise(enterprise.id)).is_some()
                            }
                            TokenKind::Classic => token.scopes.contains(Scope::ReadEnterprise),
                            TokenKind::Session => false,
                        }
                }
            }
        }
    }
}

fn sees(principal: &PrincipalFacts, repository: &RepositoryFacts, owner: &OwnerFacts) -> bool {
    repository_role(principal, repository, owner) >= RepositoryRole::Read
}

/// Whether a repository is inside a token's active grant, or its scopes.
fn reaches(token: &TokenFacts, repository: &RepositoryFacts, owner: &OwnerFacts) -> bool {
    match token.kind {
        TokenKind::FineGrained => active_grant_at(token, ResourceOwner::Account(owner.id))
            .is_some_and(|grant| grant.selection.contains(repository.id)),
        TokenKind::Classic => token.scopes.contains(Scope::Repo),
        TokenKind::Session => false,
    }
}
