//! What tokens planted: lists for the holder and the resource owner, and endings.

use bailiwick_authority::Fault;
use bailiwick_authority::planted::PlantedView;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes, encode};
use bailiwick_model::{Timestamp, TokenId};
use serde_json::{Value, json};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::BAILIWICK_LIST_PLANTED, own)
        .on(op::BAILIWICK_END_PLANTED, end)
        .on(op::BAILIWICK_LIST_PLANTED_FOR_ORG, at_organization)
        .on(op::BAILIWICK_END_PLANTED_FOR_ORG, end_at_organization);
}

fn planted(view: &PlantedView, now: Timestamp) -> Value {
    let row = &view.row;
    json!({
        "id": row.id,
        "kind": row.kind,
        "label": row.label,
        "what": row.what,
        "state": view.state(now),
        "can_end": view.can_end(now),
        "operation": row.operation,
        "token": {"id": row.token_id, "name": view.token, "ended": view.token_ended},
        "actor": view.actor,
        "owner": view.owner,
        "repository": view.repository,
        "upstream_id": row.upstream_id,
        "created_at": row.created_at.rfc3339(),
        "lapses_at": row.lapses_at.map(Timestamp::rfc3339),
        "ended_at": row.ended_at.map(Timestamp::rfc3339),
        "ended_by": view.ended_by,
        "attempts": row.attempts,
        "problem": row.problem,
    })
}

/// The answer to ending a token: nothing to say, or what it planted and how that stands now.
pub fn left(views: &[PlantedView], now: Timestamp) -> Reply {
    if views.is_empty() {
        return Reply::no_content();
    }
    let lasting = views.iter().filter(|view| view.state(now) != "ended").count();
    let message = match lasting {
        0 => String::from("the token is deleted, and what it planted has ended"),
        _ => format!("the token is deleted; of what it planted, {lasting} may still work"),
    };
    let items: Vec<Value> = views.iter().map(|view| planted(view, now)).collect();
    Reply::json(&json!({"message": message, "planted": items}))
}

/// Whether what a token planted shall end with it.
pub fn with_planted(call: &Call) -> Result<bool, Fault> {
    match call.request.query.get("with_planted") {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Fault::invalid(
            "PersonalAccessToken",
            "with_planted",
            "invalid",
            "use true or false",
        )),
    }
}

fn own(call: Call) -> Answer {
    let token = match call.request.query.get("token_id") {
        None => None,
        Some(text) => Some(TokenId(text.parse().map_err(|_| {
            Fault::invalid("Planted", "token_id", "invalid", "use the id of a token")
        })?)),
    };
    let page = call.request.page();
    let views = call
        .authority
        .planted_own(&call.permit, token, page.offset(), page.size + 1)?;
    Ok(listed(&call, "/api/v3/user/planted-credentials", views))
}

fn at_organization(call: Call) -> Answer {
    let page = call.request.page();
    let views = call
        .authority
        .planted_at(&call.permit, page.offset(), page.size + 1)?;
    let login = encode(call.request.parameter("org"));
    Ok(listed(
        &call,
        &format!("/api/v3/orgs/{login}/planted-credentials"),
        views,
    ))
}

fn listed(call: &Call, path: &str, mut views: Vec<PlantedView>) -> Reply {
    let page = call.request.page();
    let more = views.len() > page.size;
    views.truncate(page.size);
    let now = call.permit.now();
    let items = views.iter().map(|view| planted(view, now)).collect();
    Reply::page(&call.request, path, page, items, more)
}

fn end(call: Call) -> Answer {
    let id = call.request.id("planted_id")?;
    let now = call.permit.now();
    let view = call.authority.planted_end(call.permit, id)?;
    Ok(Reply::json(&planted(&view, now)))
}

fn end_at_organization(call: Call) -> Answer {
    let id = call.request.id("planted_id")?;
    let now = call.permit.now();
    let view = call.authority.planted_end_at(call.permit, id)?;
    Ok(Reply::json(&planted(&view, now)))
}
