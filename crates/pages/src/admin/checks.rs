//! What an administrator should know of the installation's health, the worst first.

use super::{capital, frame};
use crate::look::badge::{Hue, badge};
use crate::look::callout::{Weight, callout};
use crate::look::heading::{Heading, Part, heading, part};
use crate::look::list::{Row, rows};
use crate::look::{Markup, html, time};
use crate::visit::Visit;
use bailiwick_authority::admin::doctor::{Check, CheckState};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Routes};

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes.on(op::WEB_ADMIN_CHECKS, show);
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let checks = call.authority.doctor(&call.permit)?;
    let main = html! {
        (heading(&Heading {
            title: html! { "Checks" },
            lede: html! { "Examined " (time::moment(visit.now)) ". Load the page again to examine again; " code { "bailiwick doctor" } " asks the same." },
            ..Heading::default()
        }))
        (list(checks, true))
    };
    Ok(visit.page(&frame("Checks", &[], false), &main))
}

/// Checks, the worst first, under what they come to; with the upstream where they are not all of one.
pub(super) fn list(mut checks: Vec<Check>, of_which: bool) -> Markup {
    checks.sort_by_key(|check| match check.state {
        CheckState::Failure => 0,
        CheckState::Warning => 1,
        CheckState::Good => 2,
    });
    let count = |state: CheckState| checks.iter().filter(|check| check.state == state).count();
    let (failures, warnings) = (count(CheckState::Failure), count(CheckState::Warning));
    let (weight, title) = match (failures, warnings) {
        (0, 0) => (Weight::Good, String::from("All is well")),
        (0, 1) => (Weight::Warn, String::from("One thing to look at")),
        (0, _) => (Weight::Warn, format!("{warnings} things to look at")),
        (1, _) => (Weight::Danger, String::from("One thing is wrong")),
        (_, _) => (Weight::Danger, format!("{failures} things are wrong")),
    };
    let items: Vec<Row> = checks.iter().map(|check| item(check, of_which)).collect();
    html! {
        (callout(weight, &title, &html! {}))
        (part(&Part { title: "What was examined", ..Part::default() }, &rows("Checks", &items)))
    }
}

/// What a check is called.
fn title(check: &str) -> String {
    match check {
        "upstream_reachable" => "Reachable",
        "upstream_usable" => "Usable",
        "upstream_tls" => "Encryption",
        "upstream_credential" => "Credential",
        "upstream_facts" => "Age of facts",
        "upstream_mode" => "Mode",
        "upstream_links" => "Linked accounts",
        "upstream_tokens" => "Tokens",
        "upstream_open" => "Open to everybody",
        "upstream_keys" => "SSH keys",
        "upstream_root_url" => "Addresses on its pages",
        "upstream_version" => "Version",
        "upstream_side_doors" => "Side doors",
        other => return capital(&other.replace('_', " ")),
    }
    .to_owned()
}

fn item(check: &Check, of_which: bool) -> Row {
    Row {
        title: html! {
            @if let Some(upstream) = check.upstream.as_ref().filter(|_| of_which) { code { (upstream) } " " }
            (title(check.check))
        },
        badges: match check.state {
            CheckState::Good => badge(Hue::Green, "Good"),
            CheckState::Warning => badge(Hue::Amber, "Look at it"),
            CheckState::Failure => badge(Hue::Red, "Wrong"),
        },
        text: html! { bdi { (capital(&check.message)) "." } },
        meta: check
            .help
            .iter()
            .map(|help| html! { "What to do: " (help) "." })
            .collect(),
        ..Row::default()
    }
}
