//! Organizations, their members, outside collaborators and service accounts; one's own profile.

use super::recipe::{Recipe, recipe};
use bailiwick_catalogue::{OperationIndex, op};
use serde_json::json;

const ROBOTS: &str = "/orgs/acme/service-accounts";
const TOKENS: &str = "/orgs/acme/service-accounts/robot/personal-access-tokens";

/// A change of the service account `robot`, which is there.
fn on_robot(index: OperationIndex, path: &'static str) -> Recipe {
    recipe(index, path).after("POST", ROBOTS, json!({"login": "robot"}))
}

pub fn recipes() -> Vec<Recipe> {
    let active = json!({"state": "active"});
    let token = || json!({"name": "t", "grants": [{"owner": "acme", "repositories": ["site"], "permissions": {"issues": "read"}}]});
    vec![
        recipe(op::USERS_UPDATE_AUTHENTICATED, "/user").body(json!({"bio": "b"})),
        recipe(op::ORGS_UPDATE, "/orgs/acme").body(json!({"description": "d"})),
        recipe(op::ORGS_DELETE, "/orgs/acme-labs")
            .after("DELETE", "/repos/acme-labs/rocket", json!({}))
            .wrong_path("/orgs/acme"),
        recipe(op::ORGS_SET_MEMBERSHIP_FOR_USER, "/orgs/acme/memberships/mallory")
            .body(json!({"role": "member"})),
        recipe(op::ORGS_REMOVE_MEMBERSHIP_FOR_USER, "/orgs/acme/memberships/bob")
            .wrong_path("/orgs/acme/memberships/mallory"),
        recipe(op::ORGS_REMOVE_MEMBER, "/orgs/acme/members/bob").wrong_path("/orgs/acme/members/mallory"),
        recipe(
            op::ORGS_UPDATE_MEMBERSHIP_FOR_AUTHENTICATED_USER,
            "/user/memberships/orgs/acme",
        )
        .by("bob")
        .body(active),
        recipe(
            op::ORGS_SET_PUBLIC_MEMBERSHIP_FOR_AUTHENTICATED_USER,
            "/orgs/acme/public_members/alice",
        )
        .refused_path("/orgs/acme/public_members/bob"),
        recipe(
            op::ORGS_REMOVE_PUBLIC_MEMBERSHIP_FOR_AUTHENTICATED_USER,
            "/orgs/acme/public_members/bob",
        )
        .after_by("bob", "PUT", "/orgs/acme/public_members/bob", json!({}))
        .wrong_path("/orgs/acme/public_members/mallory"),
        recipe(
            op::ORGS_REMOVE_OUTSIDE_COLLABORATOR,
            "/orgs/acme/outside_collaborators/carol",
        )
        .wrong_path("/orgs/acme/outside_collaborators/bob"),
        recipe(
            op::ORGS_CONVERT_MEMBER_TO_OUTSIDE_COLLABORATOR,
            "/orgs/acme/outside_collaborators/bob",
        )
        .wrong_path("/orgs/acme/outside_collaborators/mallory"),
        recipe(op::BAILIWICK_CREATE_SERVICE_ACCOUNT, ROBOTS).body(json!({"login": "robot"})),
        on_robot(
            op::BAILIWICK_UPDATE_SERVICE_ACCOUNT,
            "/orgs/acme/service-accounts/robot",
        )
        .body(json!({"description": "d"})),
        on_robot(
            op::BAILIWICK_DELETE_SERVICE_ACCOUNT,
            "/orgs/acme/service-accounts/robot",
        )
        .wrong_path("/orgs/acme/service-accounts/none"),
        on_robot(op::BAILIWICK_CREATE_SERVICE_ACCOUNT_TOKEN, TOKENS)
            .body(token())
            .more(&["personal_access_token.request_created"]),
        on_robot(
            op::BAILIWICK_DELETE_SERVICE_ACCOUNT_TOKEN,
            "/orgs/acme/service-accounts/robot/personal-access-tokens/{token}",
        )
        .after("POST", TOKENS, token())
        .keep("token", "/id")
        .wrong_path("/orgs/acme/service-accounts/robot/personal-access-tokens/99")
        .more(&["personal_access_token.request_cancelled"]),
    ]
}
