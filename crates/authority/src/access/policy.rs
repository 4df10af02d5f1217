//! Policies of organizations and enterprises: reading what is set and what holds, and setting.

use crate::Authority;
use crate::fault::Fault;
use crate::gather::Named;
use crate::permit::Permit;
use bailiwick_catalogue::Target;
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::limit::TOKEN_LIFETIME_DAYS_MAX;
use bailiwick_model::{KindPolicy, Policy, ResolvedPolicy};
use bailiwick_store::{AccountRow, EnterpriseRow, account, enterprise};

/// What is set at an owner, and what holds there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PolicyView {
    /// What is set.
    pub set: Policy,
    /// What holds after inheritance.
    pub resolved: ResolvedPolicy,
}

/// What the enterprise above an organization has set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyAbove {
    /// The enterprise's slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What is set there.
    pub policy: Policy,
    /// The longest lives that organizations cannot exceed: of fine-grained and of classic tokens.
    pub lifetime_days_max: [Option<i64>; 2],
}

impl Authority {
    /// The policy of the enterprise above the organization that the path names; none if it is in none.
    pub fn policy_above(&self, permit: &Permit) -> Result<Option<PolicyAbove>, Fault> {
        let Named::Account(record) = permit.gathered().named(Target::Organization) else {
            return Ok(None);
        };
        let Some(id) = record.row.enterprise_id else {
            return Ok(None);
        };
        let row = self.read(permit, |tx| Ok(enterprise::by_id(tx, id)?))?;
        Ok(row.map(|row| {
            let resolved = bailiwick_decision::policy::resolve(Some(&row.policy), None);
            let days = |kind: &bailiwick_model::ResolvedKindPolicy| {
                let set = kind.lifetime_by == bailiwick_model::policy::SetBy::Enterprise;
                kind.lifetime_days_max.filter(|_| set)
            };
            PolicyAbove {
                slug: row.slug,
                name: row.name,
                policy: row.policy,
                lifetime_days_max: [days(&resolved.fine_grained), days(&resolved.classic)],
            }
        }))
    }

    /// The policy of the owner that the path names.
    pub fn policy(&self, permit: &Permit) -> Result<PolicyView, Fault> {
        match (
            permit.gathered().named(Target::Enterprise),
            permit.gathered().named(Target::Organization),
        ) {
            (Named::Enterprise(record), _) => Ok(PolicyView {
                set: record.row.policy,
                resolved: record.facts.policy,
            }),
            (_, Named::Account(record)) => Ok(PolicyView {
                set: record.row.policy,
                resolved: record.facts.policy,
            }),
            _ => Err(Fault::not_found()),
        }
    }

    /// The policy of the person's own account: of it, only planting is theirs to choose.
    pub fn own_policy(&self, permit: &Permit) -> Result<PolicyView, Fault> {
        match permit.gathered().named(Target::Own) {
            Named::Account(record) => Ok(PolicyView {
                set: personal(&record.row.policy),
                resolved: record.facts.policy,
            }),
            _ => Err(Fault::not_found()),
        }
    }

    /// Sets the policy of the person's own account.
    pub fn own_policy_set(&self, permit: Permit, policy: Policy) -> Result<PolicyView, Fault> {
        if policy != personal(&policy) {
            let message = "only planting can be set for one's own account";
            return Err(Fault::invalid("Policy", "base", "invalid", message));
        }
        let person = permit.person()?;
        self.act(permit, |act, permit| {
            check_planting(permit, &Policy::default(), &policy)?;
            let row = account::by_id(act.tx, person)?.ok_or_else(Fault::not_found)?;
            let old = personal(&row.policy);
            account::update(act.tx, &AccountRow { policy, ..row })?;
            let record = crate::records::owner(act.tx, person)?.ok_or_else(Fault::not_found)?;
            act.note("policy", serde_json::to_value(policy).unwrap_or_default());
            act.note("old_policy", serde_json::to_value(old).unwrap_or_default());
            Ok(PolicyView {
                set: policy,
                resolved: record.facts.policy,
            })
        })
    }

    /// Sets the policy of the owner that the path names, whole.
    pub fn policy_set(&self, permit: Permit, policy: Policy) -> Result<PolicyView, Fault> {
        check(&policy)?;
        let owner = permit.resource_owner()?;
        self.act(permit, |act, permit| {
            let (old, resolved) = match owner {
                ResourceOwner::Account(id) => {
                    let row = account::by_id(act.tx, id)?.ok_or_else(Fault::not_found)?;
                    let old = row.policy;
                    check_planting(permit, &old, &policy)?;
                    account::update(act.tx, &AccountRow { policy, ..row })?;
                    let record = crate::records::owner(act.tx, id)?.ok_or_else(Fault::not_found)?;
                    super::asks::answered(act.tx, id, &record.facts.policy)?;
                    (old, record.facts.policy)
                }
                ResourceOwner::Enterprise(id) => {
                    let row = enterprise::by_id(act.tx, id)?.ok_or_else(Fault::not_found)?;
                    let old = row.policy;
                    check_planting(permit, &old, &policy)?;
                    enterprise::update(act.tx, &EnterpriseRow { policy, ..row })?;
                    (old, bailiwick_decision::policy::resolve(Some(&policy), None))
                }
            };
            act.action(action(&old, &policy));
            act.note("policy", serde_json::to_value(policy).unwrap_or_default());
            act.note("old_policy", serde_json::to_value(old).unwrap_or_default());
            note_lifetime(act, &old.fine_grained, &policy.fine_grained);
            Ok(PolicyView {
                set: policy,
                resolved,
            })
        })
    }
}

/// What of a policy counts for a person's own account.
fn personal(policy: &Policy) -> Policy {
    Policy {
        planting: policy.planting,
        ..Policy::default()
    }
}

// SECURITY: a token that could open planting would need nobody's word for it.
fn check_planting(permit: &Permit, old: &Policy, new: &Policy) -> Result<(), Fault> {
    let opens = new.planting != old.planting && new.planting != Some(false);
    if opens && permit.gathered().token().is_some() {
        let message = "planting is opened by a person in a session, not by a token";
        return Err(Fault::forbidden("policy.planting_by_token", message));
    }
    Ok(())
}

fn note_lifetime(act: &mut crate::Act<'_, '_>, old: &KindPolicy, new: &KindPolicy) {
    if old.lifetime_days_max != new.lifetime_days_max {
        act.note("token_expiration", new.lifetime_days_max);
        act.note("old_token_expiration", old.lifetime_days_max);
        act.note("exempt_administrators", new.exempt_administrators);
    }
}

/// GitHub's action for the one thing that changed; ours where several did.
fn action(old: &Policy, new: &Policy) -> &'static str {
    let (was, is) = (&old.fine_grained, &new.fine_grained);
    let access = was.allowed != is.allowed;
    let lifetime = was.lifetime_days_max != is.lifetime_days_max;
    let approval = was.approval_required != is.approval_required;
    match (access, lifetime, approval) {
        _ if old.planting != new.planting => "personal_access_token.policy_update",
        (true, false, false) if is.allowed == Some(false) => {
            "personal_access_token.access_restriction_enabled"
        }
        (true, false, false) => "personal_access_token.access_restriction_disabled",
        (false, true, false) if is.lifetime_days_max.is_some() => {
            "personal_access_token.expiration_limit_set"
        }
        (false, true, false) => "personal_access_token.expiration_limit_unset",
        (false, false, true) if is.approval_required == Some(false) => {
            "personal_access_token.auto_approve_grant_requests_enabled"
        }
        (false, false, true) => "personal_access_token.auto_approve_grant_requests_disabled",
        _ => "personal_access_token.policy_update",
    }
}

fn check(policy: &Policy) -> Result<(), Fault> {
    let invalid = |field: &str, message: String| Err(Fault::invalid("Policy", field, "invalid", message));
    for (name, kind) in [
        ("fine_grained", &policy.fine_grained),
        ("classic", &policy.classic),
    ] {
        match kind.lifetime_days_max {
            Some(days) if !(1..=TOKEN_LIFETIME_DAYS_MAX).contains(&days) => {
                let message = format!("must be between 1 and {TOKEN_LIFETIME_DAYS_MAX}");
                return invalid(&format!("{name}.lifetime_days_max"), message);
            }
            Some(_) if kind.lifetime_unlimited == Some(true) => {
                let message = String::from("cannot be set together with lifetime_days_max");
                return invalid(&format!("{name}.lifetime_unlimited"), message);
            }
            Some(_) | None => {}
        }
    }
    if policy.classic.approval_required.is_some() {
        return invalid(
            "classic.approval_required",
            String::from("classic tokens are never approved: allow or block them"),
        );
    }
    if policy
        .tokens_per_user_max
        .is_some_and(|max| !(1..=10_000).contains(&max))
    {
        return invalid("tokens_per_user_max", String::from("must be between 1 and 10000"));
    }
    if policy
        .audit_retention_days
        .is_some_and(|days| !(1..=36_500).contains(&days))
    {
        return invalid(
            "audit_retention_days",
            String::from("must be between 1 and 36500"),
        );
    }
    Ok(())
}
