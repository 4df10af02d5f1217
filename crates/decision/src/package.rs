//! Packages that belong to an owner as a whole: which alternative is theirs, and who may know of them.

use crate::effective::organization_role;
use crate::facts::{CredentialFacts, Facts, Package, TargetFacts};
use crate::grant::active_grant_at;
use crate::outcome::Reason;
use bailiwick_catalogue::{PermissionKind, Target, Term, permission_by_id};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{OrganizationRole, OwnerKind, PrincipalFacts, Scope, Selection, TokenKind};

/// Whether a term is not for the owner of the package: an organization's take its own permission, a person's the
/// repository permission, under a grant that selects everything of theirs.
#[inline]
pub(crate) fn term_fails(facts: &Facts<'_>, target: TargetFacts<'_>, term: &Term) -> Option<Reason> {
    if facts.conditions.package == Package::Unnamed || term.target != Target::Organization {
        return None;
    }
    let TargetFacts::Account(owner) = target else {
        return Some(Reason::TargetMissing);
    };
    let kind = permission_by_id(term.permission).map(|permission| permission.kind);
    match (owner.kind, kind) {
        (OwnerKind::Organization, Some(PermissionKind::Organization)) => None,
        // SECURITY: such a package is in no repository, so a grant of some repositories does not hold it.
        (OwnerKind::User, Some(PermissionKind::Repository)) => match facts.credential {
            CredentialFacts::Token(token, _) if token.kind == TokenKind::FineGrained => {
                active_grant_at(token, ResourceOwner::Account(owner.id))
                    .is_some_and(|grant| grant.selection != Selection::All)
                    .then_some(Reason::NotSelected)
            }
            CredentialFacts::Anonymous
            | CredentialFacts::Unknown
            | CredentialFacts::Token(..)
            | CredentialFacts::Session(..) => None,
        },
        _ => Some(Reason::TargetMissing),
    }
}

/// Whether the caller may know what becomes of a package's name.
// SECURITY: an image's name is that of a repository or of none, and a name can be linked to a hidden repository. Whoever
// could tell "nobody's" or "the owner's" from "hidden" would learn which private repositories there are.
pub(crate) fn may_know(facts: &Facts<'_>) -> bool {
    let owner = match (facts.conditions.package, facts.targets.get(Target::Repository)) {
        (Package::Unnamed | Package::Public, _) | (_, TargetFacts::Repository(..)) => return true,
        (Package::Unowned, _) => return false,
        (Package::Private, _) => match facts.targets.get(Target::Organization) {
            TargetFacts::Account(owner) => owner,
            _ => return false,
        },
    };
    let owns = |principal: &PrincipalFacts| organization_role(principal, owner) == OrganizationRole::Owner;
    match facts.credential {
        CredentialFacts::Anonymous | CredentialFacts::Unknown => false,
        CredentialFacts::Session(_, principal) => owns(principal),
        CredentialFacts::Token(token, principal) => {
            owns(principal)
                && match token.kind {
                    TokenKind::FineGrained => active_grant_at(token, ResourceOwner::Account(owner.id))
                        .is_some_and(|grant| grant.selection == Selection::All),
                    TokenKind::Classic => token.scopes.contains(Scope::Repo),
                    TokenKind::Session => false,
                }
        }
    }
}
