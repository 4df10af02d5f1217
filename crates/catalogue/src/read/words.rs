//! The closed vocabularies of the data files, and the Rust that each word stands for.
//! A word that is not here is a build error. A test compares the scopes with the model's.

/// Levels, weakest first.
pub const LEVELS: &[(&str, &str)] = &[
    ("read", "Level::Read"),
    ("write", "Level::Write"),
    ("admin", "Level::Admin"),
];

/// Kinds of permission.
pub const KINDS: &[(&str, &str)] = &[
    ("account", "PermissionKind::Account"),
    ("enterprise", "PermissionKind::Enterprise"),
    ("organization", "PermissionKind::Organization"),
    ("repository", "PermissionKind::Repository"),
];

/// Targets of a term.
pub const TARGETS: &[(&str, &str)] = &[
    ("repository", "Target::Repository"),
    ("organization", "Target::Organization"),
    ("own", "Target::Own"),
    ("enterprise", "Target::Enterprise"),
    ("destination", "Target::Destination"),
    ("second", "Target::SecondRepository"),
];

/// Conditions of a term.
pub const CONDITIONS: &[(&str, &str)] = &[
    ("issue", "When::Issue"),
    ("pull_request", "When::PullRequest"),
    ("workflow", "When::Workflow"),
    ("not_public", "When::NotPublic"),
    ("destination_organization", "When::DestinationOrganization"),
];

const REPOSITORY_ROLES: &[(&str, &str)] = &[
    ("anyone", "Role::Anyone"),
    ("read", "Role::Repository(RepositoryRole::Read)"),
    ("triage", "Role::Repository(RepositoryRole::Triage)"),
    ("write", "Role::Repository(RepositoryRole::Write)"),
    ("maintain", "Role::Repository(RepositoryRole::Maintain)"),
    ("admin", "Role::Repository(RepositoryRole::Admin)"),
];

const ACCOUNT_ROLES: &[(&str, &str)] = &[
    ("anyone", "Role::Anyone"),
    ("member", "Role::Organization(OrganizationRole::Member)"),
    ("owner", "Role::Organization(OrganizationRole::Owner)"),
    ("token_approver", "Role::TokenApprover"),
    ("token_auditor", "Role::TokenAuditor"),
    ("site_administrator", "Role::SiteAdministrator"),
];

const ENTERPRISE_ROLES: &[(&str, &str)] = &[
    ("anyone", "Role::Anyone"),
    ("member", "Role::Enterprise(EnterpriseRole::Member)"),
    ("owner", "Role::Enterprise(EnterpriseRole::Owner)"),
    ("token_approver", "Role::TokenApprover"),
    ("token_auditor", "Role::TokenAuditor"),
    ("site_administrator", "Role::SiteAdministrator"),
];

/// The roles that make sense at a target.
pub fn roles_at(target: &str) -> &'static [(&'static str, &'static str)] {
    match target {
        "repository" | "second" => REPOSITORY_ROLES,
        "enterprise" => ENTERPRISE_ROLES,
        _ => ACCOUNT_ROLES,
    }
}

/// Methods, in the order of their numbers in the router.
pub const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Scopes of classic tokens; the variant's name is the word in camel case.
pub const SCOPES: &[&str] = &[
    "repo",
    "repo:status",
    "repo_deployment",
    "public_repo",
    "repo:invite",
    "security_events",
    "workflow",
    "write:packages",
    "read:packages",
    "delete:packages",
    "admin:org",
    "write:org",
    "read:org",
    "manage_runners:org",
    "admin:public_key",
    "write:public_key",
    "read:public_key",
    "admin:repo_hook",
    "write:repo_hook",
    "read:repo_hook",
    "admin:org_hook",
    "gist",
    "notifications",
    "user",
    "read:user",
    "user:email",
    "user:follow",
    "delete_repo",
    "write:discussion",
    "read:discussion",
    "admin:enterprise",
    "manage_runners:enterprise",
    "manage_billing:enterprise",
    "read:enterprise",
    "scim:enterprise",
    "audit_log",
    "read:audit_log",
    "codespace",
    "codespace:secrets",
    "copilot",
    "manage_billing:copilot",
    "project",
    "read:project",
    "admin:gpg_key",
    "write:gpg_key",
    "read:gpg_key",
    "admin:ssh_signing_key",
    "write:ssh_signing_key",
    "read:ssh_signing_key",
    "write:network_configurations",
    "read:network_configurations",
];

/// The word's own spelling in a table, and what stands beside it.
pub fn find(
    table: &'static [(&'static str, &'static str)],
    word: &str,
) -> Option<(&'static str, &'static str)> {
    table.iter().copied().find(|(known, _)| *known == word)
}
