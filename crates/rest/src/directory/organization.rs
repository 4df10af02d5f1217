//! Organizations: one, all, and those of a user.

use super::{page_since, present, since};
use crate::view::account::simple_organization;
use crate::view::organization::organization;
use bailiwick_authority::directory::organization::OrganizationInput;
use bailiwick_authority::rows::AccountKind;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes, encode};
use bailiwick_model::AccountId;
use serde::Deserialize;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::ORGS_GET, get)
        .on(op::ORGS_UPDATE, edit)
        .on(op::ORGS_LIST, list)
        .on(op::ORGS_LIST_FOR_USER, of_user)
        .on(op::ORGS_LIST_FOR_AUTHENTICATED_USER, own);
}

fn get(call: Call) -> Answer {
    let view = call.authority.organization(&call.permit)?;
    Ok(Reply::json(&organization(&call.request.base_url, &view)))
}

fn list(call: Call) -> Answer {
    let size = call.request.page().size;
    let after = AccountId(since(&call.request));
    let (rows, more) = call
        .authority
        .accounts(&call.permit, Some(AccountKind::Organization), after, size)?;
    let last = rows.last().filter(|_| more).map(|row| row.id.0);
    let items = rows
        .iter()
        .map(|row| simple_organization(&call.request.base_url, row))
        .collect();
    Ok(page_since(
        &call.request,
        "/api/v3/organizations",
        items,
        last,
        size,
    ))
}

fn of_user(call: Call) -> Answer {
    let login = call.request.parameter("username");
    let rows = call.authority.organizations_of(&call.permit, login)?;
    let page = call.request.page();
    let (rows, more) = page.cut(rows);
    let items = rows
        .iter()
        .map(|row| simple_organization(&call.request.base_url, row))
        .collect();
    Ok(Reply::page(
        &call.request,
        &format!("/api/v3/users/{}/orgs", encode(login)),
        page,
        items,
        more,
    ))
}

fn own(call: Call) -> Answer {
    let page = call.request.page();
    let (views, more) = page.cut(call.authority.own_memberships(&call.permit)?);
    let items = views
        .iter()
        .map(|view| simple_organization(&call.request.base_url, &view.organization))
        .collect();
    Ok(Reply::page(&call.request, "/api/v3/user/orgs", page, items, more))
}

#[derive(Deserialize)]
struct OrganizationBody {
    #[serde(default, deserialize_with = "present")]
    name: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    email: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    blog: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    company: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    location: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    description: Option<Option<String>>,
    default_repository_permission: Option<String>,
}

fn edit(call: Call) -> Answer {
    let body: OrganizationBody = call.request.json()?;
    let input = OrganizationInput {
        name: body.name,
        email: body.email,
        blog: body.blog,
        company: body.company,
        location: body.location,
        description: body.description,
        base_role: body.default_repository_permission,
    };
    let view = call.authority.organization_edit(call.permit, &input)?;
    Ok(Reply::json(&organization(&call.request.base_url, &view)))
}
