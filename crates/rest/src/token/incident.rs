//! Ending tokens in an incident.

use bailiwick_authority::Fault;
use bailiwick_authority::access::EndInput;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::{Digest, TokenId, TokenKind};
use serde::Deserialize;
use serde_json::json;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::BAILIWICK_ADMIN_END_TOKENS, end)
        .on(op::BAILIWICK_END_TOKENS_FOR_ENTERPRISE, end)
        .on(op::BAILIWICK_END_TOKENS_FOR_ORG, end);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndBody {
    user: Option<String>,
    kind: Option<String>,
    organization: Option<String>,
    hashed_token: Option<String>,
    token_id: Option<i64>,
    confirm: Option<String>,
}

/// What must be typed, so that no script ends tokens by accident.
const CONFIRMATION: &str = "end tokens";

fn end(call: Call) -> Answer {
    let body: EndBody = call.request.json()?;
    let invalid = |field: &str, message: &str| Fault::invalid("Incident", field, "invalid", message);
    if body.confirm.as_deref() != Some(CONFIRMATION) {
        return Err(invalid("confirm", "confirm with \"end tokens\""));
    }
    let kind = match &body.kind {
        None => None,
        Some(word) => Some(
            TokenKind::parse(word).ok_or_else(|| invalid("kind", "use fine_grained, classic or session"))?,
        ),
    };
    let hashed_token = match &body.hashed_token {
        None => None,
        Some(text) => Some(
            Digest::parse_base64(text).ok_or_else(|| invalid("hashed_token", "use base64 of the SHA-256"))?,
        ),
    };
    let input = EndInput {
        user: body.user,
        kind,
        organization: body.organization,
        hashed_token,
        token: body.token_id.map(TokenId),
    };
    let ended = call.authority.tokens_end(call.permit, &input)?;
    Ok(Reply::json(&json!({
        "tokens": ended.tokens,
        "grants": ended.grants,
        "sessions": ended.sessions,
        "transfers": ended.transfers,
    })))
}
