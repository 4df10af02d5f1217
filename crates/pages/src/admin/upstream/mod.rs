//! Servers behind the gateway: which there are, how each is set, who is who there, what lives there, what is wrong.

mod bindings;
mod checks;
mod directory;
mod links;
mod list;
mod new;
mod overview;
pub(crate) mod secrets;
mod settings;
mod typed;

use crate::errors::Errors;
use crate::look::badge::{Hue, badge};
use crate::look::heading::{Heading, heading};
use crate::look::navigation::{Link, tabs};
use crate::look::{Markup, form, html, name};
use crate::visit::Visit;
use bailiwick_authority::rows::UpstreamRow;
use bailiwick_authority::upstream::view::UpstreamView;
use bailiwick_gate::{Reply, Routes, encode};
use bailiwick_model::{Timestamp, UpstreamKind, UpstreamMode};

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    list::register(routes);
    new::register(routes);
    overview::register(routes);
    settings::register(routes);
    links::register(routes);
    bindings::register(routes);
    checks::register(routes);
    directory::register(routes);
}

/// Every upstream.
pub(super) const ALL: &str = "/admin/upstreams";

/// The path of an upstream's page.
pub(super) fn path_of(name: &str) -> String {
    format!("{ALL}/{}", encode(name))
}

/// What a kind is called.
fn kind_title(kind: UpstreamKind) -> &'static str {
    match kind {
        UpstreamKind::GitHub => "GitHub",
        UpstreamKind::Gitea => "Gitea or Forgejo",
        UpstreamKind::Git => "Git",
        UpstreamKind::Generic => "HTTP API",
        UpstreamKind::Oci => "Container images",
        UpstreamKind::Npm => "npm packages",
        UpstreamKind::Maven => "Maven repository",
        UpstreamKind::NuGet => "NuGet feed",
        UpstreamKind::PyPi => "Python packages",
    }
}

/// How the gateway stands before it.
fn mode_badge(row: &UpstreamRow, now: Timestamp) -> Markup {
    match (row.mode, row.observe_until) {
        (UpstreamMode::Observe, Some(end)) if now < end => badge(Hue::Amber, "Observed"),
        (UpstreamMode::Observe | UpstreamMode::Enforce, _) => badge(Hue::Green, "Enforced"),
    }
}

/// Whether it has credentials of its own, which can be observed.
fn can_be_observed(row: &UpstreamRow) -> bool {
    row.kind != UpstreamKind::Generic && !row.address.starts_with("file:")
}

/// A page about one upstream, below its tabs.
fn page(visit: &Visit, view: &UpstreamView, errors: &Errors, body: &Markup) -> Reply {
    page_of(visit, &view.row, errors, body)
}

/// The same about a row.
pub(super) fn page_of(visit: &Visit, row: &UpstreamRow, errors: &Errors, body: &Markup) -> Reply {
    let base = path_of(&row.name);
    let ways: Vec<(&str, String)> = [
        ("Overview", ""),
        ("Settings", "/settings"),
        ("Linked accounts", "/links"),
        ("What lives there", "/bindings"),
        ("Directory", "/synchronisation"),
        ("Observations", "/observations"),
        ("Checks", "/checks"),
    ]
    .iter()
    .filter(|(_, below)| *below != "/observations" || can_be_observed(row))
    .map(|(label, below)| (*label, format!("{base}{below}")))
    .collect();
    let here = ways
        .iter()
        .skip(1)
        .find(|(_, href)| visit.path.starts_with(href.as_str()))
        .map_or(base.as_str(), |(_, href)| href.as_str());
    // A form of the bindings has paths of its own.
    let below = visit.path.strip_prefix(base.as_str()).unwrap_or_default();
    let bindings = below.starts_with("/owners") || below.starts_with("/repositories");
    let links: Vec<Link<'_>> = ways
        .iter()
        .map(|(label, href)| Link {
            label,
            href,
            current: if bindings {
                href.ends_with("/bindings")
            } else {
                href == here
            },
            count: None,
        })
        .collect();
    let main = html! {
        (heading(&Heading {
            title: name::name(&row.name),
            kicker: "Upstream",
            badges: html! {
                (badge(Hue::Blue, kind_title(row.kind))) " " (mode_badge(row, visit.now))
                @if row.from_file { " " (badge(Hue::Grey, "From the file")) }
            },
            lede: html! { code { (row.address) } },
            ..Heading::default()
        }))
        (tabs("Upstream", &links))
        (form::errors(&errors.list()))
        (body)
    };
    let frame = super::frame(&row.name, &[("Upstreams", ALL)], !errors.is_empty());
    visit.page_with(errors.status(), &frame, &main)
}
