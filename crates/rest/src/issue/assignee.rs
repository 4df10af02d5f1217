//! Whom issues are and can be assigned to.

use super::own_path;
use crate::view::account::simple_user;
use crate::view::issue::issue;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use http::StatusCode;
use serde::Deserialize;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::ISSUES_LIST_ASSIGNEES, list)
        .on(op::ISSUES_CHECK_USER_CAN_BE_ASSIGNED, check)
        .on(op::ISSUES_CHECK_USER_CAN_BE_ASSIGNED_TO_ISSUE, check_for_issue)
        .on(op::ISSUES_ADD_ASSIGNEES, add)
        .on(op::ISSUES_REMOVE_ASSIGNEES, remove);
}

fn list(call: Call) -> Answer {
    let page = call.request.page();
    let (rows, more) = page.cut(call.authority.assignees(&call.permit)?);
    let items = rows
        .iter()
        .map(|row| simple_user(&call.request.base_url, row))
        .collect();
    Ok(Reply::page(&call.request, &own_path(&call), page, items, more))
}

fn check(call: Call) -> Answer {
    let login = call.request.parameter("assignee");
    call.authority.assignee_check(&call.permit, None, login)?;
    Ok(Reply::no_content())
}

fn check_for_issue(call: Call) -> Answer {
    let number = call.request.id("issue_number")?;
    let login = call.request.parameter("assignee");
    call.authority.assignee_check(&call.permit, Some(number), login)?;
    Ok(Reply::no_content())
}

#[derive(Deserialize)]
struct AssigneesBody {
    #[serde(default)]
    assignees: Vec<String>,
}

fn add(call: Call) -> Answer {
    let number = call.request.id("issue_number")?;
    let body: AssigneesBody = call.request.json()?;
    let view = call
        .authority
        .issue_assign(call.permit, number, &body.assignees, false)?;
    Ok(Reply::json_with(
        StatusCode::CREATED,
        &issue(&call.request.base_url, &view, false),
    ))
}

fn remove(call: Call) -> Answer {
    let number = call.request.id("issue_number")?;
    let body: AssigneesBody = call.request.json()?;
    let view = call
        .authority
        .issue_assign(call.permit, number, &body.assignees, true)?;
    Ok(Reply::json(&issue(&call.request.base_url, &view, false)))
}
