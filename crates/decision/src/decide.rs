//! The decision itself: nine stages in order, without allocation. The law it follows is in ARCHITECTURE.md;
//! the naive model that it is compared with is in this crate's tests.

use crate::effective::{holds, repository_role};
use crate::facts::{CredentialFacts, Facts, Known, TargetFacts};
use crate::outcome::{Allow, Basis, Decision, Deny, Missing, Reason, Refusal, Stage};
use bailiwick_catalogue::{Anonymous, Operation, Requirement, Term};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{
    Grant, Level, PrincipalFacts, RepositoryRole, ResolvedKindPolicy, ResolvedPolicy, Scope, Selection,
    Timestamp, TokenFacts, TokenKind, Visibility, time::DAY,
};

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
    let by_visitor = open_to_visitors(facts, operation);
    let decided = if by_visitor {
        Ok(Allow {
            basis: Basis::Anonymous,
            provisional: false,
        })
    } else {
        by_credential(facts, operation)
    };
    match decided {
        Err((reason, missing)) => deny(facts, reason, missing),
        Ok(_) if facts.rate_exceeded => Decision::Deny(Deny {
            reason: Reason::RateExceeded,
            missing: None,
            refusal: Refusal::TooMany,
        }),
        Ok(allow) => Decision::Allow(allow),
    }
}

/// The one permission that an archived repository still answers to: unarchiving and deleting go through it.
const ADMINISTRATION: bailiwick_model::PermissionId = bailiwick_model::PermissionId(127);

type Failure = (Reason, Option<Missing>);

/// Stage 1. A credential that is presented must be good, whatever it is for.
pub(crate) fn not_live(facts: &Facts<'_>) -> Option<Reason> {
    let principal = match facts.credential {
        CredentialFacts::Anonymous => return None,
        CredentialFacts::Unknown => return Some(Reason::CredentialUnknown),
        CredentialFacts::Token(token, principal) => {
            if token.revoked {
                return Some(Reason::TokenRevoked);
            }
            if token.expires_at.is_some_and(|end| facts.now >= end) {
                return Some(Reason::TokenExpired);
            }
            // SECURITY: facts of somebody else are a fault of the gathering; never act on them.
            if principal.id != Some(token.owner) {
                return Some(Reason::PrincipalInactive);
            }
            principal
        }
        CredentialFacts::Session(session, principal) => {
            if session.revoked || facts.now >= session.expires_at || principal.id != Some(session.owner) {
                return Some(Reason::SessionEnded);
            }
            principal
        }
    };
    if principal.active {
        None
    } else {
        Some(Reason::PrincipalInactive)
    }
}

/// Stage 3. What an anonymous visitor may do, any live credential may do.
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
                    TargetFacts::Missing => return false,
                    TargetFacts::Absent | TargetFacts::Account(_) | TargetFacts::Enterprise(_) => {}
                }
            }
            any
        }
    }
}

/// Stages 2 and 4 to 8.
fn by_credential(facts: &Facts<'_>, operation: &Operation) -> Result<Allow, Failure> {
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
        Requirement::Live => Ok(Allow {
            basis: Basis::Live,
            provisional: false,
        }),
        Requirement::AnyOf(alternatives) => any_of(facts, operation, alternatives, basis),
        Requirement::Closed => Err((Reason::OperationClosed, None)),
    }
}

/// Any one alternative must pass whole. If none does, the one that came furthest gives the reason; ties go by
/// the order of reasons and permissions, so the order of alternatives never matters.
fn any_of(
    facts: &Facts<'_>,
    operation: &Operation,
    alternatives: &[&[Term]],
    basis: Basis,
) -> Result<Allow, Failure> {
    let mut furthest: Option<Failure> = None;
    for terms in alternatives {
        match all_of(facts, operation, terms) {
            Ok(provisional) => return Ok(Allow { basis, provisional }),
            Err(failure) => {
                if furthest.is_none_or(|best| comes_further(&failure, &best)) {
                    furthest = Some(failure);
                }
            }
        }
    }
    // An empty list of alternatives means nothing, never everything.
    Err(furthest.unwrap_or((Reason::OperationUnmapped, None)))
}

/// All terms must pass; the earliest stage that fails is the reason. Returns whether a term is still open.
fn all_of(facts: &Facts<'_>, operation: &Operation, terms: &[Term]) -> Result<bool, Failure> {
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
            if first.is_none_or(|best| comes_further(&best, &failure)) {
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
    order(one) > order(other)
}

fn order(failure: &Failure) -> (Stage, std::cmp::Reverse<(Reason, u8, u8, u8)>) {
    let key = failure.1.map_or((0, 0, 0), |missing| {
        (missing.permission.0, missing.target as u8, missing.level as u8)
    });
    (
        failure.0.stage(),
        std::cmp::Reverse((failure.0, key.0, key.1, key.2)),
    )
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
pub(crate) fn term_fails(facts: &Facts<'_>, operation: &Operation, term: &Term) -> Option<Reason> {
    let target = facts.targets.get(term.target);
    if matches!(target, TargetFacts::Absent | TargetFacts::Missing) {
        return Some(Reason::TargetMissing);
    }
    let principal = match facts.credential {
        CredentialFacts::Anonymous | CredentialFacts::Unknown => return Some(Reason::CredentialRequired),
        CredentialFacts::Session(_, principal) => principal,
        CredentialFacts::Token(token, principal) => {
            let failed = match token.kind {
                TokenKind::FineGrained => grant_fails(token, principal, target, term),
                TokenKind::Classic => scopes_fail(token, principal, target, operation),
                TokenKind::Session => Some(Reason::KindNotAccepted),
            };
            if failed.is_some() {
                return failed;
            }
            principal
        }
    };
    role_fails(facts, principal, target, term)
}

/// Stages 4 to 7 of a fine-grained token.
fn grant_fails(
    token: &TokenFacts,
    principal: &PrincipalFacts,
    target: TargetFacts<'_>,
    term: &Term,
) -> Option<Reason> {
    let (owner, policy) = owner_of(target)?;
    let Some(grant) = grant_at(token, owner) else {
        return Some(Reason::GrantMissing);
    };
    if !grant.active {
        return Some(Reason::GrantInactive);
    }
    if let Some(reason) = policy_fails(token, principal, target, policy) {
        return Some(reason);
    }
    if let TargetFacts::Repository(repository, _) = target
        && !grant.selection.contains(repository.id)
    {
        return Some(Reason::NotSelected);
    }
    if grant.levels.get(term.permission) < term.level || term.level == Level::None {
        return Some(Reason::LevelTooLow);
    }
    None
}

/// Stages 5 and 7 of a classic token: policy, then the operation's accepted scopes.
fn scopes_fail(
    token: &TokenFacts,
    principal: &PrincipalFacts,
    target: TargetFacts<'_>,
    operation: &Operation,
) -> Option<Reason> {
    let (_, policy) = owner_of(target)?;
    if let Some(reason) = policy_fails(token, principal, target, policy) {
        return Some(reason);
    }
    let public = matches!(target, TargetFacts::Repository(repository, _) if repository.visibility == Visibility::Public);
    let accepted = operation.scopes.iter().any(|alternative| {
        (public || !alternative.public_only) && token.scopes.contains_all(alternative.set)
    });
    if accepted {
        None
    } else {
        Some(Reason::ScopeMissing)
    }
}

/// The resource owner of a target and its policy. `None` for nothing, which `term_fails` has refused before.
pub(crate) fn owner_of<'a>(target: TargetFacts<'a>) -> Option<(ResourceOwner, &'a ResolvedPolicy)> {
    match target {
        TargetFacts::Repository(_, owner) | TargetFacts::Account(owner) => {
            Some((ResourceOwner::Account(owner.id), &owner.policy))
        }
        TargetFacts::Enterprise(enterprise) => {
            Some((ResourceOwner::Enterprise(enterprise.id), &enterprise.policy))
        }
        TargetFacts::Absent | TargetFacts::Missing => None,
    }
}

/// The token's grant at an owner.
#[inline]
pub(crate) fn grant_at(token: &TokenFacts, owner: ResourceOwner) -> Option<&Grant> {
    token.grants.iter().find(|grant| grant.owner == owner)
}

/// Stage 5: whether the owner's policy permits this token now.
pub(crate) fn policy_fails(
    token: &TokenFacts,
    principal: &PrincipalFacts,
    target: TargetFacts<'_>,
    policy: &ResolvedPolicy,
) -> Option<Reason> {
    let kind = match token.kind {
        TokenKind::FineGrained => &policy.fine_grained,
        TokenKind::Classic => &policy.classic,
        TokenKind::Session => return Some(Reason::KindNotAccepted),
    };
    if !kind.allowed {
        return Some(Reason::KindBlocked);
    }
    if !lifetime_fits(token.created_at, token.expires_at, kind)
        && !(kind.exempt_administrators && administers(principal, target))
    {
        return Some(Reason::LifetimeTooLong);
    }
    if !policy.several_owners_allowed && token.several_owners {
        return Some(Reason::SeveralOwners);
    }
    None
}

/// Whether a life from creation to expiry is within a maximum. Time that remains plays no part.
pub fn lifetime_fits(
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    policy: &ResolvedKindPolicy,
) -> bool {
    match (policy.lifetime_days_max, expires_at) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(days), Some(end)) => end.0.saturating_sub(created_at.0) <= days.saturating_mul(DAY),
    }
}

/// Whether the principal owns the organization or enterprise of a target.
fn administers(principal: &PrincipalFacts, target: TargetFacts<'_>) -> bool {
    use bailiwick_model::{EnterpriseRole, OrganizationRole};
    match target {
        TargetFacts::Repository(_, owner) | TargetFacts::Account(owner) => {
            crate::effective::organization_role(principal, owner) == OrganizationRole::Owner
                || owner
                    .enterprise
                    .is_some_and(|id| principal.enterprise(id) == EnterpriseRole::Owner)
        }
        TargetFacts::Enterprise(enterprise) => principal.enterprise(enterprise.id) == EnterpriseRole::Owner,
        TargetFacts::Absent | TargetFacts::Missing => false,
    }
}

/// Stage 8: the principal's own role, and what the state of the target forbids everybody.
fn role_fails(
    facts: &Facts<'_>,
    principal: &PrincipalFacts,
    target: TargetFacts<'_>,
    term: &Term,
) -> Option<Reason> {
    let as_author = facts.conditions.author == Known::Yes
        && term
            .author_role
            .is_some_and(|role| holds(principal, target, role));
    if !as_author && !holds(principal, target, term.role) {
        return Some(Reason::RoleTooLow);
    }
    if let TargetFacts::Repository(repository, _) = target
        && repository.archived
        && term.level > Level::Read
        && term.permission != ADMINISTRATION
    {
        return Some(Reason::RepositoryArchived);
    }
    None
}

/// Turns a reason into a refusal with as much openness as the caller may have.
fn deny(facts: &Facts<'_>, reason: Reason, missing: Option<Missing>) -> Decision {
    let hidden = facts
        .targets
        .iter()
        .any(|target| !may_know(facts.credential, target));
    let refusal = match reason {
        Reason::OperationUnmapped => Refusal::NotFound,
        _ if hidden => Refusal::NotFound,
        Reason::CredentialRequired => Refusal::Unauthorized,
        _ => Refusal::Forbidden,
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
        TargetFacts::Repository(repository, _) if repository.visibility == Visibility::Public => true,
        TargetFacts::Repository(repository, owner) => match credential {
            CredentialFacts::Anonymous | CredentialFacts::Unknown => false,
            CredentialFacts::Session(_, principal) => {
                repository_role(principal, repository, owner) >= RepositoryRole::Read
            }
            CredentialFacts::Token(token, principal) => {
                let inside = match token.kind {
                    TokenKind::FineGrained => grant_at(token, ResourceOwner::Account(owner.id))
                        .is_some_and(|grant| grant.active && grant.selection.contains(repository.id)),
                    TokenKind::Classic => token.scopes.contains(Scope::Repo),
                    TokenKind::Session => false,
                };
                inside && repository_role(principal, repository, owner) >= RepositoryRole::Read
            }
        },
        TargetFacts::Enterprise(enterprise) => match credential {
            CredentialFacts::Anonymous | CredentialFacts::Unknown => false,
            CredentialFacts::Session(_, principal) | CredentialFacts::Token(_, principal) => {
                principal.enterprise(enterprise.id) != bailiwick_model::EnterpriseRole::None
            }
        },
    }
}

/// Whether a grant holds a level over a selection: what a token that mints may hand on.
pub fn grant_covers(grant: &Grant, levels: &bailiwick_model::Levels, selection: &Selection) -> bool {
    grant.active && levels.within(&grant.levels) && selection.within(&grant.selection)
}
