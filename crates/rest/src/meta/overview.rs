//! GitHub's root, meta, versions, zen and rate limit, and our list of permissions.

use bailiwick_catalogue::{op, reference_json};
use bailiwick_gate::{Answer, ApiVersion, Call, Reply, Routes};
use serde_json::{Map, Value, json};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::META_ROOT, root)
        .on(op::META_GET, meta)
        .on(op::META_GET_ALL_VERSIONS, versions)
        .on(op::META_GET_ZEN, zen)
        .on(op::RATE_LIMIT_GET, rate_limit)
        .on(op::BAILIWICK_GET_PERMISSIONS, permissions);
}

/// GitHub's list of addresses: field and path below the API's address. Its clients start here.
const ROOT: [(&str, &str); 32] = [
    ("current_user_url", "/user"),
    ("authorizations_url", "/authorizations"),
    (
        "code_search_url",
        "/search/code?q={query}{&page,per_page,sort,order}",
    ),
    (
        "commit_search_url",
        "/search/commits?q={query}{&page,per_page,sort,order}",
    ),
    ("emails_url", "/user/emails"),
    ("emojis_url", "/emojis"),
    ("events_url", "/events"),
    ("feeds_url", "/feeds"),
    ("followers_url", "/user/followers"),
    ("following_url", "/user/following{/target}"),
    ("gists_url", "/gists{/gist_id}"),
    (
        "issue_search_url",
        "/search/issues?q={query}{&page,per_page,sort,order}",
    ),
    ("issues_url", "/issues"),
    ("keys_url", "/user/keys"),
    (
        "label_search_url",
        "/search/labels?q={query}&repository_id={repository_id}{&page,per_page}",
    ),
    ("notifications_url", "/notifications"),
    ("organization_url", "/orgs/{org}"),
    (
        "organization_repositories_url",
        "/orgs/{org}/repos{?type,page,per_page,sort}",
    ),
    ("organization_teams_url", "/orgs/{org}/teams"),
    ("public_gists_url", "/gists/public"),
    ("rate_limit_url", "/rate_limit"),
    ("repository_url", "/repos/{owner}/{repo}"),
    (
        "repository_search_url",
        "/search/repositories?q={query}{&page,per_page,sort,order}",
    ),
    (
        "current_user_repositories_url",
        "/user/repos{?type,page,per_page,sort}",
    ),
    ("starred_url", "/user/starred{/owner}{/repo}"),
    ("starred_gists_url", "/gists/starred"),
    ("user_url", "/users/{user}"),
    ("user_organizations_url", "/user/orgs"),
    (
        "user_repositories_url",
        "/users/{user}/repos{?type,page,per_page,sort}",
    ),
    (
        "user_search_url",
        "/search/users?q={query}{&page,per_page,sort,order}",
    ),
    ("permissions_url", "/permissions"),
    ("openapi_url", "/openapi.json"),
];

fn root(call: Call) -> Answer {
    let base_url = &call.request.base_url;
    let mut fields: Map<String, Value> = ROOT
        .iter()
        .map(|(name, path)| ((*name).to_owned(), json!(format!("{base_url}/api/v3{path}"))))
        .collect();
    let settings = format!("{base_url}/settings/tokens");
    fields.insert("current_user_authorizations_html_url".into(), json!(settings));
    Ok(Reply::json(&Value::Object(fields)))
}

fn meta(_: Call) -> Answer {
    Ok(Reply::json(&json!({
        // Passwords open sessions only, never the API.
        "verifiable_password_authentication": false,
        "installed_version": env!("CARGO_PKG_VERSION"),
    })))
}

fn versions(_: Call) -> Answer {
    let all = [ApiVersion::V2022_11_28, ApiVersion::V2026_03_10];
    Ok(Reply::json(&json!(all.map(ApiVersion::word))))
}

fn zen(_: Call) -> Answer {
    Ok(Reply::bytes(
        "text/plain; charset=utf-8",
        "Approachable is better than simple.",
    ))
}

fn rate_limit(call: Call) -> Answer {
    let standing = call.doorway.standing;
    let rate = json!({
        "limit": standing.limit,
        "used": standing.used.min(standing.limit),
        "remaining": standing.remaining(),
        "reset": standing.reset,
    });
    // One bucket holds everything here; clients look for it under these names.
    let mut answer = json!({"resources": {"core": rate, "search": rate, "graphql": rate}});
    if call.request.version < ApiVersion::V2026_03_10
        && let Some(fields) = answer.as_object_mut()
    {
        fields.insert("rate".into(), rate);
    }
    Ok(Reply::json(&answer))
}

fn permissions(_: Call) -> Answer {
    Ok(Reply::json(&reference_json()))
}
