//! The person's classic tokens.

use super::super::told::state;
use super::super::{CLASSIC, NEW, PATH, path_of};
use crate::look::badge::{State, state as badge_of};
use crate::look::button::{Tone, link, link_icon, link_small};
use crate::look::callout::{Weight, callout};
use crate::look::heading::{Heading, danger, heading};
use crate::look::icon::{Icon, icon};
use crate::look::list::{Row, empty, rows};
use crate::look::{html, name, time};
use crate::paging::pager;
use crate::visit::{Area, Frame, Visit};
use bailiwick_authority::token::TokenView;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Routes};
use bailiwick_model::{Timestamp, TokenKind};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes.on(op::WEB_CLASSIC_TOKENS, show);
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let page = call.request.page();
    let (views, total) =
        call.authority
            .own_tokens_page(&call.permit, TokenKind::Classic, page.offset(), page.size)?;
    let list: Vec<Row> = views.iter().map(|view| row(view, visit.now)).collect();
    let main = html! {
        (heading(&Heading {
            title: html! { "Tokens (classic)" },
            lede: html! { "Each reaches everything that you reach, as far as its scopes go and the owners allow classic tokens." },
            actions: link_icon("New classic token", &format!("{CLASSIC}/new"), Tone::Plain, Icon::Plus),
            ..Heading::default()
        }))
        @if views.is_empty() && page.number > 1 {
            (empty(Icon::Key, "Nothing on this page", &html! {}, &link("First page", CLASSIC, Tone::Plain)))
        } @else if views.is_empty() {
            (empty(
                Icon::Key,
                "No classic tokens",
                &html! { "That is good: fine-grained tokens reach only what you choose." },
                &link("Make a fine-grained token", NEW, Tone::Primary),
            ))
        } @else {
            (callout(Weight::Info, "", &html! { p { "A " a href=(PATH) { "fine-grained token" } " reaches only the repositories that you choose. Prefer it wherever it can do the work." } }))
            (rows("Your classic tokens", &list))
            (pager(&call.request, usize::try_from(total).unwrap_or(usize::MAX), "tokens"))
            (danger("Delete all", &html! {
                p { "Everything that uses one of these tokens stops working at once." }
                (link("Delete all classic tokens", &format!("{CLASSIC}/delete"), Tone::Danger))
            }))
        }
    };
    Ok(visit.page(
        &Frame {
            title: "Tokens (classic)",
            area: Area::Own,
            ..Frame::default()
        },
        &main,
    ))
}

fn row(view: &TokenView, now: Timestamp) -> Row {
    let path = format!("{CLASSIC}/{}", view.row.id);
    let common = path_of(view.row.id);
    let state = state(view, now);
    Row {
        title: html! { a href=(path) { (name::name(&view.row.name)) } },
        badges: badge_of(state),
        text: html! {
            @if view.row.scopes.is_empty() { "No scopes: public resources only" }
            @else { (view.row.scopes.replace(',', ", ")) }
        },
        meta: vec![
            time::last_used(view.row.last_used_at, now),
            time::expires(view.row.expires_at, now),
        ],
        actions: html! {
            @if state == State::Expired { (link_small("Regenerate", &view.row.name, &format!("{common}/regenerate"))) }
            @else if state != State::Revoked { (link_small("Edit", &view.row.name, &path)) }
            (link_small("Delete", &view.row.name, &format!("{common}/delete")))
        },
        lead: icon(Icon::Key),
    }
}
