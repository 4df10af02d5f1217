//! The page of an account: a person with their repositories and organizations. An organization has a place of its
//! own, to which its login leads.

use super::repositories_of::{found, list};
use super::{pager, sought};
use crate::look::badge::{Hue, badge};
use crate::look::button::{Tone, link};
use crate::look::heading::{Heading, Part, heading, part};
use crate::look::icon::Icon;
use crate::look::{Markup, filter, html, list as look_list, name, time};
use crate::visit::{Frame, Visit};
use bailiwick_authority::Fault;
use bailiwick_authority::directory::search::SearchIn;
use bailiwick_authority::rows::{AccountKind, AccountRow};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes.on(op::WEB_ACCOUNT, show);
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let login = call.request.parameter("username").to_owned();
    let profile = call.authority.profile(&call.permit, &login)?;
    let row = profile.row;
    match row.kind {
        AccountKind::Organization => return Ok(Reply::see_other(&format!("/orgs/{}", row.login))),
        // Service accounts are known inside their organizations only.
        AccountKind::Service => return Err(Fault::not_found()),
        AccountKind::User => {}
    }
    let organizations = call.authority.organizations_of(&call.permit, &row.login)?;
    let own = visit.login.as_deref() == Some(row.login.as_str());
    let (views, total) = found(&call, &SearchIn::Account(row.login.clone()), false)?;
    let path = format!("/{}", row.login);
    let text = sought(&call.request);
    let main = html! {
        (heading(&Heading {
            title: html! { (name::avatar(&row.login, false)) " " (name::name(&row.login)) },
            badges: html! {
                @if row.site_administrator && own { (badge(Hue::Blue, "Site administrator")) }
                @if row.suspended_at.is_some() { " " (badge(Hue::Amber, "Suspended")) }
            },
            lede: html! { @if let Some(shown) = &row.name { (name::name(shown)) } },
            actions: html! {
                @if own {
                    (link("New repository", "/repositories/new", Tone::Primary))
                    (link("Packages", &format!("/users/{}/packages", row.login), Tone::Plain))
                    (link("Settings", "/settings/security", Tone::Plain))
                }
            },
            ..Heading::default()
        }))
        (about(&row))
        @if !organizations.is_empty() {
            (part(&Part { title: "Organizations", ..Part::default() }, &html! {
                (look_list::rows("Organizations", &organizations.iter().map(super::organizations::row).collect::<Vec<_>>()))
            }))
        }
        (part(&Part { id: "repositories", title: "Repositories", ..Part::default() }, &html! {
            @if total > 0 || !text.is_empty() {
                (filter::bar(&filter::Search {
                    action: &path, label: "Search repositories", placeholder: "Part of a name or description", value: text,
                    clear: if text.is_empty() { "" } else { &path }, ..filter::Search::default()
                }))
            }
            (list(&views, &none(own, text)))
            (pager(&call.request, total, "repositories"))
        }))
    };
    let frame = Frame {
        title: &row.login,
        ..Frame::default()
    };
    Ok(visit.page(&frame, &main))
}

fn about(row: &AccountRow) -> Markup {
    let lines = [
        ("About", &row.bio),
        ("Company", &row.company),
        ("Place", &row.location),
    ];
    let mut facts: Vec<(&str, Markup)> = lines
        .into_iter()
        .filter_map(|(label, text)| text.as_deref().map(|text| (label, name::name(text))))
        .collect();
    if let Some(address) = &row.blog {
        facts.push(("Web site", site(address)));
    }
    facts.push(("Here since", time::date(row.created_at)));
    look_list::facts(&facts)
}

/// An address as a link. Only the web's own protocols were let in; what is older is text.
pub(super) fn site(address: &str) -> Markup {
    let web = address.starts_with("https://") || address.starts_with("http://");
    html! {
        @if web { a href=(address) rel="nofollow noreferrer" { bdi { (address) } } } @else { (name::name(address)) }
    }
}

fn none(own: bool, text: &str) -> Markup {
    let (title, action) = if !text.is_empty() {
        ("Nothing matches", html! {})
    } else if own {
        (
            "You have no repositories yet",
            link("New repository", "/repositories/new", Tone::Primary),
        )
    } else {
        ("No repositories to see", html! {})
    };
    look_list::empty(
        Icon::Repository,
        title,
        &html! { "Repositories that you may not see are not listed." },
        &action,
    )
}
