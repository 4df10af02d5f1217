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
        (list(checks))
    };
    Ok(visit.page(&frame("Checks", &[], false), &main))
}

/// Checks, the worst first, under what they come to.
pub(super) fn list(mut checks: Vec<Check>) -> Markup {
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
    let items: Vec<Row> = checks.iter().map(item).collect();
    html! {
        (callout(weight, &title, &html! {}))
        (part(&Part { title: "What was examined", ..Part::default() }, &rows("Checks", &items)))
    }
}

fn item(check: &Check) -> Row {
    Row {
        title: html! {
            (capital(&check.check.replace('_', " ")))
            @if let Some(upstream) = &check.upstream { " of " code { (upstream) } }
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
