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
    let by_owner = match organization_role(principal, owner) {
        OrganizationRole::Owner => return RepositoryRole::Admin,
        OrganizationRole::Member => owner.base_role,
        OrganizationRole::None => RepositoryRole::None,
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
    match (role, target) {
        (_, TargetFacts::Absent | TargetFacts::Missing) => false,
        (Role::Anyone, _) => true,
        (Role::SiteAdministrator, _) => principal.site_administrator,
        (Role::Repository(least), TargetFacts::Repository(repository, owner)) => {
            repository_role(principal, repository, owner) >= least
        }
        (Role::Organization(least), TargetFacts::Repository(_, owner) | TargetFacts::Account(owner)) => {
            organization_role(principal, owner) >= least
        }
        (Role::TokenApprover, TargetFacts::Account(owner)) => {
            organization_role(principal, owner) == OrganizationRole::Owner
                || principal.approver_of.contains(&owner.id)
        }
        (Role::TokenAuditor, TargetFacts::Account(owner)) => {
            organization_role(principal, owner) == OrganizationRole::Owner
                || principal.approver_of.contains(&owner.id)
                || principal.auditor_of.contains(&owner.id)
        }
        (Role::Enterprise(least), TargetFacts::Enterprise(enterprise)) => {
            principal.enterprise(enterprise.id) >= least
        }
        (Role::TokenApprover | Role::TokenAuditor, TargetFacts::Enterprise(enterprise)) => {
            principal.enterprise(enterprise.id) == EnterpriseRole::Owner
        }
        (Role::Repository(_), TargetFacts::Account(_) | TargetFacts::Enterprise(_))
        | (Role::Organization(_), TargetFacts::Enterprise(_))
        | (Role::Enterprise(_), TargetFacts::Repository(..) | TargetFacts::Account(_))
        | (Role::TokenApprover | Role::TokenAuditor, TargetFacts::Repository(..)) => false,
    }
}
