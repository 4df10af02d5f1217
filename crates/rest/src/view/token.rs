//! Tokens, grants and requests: GitHub's organization shapes, and ours for the holder.

use crate::view::account::simple_user;
use bailiwick_authority::token::view::OwnerView;
use bailiwick_authority::token::{GrantView, Minted, RequestView, TokenView};
use bailiwick_model::{Timestamp, TokenKind};
use serde_json::{Map, Value, json};

/// A token as its holder sees it.
pub fn token(base_url: &str, view: &TokenView, now: Timestamp) -> Value {
    Value::Object(fields(base_url, view, now))
}

/// A new token with its text, shown this once.
pub fn minted(base_url: &str, made: &Minted, now: Timestamp) -> Value {
    let mut fields = fields(base_url, &made.view, now);
    fields.insert("token".into(), json!(made.secret.reveal()));
    Value::Object(fields)
}

fn fields(base_url: &str, view: &TokenView, now: Timestamp) -> Map<String, Value> {
    let row = &view.row;
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("id", json!(row.id));
    put("name", json!(row.name));
    put("description", json!(row.description));
    put("kind", json!(row.kind.word()));
    put("state", json!(view.state(now)));
    put("created_at", json!(row.created_at.rfc3339()));
    put("issued_at", json!(row.issued_at.rfc3339()));
    put("expires_at", json!(row.expires_at.map(Timestamp::rfc3339)));
    put("expired", json!(row.expires_at.is_some_and(|end| now >= end)));
    put("last_used_at", json!(row.last_used_at.map(Timestamp::rfc3339)));
    put("last_eight", json!(row.last_eight));
    put("hashed_token", json!(row.digest.base64()));
    if row.kind == TokenKind::Classic {
        let scopes: Vec<&str> = row.scopes.split(',').filter(|word| !word.is_empty()).collect();
        put("scopes", json!(scopes));
    }
    let grants: Vec<Value> = view
        .grants
        .iter()
        .map(|grant| own_grant(base_url, grant, now))
        .collect();
    put("grants", json!(grants));
    fields
}

fn own_grant(base_url: &str, view: &GrantView, now: Timestamp) -> Value {
    let owner = match &view.owner {
        OwnerView::Account(id, login, kind) => json!({"login": login, "id": id, "type": kind}),
        OwnerView::Enterprise(id, slug) => json!({"login": slug, "id": id, "type": "Enterprise"}),
    };
    let state = if view.row.active {
        "active"
    } else if view.is_pending() {
        "pending"
    } else {
        "revoked"
    };
    json!({
        "id": view.row.id,
        "owner": owner,
        "state": state,
        "permissions": view.permissions,
        "repository_selection": view.selection.word(),
        "repositories": view.repositories.iter().map(|name| name.full_name()).collect::<Vec<_>>(),
        "access_granted_at": view.row.granted_at.filter(|_| view.row.active).map(Timestamp::rfc3339),
        "request": view.request.as_ref().map(|view| request(base_url, "", view, now)),
    })
}

/// A request in GitHub's shape, with what is ours after it. `path` is where the owner's requests live.
pub fn request(base_url: &str, path: &str, view: &RequestView, now: Timestamp) -> Value {
    let row = &view.row;
    json!({
        "id": row.id,
        "reason": row.reason,
        "owner": simple_user(base_url, &view.holder),
        "repository_selection": view.selection.word(),
        "repositories_url": format!("{base_url}/api/v3{path}/{}/repositories", row.id),
        "permissions": view.permissions,
        "created_at": row.created_at.rfc3339(),
        "token_id": view.token.id,
        "token_name": view.token.name,
        "token_expired": view.token.expires_at.is_some_and(|end| now >= end),
        "token_expires_at": view.token.expires_at.map(Timestamp::rfc3339),
        "token_last_used_at": view.token.last_used_at.map(Timestamp::rfc3339),
        "state": row.state.word(),
        "pat_id": row.grant_id,
        "repositories": view.repositories.iter().map(|name| name.full_name()).collect::<Vec<_>>(),
        "decided_at": row.decided_at.map(Timestamp::rfc3339),
        "decided_by": view.decided_by,
        "decision_reason": row.decision_reason,
    })
}
