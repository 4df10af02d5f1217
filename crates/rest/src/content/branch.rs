//! Branches and tags.

use super::{list_path, place};
use crate::view::commit as view;
use bailiwick_authority::content::branch::Branch;
use bailiwick_authority::content::not_supplied;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use http::StatusCode;
use serde::Deserialize;

pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::REPOS_LIST_BRANCHES, list)
        .on(op::REPOS_GET_BRANCH, get)
        .on(op::REPOS_RENAME_BRANCH, rename)
        .on(op::REPOS_LIST_TAGS, tags)
        .on(op::REPOS_LIST_BRANCHES_FOR_HEAD_COMMIT, where_head);
}

fn list(call: Call) -> Answer {
    let place = place(&call)?;
    // Nothing is protected here, so that asking for protected branches alone finds none.
    let branches = match call.request.query.get("protected") {
        Some("true") => Vec::new(),
        _ => call.authority.branch_list(&call.permit)?,
    };
    let page = call.request.page();
    let (branches, more) = page.cut(branches);
    let items = branches
        .iter()
        .map(|branch| view::short_branch(&place, branch))
        .collect();
    Ok(Reply::page(
        &call.request,
        &list_path(&call, "/branches")?,
        page,
        items,
        more,
    ))
}

fn get(call: Call) -> Answer {
    let found = call
        .authority
        .branch_get(&call.permit, call.request.parameter("branch"))?;
    let people = call
        .authority
        .people(&call.permit, std::slice::from_ref(&found.commit))?;
    Ok(Reply::json(&view::branch(
        &place(&call)?,
        &found.name,
        &found.commit,
        &people,
    )))
}

#[derive(Deserialize)]
struct RenameBody {
    new_name: Option<String>,
}

fn rename(call: Call) -> Answer {
    let body: RenameBody = call.request.json()?;
    let new_name = body.new_name.ok_or_else(|| not_supplied("new_name"))?;
    let place = place(&call)?;
    let name = call.request.parameter("branch");
    let Branch { name, commit } = call.authority.branch_rename(call.permit, name, &new_name)?;
    let people = bailiwick_authority::content::People::default();
    Ok(Reply::json_with(
        StatusCode::CREATED,
        &view::branch(&place, &name, &commit, &people),
    ))
}

fn tags(call: Call) -> Answer {
    let place = place(&call)?;
    let page = call.request.page();
    let (tags, more) = page.cut(call.authority.tag_list(&call.permit)?);
    let items = tags
        .iter()
        .map(|(name, oid)| view::tag(&place, name, *oid))
        .collect();
    Ok(Reply::page(
        &call.request,
        &list_path(&call, "/tags")?,
        page,
        items,
        more,
    ))
}

fn where_head(call: Call) -> Answer {
    let place = place(&call)?;
    let branches = call
        .authority
        .branches_where_head(&call.permit, call.request.parameter("commit_sha"))?;
    let items = branches
        .iter()
        .map(|branch| view::short_branch(&place, branch))
        .collect();
    Ok(Reply::json(&serde_json::Value::Array(items)))
}
