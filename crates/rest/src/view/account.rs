//! Users and organizations.

use bailiwick_authority::rows::{AccountKind, AccountRow};
use bailiwick_model::AccountId;
use serde_json::{Value, json};

/// GitHub's node id form: opaque, stable, derived from type and id.
pub fn node_id(kind: &str, id: i64) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!("{kind}:{id}"))
}

/// The word in `type`.
pub fn type_word(account: &AccountRow) -> &'static str {
    match account.kind {
        AccountKind::User => "User",
        AccountKind::Organization => "Organization",
        // GitHub's clients know users, organizations and bots; a service account is the last.
        AccountKind::Service => "Bot",
    }
}

/// GitHub's Simple User.
pub fn simple_user(base_url: &str, account: &AccountRow) -> Value {
    let login = &account.login;
    let api = format!("{base_url}/api/v3/users/{login}");
    json!({
        "login": login,
        "id": account.id,
        "node_id": node_id("User", account.id.0),
        "avatar_url": format!("{base_url}/avatars/{}", account.id),
        "gravatar_id": "",
        "url": api,
        "html_url": format!("{base_url}/{login}"),
        "followers_url": format!("{api}/followers"),
        "following_url": format!("{api}/following{{/other_user}}"),
        "gists_url": format!("{api}/gists{{/gist_id}}"),
        "starred_url": format!("{api}/starred{{/owner}}{{/repo}}"),
        "subscriptions_url": format!("{api}/subscriptions"),
        "organizations_url": format!("{api}/orgs"),
        "repos_url": format!("{api}/repos"),
        "events_url": format!("{api}/events{{/privacy}}"),
        "received_events_url": format!("{api}/received_events"),
        "type": type_word(account),
        "user_view_type": "public",
        "site_admin": account.site_administrator,
    })
}

/// GitHub's Simple Organization.
pub fn simple_organization(base_url: &str, account: &AccountRow) -> Value {
    let login = &account.login;
    let api = format!("{base_url}/api/v3/orgs/{login}");
    json!({
        "login": login,
        "id": account.id,
        "node_id": node_id("Organization", account.id.0),
        "url": api,
        "repos_url": format!("{api}/repos"),
        "events_url": format!("{api}/events"),
        "hooks_url": format!("{api}/hooks"),
        "issues_url": format!("{api}/issues"),
        "members_url": format!("{api}/members{{/member}}"),
        "public_members_url": format!("{api}/public_members{{/member}}"),
        "avatar_url": format!("{base_url}/avatars/{}", account.id),
        "description": account.description,
    })
}

/// A user that is gone: GitHub's ghost.
pub fn ghost(base_url: &str, id: AccountId) -> Value {
    json!({
        "login": "ghost",
        "id": id,
        "node_id": node_id("User", id.0),
        "avatar_url": format!("{base_url}/avatars/{id}"),
        "type": "User",
        "site_admin": false,
    })
}
