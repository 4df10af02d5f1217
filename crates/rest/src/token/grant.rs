//! Grants at organizations and enterprises.

use super::request::{list_input, path};
use crate::view::account::simple_user;
use crate::view::repository::minimal_repository;
use bailiwick_authority::access::grant::HeldGrantView;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Request, Routes};
use bailiwick_model::{GrantId, Timestamp};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::ORGS_LIST_PAT_GRANTS, list)
        .on(op::ORGS_UPDATE_PAT_ACCESSES, update_in_bulk)
        .on(op::ORGS_UPDATE_PAT_ACCESS, update)
        .on(op::ORGS_LIST_PAT_GRANT_REPOSITORIES, repositories)
        .on(op::BAILIWICK_GET_PAT_FOR_ORG, get)
        .on(op::BAILIWICK_LIST_PATS_FOR_ENTERPRISE, list)
        .on(op::BAILIWICK_UPDATE_PATS_FOR_ENTERPRISE, update_in_bulk)
        .on(op::BAILIWICK_UPDATE_PAT_FOR_ENTERPRISE, update)
        .on(op::BAILIWICK_LIST_PAT_REPOSITORIES_FOR_ENTERPRISE, repositories)
        .on(op::BAILIWICK_GET_PAT_FOR_ENTERPRISE, get);
}

const LEAF: &str = "personal-access-tokens";

fn view(request: &Request, held: &HeldGrantView, now: Timestamp) -> Value {
    let base_url = &request.base_url;
    let token = &held.token;
    let id = held.grant.row.id;
    json!({
        "id": id,
        "owner": simple_user(base_url, &held.holder),
        "repository_selection": held.grant.selection.word(),
        "repositories_url": format!("{base_url}/api/v3{}/{id}/repositories", path(request, LEAF)),
        "permissions": held.grant.permissions,
        "access_granted_at": held.grant.row.granted_at.map(Timestamp::rfc3339),
        "token_id": token.id,
        "token_name": token.name,
        "token_expired": token.expires_at.is_some_and(|end| now >= end),
        "token_expires_at": token.expires_at.map(Timestamp::rfc3339),
        "token_last_used_at": token.last_used_at.map(Timestamp::rfc3339),
        "repositories": held.grant.repositories.iter().map(|name| name.full_name()).collect::<Vec<_>>(),
    })
}

fn list(call: Call) -> Answer {
    let page = call.request.page();
    let mut held = call
        .authority
        .grants(&call.permit, &list_input(&call.request, page)?)?;
    let more = held.len() > page.size;
    held.truncate(page.size);
    let items = held
        .iter()
        .map(|one| view(&call.request, one, call.permit.now()))
        .collect();
    let path = format!("/api/v3{}", path(&call.request, LEAF));
    Ok(Reply::page(&call.request, &path, page, items, more))
}

fn get(call: Call) -> Answer {
    let held = call
        .authority
        .grant(&call.permit, GrantId(call.request.id("pat_id")?))?;
    Ok(Reply::json(&view(&call.request, &held, call.permit.now())))
}

fn repositories(call: Call) -> Answer {
    let id = GrantId(call.request.id("pat_id")?);
    let page = call.request.page();
    let (names, more) = page.cut(call.authority.grant_repositories(&call.permit, id)?);
    let items = names
        .iter()
        .map(|name| minimal_repository(&call.request.base_url, &name.row, &name.owner, None))
        .collect();
    let path = format!("/api/v3{}/{id}/repositories", path(&call.request, LEAF));
    Ok(Reply::page(&call.request, &path, page, items, more))
}

#[derive(Deserialize)]
struct UpdateBody {
    action: String,
    pat_ids: Option<Vec<i64>>,
}

fn check_action(action: &str) -> Result<(), Fault> {
    if action == "revoke" {
        return Ok(());
    }
    Err(Fault::invalid(
        "PersonalAccessToken",
        "action",
        "invalid",
        "use revoke",
    ))
}

fn update(call: Call) -> Answer {
    let id = GrantId(call.request.id("pat_id")?);
    check_action(&call.request.json::<UpdateBody>()?.action)?;
    call.authority.grants_revoke(call.permit, &[id])?;
    Ok(Reply::no_content())
}

fn update_in_bulk(call: Call) -> Answer {
    let body: UpdateBody = call.request.json()?;
    check_action(&body.action)?;
    let Some(ids) = body.pat_ids else {
        return Err(Fault::new(
            FaultKind::Invalid,
            "body.shape",
            "Invalid request.\n\n\"pat_ids\" wasn't supplied.",
        ));
    };
    let ids: Vec<GrantId> = ids.into_iter().map(GrantId).collect();
    call.authority.grants_revoke(call.permit, &ids)?;
    Ok(Reply::json_with(StatusCode::ACCEPTED, &json!({})))
}
