//! Ending tokens in an incident, and counting first what would end.

use bailiwick_authority::Fault;
use bailiwick_authority::access::{EndInput, Ended};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::{Digest, TokenId, TokenKind};
use serde::Deserialize;
use serde_json::json;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::BAILIWICK_ADMIN_COUNT_TOKENS, count)
        .on(op::BAILIWICK_COUNT_TOKENS_FOR_ENTERPRISE, count)
        .on(op::BAILIWICK_COUNT_TOKENS_FOR_ORG, count)
        .on(op::BAILIWICK_ADMIN_END_TOKENS, end)
        .on(op::BAILIWICK_END_TOKENS_FOR_ENTERPRISE, end)
        .on(op::BAILIWICK_END_TOKENS_FOR_ORG, end);
}

#[derive(Deserialize, Default)]
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

fn invalid(field: &str, message: &str) -> Fault {
    Fault::invalid("Incident", field, "invalid", message)
}

impl EndBody {
    fn read(self) -> Result<EndInput, Fault> {
        let kind = match &self.kind {
            None => None,
            Some(word) => Some(
                TokenKind::parse(word)
                    .ok_or_else(|| invalid("kind", "use fine_grained, classic or session"))?,
            ),
        };
        let hashed_token = match &self.hashed_token {
            None => None,
            Some(text) => Some(
                Digest::parse_base64(text)
                    .ok_or_else(|| invalid("hashed_token", "use base64 of the SHA-256"))?,
            ),
        };
        Ok(EndInput {
            user: self.user,
            kind,
            organization: self.organization,
            hashed_token,
            token: self.token_id.map(TokenId),
        })
    }
}

fn view(ended: &Ended) -> Reply {
    Reply::json(&json!({
        "tokens": ended.tokens,
        "grants": ended.grants,
        "sessions": ended.sessions,
        "transfers": ended.transfers,
    }))
}

fn count(call: Call) -> Answer {
    let query = &call.request.query;
    let text = |name: &str| {
        let value = query.get(name).filter(|text| !text.is_empty());
        value.map(str::to_owned)
    };
    let token_id = match text("token_id") {
        None => None,
        Some(id) => Some(id.parse().map_err(|_| invalid("token_id", "use a number"))?),
    };
    let body = EndBody {
        user: text("user"),
        kind: text("kind"),
        organization: text("organization"),
        hashed_token: text("hashed_token"),
        token_id,
        confirm: None,
    };
    Ok(view(
        &call.authority.tokens_end_count(&call.permit, &body.read()?)?,
    ))
}

fn end(call: Call) -> Answer {
    let body: EndBody = call.request.json()?;
    if body.confirm.as_deref() != Some(CONFIRMATION) {
        return Err(invalid("confirm", "confirm with \"end tokens\""));
    }
    let input = body.read()?;
    Ok(view(&call.authority.tokens_end(call.permit, &input)?))
}
