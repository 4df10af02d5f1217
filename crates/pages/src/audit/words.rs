//! An event in plain words: what was done or tried, and why it was refused.

use crate::look::badge::{Hue, badge};
use crate::look::{Markup, html};
use bailiwick_authority::audit::EventView;
use bailiwick_model::Outcome;

/// What an event tells of, as an act: "Approve a token".
pub fn act(view: &EventView) -> String {
    let row = &view.row;
    if row.action == "api.request" {
        return read(row.operation.as_deref());
    }
    match ACTS.iter().find(|(action, _)| *action == row.action) {
        Some((_, words)) => (*words).to_owned(),
        None => spelled(&row.action),
    }
}

/// A read, by what was asked for.
fn read(operation: Option<&str>) -> String {
    let known = operation.and_then(bailiwick_catalogue::by_id);
    match known {
        Some(operation) if operation.door == bailiwick_catalogue::Door::Page => {
            format!("Open the page {}", operation.path)
        }
        Some(operation) => format!("{} {}", operation.method, operation.path),
        None => String::from("Ask the API"),
    }
}

/// `repos.get_content` as "Get content (repos)".
fn spelled(action: &str) -> String {
    let (category, verb) = action.split_once('.').unwrap_or(("", action));
    let verb = verb.replace('_', " ");
    let mut letters = verb.chars();
    let verb: String = letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default();
    if category.is_empty() {
        verb
    } else {
        format!("{verb} ({})", category.replace('_', " "))
    }
}

/// The badge of an outcome.
pub fn outcome(outcome: Outcome) -> Markup {
    match outcome {
        Outcome::Allowed => badge(Hue::Green, "Allowed"),
        Outcome::Refused => badge(Hue::Red, "Refused"),
        Outcome::Failed => badge(Hue::Amber, "Failed"),
    }
}

/// Why something was refused or failed, in a sentence; nothing for what was allowed.
pub fn why(view: &EventView) -> Markup {
    let row = &view.row;
    let data = row.object().unwrap_or_default();
    let text = |name: &str| data.get(name).and_then(|value| value.as_str()).unwrap_or("");
    let (stage, missing, level) = (text("stage"), text("missing_permission"), text("missing_level"));
    let role = text("missing_role");
    html! {
        @match row.outcome {
            Outcome::Allowed => {},
            Outcome::Failed => { "Allowed, but it failed: " code { (row.reason) } "." },
            Outcome::Refused => {
                @if stage.is_empty() { "Refused: " } @else { "Stopped at the stage " strong { (stage) } ": " }
                code { (row.reason) }
                @if !role.is_empty() { ". Missing: the role " code { (role) } }
                @if !missing.is_empty() {
                    ". Missing: " code { (missing) @if !level.is_empty() { ":" (level) } }
                }
                "."
            },
        }
    }
}

/// Acts by the name of their action.
const ACTS: &[(&str, &str)] = &[
    (
        "audit_log.prune",
        "Remove events that are older than they are kept",
    ),
    ("bailiwick.explain", "Ask why a request is allowed or not"),
    ("business.add_admin", "Make somebody an owner of the enterprise"),
    (
        "business.add_organization",
        "Add an organization to the enterprise",
    ),
    ("business.audit_log_export", "Export the enterprise's audit log"),
    ("business.create", "Create an enterprise"),
    ("business.remove_admin", "Remove an owner of the enterprise"),
    ("check_run.create", "Report a check"),
    ("check_run.rerequest", "Ask for a check again"),
    ("check_run.update", "Update a check"),
    ("check_suite.create", "Start a suite of checks"),
    ("check_suite.rerequest", "Ask for a suite of checks again"),
    ("commit_status.create", "Set the status of a commit"),
    ("git.advertise", "List the branches of a repository"),
    ("git.clone", "Clone a repository"),
    ("git.commit", "Commit a file"),
    ("git.create_blob", "Store a file's contents"),
    ("git.create_commit", "Make a commit"),
    ("git.create_ref", "Create a branch or tag"),
    ("git.create_tag", "Make a tag object"),
    ("git.create_tree", "Store a directory"),
    ("git.delete_ref", "Delete a branch or tag"),
    ("git.fetch", "Fetch from a repository"),
    ("git.merge", "Merge a branch"),
    ("git.push", "Push to a repository"),
    ("git.push_started", "Start a push"),
    ("git.update_ref", "Move a branch or tag"),
    ("git_lfs.batch_download", "Ask to download large files"),
    ("git_lfs.batch_upload", "Ask to upload large files"),
    ("git_lfs.lock", "Lock a large file"),
    ("git_lfs.unlock", "Unlock a large file"),
    ("git_lfs.upload", "Upload a large file"),
    ("git_lfs.verify", "Check an uploaded large file"),
    ("git_lfs.verify_locks", "Check the locks of large files"),
    ("issue.assign", "Assign somebody to an issue"),
    ("issue.create", "Open an issue"),
    ("issue.label", "Label an issue"),
    ("issue.lock", "Lock an issue"),
    ("issue.unassign", "Take somebody off an issue"),
    ("issue.unlabel", "Take a label off an issue"),
    ("issue.unlock", "Unlock an issue"),
    ("issue.update", "Change an issue"),
    ("issue_comment.create", "Comment on an issue"),
    ("issue_comment.destroy", "Delete a comment"),
    ("issue_comment.update", "Change a comment"),
    ("label.create", "Create a label"),
    ("label.destroy", "Delete a label"),
    ("label.update", "Change a label"),
    ("oauth_access.create", "Make a classic token"),
    ("oauth_access.destroy", "Delete a classic token"),
    ("oauth_access.regenerate", "Make a classic token's secret anew"),
    ("oauth_access.revoke", "Revoke a classic token"),
    ("oauth_access.update", "Change a classic token"),
    ("org.accept_invitation", "Accept an invitation"),
    ("org.add_member", "Add a member"),
    ("org.assign_token_role", "Name an approver or auditor of tokens"),
    ("org.audit_log_export", "Export the organization's audit log"),
    ("org.conceal_membership", "Hide a membership"),
    (
        "org.convert_member_to_outside_collaborator",
        "Make a member an outside collaborator",
    ),
    ("org.create", "Create an organization"),
    ("org.delete", "Delete an organization"),
    ("org.publicize_membership", "Show a membership to everybody"),
    ("org.remove_member", "Remove a member"),
    (
        "org.remove_outside_collaborator",
        "Remove an outside collaborator",
    ),
    ("org.rename", "Rename an organization"),
    ("org.revoke_token_role", "Remove an approver or auditor of tokens"),
    ("org.update", "Change an organization"),
    (
        "org.update_default_repository_permission",
        "Change what members may do by default",
    ),
    ("org.update_member", "Change a member's role"),
    ("passkey.register", "Add a passkey"),
    ("passkey.remove", "Remove a passkey"),
    ("personal_access_token.access_granted", "Approve a token"),
    (
        "personal_access_token.access_restriction_disabled",
        "Allow tokens to reach the organization",
    ),
    (
        "personal_access_token.access_restriction_enabled",
        "Keep tokens from the organization",
    ),
    ("personal_access_token.access_revoked", "Revoke a token's access"),
    (
        "personal_access_token.auto_approve_grant_requests_disabled",
        "Require approval of tokens",
    ),
    (
        "personal_access_token.auto_approve_grant_requests_enabled",
        "Require no approval of tokens",
    ),
    ("personal_access_token.create", "Make a token"),
    (
        "personal_access_token.credential_regenerated",
        "Make a token's secret anew",
    ),
    (
        "personal_access_token.credential_revoked",
        "Revoke a token that was found exposed",
    ),
    ("personal_access_token.destroy", "Delete a token"),
    ("personal_access_token.end_all", "End tokens in bulk"),
    (
        "personal_access_token.expiration_limit_set",
        "Limit how long tokens live",
    ),
    (
        "personal_access_token.expiration_limit_unset",
        "Lift the limit on how long tokens live",
    ),
    (
        "personal_access_token.policy_update",
        "Change the policy of tokens",
    ),
    (
        "personal_access_token.request_cancelled",
        "Withdraw a request for a token",
    ),
    (
        "personal_access_token.request_created",
        "Ask for a token to be approved",
    ),
    ("personal_access_token.request_denied", "Deny a token"),
    (
        "personal_access_token.review_request",
        "Decide on a request for a token",
    ),
    ("personal_access_token.update", "Change a token"),
    ("repo.access", "Change who can see a repository"),
    ("repo.add_member", "Add a collaborator"),
    ("repo.archived", "Archive a repository"),
    ("repo.create", "Create a repository"),
    ("repo.destroy", "Delete a repository"),
    ("repo.import", "Import a repository"),
    ("repo.remove_member", "Remove a collaborator"),
    ("repo.rename", "Rename a repository"),
    ("repo.rename_branch", "Rename a branch"),
    ("repo.transfer", "Transfer a repository"),
    ("repo.unarchived", "Take a repository out of the archive"),
    ("repo.update", "Change a repository"),
    ("repo.update_default_branch", "Change the default branch"),
    ("repo.update_member", "Change a collaborator's role"),
    ("service_account.create", "Create a service account"),
    ("service_account.destroy", "Delete a service account"),
    ("service_account.update", "Change a service account"),
    ("site.backup", "Back up the installation"),
    ("team.add_member", "Add somebody to a team"),
    ("team.add_repository", "Give a team a repository"),
    ("team.create", "Create a team"),
    ("team.destroy", "Delete a team"),
    ("team.remove_member", "Remove somebody from a team"),
    ("team.remove_repository", "Take a repository from a team"),
    ("team.rename", "Rename a team"),
    ("team.update", "Change a team"),
    (
        "two_factor_authentication.disabled",
        "Turn off the authenticator app",
    ),
    (
        "two_factor_authentication.enabled",
        "Turn on the authenticator app",
    ),
    (
        "two_factor_authentication.recovery_codes_regenerated",
        "Make new recovery codes",
    ),
    ("user.audit_log_export", "Export one's own security log"),
    ("user.change_password", "Change the password"),
    ("user.create", "Create a person's account"),
    ("user.demote", "End somebody's administration of the installation"),
    ("user.destroy", "Delete a person's account"),
    ("user.login", "Sign in"),
    ("user.logout", "Sign out"),
    ("user.promote", "Make somebody an administrator"),
    ("user.rename", "Rename an account"),
    ("user.sudo", "Prove again who one is"),
    ("user.suspend", "Suspend a person"),
    ("user.unsuspend", "Let a suspended person in again"),
    ("user.update", "Change one's own profile"),
    ("user.update_by_administrator", "Change a person's account"),
];
