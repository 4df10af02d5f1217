//! What a principal is at a target: the role half of the decision, and of what may be seen.

use crate::facts::TargetFacts;
use bailiwick_catalogue::Role;
use bailiwick_model::{
    EnterpriseRole, OrganizationRole, OwnerFacts, OwnerKind, PrincipalFacts, RepositoryFacts, RepositoryRole,
    Visibility,
};

/// The principal's role in a user's or an organization's account. A user owns its own account.
#[inline]
pub fn organization_role(principal: &PrincipalFacts, owner: &OwnerFacts) -> OrganizationRole {
    match owner.kind {
        OwnerKind::User if principal.id == Some(owner.id) => OrganizationRole::Owner,
        OwnerKind::User => OrganizationRole::None,
        OwnerKind::Organization => principal.organization(owner.id),
    }
}

/// The principal's role at a repository: the highest of ownership, base role, teams, collaboration and the
/// floor that visibility gives. Owning the enterprise gives none.
#[inline]
pub fn repository_role(
    principal: &PrincipalFacts,
    repository: &RepositoryFacts,
    owner: &OwnerFacts,
) -> RepositoryRole {
    // SECURITY: facts of another owner are a fault of the gathering; they give nothing.
    if repository.owner != owner.id {
        return RepositoryRole::None;
    }
    let by_owner = match organization_role(principal, owner) {
        OrganizationRole::Owner => return RepositoryRole::Admin,
        // The base role is for what is not public; there, everybody's floor is the same.
        OrganizationRole::Member if repository.visibility != Visibility::Public => owner.base_role,
        OrganizationRole::Member | OrganizationRole::None => RepositoryRole::None,
    };
    let by_visibility = match repository.visibility {
        Visibility::Public => RepositoryRole::Read,
        Visibility::Internal => match owner.enterprise {
            Some(enterprise) if principal.enterprise(enterprise) != EnterpriseRole::None => {
                RepositoryRole::Read
            }
            Some(_) | None => RepositoryRole::None,
        },
        Visibility::Private => RepositoryRole::None,
    };
    by_owner
        .max(by_visibility)
        .max(principal.repository(repository.id))
}

/// Whether the principal holds a role at a target. A target of another sort than the role asks for never does.
#[inline]
pub fn holds(principal: &PrincipalFacts, target: TargetFacts<'_>, role: Role) -> bool {
    match target {
        TargetFacts::Absent | TargetFacts::Missing => false,
        TargetFacts::Repository(repository, owner) => {
            let held = repository_role(principal, repository, owner);
            // SECURITY: a repository that the principal cannot see is out of reach whatever a term asks for.
            held >= RepositoryRole::Read
                && match role {
                    Role::Anyone => true,
                    Role::Repository(least) => held >= least,
                    Role::Organization(least) => organization_role(principal, owner) >= least,
                    Role::SiteAdministrator => principal.site_administrator,
                    Role::TokenApprover | Role::TokenAuditor | Role::Enterprise(_) => false,
                }
        }
        TargetFacts::Account(owner) => {
            let held = organization_role(principal, owner);
            let approver = || principal.approver_of.contains(&owner.id);
            match role {
                Role::Anyone => true,
                Role::Organization(least) => held >= least,
                Role::TokenApprover => held == OrganizationRole::Owner || approver(),
                Role::TokenAuditor => {
                    held == OrganizationRole::Owner || approver() || principal.auditor_of.contains(&owner.id)
                }
                Role::SiteAdministrator => principal.site_administrator,
                Role::Repository(_) | Role::Enterprise(_) => false,
            }
        }
        TargetFacts::Enterprise(enterprise) => {
            let held = principal.enterprise(enterprise.id);
            match role {
                Role::Anyone => true,
                Role::Enterprise(least) => held >= least,
                Role::TokenApprover | Role::TokenAuditor => held == EnterpriseRole::Owner,
                Role::SiteAdministrator => principal.site_administrator,
                Role::Repository(_) | Role::Organization(_) => false,
            }
        }
    }
}
