//! Making, editing, transferring, forking and deleting repositories.

use super::present;
use crate::view::repository::full_repository;
use bailiwick_authority::Fault;
use bailiwick_authority::directory::create::CreateInput;
use bailiwick_authority::directory::edit::RepositoryInput;
use bailiwick_authority::directory::fork::ForkInput;
use bailiwick_authority::directory::transfer::TransferInput;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::{TeamId, Visibility};
use http::{StatusCode, header};
use serde::Deserialize;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::REPOS_CREATE_FOR_AUTHENTICATED_USER, create)
        .on(op::REPOS_CREATE_IN_ORG, create)
        .on(op::REPOS_UPDATE, edit)
        .on(op::REPOS_DELETE, delete)
        .on(op::REPOS_TRANSFER, transfer)
        .on(op::REPOS_CREATE_FORK, fork);
}

/// The visibility that two fields ask for; the newer one counts, and both must agree.
pub(crate) fn visibility(private: Option<bool>, word: Option<&str>) -> Result<Option<Visibility>, Fault> {
    let invalid = |message: &str| Err(Fault::invalid("Repository", "visibility", "invalid", message));
    match (private, word) {
        (None, None) => Ok(None),
        (Some(true), None) => Ok(Some(Visibility::Private)),
        (Some(false), None) => Ok(Some(Visibility::Public)),
        (private, Some(word)) => match Visibility::parse(word) {
            None => invalid("use public, private or internal"),
            Some(visibility)
                if private.is_some_and(|private| private == (visibility == Visibility::Public)) =>
            {
                invalid("private and visibility do not agree")
            }
            Some(visibility) => Ok(Some(visibility)),
        },
    }
}

#[derive(Deserialize)]
struct CreateBody {
    #[serde(default)]
    name: String,
    description: Option<String>,
    homepage: Option<String>,
    private: Option<bool>,
    visibility: Option<String>,
    has_issues: Option<bool>,
    auto_init: Option<bool>,
    default_branch: Option<String>,
}

fn create(call: Call) -> Answer {
    let body: CreateBody = call.request.json()?;
    let input = CreateInput {
        visibility: visibility(body.private, body.visibility.as_deref())?.unwrap_or(Visibility::Public),
        name: body.name,
        description: body.description,
        homepage: body.homepage,
        has_issues: body.has_issues.unwrap_or(true),
        auto_init: body.auto_init.unwrap_or(false),
        default_branch: body.default_branch.filter(|branch| !branch.is_empty()),
    };
    let view = call.authority.repository_create(call.permit, &input)?;
    let value = full_repository(&call.request.base_url, &view);
    let url = value
        .get("url")
        .and_then(serde_json::Value::as_str)
        .unwrap_or("")
        .to_owned();
    Ok(Reply::json_with(StatusCode::CREATED, &value).with(header::LOCATION, &url))
}

#[derive(Deserialize)]
struct EditBody {
    name: Option<String>,
    #[serde(default, deserialize_with = "present")]
    description: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    homepage: Option<Option<String>>,
    private: Option<bool>,
    visibility: Option<String>,
    default_branch: Option<String>,
    archived: Option<bool>,
    has_issues: Option<bool>,
}

fn edit(call: Call) -> Answer {
    let body: EditBody = call.request.json()?;
    // `private: true` on an internal repository asks for nothing new.
    let internal = call.permit.repository()?.visibility == Visibility::Internal;
    let wanted = match (body.private, &body.visibility) {
        (Some(true), None) if internal => None,
        _ => visibility(body.private, body.visibility.as_deref())?,
    };
    let input = RepositoryInput {
        name: body.name,
        description: body.description,
        homepage: body.homepage,
        visibility: wanted,
        default_branch: body.default_branch,
        archived: body.archived,
        has_issues: body.has_issues,
    };
    let view = call.authority.repository_edit(call.permit, &input)?;
    Ok(Reply::json(&full_repository(&call.request.base_url, &view)))
}

fn delete(call: Call) -> Answer {
    call.authority.repository_delete(call.permit)?;
    Ok(Reply::no_content())
}

#[derive(Deserialize)]
struct TransferBody {
    new_owner: Option<String>,
    new_name: Option<String>,
    #[serde(default)]
    team_ids: Vec<i64>,
}

fn transfer(call: Call) -> Answer {
    let body: TransferBody = call.request.json()?;
    if body.new_owner.is_none() {
        return Err(Fault::invalid("Repository", "new_owner", "missing_field", ""));
    }
    let input = TransferInput {
        new_name: body.new_name,
        teams: body.team_ids.into_iter().map(TeamId).collect(),
    };
    let view = call.authority.repository_transfer(call.permit, &input)?;
    Ok(Reply::json_with(
        StatusCode::ACCEPTED,
        &full_repository(&call.request.base_url, &view),
    ))
}

#[derive(Deserialize)]
struct ForkBody {
    name: Option<String>,
    #[serde(default)]
    default_branch_only: bool,
}

fn fork(call: Call) -> Answer {
    let body: ForkBody = call.request.json()?;
    let input = ForkInput {
        name: body.name.filter(|name| !name.is_empty()),
        default_branch_only: body.default_branch_only,
    };
    let view = call.authority.repository_fork(call.permit, &input)?;
    Ok(Reply::json_with(
        StatusCode::ACCEPTED,
        &full_repository(&call.request.base_url, &view),
    ))
}
