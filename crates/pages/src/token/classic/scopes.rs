//! The tree of classic scopes as check boxes. Whoever ticks a scope has everything below it.

use crate::look::choice::{Check, check};
use crate::look::{Markup, html};
use bailiwick_gate::Query;
use bailiwick_model::Scope;

/// The scopes that a form sent.
pub fn read(form: &Query) -> Vec<String> {
    form.pairs()
        .iter()
        .filter(|(name, _)| name == "scope")
        .map(|(_, value)| value.clone())
        .collect()
}

/// Scopes besides those that read which a link may tick: narrow ones that neither administer, delete, nor reach
/// every repository.
const LINKED: [&str; 7] = [
    "public_repo",
    "repo:status",
    "repo_deployment",
    "gist",
    "notifications",
    "user:email",
    "user:follow",
];

/// Whether a link may tick a scope.
pub fn may_be_linked(scope: Scope) -> bool {
    scope.word().starts_with("read:") || LINKED.contains(&scope.word())
}

/// The tree.
pub fn tree(ticked: &[String], error: &str) -> Markup {
    html! {
        div.scopes id="scopes" tabindex="-1" {
            (crate::look::form::error("scopes", error))
            (below(None, ticked))
        }
    }
}

fn below(parent: Option<Scope>, ticked: &[String]) -> Markup {
    let children: Vec<Scope> = Scope::ALL
        .iter()
        .copied()
        .filter(|scope| scope.parent() == parent)
        .collect();
    html! {
        @if !children.is_empty() {
            ul {
                @for scope in children {
                    li {
                        (check(&Check {
                            name: "scope",
                            value: scope.word(),
                            id: &format!("scope-{}", scope.word().replace(':', "-")),
                            label: scope.word(),
                            hint: html! { (meaning(scope)) },
                            checked: ticked.iter().any(|word| word == scope.word()),
                            ..Check::default()
                        }))
                        (below(Some(scope), ticked))
                    }
                }
            }
        }
    }
}

/// What a scope opens, in a few words.
pub fn meaning(scope: Scope) -> &'static str {
    match scope {
        Scope::Repo => "Full control of private repositories",
        Scope::RepoStatus => "Access commit statuses",
        Scope::RepoDeployment => "Access deployment statuses",
        Scope::PublicRepo => "Access public repositories",
        Scope::RepoInvite => "Access repository invitations",
        Scope::SecurityEvents => "Read and write security events",
        Scope::Workflow => "Update workflow files",
        Scope::WritePackages => "Upload packages",
        Scope::ReadPackages => "Download packages",
        Scope::DeletePackages => "Delete packages",
        Scope::AdminOrg => "Full control of organizations and teams",
        Scope::WriteOrg => "Read and write organizations, membership and projects",
        Scope::ReadOrg => "Read organizations, membership and projects",
        Scope::ManageRunnersOrg => "Manage the runners of organizations",
        Scope::AdminPublicKey => "Full control of your SSH keys",
        Scope::WritePublicKey => "Write your SSH keys",
        Scope::ReadPublicKey => "Read your SSH keys",
        Scope::AdminRepoHook => "Full control of repository hooks",
        Scope::WriteRepoHook => "Write repository hooks",
        Scope::ReadRepoHook => "Read repository hooks",
        Scope::AdminOrgHook => "Full control of organization hooks",
        Scope::Gist => "Create gists",
        Scope::Notifications => "Access notifications",
        Scope::User => "Update all your data",
        Scope::ReadUser => "Read your profile",
        Scope::UserEmail => "Read your e-mail addresses",
        Scope::UserFollow => "Follow and unfollow people",
        Scope::DeleteRepo => "Delete repositories",
        Scope::WriteDiscussion => "Read and write team discussions",
        Scope::ReadDiscussion => "Read team discussions",
        Scope::AdminEnterprise => "Full control of enterprises",
        Scope::ManageRunnersEnterprise => "Manage the runners of enterprises",
        Scope::ManageBillingEnterprise => "Read and write the billing of enterprises",
        Scope::ReadEnterprise => "Read the profile of enterprises",
        Scope::ScimEnterprise => "Provision people of enterprises",
        Scope::AuditLog => "Full control of the audit log",
        Scope::ReadAuditLog => "Read the audit log",
        Scope::Codespace => "Full control of codespaces",
        Scope::CodespaceSecrets => "Create, read and change the secrets of codespaces",
        Scope::Copilot => "Full control of Copilot settings and seats",
        Scope::ManageBillingCopilot => "View and edit Copilot seats",
        Scope::Project => "Full control of projects",
        Scope::ReadProject => "Read projects",
        Scope::AdminGpgKey => "Full control of your GPG keys",
        Scope::WriteGpgKey => "Write your GPG keys",
        Scope::ReadGpgKey => "Read your GPG keys",
        Scope::AdminSshSigningKey => "Full control of your SSH signing keys",
        Scope::WriteSshSigningKey => "Write your SSH signing keys",
        Scope::ReadSshSigningKey => "Read your SSH signing keys",
        Scope::WriteNetworkConfigurations => "Write the networks of hosted runners",
        Scope::ReadNetworkConfigurations => "Read the networks of hosted runners",
    }
}
