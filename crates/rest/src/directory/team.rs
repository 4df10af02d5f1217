//! Teams with their members and repositories, by slug and by id.

use super::collaborator::role;
use super::{present, word};
use crate::view::account::simple_user;
use crate::view::team::{full_team, team, team_membership, team_repository};
use bailiwick_authority::Fault;
use bailiwick_authority::directory::repository::Cut;
use bailiwick_authority::directory::team::{TeamKey, TeamView};
use bailiwick_authority::directory::team_change::TeamInput;
use bailiwick_authority::rows::TeamRole;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Request, Routes, encode};
use bailiwick_model::{RepositoryRole, TeamId};
use http::{StatusCode, header};
use serde::{Deserialize, Deserializer};

/// The operations of this module. GitHub has most of them twice: by organization and slug, and by id.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::TEAMS_LIST, list)
        .on(op::TEAMS_CREATE, create)
        .on(op::TEAMS_LIST_FOR_AUTHENTICATED_USER, own);
    for operation in [op::TEAMS_GET_BY_NAME, op::TEAMS_GET_LEGACY] {
        routes.on(operation, get);
    }
    for operation in [op::TEAMS_UPDATE_IN_ORG, op::TEAMS_UPDATE_LEGACY] {
        routes.on(operation, edit);
    }
    for operation in [op::TEAMS_DELETE_IN_ORG, op::TEAMS_DELETE_LEGACY] {
        routes.on(operation, delete);
    }
    for operation in [op::TEAMS_LIST_CHILD_IN_ORG, op::TEAMS_LIST_CHILD_LEGACY] {
        routes.on(operation, children);
    }
    for operation in [op::TEAMS_LIST_MEMBERS_IN_ORG, op::TEAMS_LIST_MEMBERS_LEGACY] {
        routes.on(operation, members);
    }
    for operation in [
        op::TEAMS_GET_MEMBERSHIP_FOR_USER_IN_ORG,
        op::TEAMS_GET_MEMBERSHIP_FOR_USER_LEGACY,
    ] {
        routes.on(operation, membership);
    }
    for operation in [
        op::TEAMS_ADD_OR_UPDATE_MEMBERSHIP_FOR_USER_IN_ORG,
        op::TEAMS_ADD_OR_UPDATE_MEMBERSHIP_FOR_USER_LEGACY,
    ] {
        routes.on(operation, membership_set);
    }
    for operation in [
        op::TEAMS_REMOVE_MEMBERSHIP_FOR_USER_IN_ORG,
        op::TEAMS_REMOVE_MEMBERSHIP_FOR_USER_LEGACY,
        op::TEAMS_REMOVE_MEMBER_LEGACY,
    ] {
        routes.on(operation, membership_remove);
    }
    for operation in [op::TEAMS_LIST_REPOS_IN_ORG, op::TEAMS_LIST_REPOS_LEGACY] {
        routes.on(operation, repositories);
    }
    for operation in [
        op::TEAMS_CHECK_PERMISSIONS_FOR_REPO_IN_ORG,
        op::TEAMS_CHECK_PERMISSIONS_FOR_REPO_LEGACY,
    ] {
        routes.on(operation, repository);
    }
    for operation in [
        op::TEAMS_ADD_OR_UPDATE_REPO_PERMISSIONS_IN_ORG,
        op::TEAMS_ADD_OR_UPDATE_REPO_PERMISSIONS_LEGACY,
    ] {
        routes.on(operation, repository_set);
    }
    for operation in [op::TEAMS_REMOVE_REPO_IN_ORG, op::TEAMS_REMOVE_REPO_LEGACY] {
        routes.on(operation, repository_remove);
    }
}

fn key(request: &Request) -> Result<TeamKey, Fault> {
    match request.parameter("team_slug") {
        "" => Ok(TeamKey::Id(TeamId(request.id("team_id")?))),
        slug => Ok(TeamKey::Slug(slug.to_owned())),
    }
}

/// The path of a team's list, as it was asked for.
fn path(request: &Request, end: &str) -> String {
    match request.parameter("team_slug") {
        "" => format!("/api/v3/teams/{}{end}", encode(request.parameter("team_id"))),
        slug => format!(
            "/api/v3/orgs/{}/teams/{}{end}",
            encode(request.parameter("org")),
            encode(slug)
        ),
    }
}

fn views(call: &Call, path: &str, views: Vec<TeamView>) -> Answer {
    let page = call.request.page();
    let (views, more) = page.cut(views);
    let items = views
        .iter()
        .map(|view| team(&call.request.base_url, view))
        .collect();
    Ok(Reply::page(&call.request, path, page, items, more))
}

fn list(call: Call) -> Answer {
    let found = call.authority.teams(&call.permit)?;
    views(
        &call,
        &format!("/api/v3/orgs/{}/teams", encode(call.request.parameter("org"))),
        found,
    )
}

fn own(call: Call) -> Answer {
    let found = call.authority.own_teams(&call.permit)?;
    let page = call.request.page();
    let (found, more) = page.cut(found);
    let items = found
        .iter()
        .map(|view| full_team(&call.request.base_url, view))
        .collect();
    Ok(Reply::page(
        &call.request,
        "/api/v3/user/teams",
        page,
        items,
        more,
    ))
}

fn get(call: Call) -> Answer {
    let view = call.authority.team(&call.permit, &key(&call.request)?)?;
    Ok(Reply::json(&full_team(&call.request.base_url, &view)))
}

fn children(call: Call) -> Answer {
    let found = call.authority.team_children(&call.permit, &key(&call.request)?)?;
    views(&call, &path(&call.request, "/teams"), found)
}

/// Tells an absent id from a null one.
fn present_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<i64>>, D::Error> {
    Option::<i64>::deserialize(deserializer).map(Some)
}

#[derive(Deserialize)]
struct TeamBody {
    name: Option<String>,
    #[serde(default, deserialize_with = "present")]
    description: Option<Option<String>>,
    privacy: Option<String>,
    #[serde(default, deserialize_with = "present_id")]
    parent_team_id: Option<Option<i64>>,
    #[serde(default)]
    maintainers: Vec<String>,
    #[serde(default)]
    repo_names: Vec<String>,
}

impl TeamBody {
    fn read(self) -> TeamInput {
        TeamInput {
            name: self.name,
            description: self.description,
            privacy: self.privacy,
            parent: self.parent_team_id.map(|id| id.map(TeamId)),
            maintainers: self.maintainers,
            repositories: self.repo_names,
        }
    }
}

fn create(call: Call) -> Answer {
    let body: TeamBody = call.request.json()?;
    let mut input = body.read();
    if input.privacy.is_none() {
        // GitHub's defaults: secret on its own, closed below another team.
        let nested = input.parent.flatten().is_some();
        input.privacy = Some(String::from(if nested { "closed" } else { "secret" }));
    }
    let view = call.authority.team_create(call.permit, &input)?;
    let value = full_team(&call.request.base_url, &view);
    let url = format!("{}/api/v3/teams/{}", call.request.base_url, view.row.id);
    Ok(Reply::json_with(StatusCode::CREATED, &value).with(header::LOCATION, &url))
}

fn edit(call: Call) -> Answer {
    let body: TeamBody = call.request.json()?;
    let key = key(&call.request)?;
    let view = call.authority.team_edit(call.permit, &key, &body.read())?;
    Ok(Reply::json(&full_team(&call.request.base_url, &view)))
}

fn delete(call: Call) -> Answer {
    let key = key(&call.request)?;
    call.authority.team_delete(call.permit, &key)?;
    Ok(Reply::no_content())
}

fn members(call: Call) -> Answer {
    let role = word(&call.request, "role", |text| match text {
        "all" => Some(None),
        "member" => Some(Some(TeamRole::Member)),
        "maintainer" => Some(Some(TeamRole::Maintainer)),
        _ => None,
    })?;
    let rows = call
        .authority
        .team_members(&call.permit, &key(&call.request)?, role.flatten())?;
    let page = call.request.page();
    let (rows, more) = page.cut(rows);
    let items = rows
        .iter()
        .map(|row| simple_user(&call.request.base_url, row))
        .collect();
    Ok(Reply::page(
        &call.request,
        &path(&call.request, "/members"),
        page,
        items,
        more,
    ))
}

fn membership(call: Call) -> Answer {
    let login = call.request.parameter("username");
    let view = call
        .authority
        .team_membership(&call.permit, &key(&call.request)?, login)?;
    Ok(Reply::json(&team_membership(
        &call.request.base_url,
        &view.team,
        &view.user.login,
        view.role,
    )))
}

#[derive(Deserialize)]
struct RoleBody {
    role: Option<String>,
}

fn membership_set(call: Call) -> Answer {
    let body: RoleBody = call.request.json()?;
    let role = match body.role.as_deref() {
        None | Some("member") => TeamRole::Member,
        Some("maintainer") => TeamRole::Maintainer,
        Some(_) => {
            return Err(Fault::invalid(
                "TeamMember",
                "role",
                "invalid",
                "use member or maintainer",
            ));
        }
    };
    let key = key(&call.request)?;
    let view =
        call.authority
            .team_membership_set(call.permit, &key, call.request.parameter("username"), role)?;
    Ok(Reply::json(&team_membership(
        &call.request.base_url,
        &view.team,
        &view.user.login,
        view.role,
    )))
}

fn membership_remove(call: Call) -> Answer {
    let key = key(&call.request)?;
    call.authority
        .team_membership_remove(call.permit, &key, call.request.parameter("username"))?;
    Ok(Reply::no_content())
}

fn repositories(call: Call) -> Answer {
    let page = call.request.page();
    let cut = Cut {
        offset: page.offset(),
        size: page.size,
    };
    let (found, more) = call
        .authority
        .team_repositories(&call.permit, &key(&call.request)?, cut)?;
    let items = found
        .iter()
        .map(|view| team_repository(&call.request.base_url, view))
        .collect();
    Ok(Reply::page(
        &call.request,
        &path(&call.request, "/repos"),
        page,
        items,
        more,
    ))
}

fn repository(call: Call) -> Answer {
    let view = call
        .authority
        .team_repository(&call.permit, &key(&call.request)?)?;
    let accept = call
        .request
        .headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    if accept.contains("vnd.github") && accept.contains("repository") {
        return Ok(Reply::json(&team_repository(&call.request.base_url, &view)));
    }
    Ok(Reply::no_content())
}

#[derive(Deserialize)]
struct PermissionBody {
    permission: Option<String>,
}

fn repository_set(call: Call) -> Answer {
    let body: PermissionBody = call.request.json()?;
    let role = match body.permission.as_deref() {
        None => RepositoryRole::Read,
        Some(text) => role(text).ok_or_else(|| {
            let message = "use pull, triage, push, maintain or admin";
            Fault::invalid("Team", "permission", "invalid", message)
        })?,
    };
    let key = key(&call.request)?;
    call.authority.team_repository_set(call.permit, &key, role)?;
    Ok(Reply::no_content())
}

fn repository_remove(call: Call) -> Answer {
    let key = key(&call.request)?;
    call.authority.team_repository_remove(call.permit, &key)?;
    Ok(Reply::no_content())
}
