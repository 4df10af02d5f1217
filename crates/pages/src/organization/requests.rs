//! Pending requests: the list with its filters, and deciding several at once.

use crate::access::listing::{Filters, counted, turn};
use crate::access::{Place, request_view};
use crate::done;
use crate::errors::Errors;
use crate::look::bulk::{Bulk, Entry, bulk};
use crate::look::button::{Button, Tone, button, link};
use crate::look::callout::{Weight, callout};
use crate::look::field::{Field, Input, input};
use crate::look::heading::{Heading, heading};
use crate::look::icon::Icon;
use crate::look::list::{Row, empty, rows};
use crate::look::name::{login, name};
use crate::look::{Markup, form, html, time};
use crate::visit::{Frame, Visit};
use bailiwick_authority::access::{Approval, Review};
use bailiwick_authority::token::RequestView;
use bailiwick_authority::{Authority, Fault, FaultKind, Permit};
use bailiwick_catalogue::{OperationIndex, op};
use bailiwick_gate::{Answer, Call, Reply, Request, Routes};
use bailiwick_model::limit::REASON_CHARS_MAX;
use bailiwick_model::{RequestId, RequestState};
use http::StatusCode;

/// The operations of this module, at organizations and at enterprises.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ORG_REQUESTS, show)
        .on(op::WEB_ORG_REQUESTS_REVIEW, review)
        .on(op::WEB_ENTERPRISE_REQUESTS, show)
        .on(op::WEB_ENTERPRISE_REQUESTS_REVIEW, review);
}

/// The list, and deciding from it.
const fn operations(place: &Place) -> (OperationIndex, OperationIndex) {
    if place.enterprise {
        (op::WEB_ENTERPRISE_REQUESTS, op::WEB_ENTERPRISE_REQUESTS_REVIEW)
    } else {
        (op::WEB_ORG_REQUESTS, op::WEB_ORG_REQUESTS_REVIEW)
    }
}

/// What the list holds besides what is stored.
#[derive(Default)]
struct Typed {
    chosen: Vec<RequestId>,
    reason: String,
    errors: Errors,
    /// What became of those that cannot be decided any more.
    told: Markup,
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    list(
        &visit,
        &call.authority,
        &call.permit,
        &call.request,
        &Typed::default(),
        StatusCode::OK,
    )
}

fn review(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let sent = &call.request.form;
    let mut typed = Typed {
        chosen: chosen(sent.list("pat_request_ids")),
        reason: sent.get("reason").unwrap_or_default().trim().to_owned(),
        ..Typed::default()
    };
    let listing = operations(&Place::of(&call.request)).0;
    let reader = call.permit.also(listing).map_err(Fault::refused)?;
    let (review, code) = match sent.get("decision") {
        Some("approve") => (Review::Approve(Approval::default()), "requests-approved"),
        Some("deny") => (Review::Deny, "requests-denied"),
        _ => {
            typed.errors = Errors::one("", "Choose whether to approve or to deny.");
            return refused(&visit, &call.authority, &reader, &call.request, &typed);
        }
    };
    if typed.chosen.is_empty() {
        typed.errors = Errors::one("", "Nothing was selected: tick at least one request.");
        return refused(&visit, &call.authority, &reader, &call.request, &typed);
    }
    let reason = (!typed.reason.is_empty()).then_some(typed.reason.as_str());
    match call
        .authority
        .requests_review(call.permit, &typed.chosen, &review, reason)
    {
        Ok(()) => Ok(Reply::see_other(&done::after(&back(&call.request), code))),
        Err(fault) if fault.kind == FaultKind::Conflict => {
            typed.told = happened(&call.authority, &reader, &typed.chosen, &fault)?;
            list(
                &visit,
                &call.authority,
                &reader,
                &call.request,
                &typed,
                StatusCode::CONFLICT,
            )
        }
        Err(fault) if fault.code == "request.own" => {
            typed.errors = Errors::from_fault(&fault);
            list(
                &visit,
                &call.authority,
                &reader,
                &call.request,
                &typed,
                StatusCode::FORBIDDEN,
            )
        }
        Err(fault) => {
            typed.errors = Errors::of(fault)?;
            refused(&visit, &call.authority, &reader, &call.request, &typed)
        }
    }
}

fn refused(
    visit: &Visit,
    authority: &Authority,
    reader: &Permit,
    request: &Request,
    typed: &Typed,
) -> Answer {
    list(
        visit,
        authority,
        reader,
        request,
        typed,
        StatusCode::UNPROCESSABLE_ENTITY,
    )
}

/// The ids that were ticked; what is no number is no request.
pub(super) fn chosen(values: Vec<&str>) -> Vec<RequestId> {
    let mut ids: Vec<RequestId> = values
        .into_iter()
        .filter_map(|value| value.parse().ok().map(RequestId))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The list as it was filtered, without what was told on it.
pub(super) fn back(request: &Request) -> String {
    let pairs: Vec<String> = request
        .query
        .pairs()
        .iter()
        .filter(|(name, _)| name != "done")
        .map(|(name, value)| {
            format!(
                "{}={}",
                bailiwick_gate::encode(name),
                bailiwick_gate::encode(value)
            )
        })
        .collect();
    match pairs.as_slice() {
        [] => request.uri.path().to_owned(),
        pairs => format!("{}?{}", request.uri.path(), pairs.join("&")),
    }
}

/// Who decided what of the chosen ones meanwhile. Nothing was decided by the form that met this.
fn happened(
    authority: &Authority,
    reader: &Permit,
    ids: &[RequestId],
    fault: &Fault,
) -> Result<Markup, Fault> {
    let mut decided: Vec<RequestView> = Vec::new();
    for id in ids {
        match authority.request(reader, *id) {
            Ok(view) if view.row.state != RequestState::Pending => decided.push(view),
            Ok(_) => {}
            Err(fault) if fault.kind == FaultKind::NotFound => {}
            Err(fault) => return Err(fault),
        }
    }
    let told: Vec<Row> = decided
        .iter()
        .map(|view| Row {
            title: html! { (name(&view.token.name)) " of " (login(&view.holder.login)) },
            badges: request_view::state(view.row.state),
            meta: vec![html! {
                (request_view::verb(view.row.state))
                @if let Some(by) = &view.decided_by { " by " (login(by)) }
                @if let Some(at) = view.row.decided_at { " on " (time::moment(at)) }
            }],
            text: html! { @if let Some(reason) = &view.row.decision_reason { q dir="auto" { (reason) } } },
            ..Row::default()
        })
        .collect();
    let title = "Nothing was decided by you: something changed meanwhile";
    Ok(callout(
        Weight::Warn,
        title,
        &html! {
            @if told.is_empty() { p { (fault.message) ". Look at the requests one by one." } }
            @else {
                p { "These were decided, withdrawn or replaced before you. The others are still selected: decide again." }
                (rows("What happened meanwhile", &told))
            }
        },
    ))
}

fn list(
    visit: &Visit,
    authority: &Authority,
    permit: &Permit,
    request: &Request,
    typed: &Typed,
    status: StatusCode,
) -> Answer {
    let place = Place::of(request);
    let filters = Filters::read(&request.query);
    let page = request.page();
    let input_of = filters.input(page);
    let mut views = authority.requests(permit, &input_of)?;
    let total = authority.requests_count(permit, &input_of)?;
    let more = views.len() > page.size;
    views.truncate(page.size);
    let may = permit.offers(operations(&place).1);
    let path = place.requests();
    let main = html! {
        (heading(&Heading {
            title: html! { "Pending requests" },
            lede: html! { "Fine-grained tokens that ask for access to " bdi { (place.name) } ". Until somebody approves, they read what is public and nothing else." },
            ..Heading::default()
        }))
        (form::errors(&typed.errors.list()))
        (typed.told)
        @if total > 0 || filters.is_set() { (filters.bar(&place, &path, "Filter requests")) }
        @if views.is_empty() { (nothing(&place, &filters, permit)) }
        @else if may { (select(visit, request, &place, typed, &views)) }
        @else {
            (callout(Weight::Info, "", &html! { p { "You can read requests here. Owners and token approvers decide them." } }))
            (rows("Pending requests", &views.iter().map(|view| request_view::row(&place, view, visit.now)).collect::<Vec<_>>()))
        }
        (turn(request, page, more, &counted(total, "request", "requests")))
    };
    let frame = Frame {
        title: "Pending requests",
        area: place.area(),
        invalid: !typed.errors.is_empty(),
        ..Frame::default()
    };
    Ok(visit.page_with(status, &frame, &main))
}

fn select(visit: &Visit, request: &Request, place: &Place, typed: &Typed, views: &[RequestView]) -> Markup {
    let entries: Vec<Entry> = views
        .iter()
        .map(|view| Entry {
            value: view.row.id.to_string(),
            label: format!("{} of {}", view.token.name, view.holder.login),
            checked: typed.chosen.contains(&view.row.id),
            row: request_view::row(place, view, visit.now),
        })
        .collect();
    let reason = Field {
        name: "reason",
        label: "Reason",
        value: &typed.reason,
        error: typed.errors.at("reason"),
        optional: true,
        ..Field::default()
    };
    let shape = Input {
        max: REASON_CHARS_MAX,
        autocomplete: "off",
        ..Input::default()
    };
    bulk(
        &Bulk {
            action: &back(request),
            csrf: &visit.csrf,
            name: "pat_request_ids",
            label: "Pending requests",
            // Enter in the field means neither approving nor denying.
            fields: html! {
                button.unseen type="submit" tabindex="-1" aria-hidden="true" { "Submit" }
                (input(&reason, &shape))
            },
            actions: html! {
                (button(&Button { label: "Approve", tone: Tone::Primary, name: "decision", value: "approve", ..Button::default() }))
                (button(&Button { label: "Deny", tone: Tone::Danger, name: "decision", value: "deny", ..Button::default() }))
            },
        },
        &entries,
    )
}

fn nothing(place: &Place, filters: &Filters, permit: &Permit) -> Markup {
    if filters.is_set() {
        let text = html! { "No pending request fits all of these filters." };
        return empty(
            Icon::Search,
            "Nothing found",
            &text,
            &link("Clear the filters", &place.requests(), Tone::Plain),
        );
    }
    let policy = permit.offers(if place.enterprise {
        op::WEB_ENTERPRISE_POLICY
    } else {
        op::WEB_ORG_POLICY
    });
    let text = html! {
        "When somebody makes a fine-grained token for " bdi { (place.name) } ", what it asks for shows up here for you to read and decide."
    };
    let action = html! {
        (link(if place.enterprise { "Inventory" } else { "Active tokens" }, &place.tokens(), Tone::Plain))
        @if policy { (link("Policy", &place.policy(), Tone::Plain)) }
    };
    empty(Icon::Check, "Nobody waits for a decision", &text, &action)
}
