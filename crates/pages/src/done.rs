//! What the last act did, told at the top of the page that it led to. The address carries a code, never a text:
//! nobody can make this server say something by a link.

/// The sentence of a code.
pub fn text(code: &str) -> Option<&'static str> {
    SENTENCES
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, text)| *text)
}

/// A path that tells what was done.
pub fn after(path: &str, code: &str) -> String {
    let mark = if path.contains('?') { '&' } else { '?' };
    format!("{path}{mark}done={code}")
}

const SENTENCES: &[(&str, &str)] = &[
    (
        "account-linked",
        "The account is linked. Your tokens act there as it.",
    ),
    (
        "synchronise-asked",
        "It is synchronised now. Look at this page again in a moment.",
    ),
    (
        "synchronise-confirmed",
        "Confirmed. It is synchronised now; look at this page again in a moment.",
    ),
    ("session-ended", "The session is over."),
    ("sessions-ended", "Every other session is over."),
    (
        "password-changed",
        "Your password is changed. Every other session is over.",
    ),
    ("totp-enabled", "The authenticator app is asked for from now on."),
    ("passkey-added", "The passkey is added."),
    ("totp-disabled", "The authenticator app is no longer asked for."),
    ("passkey-removed", "The passkey is removed."),
    (
        "requests-approved",
        "The requests are approved. The tokens work at once.",
    ),
    ("requests-denied", "The requests are denied."),
    (
        "request-approved",
        "The request is approved. The token works at once.",
    ),
    (
        "request-approved-less",
        "Part of the request is approved. The token works at once, within that part.",
    ),
    ("request-denied", "The request is denied."),
    ("access-revoked", "The token has no access here any more."),
    ("accesses-revoked", "The tokens have no access here any more."),
    ("inventory-revoked", "Revoked: nothing here opens to it any more."),
    ("planted-ended", "It has ended."),
    (
        "planted-pending",
        "Its ending is asked for and could not be done yet. It is tried again every hour.",
    ),
    (
        "planted-no-end",
        "It cannot be ended from here: end it where it is kept.",
    ),
    ("planting-set", "Saved; it holds from now on."),
    (
        "token-deleted-planted",
        "The token is deleted. Something that it planted may still work: end it here.",
    ),
    (
        "service-token-deleted-planted",
        "The token is deleted. Something that it planted may still work: see the planted credentials.",
    ),
    ("policy-set", "The policy is saved and holds from now on."),
    ("role-set", "The role is given."),
    ("role-removed", "The member has no token role any more."),
    (
        "service-created",
        "The service account is made. Give it a role at a repository and a token.",
    ),
    ("service-saved", "The service account is saved."),
    ("service-deleted", "The service account and its tokens are gone."),
    ("service-token-deleted", "The token is deleted."),
    ("signed-out", "You are signed out."),
    ("member-added", "The person belongs to the organization."),
    ("member-changed", "The role is changed."),
    (
        "member-removed",
        "The membership is over, and with it every grant that the person's tokens held here.",
    ),
    (
        "member-converted",
        "The person is an outside collaborator now and keeps the roles at single repositories.",
    ),
    (
        "outsider-removed",
        "The person has no role at the organization's repositories any more.",
    ),
    ("organization-edited", "The organization's profile is changed."),
    ("team-created", "The team is there. Add members and repositories."),
    ("team-edited", "The team is changed."),
    ("team-deleted", "The team is deleted, with every team below it."),
    ("team-member-set", "The member is in the team."),
    ("team-member-removed", "The member is out of the team."),
    ("team-repository-set", "The team has this role at the repository."),
    (
        "team-repository-removed",
        "The team has no role of its own at the repository any more.",
    ),
    ("repository-created", "The repository is there."),
    ("repository-edited", "The repository's settings are changed."),
    (
        "repository-renamed",
        "The repository is renamed. Its old address leads here until another takes the name.",
    ),
    ("repository-shown", "The repository's visibility is changed."),
    (
        "repository-archived",
        "The repository is archived: everybody who sees it reads it, and nobody changes it.",
    ),
    ("repository-unarchived", "The repository can be changed again."),
    (
        "repository-transferred",
        "The repository is here now. Grants, teams and collaborators of its old owner did not follow.",
    ),
    ("package-shown", "The package's visibility is changed."),
    ("repository-deleted", "The repository is deleted."),
    ("collaborator-set", "The person has this role now."),
    (
        "collaborator-removed",
        "The person has no role of their own here any more.",
    ),
    ("issue-created", "The issue is open."),
    ("issue-commented", "The comment is there."),
    ("issue-closed", "The issue is closed."),
    ("issue-reopened", "The issue is open again."),
    ("token-deleted", "The token is deleted."),
    ("tokens-deleted", "All tokens of this kind are deleted."),
    ("token-edited", "Your changes are saved and in force."),
    (
        "token-edited-pending",
        "Your changes are saved. What was added waits for approval; what was approved before stays in force.",
    ),
    ("request-cancelled", "The request is cancelled."),
    (
        "request-decided",
        "Nothing was cancelled: the request was decided meanwhile. Below is how it ended.",
    ),
    (
        "confirmed",
        "It is you. Sensitive changes are open for two hours.",
    ),
    ("person-created", "The person can be added to organizations now."),
    ("person-saved", "The profile is saved."),
    ("person-password", "The password is set. Their sessions are over."),
    (
        "person-suspended",
        "The person is suspended: sessions are over, tokens are refused.",
    ),
    ("person-unsuspended", "The person may sign in again."),
    ("person-promoted", "The person administers the installation now."),
    (
        "person-demoted",
        "The person administers the installation no longer.",
    ),
    ("person-deleted", "The person is deleted."),
    ("organization-created", "The organization is made."),
    (
        "organization-renamed",
        "The organization is renamed. Its old addresses lead on.",
    ),
    ("enterprise-created", "The enterprise is made."),
    (
        "enterprise-organization",
        "The organization belongs to the enterprise now.",
    ),
    ("enterprise-owner", "The person is an owner now."),
    (
        "upstream-created",
        "The upstream is set up. Set its credential, then bind what lives there.",
    ),
    ("upstream-saved", "The settings are saved and hold from now on."),
    (
        "upstream-credential",
        "The credential is set. The next request uses it.",
    ),
    ("upstream-credential-removed", "The credential is removed."),
    ("upstream-removed", "The upstream is removed."),
    ("upstream-linked", "The account is linked."),
    ("upstream-unlinked", "The account is nobody there any more."),
    ("upstream-bound", "It lives there from now on."),
    (
        "upstream-unbound",
        "It is bound no more. Nothing has changed at the upstream.",
    ),
    ("linked-secret", "Your secret is set. The next request uses it."),
    (
        "linked-ended",
        "The link is over. You are nobody there from now on.",
    ),
    ("enterprise-owner-removed", "The person is an owner no longer."),
];
