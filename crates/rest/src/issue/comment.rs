//! Comments on issues.

use super::list::DIRECTIONS;
use super::{choice, instant, own_path};
use crate::view::issue::comment;
use bailiwick_authority::Fault;
use bailiwick_authority::issue::CommentView;
use bailiwick_authority::issue::comment::CommentList;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Request, Routes};
use bailiwick_model::CommentId;
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::Value;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::ISSUES_LIST_COMMENTS, of_issue)
        .on(op::ISSUES_LIST_COMMENTS_FOR_REPO, of_repository)
        .on(op::ISSUES_CREATE_COMMENT, create)
        .on(op::ISSUES_GET_COMMENT, get)
        .on(op::ISSUES_UPDATE_COMMENT, update)
        .on(op::ISSUES_DELETE_COMMENT, delete);
}

fn list(request: &Request) -> Result<CommentList, Fault> {
    let page = request.page();
    let sorted = request.query.get("sort").is_some_and(|text| !text.is_empty());
    Ok(CommentList {
        since: instant(request, "since")?,
        edited: choice(request, "sort", &[("created", false), ("updated", true)], false)?,
        // GitHub heeds the direction only together with a sort.
        descending: sorted && !choice(request, "direction", &DIRECTIONS, false)?,
        offset: page.offset(),
        size: page.size,
    })
}

fn answer(call: &Call, (views, more): (Vec<CommentView>, bool)) -> Answer {
    let items = views
        .iter()
        .map(|view| comment(&call.request.base_url, view))
        .collect();
    Ok(Reply::page(
        &call.request,
        &own_path(call),
        call.request.page(),
        items,
        more,
    ))
}

fn of_issue(call: Call) -> Answer {
    let list = list(&call.request)?;
    let number = call.request.id("issue_number")?;
    let found = call.authority.comments(&call.permit, number, &list)?;
    answer(&call, found)
}

fn of_repository(call: Call) -> Answer {
    let list = list(&call.request)?;
    let found = call.authority.repository_comments(&call.permit, &list)?;
    answer(&call, found)
}

fn get(call: Call) -> Answer {
    let id = CommentId(call.request.id("comment_id")?);
    let view = call.authority.comment(&call.permit, id)?;
    Ok(Reply::json(&comment(&call.request.base_url, &view)))
}

#[derive(Deserialize)]
struct CommentBody {
    #[serde(default)]
    body: String,
}

fn create(call: Call) -> Answer {
    let number = call.request.id("issue_number")?;
    let body: CommentBody = call.request.json()?;
    let view = call.authority.comment_create(call.permit, number, &body.body)?;
    let value = comment(&call.request.base_url, &view);
    let url = value.get("url").and_then(Value::as_str).unwrap_or("").to_owned();
    Ok(Reply::json_with(StatusCode::CREATED, &value).with(header::LOCATION, &url))
}

fn update(call: Call) -> Answer {
    let id = CommentId(call.request.id("comment_id")?);
    let body: CommentBody = call.request.json()?;
    let view = call.authority.comment_update(call.permit, id, &body.body)?;
    Ok(Reply::json(&comment(&call.request.base_url, &view)))
}

fn delete(call: Call) -> Answer {
    let id = CommentId(call.request.id("comment_id")?);
    call.authority.comment_delete(call.permit, id)?;
    Ok(Reply::no_content())
}
