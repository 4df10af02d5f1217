//! Everybody who has an account, searched.

use super::{frame, person_path};
use crate::look::badge::{Hue, State, badge, state};
use crate::look::button::{Tone, link, link_icon};
use crate::look::field::{Choice, Field, select};
use crate::look::filter::{Search, bar};
use crate::look::heading::{Heading, heading};
use crate::look::icon::Icon;
use crate::look::list::{Row, empty, rows};
use crate::look::{html, name, time};
use crate::visit::Visit;
use bailiwick_authority::admin::list::Standing;
use bailiwick_authority::rows::AccountRow;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Routes};

const STANDINGS: [(&str, &str, Standing); 4] = [
    ("", "Everybody", Standing::Any),
    ("active", "Not suspended", Standing::Active),
    ("suspended", "Suspended", Standing::Suspended),
    ("administrators", "Administrators", Standing::Administrators),
];

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes.on(op::WEB_ADMIN_PEOPLE, show);
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let request = &call.request;
    let text = request.query.get("q").unwrap_or("").trim().to_owned();
    let asked = request.query.get("standing").unwrap_or("");
    let (word, _, standing) = STANDINGS
        .into_iter()
        .find(|(word, _, _)| *word == asked)
        .unwrap_or(("", "", Standing::Any));
    let page = request.page();
    let authority = &call.authority;
    let found = authority.people_search(&call.permit, &text, standing, page.offset(), page.size)?;
    let choices = STANDINGS.map(|(value, label, _)| Choice {
        value,
        label,
        ..Choice::default()
    });
    let filtered = !text.is_empty() || !word.is_empty();
    let items: Vec<Row> = found.items.iter().map(|row| item(row, &visit)).collect();
    let main = html! {
        (heading(&Heading {
            title: html! { "People" },
            lede: html! { "Everybody who can sign in to this installation." },
            actions: link_icon("New person", "/admin/new-person", Tone::Primary, Icon::Plus),
            ..Heading::default()
        }))
        (bar(&Search {
            action: "/admin",
            label: "Search people",
            value: &text,
            placeholder: "Login, name or address",
            fields: select(
                &Field { name: "standing", label: "Standing", value: word, quiet: true, ..Field::default() },
                &choices,
            ),
            clear: if filtered { "/admin" } else { "" },
            ..Search::default()
        }))
        @if items.is_empty() {
            (empty(
                Icon::Person,
                "Nobody matches",
                &html! { "Search by a part of the login, of the name or of the address." },
                &link("Show everybody", "/admin", Tone::Plain),
            ))
        } @else {
            (rows("People", &items))
            (crate::paging::pager(request, usize::try_from(found.total).unwrap_or(usize::MAX), "people"))
        }
    };
    Ok(visit.page(&frame("People", &[], false), &main))
}

fn item(row: &AccountRow, visit: &Visit) -> Row {
    let mut meta = Vec::new();
    if let Some(text) = &row.name {
        meta.push(name::name(text));
    }
    if let Some(email) = &row.email {
        meta.push(name::name(email));
    }
    meta.push(html! { "Since " (time::date(row.created_at)) });
    if row.password_hash.is_none() {
        meta.push(html! { "Has no password" });
    }
    Row {
        title: html! { a href=(person_path(&row.login)) { bdi { (row.login) } } },
        badges: html! {
            @if row.site_administrator { (badge(Hue::Blue, "Administrator")) " " }
            @if row.suspended_at.is_some() { (state(State::Suspended)) " " }
            @if visit.login.as_deref() == Some(row.login.as_str()) { (badge(Hue::Grey, "You")) }
        },
        meta,
        lead: name::avatar(&row.login, false),
        ..Row::default()
    }
}
