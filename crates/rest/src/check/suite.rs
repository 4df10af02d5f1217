//! Check suites.

use super::place;
use crate::issue::own_path;
use crate::view::check::suite;
use bailiwick_authority::Fault;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::CheckSuiteId;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::CHECKS_CREATE_SUITE, create)
        .on(op::CHECKS_GET_SUITE, get)
        .on(op::CHECKS_LIST_SUITES_FOR_REF, of_commit)
        .on(op::CHECKS_REREQUEST_SUITE, rerequest);
}

#[derive(Deserialize)]
struct SuiteBody {
    head_sha: Option<String>,
}

fn create(call: Call) -> Answer {
    let body: SuiteBody = call.request.json()?;
    let place = place(&call)?;
    let (repository, owner) = (call.permit.repository()?.clone(), call.permit.owner()?.clone());
    let head_sha = body
        .head_sha
        .ok_or_else(|| Fault::invalid("CheckSuite", "head_sha", "missing_field", ""))?;
    let (view, made) = call.authority.check_suite_create(call.permit, &head_sha)?;
    let status = if made { StatusCode::CREATED } else { StatusCode::OK };
    let value = suite(&call.request.base_url, &place, (&repository, &owner), &view);
    Ok(Reply::json_with(status, &value))
}

fn id(call: &Call) -> Result<CheckSuiteId, Fault> {
    Ok(CheckSuiteId(call.request.id("check_suite_id")?))
}

fn get(call: Call) -> Answer {
    let view = call.authority.check_suite(&call.permit, id(&call)?)?;
    let named = (call.permit.repository()?, call.permit.owner()?);
    Ok(Reply::json(&suite(
        &call.request.base_url,
        &place(&call)?,
        named,
        &view,
    )))
}

fn of_commit(call: Call) -> Answer {
    let commit = call
        .authority
        .commit_find(&call.permit, call.request.parameter("ref"))?;
    let text = |name: &str| call.request.query.get(name).filter(|text| !text.is_empty());
    // Suites belong to accounts here, so that none is of an App.
    let views = match text("app_id") {
        Some(_) => Vec::new(),
        None => call
            .authority
            .check_suites(&call.permit, &commit, text("check_name"))?,
    };
    let count = views.len();
    let page = call.request.page();
    let (views, more) = page.cut(views);
    let (place, named) = (place(&call)?, (call.permit.repository()?, call.permit.owner()?));
    let items: Vec<Value> = views
        .iter()
        .map(|view| suite(&call.request.base_url, &place, named, view))
        .collect();
    let value = json!({"total_count": count, "check_suites": items});
    Ok(Reply::json(&value).linked(&call.request, &own_path(&call), page, more))
}

fn rerequest(call: Call) -> Answer {
    let id = id(&call)?;
    call.authority.check_suite_rerequest(call.permit, id)?;
    Ok(Reply::json_with(StatusCode::CREATED, &json!({})))
}
