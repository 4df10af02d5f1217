//! One token of the inventory: whose it is, what it may do at each organization, what was decided, and ending it.

use super::inventory::state;
use crate::access::{Place, Reach, Rights, request_view, token_view};
use crate::done;
use crate::errors::Errors;
use crate::look::badge::{self, Hue};
use crate::look::button::{Button, Tone, link, post};
use crate::look::heading::{Heading, Part, danger, heading, part};
use crate::look::list::{Row, facts, rows, words};
use crate::look::name::{login, name};
use crate::look::{Markup, form, html, permission, time};
use crate::visit::{Frame, Visit};
use bailiwick_authority::Fault;
use bailiwick_authority::access::InventoryDetail;
use bailiwick_authority::token::view::OwnerView;
use bailiwick_authority::token::{GrantView, RequestView};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::{GrantId, Timestamp, TokenId, TokenKind};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ENTERPRISE_TOKEN, show)
        .on(op::WEB_ENTERPRISE_TOKEN_REVOKE, revoke)
        .on(op::WEB_ENTERPRISE_GRANT, by_grant);
}

fn path(place: &Place, id: TokenId) -> String {
    format!("{}/{id}", place.tokens())
}

/// A grant at the enterprise itself leads to its token.
fn by_grant(call: Call) -> Answer {
    let place = Place::of(&call.request);
    let id = GrantId(call.request.id("pat_id")?);
    let held = call.authority.grant(&call.permit, id)?;
    Ok(Reply::see_other(&path(&place, held.token.id)))
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let place = Place::of(&call.request);
    let id = TokenId(call.request.id("token_id")?);
    let detail = call.authority.inventoried(&call.permit, id)?;
    let may = call.permit.offers(op::WEB_ENTERPRISE_TOKEN_REVOKE);
    Ok(draw(&visit, &place, &detail, may, &Errors::none()))
}

fn revoke(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let place = Place::of(&call.request);
    let id = TokenId(call.request.id("token_id")?);
    let reader = call
        .permit
        .also(op::WEB_ENTERPRISE_TOKEN)
        .map_err(Fault::refused)?;
    let detail = call.authority.inventoried(&reader, id)?;
    match call.authority.inventory_revoke(call.permit, &[id]) {
        Ok(_) => Ok(Reply::see_other(&done::after(
            &path(&place, id),
            "inventory-revoked",
        ))),
        Err(fault) => {
            let told = Errors::of(fault)?;
            let text = told
                .list()
                .first()
                .map_or("", |(_, text)| *text)
                .replace("Token ids ", "");
            Ok(draw(&visit, &place, &detail, true, &Errors::one("", &text)))
        }
    }
}

fn draw(visit: &Visit, place: &Place, detail: &InventoryDetail, may: bool, errors: &Errors) -> Reply {
    let entry = &detail.entry;
    let classic = entry.token.kind == TokenKind::Classic;
    let kind = if classic {
        "Token (classic)"
    } else {
        "Fine-grained token"
    };
    let log = place.audit(&format!("token_id:{}", entry.token.id));
    let inventory = place.tokens();
    let main = html! {
        (heading(&Heading {
            kicker: kind,
            title: name(&entry.token.name),
            badges: state(entry, visit.now),
            lede: html! { "Held by " (login(&entry.holder.login)) "." },
            actions: html! {
                (link("Explain a request", &format!("/explain?token_id={}", entry.token.id), Tone::Plain))
                (link("Its events", &log, Tone::Plain))
            },
        }))
        (form::errors(&errors.list()))
        (part(&Part { id: "about", title: "The token", ..Part::default() }, &about(detail, visit.now)))
        @if classic { (scopes(detail)) } @else { (reach(place, &detail.grants)) }
        @if !detail.requests.is_empty() {
            (part(&Part { id: "trail", title: "What was asked and decided", ..Part::default() }, &trail(place, detail, visit.now)))
        }
        @if may { (ending(visit, place, detail)) }
    };
    let frame = Frame {
        title: &entry.token.name,
        area: place.area(),
        crumbs: &[("Inventory", &inventory)],
        invalid: !errors.is_empty(),
    };
    visit.page_with(errors.status(), &frame, &main)
}

fn about(detail: &InventoryDetail, now: Timestamp) -> Markup {
    let token = &detail.entry.token;
    facts(&[
        (
            "Held by",
            html! {
                (login(&detail.entry.holder.login))
                @if !detail.belongs { " " (badge::badge(Hue::Amber, "Outside collaborator")) }
            },
        ),
        (
            "What for",
            html! {
                @if let Some(text) = &token.description { span dir="auto" { (text) } }
                @else { span.soft { "No description." } }
            },
        ),
        (
            "Made",
            html! { (time::moment(token.created_at)) @if token.issued_at != token.created_at { "; regenerated " (time::moment(token.issued_at)) } },
        ),
        ("Life", time::expires(token.expires_at, now)),
        ("Use", time::last_used(token.last_used_at, now)),
        (
            "Revoked",
            html! {
                @match token.revoked_at {
                    Some(at) => { (time::moment(at)) @if let Some(why) = &token.revoked_reason { ": " (why) } },
                    None => "No",
                }
            },
        ),
        ("Ends in", html! { code { (token.last_eight) } }),
        ("Number", html! { code { (token.id) } }),
        (
            "Hash in the audit log",
            html! { code { (token.digest.base64()) } },
        ),
    ])
}

fn scopes(detail: &InventoryDetail) -> Markup {
    let scopes: Vec<&str> = detail
        .entry
        .token
        .scopes
        .split(',')
        .filter(|word| !word.is_empty())
        .collect();
    let body = html! {
        @if scopes.is_empty() { p.soft { "None: it reads public things only." } } @else { (words(&scopes)) }
    };
    part(
        &Part {
            id: "scopes",
            title: "Scopes",
            lede: html! { "A classic token reaches everything that its person reaches, within these." },
            ..Part::default()
        },
        &body,
    )
}

/// What it may do at each place.
fn reach(place: &Place, grants: &[GrantView]) -> Markup {
    let drawn: Vec<Row> = grants
        .iter()
        .map(|grant| {
            let (owner, href) = match &grant.owner {
                OwnerView::Account(_, login, _) => {
                    let there = Place { name: login.clone(), enterprise: false };
                    (login.clone(), there.token(grant.row.id))
                }
                OwnerView::Enterprise(_, slug) => (slug.clone(), place.policy()),
            };
            let rights = Rights::held(grant);
            Row {
                title: html! {
                    @if grant.row.active { a href=(href) { (name(&owner)) } } @else { (name(&owner)) }
                },
                badges: html! {
                    @if grant.row.active { (badge::state(badge::State::Active)) }
                    @else if !grant.is_pending() { (badge::state(badge::State::Revoked)) }
                    @if grant.is_pending() { " " (badge::badge(Hue::Amber, "Asks")) }
                },
                text: html! { @if grant.row.active { (permission::short(&rights.titled())) } },
                meta: vec![html! {
                    @match &rights.reach {
                        Reach::Only(names) if names.len() <= 5 => { @for (index, one) in names.iter().enumerate() { @if index > 0 { ", " } bdi { (one) } } },
                        reach => (reach.text()),
                    }
                }],
                ..Row::default()
            }
        })
        .collect();
    part(
        &Part {
            id: "reach",
            title: "What it may do here",
            lede: html! { "And never more than its person." },
            ..Part::default()
        },
        &rows("Access by organization", &drawn),
    )
}

fn trail(place: &Place, detail: &InventoryDetail, now: Timestamp) -> Markup {
    let owner = |view: &RequestView| {
        let entry = detail
            .entry
            .reached
            .iter()
            .find(|one| one.grant.id == view.row.grant_id);
        entry.map_or("", |one| one.owner.as_str())
    };
    let drawn: Vec<Row> = detail
        .requests
        .iter()
        .map(|view| {
            let owner = owner(view);
            let there = Place {
                name: owner.to_owned(),
                enterprise: owner == place.name,
            };
            Row {
                title: html! {
                    a href=(there.request(view.row.id)) { (request_view::verb(view.row.state)) " at " bdi { (owner) } }
                    @if let Some(by) = &view.decided_by { " by " (login(by)) }
                },
                badges: html! {
                    (request_view::state(view.row.state))
                    @if token_view::was_narrowed(view) { " " (badge::badge(Hue::Blue, "Approved in part")) }
                },
                meta: vec![
                    html! { "Asked " (time::relative(view.row.created_at, now)) },
                    html! { @if let Some(at) = view.row.decided_at { "Decided " (time::moment(at)) } @else { "Not decided" } },
                ],
                ..Row::default()
            }
        })
        .collect();
    rows("Requests of this token", &drawn)
}

fn ending(visit: &Visit, place: &Place, detail: &InventoryDetail) -> Markup {
    let entry = &detail.entry;
    let classic = entry.token.kind == TokenKind::Classic;
    let holds = entry.reached.iter().any(|one| one.grant.active || one.pending);
    if entry.token.revoked_at.is_some() || (!classic && !holds) {
        return html! {};
    }
    let body = html! {
        @if classic && !detail.belongs {
            p {
                (login(&entry.holder.login)) " is an outside collaborator: the token is not the enterprise's to end. "
                a href=(place.policy()) { "Block classic tokens" } ", or end the collaboration at the repository."
            }
        } @else {
            p {
                @if classic { "The token ends as a whole, wherever it reaches. This cannot be undone." }
                @else { "It loses its access at every organization here, and what it asks for is withdrawn. Elsewhere it lives on; its person can ask again." }
            }
            (post(&path(place, entry.token.id), &visit.csrf, &[], &Button {
                label: "Revoke",
                about: &entry.token.name,
                tone: Tone::Danger,
                ..Button::default()
            }))
        }
    };
    danger(
        if classic {
            "End this token"
        } else {
            "Revoke its access here"
        },
        &body,
    )
}
