//! An enterprise at a glance: its organizations, what there is to count, what waits.

use crate::access::Place;
use crate::access::listing::turn;
use crate::look::badge::{Hue, badge};
use crate::look::button::{Tone, link};
use crate::look::callout::{Weight, callout};
use crate::look::heading::{Heading, Part, heading, part};
use crate::look::icon::Icon;
use crate::look::list::{empty, facts};
use crate::look::name::{avatar, login, name};
use crate::look::table::{actions, column, number, table};
use crate::look::{Markup, button, html};
use crate::visit::{Frame, Visit};
use bailiwick_authority::access::EnterpriseView;
use bailiwick_authority::access::enterprise::OrganizationCount;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Routes, encode};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes.on(op::WEB_ENTERPRISE, show);
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let place = Place::of(&call.request);
    let view = call.authority.enterprise(&call.permit)?;
    let page = call.request.page();
    let mut organizations =
        call.authority
            .enterprise_organizations(&call.permit, page.offset(), page.size + 1)?;
    let more = organizations.len() > page.size;
    organizations.truncate(page.size);
    let main = html! {
        (heading(&Heading {
            kicker: "Enterprise",
            title: name(&view.row.name),
            lede: html! { "A group of organizations under one policy." },
            actions: html! {
                (link("Inventory", &place.tokens(), Tone::Plain))
                (link("Policies", &place.policy(), Tone::Plain))
            },
            ..Heading::default()
        }))
        @if view.pending > 0 {
            (callout(Weight::Warn, "", &html! {
                p {
                    (view.pending) @if view.pending == 1 { " token asks" } @else { " tokens ask" }
                    " for access to the enterprise itself. " a href=(place.requests()) { "Read and decide" } "."
                }
            }))
        }
        (counts(&place, &view))
        (part(&Part {
            id: "organizations",
            title: "Organizations",
            lede: html! { "Their owners decide what the enterprise's policies leave to them." },
            ..Part::default()
        }, &list(&organizations)))
        (turn(&call.request, page, more, &format!("{} in all", view.organizations)))
    };
    let frame = Frame {
        title: &view.row.name,
        area: place.area(),
        ..Frame::default()
    };
    Ok(visit.page(&frame, &main))
}

fn counts(place: &Place, view: &EnterpriseView) -> Markup {
    facts(&[
        (
            "Owners",
            html! { @for (index, owner) in view.owners.iter().enumerate() { @if index > 0 { ", " } (login(&owner.login)) } },
        ),
        ("Organizations", html! { (view.organizations) }),
        (
            "Tokens in force",
            html! { a href=(format!("{}?state=active", place.tokens())) { (view.tokens) } " " span.soft { "of every kind, by their reach" } },
        ),
        (
            "Waiting for a decision",
            html! {
                a href=(place.requests()) { (view.pending) " at the enterprise" } ", "
                (view.pending_below) " at its organizations"
            },
        ),
    ])
}

fn list(organizations: &[OrganizationCount]) -> Markup {
    if organizations.is_empty() {
        return empty(
            Icon::Building,
            "No organizations",
            &html! { "An administrator of this installation puts organizations into an enterprise." },
            &html! {},
        );
    }
    let rows: Vec<Vec<Markup>> = organizations
        .iter()
        .map(|one| {
            let login = &one.row.login;
            let settings = format!("/organizations/{}/settings", encode(login));
            vec![
                html! { (avatar(login, true)) " " a href={ "/orgs/" (encode(login)) } { (name(login)) } },
                html! { (one.members) },
                html! { (one.repositories) },
                html! { (one.grants) },
                html! {
                    @if one.pending > 0 { (badge(Hue::Amber, &one.pending.to_string())) } @else { "0" }
                },
                button::link_small(
                    "Policy",
                    &format!("of {login}"),
                    &format!("{settings}/personal-access-tokens"),
                ),
            ]
        })
        .collect();
    table(
        "Organizations",
        &[
            column("Organization"),
            number("Members"),
            number("Repositories"),
            number("Token grants"),
            number("Pending"),
            actions("Actions"),
        ],
        &rows,
    )
}
