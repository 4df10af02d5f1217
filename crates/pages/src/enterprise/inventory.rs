//! The inventory: every token of every kind that reaches the enterprise, filtered, and revoking several.

use super::inventory_filter::Filters;
use crate::access::Place;
use crate::access::listing::{counted, turn};
use crate::done;
use crate::errors::Errors;
use crate::look::badge::{self, Hue};
use crate::look::bulk::{Bulk, Entry, bulk};
use crate::look::button::{Button, Tone, button, link};
use crate::look::heading::{Heading, heading};
use crate::look::icon::Icon;
use crate::look::list::{Row, empty, rows};
use crate::look::name::{avatar, login, name};
use crate::look::{Markup, form, html, time};
use crate::visit::{Frame, Visit};
use bailiwick_authority::access::Inventoried;
use bailiwick_authority::rows::AccountKind;
use bailiwick_authority::{Authority, Fault, FaultKind, Permit};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Request, Routes, encode};
use bailiwick_model::{Timestamp, TokenId, TokenKind};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ENTERPRISE_INVENTORY, show)
        .on(op::WEB_ENTERPRISE_INVENTORY_REVOKE, revoke);
}

/// How many organizations the menu of the filter holds.
const ORGANIZATIONS: usize = 200;

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
    let reader = call
        .permit
        .also(op::WEB_ENTERPRISE_INVENTORY)
        .map_err(Fault::refused)?;
    let read: Option<Vec<TokenId>> = call
        .request
        .form
        .list("token_ids")
        .into_iter()
        .map(|text| text.parse().ok().map(TokenId))
        .collect();
    let Some(mut ids) = read else {
        let errors = Errors::one(
            "",
            "One of the selected tokens cannot be told: load the page again.",
        );
        return list(&visit, &call.authority, &reader, &call.request, &[], &errors);
    };
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        let errors = Errors::one("", "Nothing was selected: tick at least one token.");
        return list(&visit, &call.authority, &reader, &call.request, &ids, &errors);
    }
    match call.authority.inventory_revoke(call.permit, &ids) {
        Ok(_) => Ok(Reply::see_other(&done::after(
            &back(&call.request),
            "inventory-revoked",
        ))),
        Err(fault) if fault.kind == FaultKind::NotFound => {
            let errors = Errors::one(
                "",
                "Nothing was revoked: one of the tokens is not here any more. Look again.",
            );
            list(&visit, &call.authority, &reader, &call.request, &[], &errors)
        }
        Err(fault) => {
            let told = Errors::of(fault)?;
            let text = told
                .list()
                .first()
                .map_or("", |(_, text)| *text)
                .replace("Token ids ", "");
            let errors = Errors::one("", &format!("Nothing was revoked: {text}"));
            list(&visit, &call.authority, &reader, &call.request, &ids, &errors)
        }
    }
}

/// The list as it was filtered, without what was told on it.
fn back(request: &Request) -> String {
    let pairs: Vec<String> = request
        .query
        .pairs()
        .iter()
        .filter(|(name, _)| name != "done")
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    match pairs.as_slice() {
        [] => request.uri.path().to_owned(),
        pairs => format!("{}?{}", request.uri.path(), pairs.join("&")),
    }
}

fn list(
    visit: &Visit,
    authority: &Authority,
    permit: &Permit,
    request: &Request,
    chosen: &[TokenId],
    errors: &Errors,
) -> Answer {
    let place = Place::of(request);
    let filters = Filters::read(&request.query);
    let page = request.page();
    let (input, unread) = filters.input(page);
    let (entries, total) = authority.inventory(permit, &input)?;
    let organizations: Vec<String> = match permit.also(op::BAILIWICK_LIST_ENTERPRISE_ORGANIZATIONS) {
        Ok(reader) => authority
            .enterprise_organizations(&reader, 0, ORGANIZATIONS)?
            .into_iter()
            .map(|one| one.row.login)
            .collect(),
        Err(_) => Vec::new(),
    };
    let mut told = errors.clone();
    for (field, text) in unread.list() {
        told.push(field, text);
    }
    let more = i64::try_from(page.offset().saturating_add(entries.len())).is_ok_and(|end| end < total);
    let may = permit.offers(op::WEB_ENTERPRISE_INVENTORY_REVOKE);
    let main = html! {
        (heading(&Heading {
            title: html! { "Inventory" },
            lede: html! {
                "Every token that reaches " bdi { (place.name) } ": fine-grained ones granted or asking at one of its organizations, "
                "classic ones of everybody with a place in them. What a token may do elsewhere is not told here."
            },
            actions: link("Incident", &place.settings("/personal-access-tokens/incident"), Tone::Plain),
            ..Heading::default()
        }))
        (form::errors(&told.list()))
        (filters.bar(&place.tokens(), &organizations, &unread))
        @if entries.is_empty() { (nothing(&place, &filters)) }
        @else if may { (select(visit, request, &place, &entries, chosen)) }
        @else { (rows("Tokens", &entries.iter().map(|one| row(&place, one, visit.now)).collect::<Vec<_>>())) }
        (turn(request, page, more, &counted(u64::try_from(total).unwrap_or(0), "token", "tokens")))
    };
    let frame = Frame {
        title: "Inventory",
        area: place.area(),
        invalid: !told.is_empty(),
        ..Frame::default()
    };
    Ok(visit.page_with(told.status(), &frame, &main))
}

fn select(
    visit: &Visit,
    request: &Request,
    place: &Place,
    entries: &[Inventoried],
    chosen: &[TokenId],
) -> Markup {
    let drawn: Vec<Entry> = entries
        .iter()
        .map(|one| Entry {
            value: one.token.id.to_string(),
            label: format!("{} of {}", one.token.name, one.holder.login),
            checked: chosen.contains(&one.token.id),
            row: row(place, one, visit.now),
        })
        .collect();
    bulk(
        &Bulk {
            action: &back(request),
            csrf: &visit.csrf,
            name: "token_ids",
            label: "Tokens",
            fields: html! {
                p.hint { "Fine-grained tokens lose their access here and live on elsewhere; classic tokens end." }
            },
            actions: button(&Button {
                label: "Revoke",
                tone: Tone::Danger,
                ..Button::default()
            }),
        },
        &drawn,
    )
}

/// Where a token stands, as a badge.
pub fn state(entry: &Inventoried, now: Timestamp) -> Markup {
    badge::state(match entry.state(now) {
        "active" => badge::State::Active,
        "pending" => badge::State::Pending,
        "expired" => badge::State::Expired,
        _ => badge::State::Revoked,
    })
}

fn row(place: &Place, entry: &Inventoried, now: Timestamp) -> Row {
    let token = &entry.token;
    let classic = token.kind == TokenKind::Classic;
    let scopes = token.scopes.replace(',', ", ");
    let mut owners: Vec<&str> = entry
        .reached
        .iter()
        .filter(|one| one.grant.active || one.pending)
        .map(|one| one.owner.as_str())
        .collect();
    owners.sort_unstable();
    Row {
        lead: avatar(&entry.holder.login, false),
        title: html! { a href={ (place.tokens()) "/" (token.id) } { (name(&token.name)) } },
        badges: html! {
            (badge::badge(Hue::Grey, if classic { "Classic" } else { "Fine-grained" })) " "
            (state(entry, now))
            @if entry.holder.kind == AccountKind::Service { " " (badge::badge(Hue::Blue, "Service account")) }
        },
        text: html! {
            @if classic {
                @if scopes.is_empty() { "No scopes: public things only" }
                @else { "Scopes: " (scopes) }
            } @else if owners.is_empty() { span.soft { "No access here" } }
            @else { "At " @for (index, owner) in owners.iter().enumerate() { @if index > 0 { ", " } bdi { (owner) } } }
        },
        meta: vec![
            login(&entry.holder.login),
            time::last_used(token.last_used_at, now),
            time::expires(token.expires_at, now),
        ],
        ..Row::default()
    }
}

fn nothing(place: &Place, filters: &Filters) -> Markup {
    if filters.is_set() {
        return empty(
            Icon::Search,
            "No token fits",
            &html! { "No token that reaches this enterprise fits all of these filters." },
            &link("Clear the filters", &place.tokens(), Tone::Plain),
        );
    }
    let text =
        html! { "As soon as somebody makes a token that reaches one of the organizations, it stands here." };
    empty(
        Icon::Key,
        "No tokens",
        &text,
        &link("Policies", &place.policy(), Tone::Plain),
    )
}
