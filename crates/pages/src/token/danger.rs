//! Which permissions can undo everything else, and why. It warns; it refuses nothing.

use bailiwick_model::Level;

/// From which level a permission is dangerous, and what makes it so.
pub fn danger(slug: &str) -> Option<(Level, &'static str)> {
    DANGERS
        .iter()
        .find(|(known, ..)| *known == slug)
        .map(|(_, level, text)| (*level, *text))
}

const DANGERS: &[(&str, Level, &str)] = &[
    (
        "administration",
        Level::Write,
        "Administration can change who has access to the repositories, and delete them.",
    ),
    (
        "actions",
        Level::Write,
        "Actions can start and approve runs, which use the repositories' secrets.",
    ),
    (
        "secrets",
        Level::Write,
        "Secrets can be replaced, and so what runs with them.",
    ),
    (
        "environments",
        Level::Write,
        "Environments guard deployments: whoever writes them can lift those guards.",
    ),
    (
        "repository_hooks",
        Level::Write,
        "Webhooks can send what happens in the repositories to any address.",
    ),
    (
        "workflows",
        Level::Write,
        "Workflows can run code with the repositories' secrets.",
    ),
    (
        "repository_advisories",
        Level::Read,
        "Security advisories tell of weaknesses that are not public yet.",
    ),
    (
        "secret_scanning_alerts",
        Level::Read,
        "Secret scanning alerts show secrets that leaked.",
    ),
    (
        "members",
        Level::Write,
        "Members can be added and removed: whoever writes them decides who gets in.",
    ),
    (
        "organization_administration",
        Level::Write,
        "Organization administration can change the policies that protect everything there.",
    ),
    (
        "organization_hooks",
        Level::Write,
        "Webhooks can send what happens in the whole organization to any address.",
    ),
    (
        "organization_secrets",
        Level::Write,
        "The organization's secrets can be replaced, and so what runs with them.",
    ),
    (
        "organization_self_hosted_runners",
        Level::Write,
        "Runners execute the organization's code: a new one sees all of it.",
    ),
    (
        "organization_personal_access_tokens",
        Level::Write,
        "Can take the access of other people's tokens away.",
    ),
    (
        "organization_personal_access_token_requests",
        Level::Write,
        "Can approve other people's tokens.",
    ),
    (
        "organization_custom_org_roles",
        Level::Write,
        "Roles can be given more rights, and so everybody who has them.",
    ),
    (
        "personal_access_tokens",
        Level::Write,
        "Can make further tokens with what this one holds.",
    ),
    (
        "keys",
        Level::Write,
        "Can add SSH keys, which keep working when this token is gone.",
    ),
    (
        "site_administration",
        Level::Write,
        "Can administer this whole installation: people, passwords, organizations.",
    ),
    (
        "enterprise_administration",
        Level::Write,
        "Can change the policies of every organization of the enterprise.",
    ),
    (
        "enterprise_credentials",
        Level::Write,
        "Can end the tokens of everybody in the enterprise.",
    ),
    (
        "enterprise_people",
        Level::Write,
        "Can decide who belongs to the enterprise.",
    ),
    (
        "enterprise_scim",
        Level::Write,
        "Can add, change and suspend people of the enterprise.",
    ),
    (
        "enterprise_organizations",
        Level::Write,
        "Can add and remove organizations of the enterprise.",
    ),
    (
        "enterprise_personal_access_token_requests",
        Level::Write,
        "Can approve other people's tokens.",
    ),
];
