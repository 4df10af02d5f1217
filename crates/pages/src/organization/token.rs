//! One active token: what it may do here, since when and by whose leave, and revoking its access.

use crate::access::{Place, Rights, rights, token_view};
use crate::done;
use crate::look::badge::{self, Hue};
use crate::look::button::{Button, Tone, link, post};
use crate::look::callout::{Weight, callout};
use crate::look::heading::{Heading, Part, danger, heading, part};
use crate::look::list::{Row, rows};
use crate::look::name::{login, name};
use crate::look::{Markup, html, time};
use crate::visit::{Frame, Visit};
use bailiwick_authority::Fault;
use bailiwick_authority::access::grant::HeldGrantView;
use bailiwick_authority::audit::{EventView, Search};
use bailiwick_authority::rows::AccountRow;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::GrantId;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ORG_TOKEN, show)
        .on(op::WEB_ORG_TOKEN_REVOKE, revoke);
}

/// Events shown of a token; the rest is in the log.
const EVENTS_SHOWN: usize = 10;

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let place = Place::of(&call.request);
    let id = GrantId(call.request.id("pat_id")?);
    let (held, ended_by) = call.authority.grant_ever(&call.permit, id)?;
    let active = held.grant.row.active;
    let trail = call.authority.grant_trail(&call.permit, id)?;
    let events = events(&call, &held)?;
    let audit = place.audit(&format!("token_id:{}", held.token.id));
    let main = html! {
        (heading(&Heading {
            title: name(&held.token.name),
            kicker: "Fine-grained token",
            badges: html! {
                (badge::state(standing(&held)))
                @if held.grant.is_pending() { " " (badge::badge(Hue::Amber, "Asks for more")) }
            },
            lede: html! { "Held by " (login(&held.holder.login)) @if active { ", with access to " bdi { (place.name) } } "." },
            ..Heading::default()
        }))
        @if !active { (over(&held, ended_by.as_ref())) }
        @if held.grant.is_pending() && let Some(request) = &held.grant.request {
            (callout(Weight::Warn, if active { "It asks for more than it has" } else { "It asks for access" }, &html! {
                p { "Until somebody decides, nothing changes. " a href=(place.request(request.row.id)) { "Read and decide the request" } "." }
            }))
        }
        @if active { (part(&Part { id: "rights", title: "What it may do here", lede: html! { "Never more than " bdi { (held.holder.login) } " may do." }, ..Part::default() }, &rights::told(&Rights::held(&held.grant)))) }
        (part(&Part { id: "about", title: "The token", ..Part::default() }, &token_view::about(&held, visit.now)))
        (part(&Part { id: "trail", title: "Who asked and who decided", ..Part::default() }, &token_view::trail(&place, &trail, visit.now)))
        @if let Some(events) = &events {
            (part(&Part {
                id: "events",
                title: "What the log tells",
                lede: html! { "The newest events of this token at " bdi { (place.name) } "." },
                actions: link("All its events", &audit, Tone::Plain),
            }, &log(events, visit.now)))
        }
        @if active && call.permit.offers(op::WEB_ORG_TOKEN_REVOKE) { (end(&visit, &place, &held)) }
    };
    let tokens = place.tokens();
    let frame = Frame {
        title: "Token",
        area: place.area(),
        crumbs: &[("Active tokens", &tokens)],
        ..Frame::default()
    };
    Ok(visit.page(&frame, &main))
}

/// Where the token stands here.
fn standing(held: &HeldGrantView) -> badge::State {
    let row = &held.grant.row;
    if row.active {
        badge::State::Active
    } else if row.revoked_at.is_some() {
        badge::State::Revoked
    } else if held.grant.is_pending() {
        badge::State::Pending
    } else {
        badge::State::Denied
    }
}

/// That it has no access here, since when, and by whom.
fn over(held: &HeldGrantView, by: Option<&AccountRow>) -> Markup {
    let body = html! {
        @match held.grant.row.revoked_at {
            Some(at) => p {
                "Its access ended " (time::moment(at))
                @if let Some(by) = by { ", by " (login(&by.login)) }
                ". It opens nothing here but what is public."
            },
            None => p { "None was approved so far." },
        }
    };
    callout(Weight::Info, "This token has no access here", &body)
}

fn revoke(call: Call) -> Answer {
    let place = Place::of(&call.request);
    let id = GrantId(call.request.id("pat_id")?);
    call.authority.grants_revoke(call.permit, &[id])?;
    Ok(Reply::see_other(&done::after(&place.tokens(), "access-revoked")))
}

/// The newest events, for who may read the log.
fn events(call: &Call, held: &HeldGrantView) -> Result<Option<Vec<EventView>>, Fault> {
    let Ok(reader) = call.permit.also(op::ORGS_GET_AUDIT_LOG) else {
        return Ok(None);
    };
    let search = Search {
        phrase: format!("token_id:{}", held.token.id),
        include: bailiwick_authority::audit::Include::All,
        size: EVENTS_SHOWN,
        ..Search::default()
    };
    Ok(Some(call.authority.audit_search(&reader, &search)?.events))
}

fn log(events: &[EventView], now: bailiwick_model::Timestamp) -> Markup {
    let told: Vec<Row> = events
        .iter()
        .map(|event| {
            let row = &event.row;
            Row {
                title: html! { code { (row.action) } },
                badges: html! { (badge::badge(if row.outcome.word() == "refused" { Hue::Red } else { Hue::Grey }, row.outcome.word())) },
                meta: {
                    let mut told = Vec::new();
                    if let Some(actor) = &row.actor_login {
                        told.push(html! { "By " (login(actor)) });
                    }
                    told.push(time::relative(row.at, now));
                    if row.outcome.word() == "refused" {
                        told.push(html! { code { (row.reason) } });
                    }
                    told
                },
                ..Row::default()
            }
        })
        .collect();
    html! {
        @if told.is_empty() { p.soft { "None yet." } }
        @else { (rows("Newest events", &told)) }
    }
}

fn end(visit: &Visit, place: &Place, held: &HeldGrantView) -> Markup {
    danger(
        "Revoke access",
        &html! {
            p {
                "The token opens nothing at " bdi { (place.name) } " any more, at once. "
                "It is not destroyed: what it may do elsewhere stays, and " bdi { (held.holder.login) } " can ask again."
            }
            (post(&place.token(held.grant.row.id), &visit.csrf, &[], &Button {
                label: "Revoke access",
                about: &held.token.name,
                tone: Tone::Danger,
                ..Button::default()
            }))
        },
    )
}
