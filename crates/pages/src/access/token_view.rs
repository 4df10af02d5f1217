//! Tokens with access as their resource owners see them: a row of the list, the facts of one, its trail.

use super::place::Place;
use super::request_view::{short, state, verb};
use super::rights::Rights;
use crate::look::badge::{self, Hue};
use crate::look::icon::{Icon, icon};
use crate::look::list::{Row, facts, rows};
use crate::look::name::{avatar, login, name};
use crate::look::{Markup, html, time};
use bailiwick_authority::access::grant::HeldGrantView;
use bailiwick_authority::rows::AccountKind;
use bailiwick_authority::token::RequestView;
use bailiwick_model::{RequestState, Timestamp};

/// A token in a list: its name, whose it is, what it may do here, when it was used.
pub fn row(place: &Place, held: &HeldGrantView, now: Timestamp) -> Row {
    let rights = Rights::held(&held.grant);
    let token = &held.token;
    let expired = token.expires_at.is_some_and(|end| now >= end);
    Row {
        lead: avatar(&held.holder.login, false),
        title: html! { a href=(place.token(held.grant.row.id)) { (name(&token.name)) } },
        badges: html! {
            @if held.grant.is_pending() { (badge::badge(Hue::Amber, "Asks for more")) }
            @if expired { (badge::state(badge::State::Expired)) }
            @if token.revoked_at.is_some() { (badge::state(badge::State::Revoked)) }
            @if held.holder.kind == AccountKind::Service { (badge::badge(Hue::Grey, "Service account")) }
        },
        text: short(&rights),
        meta: vec![
            login(&held.holder.login),
            html! { (icon(Icon::Repository)) " " (rights.reach.text()) },
            time::last_used(token.last_used_at, now),
            time::expires(token.expires_at, now),
        ],
        ..Row::default()
    }
}

/// Whose a token is, how long it lives, when it was used.
pub fn about(held: &HeldGrantView, now: Timestamp) -> Markup {
    let token = &held.token;
    facts(&[
        (
            "Held by",
            html! { (login(&held.holder.login)) @if let Some(full) = &held.holder.name { " · " (name(full)) } },
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
        (
            "Use",
            html! {
                (time::last_used(token.last_used_at, now))
                @if let Some(used) = token.last_used_at { " (" (time::moment(used)) ")" }
            },
        ),
        (
            "Access since",
            html! {
                @match held.grant.row.granted_at { Some(at) => (time::moment(at)), None => "not yet" }
            },
        ),
        ("Ends in", html! { code { (token.last_eight) } }),
        ("Number", html! { code { (token.id) } }),
    ])
}

/// What was asked and decided of a token here, newest first.
pub fn trail(place: &Place, requests: &[RequestView], now: Timestamp) -> Markup {
    let told: Vec<Row> = requests
        .iter()
        .map(|view| Row {
            title: html! {
                a href=(place.request(view.row.id)) { (verb(view.row.state)) }
                @if let Some(by) = &view.decided_by { " by " (login(by)) }
            },
            badges: html! {
                (state(view.row.state))
                @if was_narrowed(view) { " " (badge::badge(Hue::Blue, "In part")) }
            },
            text: html! {
                @if let Some(reason) = &view.row.decision_reason { q dir="auto" { (reason) } }
                @else if let Some(reason) = &view.row.reason { "Asked with: " q dir="auto" { (reason) } }
            },
            meta: vec![
                html! { "Asked " (time::relative(view.row.created_at, now)) },
                html! {
                    @match (view.row.state, view.row.decided_at) {
                        (RequestState::Pending, _) | (_, None) => "Not decided",
                        (_, Some(at)) => { "Decided " (time::moment(at)) },
                    }
                },
            ],
            ..Row::default()
        })
        .collect();
    rows("Requests of this token here", &told)
}

/// Whether less was approved than asked.
pub fn was_narrowed(view: &RequestView) -> bool {
    let row = &view.row;
    let fewer = row
        .approved_permissions
        .as_ref()
        .is_some_and(|approved| *approved != row.permissions);
    let narrower = row.approved_selection.is_some_and(|word| word != row.selection)
        || row.approved_repositories.as_ref().is_some_and(|ids| {
            row.approved_selection == Some(row.selection)
                && !ids.is_empty()
                && ids.len() < view.repositories.len()
        });
    fewer || narrower
}
