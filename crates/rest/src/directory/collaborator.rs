//! Collaborators and teams of a repository.

use super::word;
use crate::view::account::simple_user;
use crate::view::repository::permissions;
use crate::view::team::{collaborator, repository_team};
use bailiwick_authority::Fault;
use bailiwick_authority::directory::collaborator::Affiliation;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Request, Routes, encode};
use bailiwick_model::RepositoryRole;
use serde::Deserialize;
use serde_json::json;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::REPOS_LIST_COLLABORATORS, list)
        .on(op::REPOS_CHECK_COLLABORATOR, check)
        .on(op::REPOS_ADD_COLLABORATOR, add)
        .on(op::REPOS_REMOVE_COLLABORATOR, remove)
        .on(op::REPOS_GET_COLLABORATOR_PERMISSION_LEVEL, permission)
        .on(op::REPOS_LIST_TEAMS, teams);
}

fn path(request: &Request, end: &str) -> String {
    format!(
        "/api/v3/repos/{}/{}/{end}",
        encode(request.parameter("owner")),
        encode(request.parameter("repo"))
    )
}

fn list(call: Call) -> Answer {
    let affiliation = word(&call.request, "affiliation", |text| match text {
        "outside" => Some(Affiliation::Outside),
        "direct" => Some(Affiliation::Direct),
        "all" => Some(Affiliation::All),
        _ => None,
    })?;
    let least = word(&call.request, "permission", role)?;
    let views = call.authority.collaborators(
        &call.permit,
        affiliation.unwrap_or_default(),
        least.unwrap_or(RepositoryRole::Read),
    )?;
    let page = call.request.page();
    let (views, more) = page.cut(views);
    let items = views
        .iter()
        .map(|view| collaborator(&call.request.base_url, view))
        .collect();
    Ok(Reply::page(
        &call.request,
        &path(&call.request, "collaborators"),
        page,
        items,
        more,
    ))
}

/// A role in either vocabulary; none is not one that can be given.
pub(crate) fn role(text: &str) -> Option<RepositoryRole> {
    RepositoryRole::parse_any(text).filter(|role| *role > RepositoryRole::None)
}

fn check(call: Call) -> Answer {
    call.authority
        .collaborator_check(&call.permit, call.request.parameter("username"))?;
    Ok(Reply::no_content())
}

#[derive(Deserialize)]
struct AddBody {
    permission: Option<String>,
}

fn add(call: Call) -> Answer {
    let body: AddBody = call.request.json()?;
    let role = match body.permission.as_deref() {
        None => RepositoryRole::Write,
        Some(text) => role(text).ok_or_else(|| {
            let message = "use pull, triage, push, maintain or admin";
            Fault::invalid("Repository", "permission", "invalid", message)
        })?,
    };
    call.authority
        .collaborator_set(call.permit, call.request.parameter("username"), role)?;
    Ok(Reply::no_content())
}

fn remove(call: Call) -> Answer {
    call.authority
        .collaborator_remove(call.permit, call.request.parameter("username"))?;
    Ok(Reply::no_content())
}

fn permission(call: Call) -> Answer {
    let view = call
        .authority
        .collaborator_permission(&call.permit, call.request.parameter("username"))?;
    // The old word knows four levels; `role_name` tells the whole.
    let word = match view.role {
        RepositoryRole::None => "none",
        RepositoryRole::Read | RepositoryRole::Triage => "read",
        RepositoryRole::Write | RepositoryRole::Maintain => "write",
        RepositoryRole::Admin => "admin",
    };
    let mut user = simple_user(&call.request.base_url, &view.user);
    if let Some(fields) = user.as_object_mut() {
        fields.insert("permissions".into(), permissions(view.role));
        fields.insert("role_name".into(), json!(view.role.word()));
    }
    Ok(Reply::json(
        &json!({"permission": word, "role_name": view.role.word(), "user": user}),
    ))
}

fn teams(call: Call) -> Answer {
    let rows = call.authority.repository_teams(&call.permit)?;
    let organization = call.permit.owner()?.login.clone();
    let page = call.request.page();
    let (rows, more) = page.cut(rows);
    let items = rows
        .iter()
        .map(|(row, role, parent)| {
            repository_team(&call.request.base_url, &organization, row, *role, parent.as_ref())
        })
        .collect();
    Ok(Reply::page(
        &call.request,
        &path(&call.request, "teams"),
        page,
        items,
        more,
    ))
}
