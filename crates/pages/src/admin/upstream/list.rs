//! Every server behind the gateway.

use super::{can_be_observed, directory, kind_title, mode_badge, path_of};
use crate::admin::frame;
use crate::look::badge::{Hue, badge};
use crate::look::button::{Tone, link, link_icon};
use crate::look::heading::{Heading, heading};
use crate::look::icon::Icon;
use crate::look::list::{Row, empty, rows};
use crate::look::{Markup, html, time};
use crate::visit::Visit;
use bailiwick_authority::upstream::view::UpstreamView;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Routes};
use bailiwick_model::Timestamp;

const NEW: &str = "/admin/new-upstream";

pub(super) fn register(routes: &mut Routes) {
    routes.on(op::WEB_ADMIN_UPSTREAMS, show);
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let found = call.authority.upstream_views(&call.permit)?;
    let total = found.len();
    let (shown, _) = call.request.page().cut(found);
    let items: Vec<Row> = shown.iter().map(|view| item(view, visit.now)).collect();
    let main = html! {
        (heading(&Heading {
            title: html! { "Upstreams" },
            lede: html! {
                "Servers behind the gateway. Tokens, approvals, policies and the log of this server stand before them."
            },
            actions: link_icon("New upstream", NEW, Tone::Primary, Icon::Plus),
            ..Heading::default()
        }))
        @if items.is_empty() {
            (empty(
                Icon::Shield,
                "Nothing is behind the gateway",
                &html! {
                    "A Git server, Gitea, GitHub or any HTTP API can be: people keep their servers and get grants, "
                    "approval and a log in front of them."
                },
                &link("New upstream", NEW, Tone::Primary),
            ))
        } @else {
            (rows("Upstreams", &items))
            (crate::paging::pager(&call.request, total, "upstreams"))
        }
    };
    Ok(visit.page(&frame("Upstreams", &[], false), &main))
}

fn item(view: &UpstreamView, now: Timestamp) -> Row {
    let row = &view.row;
    Row {
        title: html! { a href=(path_of(&row.name)) { bdi { (row.name) } } },
        badges: html! {
            (badge(Hue::Blue, kind_title(row.kind))) " " (mode_badge(row, now))
            @if let Some(stand) = directory::stand_badge(view, now) { " " (stand) }
        },
        text: html! { code { (row.address) } },
        meta: vec![
            counted(view.repositories, "repository", "repositories"),
            counted(view.accounts, "owner", "owners"),
            counted(
                i64::try_from(view.links).unwrap_or(i64::MAX),
                "linked account",
                "linked accounts",
            ),
            html! {
                @match row.synchronised_at {
                    Some(at) => { "Synchronised " (time::relative(at, now)) }
                    None if view.settings.facts_seconds_max.is_some() => { "Never synchronised" }
                    None => { "Directory kept here" }
                }
            },
        ]
        .into_iter()
        .chain(can_be_observed(row).then(|| {
            html! { a href={ (path_of(&row.name)) "/observations" } { "Observations" span.unseen { " of " (row.name) } } }
        }))
        .collect(),
        ..Row::default()
    }
}

fn counted(number: i64, one: &str, many: &str) -> Markup {
    html! { (number) " " (if number == 1 { one } else { many }) }
}
