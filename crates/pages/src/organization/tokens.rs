//! Active fine-grained tokens: the list with its filters, and revoking several at once.

use super::requests::back;
use crate::access::listing::{Filters, counted, turn};
use crate::access::{Place, token_view};
use crate::done;
use crate::errors::Errors;
use crate::look::bulk::{Bulk, Entry, bulk};
use crate::look::button::{Button, Tone, button, link};
use crate::look::heading::{Heading, heading};
use crate::look::icon::Icon;
use crate::look::list::{Row, empty, rows};
use crate::look::{Markup, form, html};
use crate::visit::{Frame, Visit};
use bailiwick_authority::access::grant::HeldGrantView;
use bailiwick_authority::{Authority, Fault, Permit};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Request, Routes};
use bailiwick_model::GrantId;
use http::StatusCode;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ORG_TOKENS, show)
        .on(op::WEB_ORG_TOKENS_REVOKE, revoke);
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    list(
        &visit,
        &call.authority,
        &call.permit,
        &call.request,
        &[],
        &Errors::none(),
    )
}

fn revoke(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let reader = call.permit.also(op::WEB_ORG_TOKENS).map_err(Fault::refused)?;
    let mut ids: Vec<GrantId> = call
        .request
        .form
        .list("pat_ids")
        .into_iter()
        .filter_map(|value| value.parse().ok().map(GrantId))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let errors = if ids.is_empty() {
        Errors::one("", "Nothing was selected: tick at least one token.")
    } else {
        match call.authority.grants_revoke(call.permit, &ids) {
            Ok(()) => {
                return Ok(Reply::see_other(&done::after(
                    &back(&call.request),
                    "accesses-revoked",
                )));
            }
            Err(fault) => Errors::of(fault)?,
        }
    };
    list(&visit, &call.authority, &reader, &call.request, &ids, &errors)
}

fn list(
    visit: &Visit,
    authority: &Authority,
    permit: &Permit,
    request: &Request,
    chosen: &[GrantId],
    errors: &Errors,
) -> Answer {
    let place = Place::of(request);
    let filters = Filters::read(&request.query);
    let page = request.page();
    let input = filters.input(page);
    let mut held = authority.grants(permit, &input)?;
    let total = authority.grants_count(permit, &input)?;
    let more = held.len() > page.size;
    held.truncate(page.size);
    let may = permit.offers(op::WEB_ORG_TOKENS_REVOKE);
    let main = html! {
        (heading(&Heading {
            title: html! { "Active tokens" },
            lede: html! { "Fine-grained tokens with access to " bdi { (place.name) } ", and what each of them may do here. What its person may not do, a token may not either." },
            ..Heading::default()
        }))
        (form::errors(&errors.list()))
        @if total > 0 || filters.is_set() { (filters.bar(&place, &place.tokens(), "Filter tokens")) }
        @if held.is_empty() { (nothing(&place, &filters)) }
        @else if may { (select(visit, request, &place, &held, chosen)) }
        @else { (rows("Active tokens", &held.iter().map(|one| token_view::row(&place, one, visit.now)).collect::<Vec<Row>>())) }
        (turn(request, page, more, &counted(total, "token", "tokens")))
    };
    let frame = Frame {
        title: "Active tokens",
        area: place.area(),
        invalid: !errors.is_empty(),
        ..Frame::default()
    };
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        errors.status()
    };
    Ok(visit.page_with(status, &frame, &main))
}

fn select(
    visit: &Visit,
    request: &Request,
    place: &Place,
    held: &[HeldGrantView],
    chosen: &[GrantId],
) -> Markup {
    let entries: Vec<Entry> = held
        .iter()
        .map(|one| Entry {
            value: one.grant.row.id.to_string(),
            label: format!("{} of {}", one.token.name, one.holder.login),
            checked: chosen.contains(&one.grant.row.id),
            row: token_view::row(place, one, visit.now),
        })
        .collect();
    bulk(
        &Bulk {
            action: &back(request),
            csrf: &visit.csrf,
            name: "pat_ids",
            label: "Active tokens",
            fields: html! { p.hint { "A token whose access is revoked lives on, but opens nothing here. Its person can ask again." } },
            actions: button(&Button {
                label: "Revoke access",
                tone: Tone::Danger,
                ..Button::default()
            }),
        },
        &entries,
    )
}

fn nothing(place: &Place, filters: &Filters) -> Markup {
    if filters.is_set() {
        let text = html! { "No token with access here fits all of these filters." };
        return empty(
            Icon::Search,
            "Nothing found",
            &text,
            &link("Clear the filters", &place.tokens(), Tone::Plain),
        );
    }
    let text = html! { "No fine-grained token has access to " bdi { (place.name) } ". Those that ask for it wait under pending requests." };
    empty(
        Icon::Key,
        "No active tokens",
        &text,
        &link("Pending requests", &place.requests(), Tone::Plain),
    )
}
