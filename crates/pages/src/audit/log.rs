//! The page of a log: search, chart, events, export.

use super::Log;
use super::chart;
use super::phrase::qualified;
use super::search::{self, Asked};
use super::words::{act, outcome, why};
use crate::errors::Errors;
use crate::look::button::{Tone, link};
use crate::look::heading::{Heading, Part, heading, part};
use crate::look::icon::Icon;
use crate::look::list::{Row, empty, rows};
use crate::look::name::avatar;
use crate::look::navigation::{Pages, pages};
use crate::look::{Markup, html, time};
use crate::visit::{Frame, Visit};
use bailiwick_authority::audit::{EventPage, EventView};
use bailiwick_gate::{Answer, Call};
use bailiwick_rest::audit::cursor;

pub(super) fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let log = Log::of(&call.request);
    let asked = Asked::of(&call)?;
    let (found, errors) = match call.authority.audit_search(&call.permit, &asked.search) {
        Ok(found) => (Some(found), Errors::none()),
        Err(fault) => (None, Errors::of(fault)?),
    };
    let drawn = match &found {
        Some(_) => chart::draw(&call, &log, &asked)?,
        None => html! {},
    };
    let main = html! {
        (head(&log, &asked, found.is_some()))
        (search::form(&call, &log, &asked, &errors))
        (drawn)
        @if let Some(found) = &found { (events(&log, &asked, found, &visit)) }
    };
    let frame = Frame {
        title: log.title(),
        area: log.area(),
        invalid: !errors.is_empty(),
        ..Frame::default()
    };
    Ok(visit.page_with(errors.status(), &frame, &main))
}

fn head(log: &Log, asked: &Asked, exportable: bool) -> Markup {
    let export = |format: &str| {
        let query = asked.query(&asked.phrase);
        format!(
            "{}/export?include={}&{query}&format={format}",
            log.path(),
            asked.include()
        )
    };
    let lede = match log {
        Log::Own => {
            "What you did, and what was done with your tokens by anybody. Look here for what you do not know."
        }
        Log::Organization(_) => {
            "Who did what at the organization, with which credential, and what was refused."
        }
        Log::Enterprise(_) => "Who did what in any organization of the enterprise, and what was refused.",
    };
    heading(&Heading {
        title: html! { (log.title()) },
        lede: html! { (lede) },
        actions: html! {
            @if exportable {
                (link("Export CSV", &export("csv"), Tone::Plain))
                (link("Export JSON", &export("jsonl"), Tone::Plain))
            }
        },
        ..Heading::default()
    })
}

fn events(log: &Log, asked: &Asked, found: &EventPage, visit: &Visit) -> Markup {
    if found.events.is_empty() {
        return nothing(log, asked);
    }
    let list: Vec<Row> = found
        .events
        .iter()
        .map(|view| row(log, asked, view, visit))
        .collect();
    let here = format!("{}?{}", log.path(), asked.query(&asked.phrase));
    let next = found.events.last().filter(|_| found.after);
    let next = next.map(|last| {
        format!(
            "{here}&page={}&after={}",
            asked.page.saturating_add(1),
            cursor(last)
        )
    });
    let previous = found.events.first().filter(|_| found.before);
    let previous = previous.map(|first| match asked.page {
        // The first page holds what has come since, too.
        0..=2 => here.clone(),
        page => format!("{here}&page={}&before={}", page - 1, cursor(first)),
    });
    let part_of = Part {
        title: "Events",
        ..Part::default()
    };
    let body = html! {
        (rows("Events", &list))
        (pages(&Pages {
            page: asked.page,
            previous: previous.as_deref().unwrap_or(""),
            next: next.as_deref().unwrap_or(""),
            told: if asked.search.ascending { "oldest first" } else { "newest first" },
        }))
    };
    part(&part_of, &body)
}

fn nothing(log: &Log, asked: &Asked) -> Markup {
    if asked.phrase.is_empty() {
        let text =
            html! { "As soon as somebody does something here, or is refused, it is told on this page." };
        return empty(Icon::Clock, "Nothing has happened yet", &text, &html! {});
    }
    empty(
        Icon::Search,
        "No event matches",
        &html! {
            "Nothing like this happened, or it is older than events are kept. Take a condition away, or look at a "
            "longer time."
        },
        &link("Clear the search", &asked.link(log, ""), Tone::Plain),
    )
}

/// One event: what, who, where, with what, when, from where.
fn row(log: &Log, asked: &Asked, view: &EventView, visit: &Visit) -> Row {
    let event = &view.row;
    let narrow = |name: &str, value: &str| {
        asked.link(log, &super::phrase::with(&asked.phrase, &qualified(name, value)))
    };
    let mut meta = Vec::new();
    if let Some(actor) = &event.actor_login {
        meta.push(html! { "by " a href=(narrow("actor", actor)) { bdi { (actor) } } });
    }
    if let Some(user) = event
        .user_login
        .as_ref()
        .filter(|user| Some(*user) != event.actor_login.as_ref())
    {
        meta.push(html! { "about " a href=(narrow("user", user)) { bdi { (user) } } });
    }
    if let Some(repository) = &event.repository_name {
        meta.push(html! { "in " a href=(narrow("repo", repository)) { bdi { (repository) } } });
    } else if let Some(owner) = event.owner_login.as_ref().filter(|_| view.at_organization) {
        meta.push(html! { "at " a href=(narrow("org", owner)) { bdi { (owner) } } });
    }
    let data = event.object().unwrap_or_default();
    if let Some(package) = data.get("package").and_then(|name| name.as_str()) {
        let version = data.get("package_version").and_then(|name| name.as_str());
        meta.push(html! {
            "package " a href=(narrow("package", package)) { bdi { (package) } }
            @if let Some(version) = version { " " bdi { (version) } }
        });
    }
    if let Some(token) = event.token_id {
        let id = token.0.to_string();
        meta.push(html! { "with " a href=(narrow("token_id", &id)) { "token " (id) } });
    }
    if let Some(address) = &event.address {
        meta.push(html! { "from " a href=(narrow("ip", address)) { (address) } });
    }
    meta.push(time::relative(event.at, visit.now));
    let why = why(view);
    Row {
        title: html! { a href={ (log.path()) "/" (event.id) } { (act(view)) } },
        badges: outcome(event.outcome),
        text: html! { code { (event.action) } @if !why.0.is_empty() { " · " (why) } },
        meta,
        lead: avatar(event.actor_login.as_deref().unwrap_or("?"), false),
        ..Row::default()
    }
}
