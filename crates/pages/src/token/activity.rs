//! What was done with a token and to it, newest first.

use super::delete::list_of;
use super::path_of;
use crate::look::badge::{Hue, badge};
use crate::look::button::{Tone, link};
use crate::look::code::inline;
use crate::look::heading::{Heading, heading};
use crate::look::icon::Icon;
use crate::look::list::empty;
use crate::look::navigation::{Pages, pages};
use crate::look::table::{column, table};
use crate::look::{Markup, html, name, time};
use crate::visit::{Area, Frame, Visit};
use bailiwick_authority::Fault;
use bailiwick_authority::audit::{EventView, Include, Place, Search};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Request, Routes};
use bailiwick_model::limit::PAGE_DEFAULT;
use bailiwick_model::{Outcome, Timestamp, TokenId};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes.on(op::WEB_TOKEN_ACTIVITY, show);
}

/// A place in the log as links carry it.
fn place(request: &Request, name: &str) -> Option<Place> {
    let (at, id) = request.query.get(name)?.split_once('-')?;
    Some(Place {
        at: Timestamp(at.parse().ok()?),
        id: id.parse().ok()?,
    })
}

fn at(event: &EventView) -> String {
    format!("{}-{}", event.row.at.0, event.row.id)
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let id = TokenId(call.request.id("token_id")?);
    let owner = call.permit.also(op::WEB_TOKEN).map_err(Fault::refused)?;
    let view = call.authority.own_token(&owner, id)?;
    let search = Search {
        phrase: format!("token_id:{id}"),
        include: Include::All,
        after: place(&call.request, "after"),
        before: place(&call.request, "before"),
        ascending: false,
        size: PAGE_DEFAULT,
    };
    let found = call.authority.audit_search(&call.permit, &search)?;
    let path = path_of(id);
    let rows: Vec<Vec<Markup>> = found.events.iter().map(row).collect();
    let way = |there: bool, event: Option<&EventView>, name: &str| match event {
        Some(event) if there => format!("{path}/activity?{name}={}", at(event)),
        _ => String::new(),
    };
    let main = html! {
        (heading(&Heading {
            title: html! { "Activity of " (name::name(&view.row.name)) },
            lede: html! { "What was done with this token and to it, refusals included. The log is kept as long as the installation says." },
            actions: link("Back to the token", &path, Tone::Plain),
            ..Heading::default()
        }))
        @if rows.is_empty() {
            (empty(Icon::Clock, "Nothing here", &html! { "Nothing was done with this token in the time that the log covers." }, &html! {}))
        } @else {
            (table("Events", &[column("What"), column("Outcome"), column("Where"), column("When"), column("Who")], &rows))
            (pages(&Pages {
                page: 1,
                previous: &way(found.before, found.events.first(), "before"),
                next: &way(found.after, found.events.last(), "after"),
                told: "newest first",
            }))
        }
    };
    Ok(visit.page(
        &Frame {
            title: "Token activity",
            area: Area::Own,
            crumbs: &[list_of(view.row.kind), (&view.row.name, &path)],
            ..Frame::default()
        },
        &main,
    ))
}

fn row(event: &EventView) -> Vec<Markup> {
    let row = &event.row;
    let outcome = match row.outcome {
        Outcome::Allowed => badge(Hue::Green, "Allowed"),
        Outcome::Refused => badge(Hue::Red, "Refused"),
        Outcome::Failed => badge(Hue::Amber, "Failed"),
    };
    vec![
        inline(&row.action),
        html! { (outcome) @if row.outcome != Outcome::Allowed && !row.reason.is_empty() { " " (inline(&row.reason)) } },
        html! {
            @if let Some(repository) = &row.repository_name { (name::name(repository)) }
            @else if let Some(owner) = &row.owner_login { (name::name(owner)) }
            @else { "–" }
        },
        time::moment(row.at),
        html! {
            span {
                @if let Some(login) = &row.actor_login { (name::login(login)) }
                @if let Some(address) = &row.address {
                    @if row.actor_login.is_some() { " " }
                    span.soft { (address) }
                }
                @if row.actor_login.is_none() && row.address.is_none() { "–" }
            }
        },
    ]
}
