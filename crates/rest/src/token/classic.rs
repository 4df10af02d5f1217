//! Classic tokens that concern an organization.

use crate::view::account::simple_user;
use bailiwick_authority::access::classic::ClassicToken;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes, encode};
use bailiwick_model::Timestamp;
use serde_json::{Value, json};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes.on(op::BAILIWICK_LIST_CLASSIC_TOKENS_FOR_ORG, list);
}

/// A token as an owner sees it: its name only once it came here.
fn view(base_url: &str, one: &ClassicToken) -> Value {
    let token = &one.token;
    let scopes: Vec<&str> = token.scopes.split(',').filter(|word| !word.is_empty()).collect();
    json!({
        "token_id": token.id,
        "owner": simple_user(base_url, &one.holder),
        "member": one.member,
        "token_name": one.seen_at.map(|_| token.name.as_str()),
        "token_last_eight": token.last_eight,
        "scopes": scopes,
        "created_at": token.created_at.rfc3339(),
        "token_expires_at": token.expires_at.map(Timestamp::rfc3339),
        "last_seen_here_at": one.seen_at.map(Timestamp::rfc3339),
    })
}

fn list(call: Call) -> Answer {
    let page = call.request.page();
    let mut found = call
        .authority
        .classic_tokens_at(&call.permit, page.offset(), page.size + 1)?;
    let more = found.len() > page.size;
    found.truncate(page.size);
    let items = found
        .iter()
        .map(|one| view(&call.request.base_url, one))
        .collect();
    let org = encode(call.request.parameter("org"));
    let path = format!("/api/v3/orgs/{org}/personal-access-tokens/classic");
    Ok(Reply::page(&call.request, &path, page, items, more))
}
