//! What organizations and enterprises do with tokens: requests, grants, policy, roles, incidents.

use super::recipe::{Recipe, recipe};
use super::token::token;
use bailiwick_catalogue::{OperationIndex, op};
use serde_json::json;

const MINT: &str = "/user/personal-access-tokens";
const REVIEW: &str = "/orgs/acme/personal-access-token-requests/{request}";
const ABOVE: &str = "/enterprises/acme-enterprise/personal-access-token-requests/{request}";
const ROLE: &str = "/orgs/acme/personal-access-token-roles/bob";
const GRANTED: &str = "personal_access_token.access_granted";
const REVOKED: &str = "personal_access_token.access_revoked";

/// Something alice does with bob's pending requests of two tokens.
fn on_request(index: OperationIndex, path: &'static str) -> Recipe {
    let mut other = token("read");
    other["name"] = json!("other");
    recipe(index, path)
        .after_by("bob", "POST", MINT, token("read"))
        .keep("request", "/grants/0/request/id")
        .keep("grant", "/grants/0/id")
        .keep("token", "/id")
        .after_by("bob", "POST", MINT, other)
        .keep("token2", "/id")
        .keep("request2", "/grants/0/request/id")
        .keep("grant2", "/grants/0/id")
}

/// Something alice does with bob's approved grants.
fn on_grant(index: OperationIndex, path: &'static str) -> Recipe {
    on_request(index, path)
        .after("POST", REVIEW, json!({"action": "approve"}))
        .after(
            "POST",
            "/orgs/acme/personal-access-token-requests/{request2}",
            json!({"action": "approve"}),
        )
}

/// Something alice does at the enterprise with bob's pending request.
fn on_request_above(index: OperationIndex, path: &'static str) -> Recipe {
    let grant =
        json!({"enterprise": "acme-enterprise", "permissions": {"enterprise_administration": "read"}});
    recipe(index, path)
        .after_by("bob", "POST", MINT, json!({"name": "t", "grants": [grant]}))
        .keep("request", "/grants/0/request/id")
        .keep("grant", "/grants/0/id")
}

fn on_grant_above(index: OperationIndex, path: &'static str) -> Recipe {
    on_request_above(index, path).after("POST", ABOVE, json!({"action": "approve"}))
}

pub fn recipes() -> Vec<Recipe> {
    let mut all = at_organization();
    all.extend(at_enterprise());
    all
}

fn at_organization() -> Vec<Recipe> {
    let blocked = json!({"classic": {"allowed": false}});
    vec![
        recipe(
            op::BAILIWICK_ASK_TO_ALLOW_TOKENS,
            "/orgs/acme/personal-access-token-policy/asks",
        )
        .after("PUT", "/orgs/acme/personal-access-token-policy", blocked)
        .by("bob")
        .body(json!({"kind": "classic"})),
        on_request(op::ORGS_REVIEW_PAT_GRANT_REQUEST, REVIEW)
            .body(json!({"action": "approve"}))
            .action(GRANTED),
        on_request(
            op::ORGS_REVIEW_PAT_GRANT_REQUESTS_IN_BULK,
            "/orgs/acme/personal-access-token-requests",
        )
        .body(json!({"pat_request_ids": ["{request}", "{request2}"], "action": "deny"}))
        .action("personal_access_token.request_denied")
        .more(&["personal_access_token.request_denied"]),
        on_grant(
            op::ORGS_UPDATE_PAT_ACCESS,
            "/orgs/acme/personal-access-tokens/{grant}",
        )
        .body(json!({"action": "revoke"})),
        on_grant(op::ORGS_UPDATE_PAT_ACCESSES, "/orgs/acme/personal-access-tokens")
            .body(json!({"pat_ids": ["{grant}", "{grant2}"], "action": "revoke"}))
            .more(&[REVOKED]),
        on_grant(
            op::BAILIWICK_END_TOKENS_FOR_ORG,
            "/orgs/acme/personal-access-tokens/end",
        )
        .body(json!({"user": "bob", "confirm": "end tokens"}))
        .more(&[REVOKED, REVOKED]),
        recipe(
            op::BAILIWICK_SET_TOKEN_POLICY_FOR_ORG,
            "/orgs/acme/personal-access-token-policy",
        )
        .body(json!({"fine_grained": {"lifetime_days_max": 30}}))
        .action("personal_access_token.expiration_limit_set"),
        recipe(
            op::BAILIWICK_END_PLANTED_FOR_ORG,
            "/orgs/acme/planted-credentials/{planted}",
        )
        .wrong_path("/orgs/acme/planted-credentials/99"),
        recipe(op::BAILIWICK_SET_TOKEN_ROLE, ROLE).body(json!({"role": "approver"})),
        recipe(op::BAILIWICK_DELETE_TOKEN_ROLE, ROLE)
            .after("PUT", ROLE, json!({"role": "auditor"}))
            .wrong_path("/orgs/acme/personal-access-token-roles/carol"),
    ]
}

fn at_enterprise() -> Vec<Recipe> {
    vec![
        on_request_above(op::BAILIWICK_REVIEW_PAT_REQUEST_FOR_ENTERPRISE, ABOVE)
            .body(json!({"action": "approve"}))
            .action(GRANTED),
        on_request_above(
            op::BAILIWICK_REVIEW_PAT_REQUESTS_IN_BULK_FOR_ENTERPRISE,
            "/enterprises/acme-enterprise/personal-access-token-requests",
        )
        .body(json!({"pat_request_ids": ["{request}"], "action": "deny"}))
        .action("personal_access_token.request_denied"),
        on_grant_above(
            op::BAILIWICK_UPDATE_PAT_FOR_ENTERPRISE,
            "/enterprises/acme-enterprise/personal-access-tokens/{grant}",
        )
        .body(json!({"action": "revoke"})),
        on_grant_above(
            op::BAILIWICK_UPDATE_PATS_FOR_ENTERPRISE,
            "/enterprises/acme-enterprise/personal-access-tokens",
        )
        .body(json!({"pat_ids": ["{grant}"], "action": "revoke"})),
        on_grant(
            op::BAILIWICK_REVOKE_INVENTORIED_TOKENS,
            "/enterprises/acme-enterprise/personal-access-token-inventory",
        )
        .body(json!({"token_ids": ["{token}", "{token2}"], "action": "revoke"}))
        .more(&[REVOKED, REVOKED]),
        on_grant(
            op::BAILIWICK_END_TOKENS_FOR_ENTERPRISE,
            "/enterprises/acme-enterprise/personal-access-tokens/end",
        )
        .body(json!({"user": "bob", "kind": "fine_grained", "confirm": "end tokens"}))
        .more(&[
            "personal_access_token.credential_revoked",
            REVOKED,
            "personal_access_token.credential_revoked",
            REVOKED,
        ]),
        recipe(
            op::BAILIWICK_SET_TOKEN_POLICY_FOR_ENTERPRISE,
            "/enterprises/acme-enterprise/personal-access-token-policy",
        )
        .body(json!({"classic": {"allowed": false}})),
    ]
}
