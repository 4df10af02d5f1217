//! Stages 4 to 7: what a token itself may do at the owner of a target: grant, policy, selection, level or scopes.

use crate::effective::organization_role;
use crate::facts::TargetFacts;
use crate::outcome::Reason;
use bailiwick_catalogue::perm::WORKFLOWS;
use bailiwick_catalogue::{Operation, Term};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::policy::SetBy;
use bailiwick_model::{
    EnterpriseRole, Grant, Level, Levels, OrganizationRole, OwnerFacts, PermissionId, PrincipalFacts,
    ResolvedKindPolicy, ResolvedPolicy, Scope, Selection, Timestamp, TokenFacts, TokenKind, Visibility,
    time::DAY,
};

/// Stages 4 to 7 of a fine-grained token.
#[inline]
pub(crate) fn grant_fails(
    token: &TokenFacts,
    principal: &PrincipalFacts,
    target: TargetFacts<'_>,
    plants: bool,
    term: &Term,
) -> Option<Reason> {
    let Some((owner, policy)) = owner_of(target) else {
        return Some(Reason::TargetMissing);
    };
    let Some(grant) = grant_at(token, owner) else {
        return Some(Reason::GrantMissing);
    };
    if !grant.active {
        return Some(Reason::GrantInactive);
    }
    if let Some(reason) = policy_fails(token, principal, target, policy) {
        return Some(reason);
    }
    if planting_fails(plants, policy) {
        return Some(Reason::PlantingRefused);
    }
    if let TargetFacts::Repository(repository, _) = target
        && !grant.selection.contains(repository.id)
    {
        return Some(Reason::NotSelected);
    }
    if reaches_level(&grant.levels, term.permission, term.level) {
        None
    } else {
        Some(Reason::LevelTooLow)
    }
}

/// Whether levels hold a permission at a level. Asking for no level at all is a fault, and is refused.
#[inline]
pub(crate) fn reaches_level(levels: &Levels, permission: PermissionId, level: Level) -> bool {
    level > Level::None && levels.get(permission) >= level
}

/// Stages 5 and 7 of a classic token: policy, then the operation's accepted scopes.
pub(crate) fn scopes_fail(
    token: &TokenFacts,
    principal: &PrincipalFacts,
    target: TargetFacts<'_>,
    operation: &Operation,
    term: &Term,
) -> Option<Reason> {
    let Some((_, policy)) = owner_of(target) else {
        return Some(Reason::TargetMissing);
    };
    if let Some(reason) = policy_fails(token, principal, target, policy) {
        return Some(reason);
    }
    if planting_fails(operation.plants, policy) {
        return Some(Reason::PlantingRefused);
    }
    // SECURITY: workflow files run with the repository's secrets. `repo` alone never writes them, whichever door.
    let workflow = term.permission != WORKFLOWS || token.scopes.contains(Scope::Workflow);
    if workflow && scopes_accepted(token, operation, target) {
        None
    } else {
        Some(Reason::ScopeMissing)
    }
}

/// Whether a classic token's scopes hold one of the operation's alternatives at a target.
pub(crate) fn scopes_accepted(token: &TokenFacts, operation: &Operation, target: TargetFacts<'_>) -> bool {
    let (public, hidden) = match target {
        TargetFacts::Repository(repository, _) => {
            let public = repository.visibility == Visibility::Public;
            (public, !public)
        }
        TargetFacts::Absent | TargetFacts::Missing | TargetFacts::Account(_) | TargetFacts::Enterprise(_) => {
            (false, false)
        }
    };
    operation.scopes.iter().any(|alternative| {
        token.scopes.contains_all(alternative.set)
            && (public || !alternative.public_only)
            // SECURITY: "any classic token" is said of what everybody may see. A private repository takes `repo`
            // even then, or a token without a single scope would read it.
            && (!hidden || !alternative.set.is_empty() || token.scopes.contains(Scope::Repo))
    })
}

/// The resource owner of a target and its policy; nothing has none.
#[inline]
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

/// The token's grant at an owner. There is at most one: the store keeps one row for each token and owner.
#[inline]
pub(crate) fn grant_at(token: &TokenFacts, owner: ResourceOwner) -> Option<&Grant> {
    token.grants.iter().find(|grant| grant.owner == owner)
}

/// The token's grant at an owner, if it is active.
#[inline]
pub(crate) fn active_grant_at(token: &TokenFacts, owner: ResourceOwner) -> Option<&Grant> {
    grant_at(token, owner).filter(|grant| grant.active)
}

/// Stage 5: whether the owner's policy permits this token now.
#[inline]
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
    let exempt = || kind.exempt_administrators && set_by_itself(principal, target, kind.lifetime_by);
    if !(lifetime_fits(token.created_at, token.expires_at, kind) || exempt()) {
        return Some(Reason::LifetimeTooLong);
    }
    // A property of the token, fixed when it is made. Counting its grants instead would let the loss of one
    // grant open another.
    if !policy.several_owners_allowed && token.several_owners {
        return Some(Reason::SeveralOwners);
    }
    None
}

/// Stage 5 as well: what a token makes and that can itself authenticate would outlive the token's own end, so it
/// takes the owner's word. A person in a session does it by their own hand, and is not asked.
#[inline]
fn planting_fails(plants: bool, policy: &ResolvedPolicy) -> bool {
    plants && !policy.planting
}

/// Whether an owner's policy permits a token now: for lists that show only what the token reaches.
pub fn policy_permits(
    token: &TokenFacts,
    principal: &PrincipalFacts,
    target: TargetFacts<'_>,
    policy: &ResolvedPolicy,
) -> bool {
    policy_fails(token, principal, target, policy).is_none()
}

/// Whether a life from creation to expiry is within a maximum. Time that remains plays no part.
#[inline]
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

/// Whether the principal is an owner of whoever set a limit: an exemption reaches no further than that.
#[cold]
fn set_by_itself(principal: &PrincipalFacts, target: TargetFacts<'_>, set_by: SetBy) -> bool {
    let owns_enterprise = |owner: &OwnerFacts| {
        owner
            .enterprise
            .is_some_and(|id| principal.enterprise(id) == EnterpriseRole::Owner)
    };
    match (target, set_by) {
        (TargetFacts::Repository(_, owner) | TargetFacts::Account(owner), SetBy::Organization) => {
            organization_role(principal, owner) == OrganizationRole::Owner
        }
        (TargetFacts::Repository(_, owner) | TargetFacts::Account(owner), SetBy::Enterprise) => {
            owns_enterprise(owner)
        }
        (TargetFacts::Enterprise(enterprise), SetBy::Organization | SetBy::Enterprise) => {
            principal.enterprise(enterprise.id) == EnterpriseRole::Owner
        }
        (TargetFacts::Absent | TargetFacts::Missing, _) | (_, SetBy::Default) => false,
    }
}

/// Whether a grant holds a level over a selection: what a token that mints may hand on.
pub fn grant_covers(grant: &Grant, levels: &Levels, selection: &Selection) -> bool {
    grant.active && levels.within(&grant.levels) && selection.within(&grant.selection)
}
