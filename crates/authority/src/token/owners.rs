//! Which resource owners a person may choose, and why not the others.

use crate::Authority;
use crate::fault::Fault;
use crate::gather::OwnerRecord;
use crate::permit::Permit;
use bailiwick_decision::effective::organization_role;
use bailiwick_model::policy::SetBy;
use bailiwick_model::{
    AccountId, EnterpriseRole, OrganizationRole, OwnerFacts, OwnerKind, PrincipalFacts, ResolvedPolicy,
};
use bailiwick_store::Tx;

/// How a person stands to a resource owner.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Relation {
    /// The person's own account.
    Own,
    /// It owns the organization.
    Owner,
    /// It is a member.
    Member,
    /// None: single repositories only, by collaboration or because they are public or internal.
    Outside,
}

impl Relation {
    /// Whether all repositories of the owner can be chosen.
    pub fn belongs(self) -> bool {
        self != Relation::Outside
    }
}

/// How a principal stands to an owner.
pub fn relation_to(principal: &PrincipalFacts, owner: &OwnerFacts) -> Relation {
    match (owner.kind, organization_role(principal, owner)) {
        (OwnerKind::User, OrganizationRole::Owner) => Relation::Own,
        (OwnerKind::User, _) | (OwnerKind::Organization, OrganizationRole::None) => Relation::Outside,
        (OwnerKind::Organization, OrganizationRole::Member) => Relation::Member,
        (OwnerKind::Organization, OrganizationRole::Owner) => Relation::Owner,
    }
}

/// One resource owner in the list of choices.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnerChoice {
    /// Login or slug.
    pub name: String,
    /// `User`, `Organization` or `Enterprise`.
    pub kind: &'static str,
    /// Why it cannot be chosen: a stable code and a sentence.
    pub obstacle: Option<(&'static str, String)>,
    /// Whether a request there needs approval.
    pub approval_required: bool,
    /// The longest life of a token there, in days.
    pub lifetime_days_max: Option<i64>,
    /// Who set that.
    pub lifetime_by: SetBy,
    /// Whether all repositories can be chosen.
    pub all: bool,
    /// Whether a token may have other owners beside this one.
    pub several_owners_allowed: bool,
    /// Whether the person belongs to it and can ask its owners to allow what they block.
    pub can_ask: bool,
}

impl Authority {
    /// Every owner that concerns the person, each with the reason if it cannot be chosen.
    pub fn token_owners(&self, permit: &Permit) -> Result<Vec<OwnerChoice>, Fault> {
        let principal = permit.gathered().principal().ok_or_else(Fault::not_found)?;
        self.read(permit, |tx| {
            let mut choices = Vec::new();
            let own = principal.id.into_iter();
            let outside = collaboration_owners(tx, principal)?;
            let ids = own
                .chain(principal.organizations.iter().map(|pair| pair.0))
                .chain(outside);
            let mut seen = std::collections::BTreeSet::new();
            for id in ids {
                if seen.insert(id)
                    && let Some(owner) = crate::records::owner(tx, id)?
                {
                    choices.push(choice(principal, &owner));
                }
            }
            for (id, role) in &principal.enterprises {
                if let Some(enterprise) = crate::records::enterprise_by_id(tx, *id)? {
                    choices.push(OwnerChoice {
                        name: enterprise.facts.slug.clone(),
                        kind: "Enterprise",
                        obstacle: explained(&enterprise.facts.slug, &enterprise.facts.policy, None),
                        approval_required: needs_approval(
                            &enterprise.facts.policy,
                            *role == EnterpriseRole::Owner,
                            false,
                        ),
                        lifetime_days_max: enterprise.facts.policy.fine_grained.lifetime_days_max,
                        lifetime_by: enterprise.facts.policy.fine_grained.lifetime_by,
                        all: false,
                        several_owners_allowed: enterprise.facts.policy.several_owners_allowed,
                        can_ask: false,
                    });
                }
            }
            Ok(choices)
        })
    }
}

/// The owners of the repositories that the person reaches by collaboration alone.
fn collaboration_owners(tx: &mut Tx<'_>, principal: &PrincipalFacts) -> Result<Vec<AccountId>, Fault> {
    let mut owners = Vec::new();
    for (id, _) in &principal.repositories {
        if let Some(row) = bailiwick_store::repository::by_id(tx, *id)? {
            owners.push(row.owner_id);
        }
    }
    Ok(owners)
}

fn choice(principal: &PrincipalFacts, record: &OwnerRecord) -> OwnerChoice {
    let owner = &record.facts;
    let relation = relation_to(principal, owner);
    let administers = matches!(relation, Relation::Own | Relation::Owner);
    OwnerChoice {
        name: owner.login.clone(),
        kind: match owner.kind {
            OwnerKind::User => "User",
            OwnerKind::Organization => "Organization",
        },
        obstacle: explained(&owner.login, &owner.policy, record.enterprise_name.as_deref()),
        approval_required: needs_approval(&owner.policy, administers, owner.kind == OwnerKind::User),
        lifetime_days_max: owner.policy.fine_grained.lifetime_days_max,
        lifetime_by: owner.policy.fine_grained.lifetime_by,
        all: relation.belongs(),
        several_owners_allowed: owner.policy.several_owners_allowed,
        can_ask: relation == Relation::Member,
    }
}

/// The obstacle with who made it and who can change it.
fn explained(
    name: &str,
    policy: &ResolvedPolicy,
    enterprise: Option<&str>,
) -> Option<(&'static str, String)> {
    let (code, _) = obstacle(name, policy)?;
    let words = match (policy.fine_grained.allowed_by, enterprise) {
        (SetBy::Enterprise, Some(enterprise)) => format!(
            "Blocked by the enterprise {enterprise}: fine-grained tokens cannot reach {name}. Only the \
             enterprise's owners can change it"
        ),
        (SetBy::Enterprise, None) => {
            format!("Blocked by the enterprise {name}: only its owners can change it")
        }
        (SetBy::Organization | SetBy::Default, _) => format!(
            "Blocked by the organization: {name} does not let fine-grained tokens reach it. Its owners can change it"
        ),
    };
    Some((code, words))
}

/// Why fine-grained tokens cannot be made for an owner at all.
pub(crate) fn obstacle(name: &str, policy: &ResolvedPolicy) -> Option<(&'static str, String)> {
    if policy.fine_grained.allowed {
        return None;
    }
    let by = match policy.fine_grained.allowed_by {
        bailiwick_model::policy::SetBy::Enterprise => "its enterprise",
        bailiwick_model::policy::SetBy::Organization | bailiwick_model::policy::SetBy::Default => name,
    };
    Some((
        "policy.kind_blocked",
        format!(
            "`{name}` forbids access via a personal access token with fine-grained permissions (set by {by})"
        ),
    ))
}

/// Whether a request needs somebody's approval. Users' own resources need none: there is nobody else to ask,
/// and a token never exceeds its owner's role there.
pub(crate) fn needs_approval(policy: &ResolvedPolicy, administers: bool, user_owned: bool) -> bool {
    if user_owned {
        return false;
    }
    if administers {
        policy.owners_need_approval
    } else {
        policy.fine_grained.approval_required
    }
}
