//! Policy inheritance: where an enterprise says yes or no, that is final; the lifetime that it sets and its wish
//! for single-owner tokens, for a second approver and for planting can be tightened below it. Nothing is ever loosened.

use bailiwick_model::limit::TOKEN_LIFETIME_DAYS_MAX;
use bailiwick_model::policy::SetBy;
use bailiwick_model::{KindPolicy, Policy, ResolvedKindPolicy, ResolvedPolicy};

/// What holds when nobody sets anything: allowed, approved, at most 366 days for fine-grained tokens,
/// and no planting.
pub fn default_policy() -> ResolvedPolicy {
    resolve(None, None)
}

/// Resolves the policy of an owner from its enterprise's settings and its own.
pub fn resolve(enterprise: Option<&Policy>, own: Option<&Policy>) -> ResolvedPolicy {
    let either = |pick: fn(&Policy) -> Option<bool>| enterprise.and_then(pick).or(own.and_then(pick));
    let (planting, planting_by) = planting(
        enterprise.and_then(|policy| policy.planting),
        own.and_then(|policy| policy.planting),
    );
    ResolvedPolicy {
        fine_grained: resolve_kind(
            enterprise.map(|policy| &policy.fine_grained),
            own.map(|policy| &policy.fine_grained),
            Some(TOKEN_LIFETIME_DAYS_MAX),
        ),
        classic: resolve_kind(
            enterprise.map(|policy| &policy.classic),
            own.map(|policy| &policy.classic),
            None,
        ),
        several_owners_allowed: enterprise
            .and_then(|policy| policy.several_owners_allowed)
            .unwrap_or(true)
            && own
                .and_then(|policy| policy.several_owners_allowed)
                .unwrap_or(true),
        owners_need_approval: either(|policy| policy.owners_need_approval.filter(|need| *need))
            .unwrap_or(false),
        planting,
        planting_by,
    }
}

/// Refused until somebody opens it. An enterprise's no is final; its yes can be taken back below.
fn planting(enterprise: Option<bool>, own: Option<bool>) -> (bool, SetBy) {
    match (enterprise, own) {
        (Some(false), _) => (false, SetBy::Enterprise),
        (Some(true) | None, Some(value)) => (value, SetBy::Organization),
        (Some(true), None) => (true, SetBy::Enterprise),
        (None, None) => (false, SetBy::Default),
    }
}

fn resolve_kind(
    enterprise: Option<&KindPolicy>,
    own: Option<&KindPolicy>,
    lifetime_default: Option<i64>,
) -> ResolvedKindPolicy {
    let (allowed, allowed_by) = choose(
        enterprise.and_then(|policy| policy.allowed),
        own.and_then(|policy| policy.allowed),
        true,
    );
    let (approval_required, approval_by) = choose(
        enterprise.and_then(|policy| policy.approval_required),
        own.and_then(|policy| policy.approval_required),
        true,
    );
    let (lifetime_days_max, lifetime_by) = lifetime(enterprise, own, lifetime_default);
    let exempt_administrators = match lifetime_by {
        SetBy::Enterprise => enterprise
            .and_then(|policy| policy.exempt_administrators)
            .unwrap_or(false),
        SetBy::Organization => {
            own.and_then(|policy| policy.exempt_administrators).unwrap_or(false)
                // An enterprise's limit that the organization only tightened still binds the organization's
                // owners: one flag cannot exempt them from the one and not from the other.
                && enterprise_days(enterprise, lifetime_default).is_none()
        }
        SetBy::Default => false,
    };
    ResolvedKindPolicy {
        allowed,
        allowed_by,
        approval_required,
        approval_by,
        lifetime_days_max,
        lifetime_by,
        exempt_administrators,
    }
}

/// The enterprise's word is final where it speaks.
fn choose(enterprise: Option<bool>, own: Option<bool>, default: bool) -> (bool, SetBy) {
    match (enterprise, own) {
        (Some(value), _) => (value, SetBy::Enterprise),
        (None, Some(value)) => (value, SetBy::Organization),
        (None, None) => (default, SetBy::Default),
    }
}

/// The maximum that the enterprise itself set. Refusing to lift the default is setting it.
fn enterprise_days(enterprise: Option<&KindPolicy>, default: Option<i64>) -> Option<i64> {
    enterprise.and_then(|policy| match policy.lifetime_unlimited {
        Some(false) => policy.lifetime_days_max.or(default),
        Some(true) | None => policy.lifetime_days_max,
    })
}

/// The shorter of the enterprise's maximum and the organization's. An organization can lift the default, but
/// never an enterprise's maximum.
fn lifetime(
    enterprise: Option<&KindPolicy>,
    own: Option<&KindPolicy>,
    default: Option<i64>,
) -> (Option<i64>, SetBy) {
    let above = enterprise_days(enterprise, default);
    let below = own.and_then(|policy| policy.lifetime_days_max);
    let lifted =
        |policy: Option<&KindPolicy>| policy.is_some_and(|policy| policy.lifetime_unlimited == Some(true));
    match (above, below) {
        (Some(days), Some(own_days)) if own_days < days => (Some(own_days), SetBy::Organization),
        (Some(days), _) => (Some(days), SetBy::Enterprise),
        (None, Some(own_days)) => (Some(own_days), SetBy::Organization),
        (None, None) if lifted(own) => (None, SetBy::Organization),
        (None, None) if lifted(enterprise) => (None, SetBy::Enterprise),
        (None, None) => (default, SetBy::Default),
    }
}
