//! The decision itself: nine stages in order, without allocation. The law it follows is in ARCHITECTURE.md;
//! the naive model that it is compared with is in this crate's tests.

use crate::effective::holds;
use crate::facts::{CredentialFacts, Facts, Known, Package, TargetFacts};
use crate::grant::{grant_fails, scopes_accepted, scopes_fail};
use crate::live::not_live;
use crate::outcome::{Allow, Basis, Decision, Deny, Missing, Reason, Refusal, Stage};
use crate::visible::deny;
use bailiwick_catalogue::perm::ADMINISTRATION;
use bailiwick_catalogue::{Anonymous, Operation, Requirement, Role, Target, Term};
use bailiwick_model::{Level, PermissionId, PrincipalFacts, TokenKind, Visibility};

pub use crate::grant::{grant_covers, lifetime_fits, policy_permits};
pub use crate::package::may_know as may_know_package;
pub use crate::visible::may_know;

/// Decides one request.
pub fn decide(facts: &Facts<'_>) -> Decision {
    if let Some(reason) = not_live(facts) {
        return Decision::Deny(Deny {
            reason,
            missing: None,
            refusal: Refusal::Unauthorized,
        });
    }
    let Some(operation) = facts.operation else {
        return deny(facts, Reason::OperationUnmapped, None);
    };
    let decided = if open_to_visitors(facts, operation) {
        Ok(Allow {
            basis: Basis::Anonymous,
            provisional: false,
        })
    } else {
        by_credential(facts, operation)
    };
    match decided {
        Err((reason, missing)) => deny(facts, reason, missing),
        // Stage 9. Every other stage has passed, so the refusal tells of nothing hidden.
        Ok(_) if facts.rate_exceeded => Decision::Deny(Deny {
            reason: Reason::RateExceeded,
            missing: None,
            refusal: Refusal::TooMany,
        }),
        // As a bad credential: clients of registries then ask for one that reaches further.
        Ok(_) if beyond(facts, operation) => Decision::Deny(Deny {
            reason: Reason::RegistryScope,
            missing: None,
            refusal: Refusal::Unauthorized,
        }),
        Ok(allow) => Decision::Allow(allow),
    }
}

/// Whether an operation takes more than the credential was narrowed to.
// SECURITY: also of what anybody may do: a credential that could ask for the next one of its kind would never end.
fn beyond(facts: &Facts<'_>, operation: &Operation) -> bool {
    let Some(narrowed) = facts.narrowed else {
        return false;
    };
    match operation.requirement {
        Requirement::AnyOf(alternatives) => {
            let mut terms = alternatives.iter().copied().flatten();
            !terms.all(|term| narrowed.reaches(term.level))
        }
        Requirement::Live => operation.anonymous != Anonymous::Never,
        Requirement::Closed => true,
    }
}

pub(crate) type Failure = (Reason, Option<Missing>);

/// Stage 3. What an anonymous visitor may do, any live credential may do, whatever its kind: this comes before
/// the kind is looked at, or dropping the token would open more than holding it.
#[inline]
fn open_to_visitors(facts: &Facts<'_>, operation: &Operation) -> bool {
    match operation.anonymous {
        Anonymous::Never => false,
        Anonymous::Always => true,
        Anonymous::IfPublic => {
            let mut any = false;
            for target in facts.targets.iter() {
                match target {
                    TargetFacts::Repository(repository, _) => {
                        if repository.visibility != Visibility::Public {
                            return false;
                        }
                        any = true;
                    }
                    // Enterprises are not public, and a missing thing is nothing that could be.
                    TargetFacts::Missing | TargetFacts::Enterprise(_) => return false,
                    // A package that belongs to an owner as a whole says itself whether it is public.
                    TargetFacts::Account(_) => any |= facts.conditions.package == Package::Public,
                    TargetFacts::Absent => {}
                }
            }
            any
        }
    }
}

/// Stages 2 and 4 to 8.
pub(crate) fn by_credential(facts: &Facts<'_>, operation: &Operation) -> Result<Allow, Failure> {
    if matches!(operation.requirement, Requirement::Closed) {
        return Err((Reason::OperationClosed, None));
    }
    let basis = match facts.credential {
        CredentialFacts::Anonymous | CredentialFacts::Unknown => {
            return Err((Reason::CredentialRequired, None));
        }
        CredentialFacts::Token(token, _) => {
            let (open, basis) = match token.kind {
                TokenKind::FineGrained => (operation.kinds.fine_grained, Basis::Grants),
                TokenKind::Classic => (operation.kinds.classic, Basis::Scopes),
                TokenKind::Session => (false, Basis::Grants),
            };
            if !open {
                return Err((Reason::KindNotAccepted, None));
            }
            basis
        }
        CredentialFacts::Session(session, _) => {
            if !operation.kinds.session {
                return Err((Reason::KindNotAccepted, None));
            }
            if operation.sudo && facts.now >= session.sudo_until {
                return Err((Reason::SudoRequired, None));
            }
            Basis::Session
        }
    };
    match operation.requirement {
        Requirement::Live => live(facts, operation),
        // A thing that is named and does not exist ends it, also where no term would have looked at it.
        Requirement::AnyOf(_) if names_nothing(facts) => Err((Reason::TargetMissing, None)),
        Requirement::AnyOf(_) if facts.conditions.package == Package::Unowned => {
            Err((Reason::PackageUnowned, None))
        }
        Requirement::AnyOf(alternatives) => any_of(facts, operation, alternatives, basis),
        Requirement::Closed => Err((Reason::OperationClosed, None)),
    }
}

fn names_nothing(facts: &Facts<'_>) -> bool {
    let mut named = facts.targets.iter();
    named.any(|target| matches!(target, TargetFacts::Missing))
}

/// A live credential of the right kind is enough; a classic token still needs the accepted scopes.
fn live(facts: &Facts<'_>, operation: &Operation) -> Result<Allow, Failure> {
    // SECURITY: nothing of the request was checked against grants or roles, so nothing that the caller may not
    // know can be reached this way, should such an operation ever name one.
    let mut named = facts.targets.iter();
    if !named.all(|target| crate::visible::may_know(facts.credential, target)) {
        return Err((Reason::TargetMissing, None));
    }
    // SECURITY: no owner is asked here, so none can have opened planting.
    if operation.plants && matches!(facts.credential, CredentialFacts::Token(..)) {
        return Err((Reason::PlantingRefused, None));
    }
    if let CredentialFacts::Token(token, _) = facts.credential
        && token.kind == TokenKind::Classic
        && !scopes_accepted(token, operation, TargetFacts::Absent)
    {
        return Err((Reason::ScopeMissing, None));
    }
    Ok(Allow {
        basis: Basis::Live,
        provisional: false,
    })
}

/// Any one alternative must pass whole. If none does, the one that came furthest gives the reason; ties go to
/// the smaller of reason and term, so the order of alternatives never matters.
fn any_of(
    facts: &Facts<'_>,
    operation: &Operation,
    alternatives: &[&[Term]],
    basis: Basis,
) -> Result<Allow, Failure> {
    let mut open = None;
    let mut furthest: Option<Failure> = None;
    for terms in alternatives {
        match all_of(facts, operation, terms) {
            Ok(false) => {
                return Ok(Allow {
                    basis,
                    provisional: false,
                });
            }
            // Another alternative may hold without conditions: that answer does not wait for the object.
            Ok(true) => {
                open = Some(Allow {
                    basis,
                    provisional: true,
                });
            }
            Err(failure) => {
                if furthest.is_none_or(|best| comes_further(&failure, &best)) {
                    furthest = Some(failure);
                }
            }
        }
    }
    // An empty list of alternatives means nothing, never everything.
    open.ok_or_else(|| furthest.unwrap_or((Reason::OperationUnmapped, None)))
}

/// All terms must pass; the earliest stage that fails is the reason, ties as in `any_of`. Returns whether a
/// term is still open.
#[inline]
pub(crate) fn all_of(facts: &Facts<'_>, operation: &Operation, terms: &[Term]) -> Result<bool, Failure> {
    let mut counted = false;
    let mut provisional = false;
    let mut first: Option<Failure> = None;
    for term in terms {
        match facts.conditions.known(term.when, &facts.targets) {
            Known::No => continue,
            Known::Later => {
                provisional = true;
                continue;
            }
            Known::Yes | Known::Unknown => {}
        }
        counted = true;
        if let Some(reason) = term_fails(facts, operation, term) {
            let failure = (reason, Some(missing(term)));
            if first.is_none_or(|best| key(&failure) < key(&best)) {
                first = Some(failure);
            }
        }
    }
    match first {
        Some(failure) => Err(failure),
        // Conditions that all fail leave nothing that was required: nobody decided this, so it is refused.
        None if !counted => Err((Reason::OperationUnmapped, None)),
        None => Ok(provisional),
    }
}

fn comes_further(one: &Failure, other: &Failure) -> bool {
    let (far, best) = (distance(one.0), distance(other.0));
    far > best || (far == best && key(one) < key(other))
}

/// How far a failure came. An alternative about something that the request does not name comes less far than one that
/// was looked at: a repository's package is not refused for what its owner's would take.
fn distance(reason: Reason) -> (Stage, bool) {
    (reason.stage(), reason != Reason::TargetMissing)
}

/// What failures are compared by. It covers all that a failure says, so two that tie are the same.
fn key(failure: &Failure) -> (Reason, Option<(PermissionId, u8, Level, Role)>) {
    let term = failure.1.map(|missing| {
        (
            missing.permission,
            missing.target as u8,
            missing.level,
            missing.role,
        )
    });
    (failure.0, term)
}

pub(crate) fn missing(term: &Term) -> Missing {
    Missing {
        target: term.target,
        permission: term.permission,
        level: term.level,
        role: term.role,
    }
}

/// Stages 4 to 8 for one term.
#[inline]
pub(crate) fn term_fails(facts: &Facts<'_>, operation: &Operation, term: &Term) -> Option<Reason> {
    let target = facts.targets.get(term.target);
    let principal = match facts.credential {
        CredentialFacts::Anonymous | CredentialFacts::Unknown => return Some(Reason::CredentialRequired),
        CredentialFacts::Session(_, principal) | CredentialFacts::Token(_, principal) => principal,
    };
    if !consistent(principal, target, term.target) {
        return Some(Reason::TargetMissing);
    }
    if !crate::package::fits(facts.conditions.package, target, term) {
        return Some(Reason::TargetMissing);
    }
    let by_token = match facts.credential {
        CredentialFacts::Token(token, _) => match token.kind {
            TokenKind::FineGrained => grant_fails(token, principal, target, operation.plants, term),
            TokenKind::Classic => scopes_fail(token, principal, target, operation, term),
            TokenKind::Session => Some(Reason::KindNotAccepted),
        },
        CredentialFacts::Session(..) => None,
        CredentialFacts::Anonymous | CredentialFacts::Unknown => Some(Reason::CredentialRequired),
    };
    let by_token = crate::package::selected(facts, target, term, by_token);
    by_token.or_else(|| role_fails(facts.conditions.author, principal, target, term))
}

/// Whether the principal's own role is what a term asks for, whatever its credential holds.
pub(crate) fn role_suffices(facts: &Facts<'_>, term: &Term) -> bool {
    let target = facts.targets.get(term.target);
    match facts.credential {
        CredentialFacts::Anonymous | CredentialFacts::Unknown => false,
        CredentialFacts::Session(_, principal) | CredentialFacts::Token(_, principal) => {
            consistent(principal, target, term.target)
                && role_fails(facts.conditions.author, principal, target, term) != Some(Reason::RoleTooLow)
        }
    }
}

/// Whether what plays a part is there and fits the part.
#[inline]
fn consistent(principal: &PrincipalFacts, target: TargetFacts<'_>, part: Target) -> bool {
    match target {
        TargetFacts::Absent | TargetFacts::Missing => false,
        // SECURITY: an owner that is not the repository's own would lend it another owner's grant and policy.
        TargetFacts::Repository(repository, owner) => part != Target::Own && repository.owner == owner.id,
        // SECURITY: "own" is never somebody else's account.
        TargetFacts::Account(owner) => part != Target::Own || principal.id == Some(owner.id),
        TargetFacts::Enterprise(_) => part != Target::Own,
    }
}

/// Stage 8: the principal's own role, and what the state of the target forbids everybody.
#[inline]
pub(crate) fn role_fails(
    author: Known,
    principal: &PrincipalFacts,
    target: TargetFacts<'_>,
    term: &Term,
) -> Option<Reason> {
    let as_author = author == Known::Yes
        && term
            .author_role
            .is_some_and(|role| holds(principal, target, role));
    if !as_author && !holds(principal, target, term.role) {
        return Some(Reason::RoleTooLow);
    }
    if let TargetFacts::Repository(repository, _) = target
        && repository.archived
        && term.level > Level::Read
        // Unarchiving and deleting go through this one permission.
        && term.permission != ADMINISTRATION
    {
        return Some(Reason::RepositoryArchived);
    }
    None
}
