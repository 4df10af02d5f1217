//! Packages that belong to an owner as a whole: which alternative is theirs, and who may know of them.

use crate::effective::organization_role;
use crate::facts::{CredentialFacts, Facts, Package, TargetFacts};
use crate::grant::{active_grant_at, grant_at};
use crate::outcome::{Reason, Stage};
use bailiwick_catalogue::{PermissionKind, Target, Term, permission_by_id};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{OrganizationRole, OwnerKind, PrincipalFacts, Scope, Selection, TokenKind};

/// Whether a term is for the owner of the package: an organization's take its own permission, a person's the repository
/// permission at the person's account.
#[inline]
pub(crate) fn fits(package: Package, target: TargetFacts<'_>, term: &Term) -> bool {
    if package == Package::Unnamed || term.target != Target::Organization {
        return true;
    }
    let TargetFacts::Account(owner) = target else {
        return false;
    };
    let kind = permission_by_id(term.permission).map(|permission| permission.kind);
    match owner.kind {
        OwnerKind::Organization => kind == Some(PermissionKind::Organization),
        OwnerKind::User => kind == Some(PermissionKind::Repository),
    }
}

/// What becomes of a term at the owner of a package, as a part of the stage of selections: it takes a grant that selects
/// everything.
// SECURITY: such a package is in no repository, so a grant of some repositories does not hold it.
#[inline]
pub(crate) fn selected(
    facts: &Facts<'_>,
    target: TargetFacts<'_>,
    term: &Term,
    by_token: Option<Reason>,
) -> Option<Reason> {
    if facts.conditions.package == Package::Unnamed || term.target != Target::Organization {
        return by_token;
    }
    let (CredentialFacts::Token(token, _), TargetFacts::Account(owner)) = (facts.credential, target) else {
        return by_token;
    };
    // An organization's own permission is beside every selection.
    let some = owner.kind == OwnerKind::User
        && token.kind == TokenKind::FineGrained
        && grant_at(token, ResourceOwner::Account(owner.id))
            .is_some_and(|grant| grant.selection != Selection::All);
    match by_token {
        Some(reason) if reason.stage() < Stage::Selection => Some(reason),
        _ if some => Some(Reason::NotSelected),
        reason => reason,
    }
}

/// Whether the caller may know what becomes of a package's name.
// SECURITY: an image's name is that of a repository or of none, and a name can be linked to a hidden repository. Whoever
// could tell "nobody's" or "the owner's" from "hidden" would learn which private repositories there are.
pub fn may_know(facts: &Facts<'_>) -> bool {
    let owner = match (facts.conditions.package, facts.targets.get(Target::Repository)) {
        (Package::Unnamed | Package::Public, _) | (_, TargetFacts::Repository(..)) => return true,
        (Package::Unowned, _) => return false,
        (Package::Private, _) => match facts.targets.get(Target::Organization) {
            TargetFacts::Account(owner) => owner,
            TargetFacts::Absent
            | TargetFacts::Missing
            | TargetFacts::Repository(..)
            | TargetFacts::Enterprise(_) => return false,
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
