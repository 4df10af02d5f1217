//! Members of organizations, public members and outside collaborators.

use super::word;
use crate::view::account::simple_user;
use crate::view::organization::membership;
use bailiwick_authority::Fault;
use bailiwick_authority::rows::AccountRow;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes, encode};
use bailiwick_model::OrganizationRole;
use serde::Deserialize;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::ORGS_LIST_MEMBERS, list)
        .on(op::ORGS_CHECK_MEMBERSHIP_FOR_USER, check)
        .on(op::ORGS_REMOVE_MEMBER, remove)
        .on(op::ORGS_GET_MEMBERSHIP_FOR_USER, get)
        .on(op::ORGS_SET_MEMBERSHIP_FOR_USER, set)
        .on(op::ORGS_REMOVE_MEMBERSHIP_FOR_USER, remove)
        .on(op::ORGS_LIST_MEMBERSHIPS_FOR_AUTHENTICATED_USER, own_list)
        .on(op::ORGS_GET_MEMBERSHIP_FOR_AUTHENTICATED_USER, own)
        .on(op::ORGS_UPDATE_MEMBERSHIP_FOR_AUTHENTICATED_USER, own_accept)
        .on(op::ORGS_LIST_PUBLIC_MEMBERS, public_list)
        .on(op::ORGS_CHECK_PUBLIC_MEMBERSHIP_FOR_USER, public_check)
        .on(op::ORGS_SET_PUBLIC_MEMBERSHIP_FOR_AUTHENTICATED_USER, publish)
        .on(op::ORGS_REMOVE_PUBLIC_MEMBERSHIP_FOR_AUTHENTICATED_USER, conceal)
        .on(op::ORGS_LIST_OUTSIDE_COLLABORATORS, outside_list)
        .on(op::ORGS_REMOVE_OUTSIDE_COLLABORATOR, outside_remove)
        .on(op::ORGS_CONVERT_MEMBER_TO_OUTSIDE_COLLABORATOR, convert);
}

fn users(call: &Call, path: &str, rows: Vec<AccountRow>) -> Answer {
    let page = call.request.page();
    let (rows, more) = page.cut(rows);
    let items = rows
        .iter()
        .map(|row| simple_user(&call.request.base_url, row))
        .collect();
    let path = format!("/api/v3/orgs/{}/{path}", encode(call.request.parameter("org")));
    Ok(Reply::page(&call.request, &path, page, items, more))
}

fn list(call: Call) -> Answer {
    let role = word(&call.request, "role", |text| match text {
        "all" => Some(None),
        "admin" => Some(Some(OrganizationRole::Owner)),
        "member" => Some(Some(OrganizationRole::Member)),
        _ => None,
    })?;
    let rows = call.authority.members(&call.permit, role.flatten())?;
    users(&call, "members", rows)
}

fn check(call: Call) -> Answer {
    call.authority
        .membership(&call.permit, call.request.parameter("username"))?;
    Ok(Reply::no_content())
}

fn get(call: Call) -> Answer {
    let view = call
        .authority
        .membership(&call.permit, call.request.parameter("username"))?;
    Ok(Reply::json(&membership(&call.request.base_url, &view)))
}

#[derive(Deserialize)]
struct SetBody {
    role: Option<String>,
}

fn set(call: Call) -> Answer {
    let body: SetBody = call.request.json()?;
    let role = match body.role.as_deref() {
        None | Some("member") => OrganizationRole::Member,
        Some("admin") => OrganizationRole::Owner,
        Some(_) => {
            return Err(Fault::invalid(
                "OrganizationMembership",
                "role",
                "invalid",
                "use admin or member",
            ));
        }
    };
    let login = call.request.parameter("username");
    let view = call.authority.membership_set(call.permit, login, role)?;
    Ok(Reply::json(&membership(&call.request.base_url, &view)))
}

fn remove(call: Call) -> Answer {
    call.authority
        .membership_remove(call.permit, call.request.parameter("username"))?;
    Ok(Reply::no_content())
}

fn own_list(call: Call) -> Answer {
    // Every membership is active: there are no invitations to wait for.
    let state = word(&call.request, "state", |text| match text {
        "active" => Some(true),
        "pending" => Some(false),
        _ => None,
    })?;
    let mut views = call.authority.own_memberships(&call.permit)?;
    if state == Some(false) {
        views.clear();
    }
    let page = call.request.page();
    let (views, more) = page.cut(views);
    let items = views
        .iter()
        .map(|view| membership(&call.request.base_url, view))
        .collect();
    Ok(Reply::page(
        &call.request,
        "/api/v3/user/memberships/orgs",
        page,
        items,
        more,
    ))
}

fn own(call: Call) -> Answer {
    let view = call.authority.own_membership(&call.permit)?;
    Ok(Reply::json(&membership(&call.request.base_url, &view)))
}

#[derive(Deserialize)]
struct AcceptBody {
    state: Option<String>,
}

fn own_accept(call: Call) -> Answer {
    let body: AcceptBody = call.request.json()?;
    if body.state.as_deref() != Some("active") {
        return Err(Fault::invalid(
            "OrganizationMembership",
            "state",
            "invalid",
            "use active",
        ));
    }
    let view = call.authority.own_membership_accept(call.permit)?;
    Ok(Reply::json(&membership(&call.request.base_url, &view)))
}

fn public_list(call: Call) -> Answer {
    let rows = call.authority.public_members(&call.permit)?;
    users(&call, "public_members", rows)
}

fn public_check(call: Call) -> Answer {
    let view = call
        .authority
        .membership(&call.permit, call.request.parameter("username"))?;
    if view.row.public {
        Ok(Reply::no_content())
    } else {
        Err(Fault::not_found())
    }
}

fn publish(call: Call) -> Answer {
    call.authority
        .membership_publish(call.permit, call.request.parameter("username"), true)?;
    Ok(Reply::no_content())
}

fn conceal(call: Call) -> Answer {
    call.authority
        .membership_publish(call.permit, call.request.parameter("username"), false)?;
    Ok(Reply::no_content())
}

fn outside_list(call: Call) -> Answer {
    let rows = call.authority.outside_collaborators(&call.permit)?;
    users(&call, "outside_collaborators", rows)
}

fn outside_remove(call: Call) -> Answer {
    call.authority
        .outside_collaborator_remove(call.permit, call.request.parameter("username"))?;
    Ok(Reply::no_content())
}

fn convert(call: Call) -> Answer {
    call.authority
        .member_convert(call.permit, call.request.parameter("username"))?;
    Ok(Reply::no_content())
}
