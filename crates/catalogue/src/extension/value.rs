//! What the words of a catalogue file are worth at run time. The build script prints the same spellings as Rust.

use crate::operation::{Anonymous, Role, Target, When};
use bailiwick_model::{EnterpriseRole, OrganizationRole, RepositoryRole};

/// The role that a spelling of the vocabulary stands for.
pub(crate) fn role(rust: &str) -> Option<Role> {
    Some(match rust {
        "Role::Anyone" => Role::Anyone,
        "Role::Repository(RepositoryRole::Read)" => Role::Repository(RepositoryRole::Read),
        "Role::Repository(RepositoryRole::Triage)" => Role::Repository(RepositoryRole::Triage),
        "Role::Repository(RepositoryRole::Write)" => Role::Repository(RepositoryRole::Write),
        "Role::Repository(RepositoryRole::Maintain)" => Role::Repository(RepositoryRole::Maintain),
        "Role::Repository(RepositoryRole::Admin)" => Role::Repository(RepositoryRole::Admin),
        "Role::Organization(OrganizationRole::Member)" => Role::Organization(OrganizationRole::Member),
        "Role::Organization(OrganizationRole::Owner)" => Role::Organization(OrganizationRole::Owner),
        "Role::Enterprise(EnterpriseRole::Member)" => Role::Enterprise(EnterpriseRole::Member),
        "Role::Enterprise(EnterpriseRole::Owner)" => Role::Enterprise(EnterpriseRole::Owner),
        "Role::TokenApprover" => Role::TokenApprover,
        "Role::TokenAuditor" => Role::TokenAuditor,
        "Role::SiteAdministrator" => Role::SiteAdministrator,
        _ => return None,
    })
}

/// The target of a word.
pub(crate) fn target(word: &str) -> Option<Target> {
    Some(match word {
        "repository" => Target::Repository,
        "organization" => Target::Organization,
        "own" => Target::Own,
        "enterprise" => Target::Enterprise,
        "destination" => Target::Destination,
        "second" => Target::SecondRepository,
        _ => return None,
    })
}

/// The condition of a word, or none.
pub(crate) fn when(word: Option<&str>) -> Option<When> {
    Some(match word {
        None => When::Always,
        Some("issue") => When::Issue,
        Some("pull_request") => When::PullRequest,
        Some("workflow") => When::Workflow,
        Some("not_public") => When::NotPublic,
        Some("destination_organization") => When::DestinationOrganization,
        Some(_) => return None,
    })
}

/// The rule for visitors; what is not understood lets nobody in.
pub(crate) fn anonymous(word: &str) -> Anonymous {
    match word {
        "always" => Anonymous::Always,
        "public" => Anonymous::IfPublic,
        _ => Anonymous::Never,
    }
}
