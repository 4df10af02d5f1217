//! Commit statuses.

use crate::issue::own_path;
use crate::view::status::{combined, status};
use bailiwick_authority::Fault;
use bailiwick_authority::FaultKind;
use bailiwick_authority::content::git::Commit;
use bailiwick_authority::status::StatusInput;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::Value;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::REPOS_CREATE_COMMIT_STATUS, create)
        .on(op::REPOS_LIST_COMMIT_STATUSES_FOR_REF, list)
        .on(op::REPOS_GET_COMBINED_STATUS_FOR_REF, all);
}

#[derive(Deserialize)]
struct StatusBody {
    #[serde(default)]
    state: String,
    context: Option<String>,
    description: Option<String>,
    target_url: Option<String>,
}

fn full_name(call: &Call) -> Result<String, Fault> {
    Ok(format!(
        "{}/{}",
        call.permit.owner()?.login,
        call.permit.repository()?.name
    ))
}

fn create(call: Call) -> Answer {
    let body: StatusBody = call.request.json()?;
    let full_name = full_name(&call)?;
    let input = StatusInput {
        state: body.state,
        context: body.context,
        description: body.description,
        target_url: body.target_url,
    };
    let sha = call.request.parameter("sha");
    let view = call.authority.status_create(call.permit, sha, &input)?;
    let value = status(&call.request.base_url, &full_name, &view);
    let url = value.get("url").and_then(Value::as_str).unwrap_or("").to_owned();
    Ok(Reply::json_with(StatusCode::CREATED, &value).with(header::LOCATION, &url))
}

/// The commit that the path's ref stands for. Where there is none, GitHub answers 404 here.
fn commit(call: &Call) -> Result<Commit, Fault> {
    let found = call
        .authority
        .commit_find(&call.permit, call.request.parameter("ref"));
    found.map_err(|fault| match fault.kind {
        FaultKind::Invalid | FaultKind::Conflict => Fault::not_found(),
        _ => fault,
    })
}

fn list(call: Call) -> Answer {
    let commit = commit(&call)?;
    let full_name = full_name(&call)?;
    let page = call.request.page();
    let cut = (page.offset(), page.size);
    let (views, more) = call.authority.statuses(&call.permit, &commit, cut)?;
    let items = views
        .iter()
        .map(|view| status(&call.request.base_url, &full_name, view))
        .collect();
    Ok(Reply::page(&call.request, &own_path(&call), page, items, more))
}

fn all(call: Call) -> Answer {
    let commit = commit(&call)?;
    let all = call.authority.status_combined(&call.permit, &commit)?;
    let page = call.request.page();
    let (shown, more) = page.cut(all.statuses.clone());
    let place = (call.permit.repository()?, call.permit.owner()?);
    let sha = commit.oid.to_string();
    let value = combined(&call.request.base_url, place, &sha, &all, &shown);
    Ok(Reply::json(&value).linked(&call.request, &own_path(&call), page, more))
}
