//! Docker's token flow: whoever asks gets a token for what is allowed of what was asked.

use crate::blocking;
use bailiwick_authority::Fault;
use bailiwick_authority::registry::token::REGISTRY_TOKEN_SECONDS;
use bailiwick_gate::{Answer, Query, Reply, ReplyBody, StreamCall};
use bailiwick_wire::oci::parse_scopes;
use http::header;
use http_body_util::BodyExt;
use serde_json::json;

/// Answers with a token.
pub async fn serve(call: StreamCall) -> Answer {
    let StreamCall {
        authority,
        permit,
        request,
        body,
    } = call;
    // Of a form the gate has left what is no secret.
    let form = body
        .collect()
        .await
        .map_err(|_| {
            Fault::new(
                bailiwick_authority::FaultKind::BadRequest,
                "body.broken",
                "the body ended early",
            )
        })?
        .to_bytes();
    let form = std::str::from_utf8(&form)
        .ok()
        .and_then(|text| Query::parse(Some(text)));
    let form = form.unwrap_or_default();
    let given = request.query.pairs().iter().chain(form.pairs());
    let scopes = parse_scopes(
        given
            .filter(|(name, _)| name == "scope")
            .map(|(_, value)| value.as_str()),
    );
    let token = blocking(move || authority.registry_token(&permit, &scopes)).await?;
    let granted: Vec<String> = token.scopes.iter().map(ToString::to_string).collect();
    let body = json!({
        "token": token.text.as_str(),
        "access_token": token.text.as_str(),
        "expires_in": REGISTRY_TOKEN_SECONDS,
        "issued_at": token.issued_at.rfc3339(),
        "scope": granted.join(" "),
    });
    // As a stream: bytes would get an entity tag, and a token is nothing to compare.
    let mut reply = Reply::json(&body).with(header::CACHE_CONTROL, "no-store");
    if let ReplyBody::Bytes(bytes) = std::mem::replace(&mut reply.body, ReplyBody::Empty) {
        reply.body = ReplyBody::Stream(bailiwick_gate::whole(bytes));
    }
    Ok(reply)
}
