//! An organization's own page: what it is, its newest work, and the ways to its parts.

use super::account::site;
use super::frame::Place;
use super::repositories_of::list;
use crate::look::button::{Tone, link};
use crate::look::callout::{Weight, callout};
use crate::look::heading::{Heading, Part, heading, part};
use crate::look::icon::Icon;
use crate::look::{Markup, html, list as look_list, name, time};
use crate::visit::{Frame, Visit};
use bailiwick_authority::directory::organization::OrganizationView;
use bailiwick_authority::directory::repository::Cut;
use bailiwick_authority::directory::search::{RepositorySearch, SearchIn};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Routes};

/// Repositories on the page; the list has the rest.
const SHOWN: usize = 6;

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes.on(op::WEB_ORGANIZATION, show);
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let place = Place::of(&call)?;
    let view = call.authority.organization(&call.permit)?;
    let search = RepositorySearch {
        text: String::new(),
        visibility: None,
        recent: true,
        cut: Cut {
            offset: 0,
            size: SHOWN,
        },
    };
    let (repositories, total) =
        call.authority
            .repositories_found(&call.permit, &SearchIn::Account(place.login.clone()), &search)?;
    let waiting = if place.decides {
        let all = call.authority.waiting_decisions(&call.permit)?;
        all.iter()
            .find(|one| !one.enterprise && one.name == place.login)
            .map_or(0, |one| one.waiting)
    } else {
        0
    };
    let all = format!("{}/repositories", place.path);
    let more = html! { @if total > SHOWN { (link("All repositories", &all, Tone::Plain)) } };
    let main = html! {
        (head(&place, &view))
        @if waiting > 0 { (requests(&place, waiting)) }
        (look_list::facts(&facts(&view)))
        (part(&Part { title: "Repositories", actions: more, ..Part::default() }, &list(&repositories, &none(&place))))
    };
    let frame = Frame {
        title: &place.login,
        area: place.area(),
        ..Frame::default()
    };
    Ok(visit.page(&frame, &main))
}

fn head(place: &Place, view: &OrganizationView) -> Markup {
    let shown = view.row.name.as_deref().filter(|shown| *shown != place.login);
    heading(&Heading {
        kicker: "Organization",
        title: name::name(&place.login),
        lede: html! {
            @if let Some(shown) = shown { (name::name(shown)) }
            @if let (Some(_), Some(_)) = (shown, &view.row.description) { " · " }
            @if let Some(text) = &view.row.description { (name::name(text)) }
        },
        actions: html! {
            @if place.creates {
                (link("New repository", &format!("{}/repositories/new", place.path), Tone::Primary))
            }
            @if place.owner {
                (link("Add people", &format!("{}/people#add", place.path), Tone::Plain))
                (link("Edit", &format!("/organizations/{}/settings/profile", place.login), Tone::Plain))
            }
        },
        ..Heading::default()
    })
}

fn requests(place: &Place, waiting: i64) -> Markup {
    let href = format!(
        "/organizations/{}/settings/personal-access-token-requests",
        place.login
    );
    let told = super::counted(waiting, "token asks", "tokens ask");
    callout(
        Weight::Warn,
        "",
        &html! { (told) " to get in here. " a href=(href) { "Look at what they ask for" } "." },
    )
}

fn facts(view: &OrganizationView) -> Vec<(&'static str, Markup)> {
    let row = &view.row;
    let mut facts = Vec::new();
    let count = match view.private_repositories {
        Some(private) => format!(
            "{} public, {private} private or internal",
            view.public_repositories
        ),
        None => format!("{} public", view.public_repositories),
    };
    facts.push(("Repositories", html! { (count) }));
    if view.settings {
        let role = row.base_role.word();
        facts.push((
            "Every member's role",
            html! { (role) " at private and internal repositories" },
        ));
    }
    for (label, text) in [("Place", &row.location), ("Address", &row.email)] {
        if let Some(text) = text {
            facts.push((label, name::name(text)));
        }
    }
    if let Some(address) = &row.blog {
        facts.push(("Web site", site(address)));
    }
    facts.push(("Here since", time::date(row.created_at)));
    facts
}

fn none(place: &Place) -> Markup {
    let action = html! {
        @if place.creates {
            (link("New repository", &format!("{}/repositories/new", place.path), Tone::Primary))
        }
    };
    look_list::empty(
        Icon::Repository,
        "No repositories to see",
        &html! { "Repositories that you may not see are not listed." },
        &action,
    )
}
