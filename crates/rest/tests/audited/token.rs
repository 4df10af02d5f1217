//! One's own tokens, requests and sessions, and secrets that somebody reports.

use super::recipe::{Recipe, recipe};
use bailiwick_catalogue::{OperationIndex, op};
use serde_json::{Value, json};

const TOKENS: &str = "/user/personal-access-tokens";
const ASKED: &str = "personal_access_token.request_created";

/// A token that asks for issues of acme/site at a level; a member's waits for approval.
pub fn token(level: &str) -> Value {
    let grant = json!({"owner": "acme", "repositories": ["site"], "permissions": {"issues": level}});
    json!({"name": "t", "grants": [grant]})
}

/// A change by bob with a token of his, which waits for approval.
fn on_token(index: OperationIndex, path: &'static str) -> Recipe {
    recipe(index, path)
        .by("bob")
        .after_by("bob", "POST", TOKENS, token("read"))
        .keep("token", "/id")
        .keep("text", "/token")
        .keep("request", "/grants/0/request/id")
}

/// A change by dave, who has a password and signed in with it.
fn signed_in(index: OperationIndex, path: &'static str) -> Recipe {
    let sign_in = || json!({"login": "dave", "password": "correct horse battery"});
    recipe(index, path)
        .after("POST", "/admin/users", sign_in())
        .after_by("", "POST", "/sessions", sign_in())
        .keep("session", "/token")
        .by("{session}")
}

pub fn recipes() -> Vec<Recipe> {
    vec![
        recipe(op::BAILIWICK_CREATE_TOKEN, TOKENS)
            .by("bob")
            .body(token("read"))
            .more(&[ASKED]),
        on_token(op::BAILIWICK_UPDATE_TOKEN, "/user/personal-access-tokens/{token}")
            .body(json!({"name": "u"})),
        on_token(
            op::BAILIWICK_REGENERATE_TOKEN,
            "/user/personal-access-tokens/{token}/regenerate",
        )
        .body(json!({"expires_in": 7}))
        .more(&["personal_access_token.credential_regenerated"]),
        on_token(op::BAILIWICK_DELETE_TOKEN, "/user/personal-access-tokens/{token}")
            .wrong_path("/user/personal-access-tokens/99")
            .more(&["personal_access_token.request_cancelled"]),
        recipe(op::BAILIWICK_END_PLANTED, "/user/planted-credentials/{planted}")
            .wrong_path("/user/planted-credentials/99"),
        recipe(
            op::BAILIWICK_SET_OWN_TOKEN_POLICY,
            "/user/personal-access-token-policy",
        )
        .body(json!({"planting": true})),
        recipe(op::BAILIWICK_DELETE_TOKENS, TOKENS)
            .by("bob")
            .after_by("bob", "POST", TOKENS, json!({"name": "old", "kind": "classic"}))
            .body(json!({"kind": "classic"}))
            .more(&["oauth_access.destroy"]),
        on_token(
            op::BAILIWICK_CANCEL_TOKEN_REQUEST,
            "/user/personal-access-token-requests/{request}",
        )
        .wrong_path("/user/personal-access-token-requests/99"),
        on_token(op::CREDENTIALS_REVOKE, "/credentials/revoke")
            .by("")
            .body(json!({"credentials": ["{text}"]}))
            .more(&[
                "personal_access_token.credential_revoked",
                "personal_access_token.request_cancelled",
            ]),
        signed_in(op::BAILIWICK_CREATE_SESSION, "/sessions")
            .by("")
            .body(json!({"login": "dave", "password": "correct horse battery"})),
        signed_in(op::BAILIWICK_CONFIRM_SESSION, "/sessions/sudo")
            .body(json!({"password": "correct horse battery"})),
        recipe(op::BAILIWICK_DELETE_SESSION, "/sessions/current").wrong_path("/sessions/99"),
    ]
}
