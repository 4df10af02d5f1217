//! The person's fine-grained tokens.

use super::told::{owner_name, short, state};
use super::{NEW, PATH, path_of};
use crate::access::rights::Rights;
use crate::look::badge;
use crate::look::button::{Tone, link, link_icon, link_small};
use crate::look::heading::{Heading, danger, heading};
use crate::look::icon::{Icon, icon};
use crate::look::list::{Row, empty, rows};
use crate::look::{Markup, html, name, time};
use crate::paging::pager;
use crate::visit::{Area, Frame, Visit};
use bailiwick_authority::token::{GrantView, TokenView};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Routes};
use bailiwick_model::{Timestamp, TokenKind};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes.on(op::WEB_TOKENS, show);
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let page = call.request.page();
    let (views, total) =
        call.authority
            .own_tokens_page(&call.permit, TokenKind::FineGrained, page.offset(), page.size)?;
    let list: Vec<Row> = views.iter().map(|view| row(view, visit.now)).collect();
    let main = html! {
        (heading(&Heading {
            title: html! { "Fine-grained tokens" },
            lede: html! { "Each reaches only what its grants, your own role and the owner's policy all allow." },
            actions: link_icon("New token", NEW, Tone::Primary, Icon::Plus),
            ..Heading::default()
        }))
        @if views.is_empty() && page.number > 1 {
            (empty(Icon::Key, "Nothing on this page", &html! {}, &link("First page", PATH, Tone::Plain)))
        } @else if views.is_empty() {
            (empty(
                Icon::Key,
                "No fine-grained tokens yet",
                &html! { "Scripts, Git and CI use a token instead of your password. Give each its own, with no more than it needs." },
                &link("Make your first token", NEW, Tone::Primary),
            ))
        } @else {
            (rows("Your fine-grained tokens", &list))
            (pager(&call.request, usize::try_from(total).unwrap_or(usize::MAX), "tokens"))
            (danger("Delete all", &html! {
                p { "Everything that uses one of these tokens stops working at once." }
                (link("Delete all fine-grained tokens", &format!("{PATH}/delete"), Tone::Danger))
            }))
        }
    };
    Ok(visit.page(
        &Frame {
            title: "Fine-grained tokens",
            area: Area::Own,
            ..Frame::default()
        },
        &main,
    ))
}

/// The grants that say something: active ones, and what is asked or was refused.
fn told_grants(view: &TokenView) -> Vec<&GrantView> {
    view.grants
        .iter()
        .filter(|grant| grant.row.active || grant.request.is_some())
        .collect()
}

fn row(view: &TokenView, now: Timestamp) -> Row {
    const SHOWN: usize = 3;
    let path = path_of(view.row.id);
    let grants = told_grants(view);
    let state = state(view, now);
    let expired = state == badge::State::Expired;
    Row {
        title: html! { a href=(path) { (name::name(&view.row.name)) } },
        badges: html! {
            (badge::state(state))
            @if state == badge::State::Active && grants.iter().any(|grant| grant.is_pending()) {
                " " (badge::badge(badge::Hue::Amber, "More is asked for"))
            }
        },
        text: html! {
            @if grants.is_empty() { "Public resources only" }
            @for (place, grant) in grants.iter().take(SHOWN).enumerate() {
                @if place > 0 { br; }
                (name::name(owner_name(&grant.owner).0)) ": " (in_short(grant))
            }
            @if grants.len() > SHOWN { br; "and " (grants.len() - SHOWN) " more owners" }
        },
        meta: vec![
            time::last_used(view.row.last_used_at, now),
            time::expires(view.row.expires_at, now),
        ],
        actions: html! {
            @if state != badge::State::Revoked {
                @if expired { (link_small("Regenerate", &view.row.name, &format!("{path}/regenerate"))) }
                @else { (link_small("Edit", &view.row.name, &format!("{path}/edit"))) }
            }
            (link_small("Delete", &view.row.name, &format!("{path}/delete")))
        },
        lead: icon(Icon::Key),
    }
}

/// What a grant holds; while it holds nothing, what is asked.
fn in_short(grant: &GrantView) -> Markup {
    use bailiwick_model::RequestState;
    if grant.row.active {
        return short(&Rights::held(grant));
    }
    let Some(request) = &grant.request else {
        return html! { "nothing" };
    };
    let asked = short(&Rights::asked(request));
    match request.row.state {
        RequestState::Pending => html! { (asked) " (waiting for approval)" },
        RequestState::Denied => html! { (asked) " (denied)" },
        RequestState::Approved => html! { "access was taken away" },
        RequestState::Expired => html! { (asked) " (the token expired first)" },
        RequestState::Cancelled => html! { (asked) " (you cancelled the request)" },
        RequestState::Superseded => html! { "nothing" },
    }
}
