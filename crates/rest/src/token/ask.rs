//! Asking an organization's owners to allow a kind of token.

use super::own::read_kind;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes.on(op::BAILIWICK_ASK_TO_ALLOW_TOKENS, ask);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskBody {
    kind: String,
}

fn ask(call: Call) -> Answer {
    let kind = read_kind(&call.request.json::<AskBody>()?.kind)?;
    let new = call.authority.token_ask(call.permit, kind)?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(Reply::json_with(
        status,
        &json!({"kind": kind.word(), "new": new}),
    ))
}
