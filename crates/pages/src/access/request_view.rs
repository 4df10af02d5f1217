//! Requests as their approvers see them: a row of the list, the facts of one, what became of it.

use super::place::Place;
use super::rights::Rights;
use crate::look::badge::{self, Hue};
use crate::look::callout::{Weight, callout};
use crate::look::icon::{Icon, icon};
use crate::look::list::{Row, facts};
use crate::look::name::{avatar, login, name};
use crate::look::{Markup, html, permission, time};
use bailiwick_authority::token::RequestView;
use bailiwick_model::{RequestState, Timestamp};

/// Permissions named in a row of a list; the rest is counted.
const SHORT_MAX: usize = 6;

/// Where a request stands.
pub fn state(state: RequestState) -> Markup {
    badge::state(match state {
        RequestState::Pending => badge::State::Pending,
        RequestState::Approved => badge::State::Approved,
        RequestState::Denied => badge::State::Denied,
        RequestState::Cancelled => badge::State::Cancelled,
        RequestState::Expired => badge::State::Expired,
        RequestState::Superseded => badge::State::Superseded,
    })
}

/// A request in a list: the token, who asks, for what, since when.
pub fn row(place: &Place, view: &RequestView, now: Timestamp) -> Row {
    let rights = Rights::asked(view);
    let expired = view.token.expires_at.is_some_and(|end| now >= end);
    Row {
        lead: avatar(&view.holder.login, false),
        title: html! { a href=(place.request(view.row.id)) { (name(&view.token.name)) } },
        badges: html! {
            @if view.row.state != RequestState::Pending { (state(view.row.state)) }
            @if expired { (badge::badge(Hue::Grey, "Token expired")) }
        },
        text: html! {
            @if let Some(reason) = &view.row.reason { q dir="auto" { (reason) } }
            @else { span.soft { "No reason given" } }
        },
        meta: vec![
            html! { (login(&view.holder.login)) " asked " (time::relative(view.row.created_at, now)) },
            html! { (icon(Icon::Repository)) " " (rights.reach.text()) },
            time::expires(view.token.expires_at, now),
            short(&rights),
        ],
        ..Row::default()
    }
}

/// The permissions in one line.
pub fn short(rights: &Rights) -> Markup {
    let titled = rights.titled();
    let rest = titled.len().saturating_sub(SHORT_MAX);
    let shown = titled.get(..SHORT_MAX).unwrap_or(&titled);
    html! {
        @if shown.is_empty() { "No permissions" }
        @for (place, (title, level)) in shown.iter().enumerate() {
            @if place > 0 { ", " }
            (title) ": " (permission::level_text(*level).to_lowercase())
        }
        @if rest > 0 { " and " (rest) " more" }
    }
}

/// Who asks, why, with which token.
pub fn about(view: &RequestView, now: Timestamp) -> Markup {
    let token = &view.token;
    facts(&[
        (
            "Asked by",
            html! { (login(&view.holder.login)) @if let Some(full) = &view.holder.name { " · " (name(full)) } },
        ),
        ("Asked", time::moment(view.row.created_at)),
        (
            "Reason",
            html! {
                @if let Some(reason) = &view.row.reason { span dir="auto" { (reason) } }
                @else { span.soft { "None was given." } }
            },
        ),
        (
            "Token",
            html! {
                (name(&token.name)) " "
                span.soft { "ends in " code { (token.last_eight) } }
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
            "Life",
            html! { "Made " (time::date(token.issued_at)) " · " (time::expires(token.expires_at, now)) },
        ),
        ("Use", time::last_used(token.last_used_at, now)),
    ])
}

/// What became of a request that is not pending any more: who, when, and why.
pub fn outcome(place: &Place, view: &RequestView, newer: Option<&RequestView>) -> Markup {
    let by = view.decided_by.as_deref();
    let when = view.row.decided_at;
    let told = html! {
        p {
            (verb(view.row.state))
            @if let Some(by) = by { " by " (login(by)) }
            @if let Some(when) = when { " on " (time::moment(when)) }
            "."
        }
        @if let Some(reason) = &view.row.decision_reason { p { "Reason: " q dir="auto" { (reason) } } }
        @if let Some(newer) = newer {
            p { "A newer request took its place: " a href=(place.request(newer.row.id)) { "see what is asked now" } "." }
        }
    };
    match view.row.state {
        RequestState::Pending => html! {},
        RequestState::Approved => callout(Weight::Good, "This request is approved", &told),
        RequestState::Denied => callout(Weight::Danger, "This request is denied", &told),
        RequestState::Cancelled => callout(Weight::Info, "This request was withdrawn", &told),
        RequestState::Expired => callout(Weight::Info, "The token expired before anybody decided", &told),
        RequestState::Superseded => callout(Weight::Warn, "This request was replaced", &told),
    }
}

/// The word for what happened to a request.
pub fn verb(state: RequestState) -> &'static str {
    match state {
        RequestState::Pending => "Waiting for a decision",
        RequestState::Approved => "Approved",
        RequestState::Denied => "Denied",
        RequestState::Cancelled => "Withdrawn",
        RequestState::Expired => "Expired",
        RequestState::Superseded => "Replaced",
    }
}
