//! An incident: what would lose its access here, and ending it with a typed confirmation.

use crate::access::Place;
use crate::access::incident_form::{CONFIRMATION, Sought, count, fields, is_nothing};
use crate::errors::Errors;
use crate::look::button::submit;
use crate::look::button::{Tone, link};
use crate::look::callout::{Weight, callout};
use crate::look::confirm::{Confirm, typed};
use crate::look::heading::{Heading, Part, danger, heading, part};
use crate::look::{Markup, form, html};
use crate::visit::{Frame, Visit};
use bailiwick_authority::access::Ended;
use bailiwick_authority::{Authority, Fault, FaultKind, Permit};
use bailiwick_catalogue::{OperationIndex, op};
use bailiwick_gate::{Answer, Call, Reply, Routes};
use http::StatusCode;

/// The operations of this module, at organizations and at enterprises.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ORG_INCIDENT, show)
        .on(op::WEB_ORG_INCIDENT_END, end)
        .on(op::WEB_ENTERPRISE_INCIDENT, show)
        .on(op::WEB_ENTERPRISE_INCIDENT_END, end);
}

/// The page, and the act that it offers.
const fn operations(place: &Place) -> (OperationIndex, OperationIndex) {
    if place.enterprise {
        (op::WEB_ENTERPRISE_INCIDENT, op::WEB_ENTERPRISE_INCIDENT_END)
    } else {
        (op::WEB_ORG_INCIDENT, op::WEB_ORG_INCIDENT_END)
    }
}

/// The kinds that can be ended from there: only fine-grained tokens hold anything at an organization.
const fn kinds(place: &Place) -> &'static [&'static str] {
    if place.enterprise {
        &["fine_grained", "classic", "session"]
    } else {
        &["fine_grained"]
    }
}

#[derive(Default)]
struct Shown {
    sought: Sought,
    errors: Errors,
    /// What would end.
    count: Option<Ended>,
    /// What has ended.
    ended: Option<Ended>,
    confirm: String,
    may: bool,
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let place = Place::of(&call.request);
    let mut shown = Shown {
        sought: Sought::read(&call.request.query),
        may: call.permit.offers(operations(&place).1),
        ..Shown::default()
    };
    if call.request.query.get("count").is_some() || !shown.sought.is_empty() {
        match counted(&call.authority, &call.permit, &shown.sought)? {
            Ok(count) => shown.count = Some(count),
            Err(errors) => shown.errors = errors,
        }
    }
    let status = shown.errors.status();
    Ok(draw(&visit, &place, &shown, status))
}

fn end(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let place = Place::of(&call.request);
    let reader = call.permit.also(operations(&place).0).map_err(Fault::refused)?;
    let mut shown = Shown {
        sought: Sought::read(&call.request.form),
        confirm: call
            .request
            .form
            .get("confirm")
            .unwrap_or_default()
            .trim()
            .to_owned(),
        may: true,
        ..Shown::default()
    };
    match counted(&call.authority, &reader, &shown.sought)? {
        Ok(count) => shown.count = Some(count),
        Err(errors) => shown.errors = errors,
    }
    // What was shown is what is confirmed: more that fits by now is shown first.
    let before = call.request.form.get("counted").unwrap_or_default();
    if let Some(count) = shown.count
        && shown.errors.is_empty()
        && before != mark(&count)
    {
        shown.errors.push(
            "",
            "Something else fits by now: look at the count again, then confirm.",
        );
    }
    if shown.errors.is_empty() && shown.confirm != CONFIRMATION {
        shown
            .errors
            .push("confirm", "Type the words exactly: end tokens.");
    }
    if let (true, Ok(input)) = (shown.errors.is_empty(), shown.sought.input()) {
        match call.authority.tokens_end(call.permit, &input) {
            Ok(ended) => {
                shown.ended = Some(ended);
                shown.count = None;
                return Ok(draw(&visit, &place, &shown, StatusCode::OK));
            }
            Err(fault) => shown.errors = Errors::of(fault)?,
        }
    }
    Ok(draw(&visit, &place, &shown, StatusCode::UNPROCESSABLE_ENTITY))
}

/// A count as the confirmation carries it. Transfers come and go by themselves.
fn mark(count: &Ended) -> String {
    format!("{}.{}.{}", count.tokens, count.grants, count.sessions)
}

/// What would end, or what is wrong with the filters.
fn counted(authority: &Authority, reader: &Permit, sought: &Sought) -> Result<Result<Ended, Errors>, Fault> {
    let input = match sought.input() {
        Ok(input) => input,
        Err(errors) => return Ok(Err(errors)),
    };
    match authority.tokens_end_count(reader, &input) {
        Ok(count) => Ok(Ok(count)),
        Err(fault) if fault.kind == FaultKind::NotFound => {
            Ok(Err(Errors::one("user", "Nobody has this login.")))
        }
        Err(fault) => Errors::of(fault).map(Err),
    }
}

fn draw(visit: &Visit, place: &Place, shown: &Shown, status: StatusCode) -> Reply {
    let path = place.settings("/personal-access-tokens/incident");
    let main = html! {
        (heading(&Heading {
            title: html! { "Incident" },
            lede: lede(place),
            ..Heading::default()
        }))
        (form::errors(&shown.errors.list()))
        @if let Some(ended) = &shown.ended { (after(place, shown, ended)) }
        @else {
            (part(&Part { id: "seek", title: "What to end", lede: html! { "Filled fields narrow: all of them must fit." }, ..Part::default() }, &html! {
                form.form method="get" action=(path) aria-label="What to end" {
                    (fields(&shown.sought, &shown.errors, kinds(place), place.enterprise))
                    (form::hidden("count", "1"))
                    (form::actions(&submit("Count what would end", Tone::Plain)))
                }
            }))
            @if let Some(count) = &shown.count { (before(visit, place, &path, shown, count)) }
        }
        @if !place.enterprise {
            p.soft {
                "Classic tokens have no access of their own here to end: "
                a href=(place.policy()) { "block the kind" } " to stop them all at this organization."
            }
        }
    };
    let frame = Frame {
        title: "Incident",
        area: place.area(),
        invalid: !shown.errors.is_empty(),
        ..Frame::default()
    };
    visit.page_with(status, &frame, &main)
}

fn lede(place: &Place) -> Markup {
    html! {
        @if place.enterprise {
            "Something leaked, or somebody should hold nothing any more: end whole tokens of everybody who belongs to an organization of "
            bdi { (place.name) } ", wherever they reach. With a person named, their sessions end too. Ended tokens never work again."
        } @else {
            "Something leaked, or somebody should hold nothing here any more: end the access of many tokens to " bdi { (place.name) }
            " at once. The tokens live on elsewhere; to end them whole is for the enterprise's owners and administrators."
        }
    }
}

fn before(visit: &Visit, place: &Place, path: &str, shown: &Shown, ended: &Ended) -> Markup {
    if is_nothing(ended) {
        return callout(
            Weight::Good,
            "Nothing fits",
            &html! { p { "Nothing here fits all of it: there is nothing to end." } },
        );
    }
    let button = if place.enterprise {
        "End tokens"
    } else {
        "End access"
    };
    danger(
        "This would end now",
        &html! {
            (shown.sought.told())
            (count(ended, !place.enterprise))
            @if shown.may {
                (form::form(&form::Form { action: path, csrf: &visit.csrf, label: button, ..form::Form::default() }, &html! {
                    (shown.sought.carried())
                    (form::hidden("counted", &mark(ended)))
                    (typed(&Confirm { name: "confirm", phrase: CONFIRMATION, value: &shown.confirm, error: shown.errors.at("confirm"), button }))
                }))
            }
        },
    )
}

fn after(place: &Place, shown: &Shown, ended: &Ended) -> Markup {
    let audit = place.audit("action:personal_access_token.end_all");
    part(
        &Part {
            id: "ended",
            title: "What has ended",
            ..Part::default()
        },
        &html! {
            (callout(Weight::Good, "Done", &html! { p { "No request that starts now is allowed by what has ended." } }))
            (shown.sought.told())
            (count(ended, !place.enterprise))
            (crate::look::button::group(&html! {
                (link("In the audit log", &audit, Tone::Plain))
                (link(if place.enterprise { "Inventory" } else { "Active tokens" }, &place.tokens(), Tone::Plain))
            }))
        },
    )
}
