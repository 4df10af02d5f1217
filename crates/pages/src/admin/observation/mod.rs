//! Observe first: what an upstream's own credentials are used for, and the narrowest token for each.

mod one;

use super::upstream;
use crate::errors::Errors;
use crate::look::button::{Tone, link};
use crate::look::heading::{Part, part};
use crate::look::icon::Icon;
use crate::look::list::{Row, empty, rows};
use crate::look::{Markup, html, time};
use crate::visit::Visit;
use bailiwick_authority::observe::report::ObservedCredential;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Routes, encode};
use bailiwick_model::{Timestamp, UpstreamMode};

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ADMIN_OBSERVATIONS, show)
        .on(op::WEB_ADMIN_OBSERVATION, one::show);
}

/// The path of the list.
fn path_of(upstream: &str) -> String {
    format!("/admin/upstreams/{}/observations", encode(upstream))
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let request = &call.request;
    let page = request.page();
    let name = request.parameter("upstream");
    let found = call
        .authority
        .observed_credentials(&call.permit, name, page.offset(), page.size)?;
    let row = &found.upstream;
    let until = row
        .observe_until
        .filter(|end| row.mode == UpstreamMode::Observe && visit.now < *end);
    let path = path_of(&row.name);
    let items: Vec<Row> = found
        .credentials
        .iter()
        .map(|one| item(&path, one, visit.now))
        .collect();
    let lede = html! {
        @match until {
            Some(end) => {
                "Its own credentials pass untouched until " (time::moment(end)) ". What they are used for is here."
            }
            None => { "It is not observed now: its own credentials are refused." }
        }
    };
    let body = html! {
        @if items.is_empty() {
            (empty(
                Icon::Key,
                "Nothing was observed yet",
                &html! {
                    "Set the mode to observe, with an end, and let clients come here with the credentials that they have."
                },
                &link("Settings", &format!("{}/settings", upstream::path_of(&found.upstream.name)), Tone::Primary),
            ))
        } @else {
            (rows("Observed credentials", &items))
            (crate::paging::pager(request, usize::try_from(found.total).unwrap_or(usize::MAX), "credentials"))
        }
    };
    let part = part(
        &Part {
            title: "Observations",
            lede,
            ..Part::default()
        },
        &body,
    );
    Ok(upstream::page_of(&visit, &found.upstream, &Errors::none(), &part))
}

fn item(path: &str, one: &ObservedCredential, now: Timestamp) -> Row {
    let row = &one.row;
    let mut meta = vec![
        whose(one),
        html! { "Last used " (time::relative(row.last_at, now)) },
        html! { (row.reads) " reads, " (row.writes) " changes" },
    ];
    if one.unmapped > 0 {
        meta.push(html! { (one.unmapped) " without a mapping" });
    }
    if one.refused > 0 {
        meta.push(html! { (one.refused) " would be refused" });
    }
    Row {
        title: html! { a href={ (path) "/" (row.id) } { bdi { (title(one)) } } },
        meta,
        ..Row::default()
    }
}

/// What a credential is called: its person there, and the first digits of its digest.
fn title(one: &ObservedCredential) -> String {
    let short = one.row.digest.get(..12).unwrap_or_default();
    match &one.row.login {
        Some(login) => format!("{login} ({short})"),
        None => short.to_owned(),
    }
}

fn whose(one: &ObservedCredential) -> Markup {
    html! {
        @match (&one.account, &one.row.login) {
            (Some(login), _) => { "Linked to " bdi { (login) } }
            (None, Some(login)) => { "Upstream login " bdi { (login) } ", not linked" }
            (None, None) => { "Nobody that the upstream names" }
        }
    }
}
