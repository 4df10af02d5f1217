//! The organizations of the person who looks.

use super::pager;
use crate::look::badge::{Hue, badge};
use crate::look::button::{Tone, link};
use crate::look::heading::{Heading, heading};
use crate::look::icon::Icon;
use crate::look::list::{Row, empty, rows};
use crate::look::{Markup, html, name};
use crate::visit::{Frame, Visit};
use bailiwick_authority::directory::organization::MembershipView;
use bailiwick_authority::rows::AccountRow;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Routes};
use bailiwick_model::OrganizationRole;

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes.on(op::WEB_ORGANIZATIONS, show);
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let views = call.authority.own_memberships(&call.permit)?;
    let total = views.len();
    let (views, _) = call.request.page().cut(views);
    let main = html! {
        (heading(&Heading {
            title: html! { "Organizations" },
            lede: html! { "Places that you belong to. Their owners decide which tokens get in." },
            actions: html! {
                @if visit.administrator { (link("All organizations", "/admin/organizations", Tone::Plain)) }
            },
            ..Heading::default()
        }))
        @if views.is_empty() { (none(visit.administrator)) }
        @else { (rows("Organizations", &views.iter().map(membership).collect::<Vec<_>>())) }
        (pager(&call.request, total, "organizations"))
    };
    Ok(visit.page(
        &Frame {
            title: "Organizations",
            ..Frame::default()
        },
        &main,
    ))
}

fn none(administrator: bool) -> Markup {
    let text = if administrator {
        "You administer this installation: make an organization and name its first owner."
    } else {
        "An owner of an organization adds you by your login; there is nothing to accept."
    };
    let action = html! {
        @if administrator { (link("Make an organization", "/admin/organizations", Tone::Primary)) }
    };
    empty(
        Icon::Building,
        "You belong to no organization",
        &html! { (text) },
        &action,
    )
}

/// A membership as a row.
pub(crate) fn membership(view: &MembershipView) -> Row {
    let owner = view.row.role == OrganizationRole::Owner;
    Row {
        badges: html! {
            @if owner { (badge(Hue::Blue, "Owner")) } @else { (badge(Hue::Grey, "Member")) }
        },
        ..row(&view.organization)
    }
}

/// An organization as a row.
pub(crate) fn row(organization: &AccountRow) -> Row {
    Row {
        lead: name::avatar(&organization.login, true),
        title: html! { a href={ "/orgs/" (organization.login) } { bdi { (organization.login) } } },
        text: html! { @if let Some(shown) = &organization.name { (name::name(shown)) } },
        ..Row::default()
    }
}
