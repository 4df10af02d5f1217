//! One permission: what each of its levels opens, alone or together with others.

use super::KINDS;
use super::operations::{all, part_of, row};
use crate::look::badge::{Hue, badge};
use crate::look::button::{Tone, link};
use crate::look::callout::{Weight, callout};
use crate::look::heading::{Heading, Part, heading, part};
use crate::look::list::{facts, rows};
use crate::look::permission::level_text;
use crate::look::{Markup, html};
use crate::visit::{Frame, Visit};
use bailiwick_authority::Fault;
use bailiwick_catalogue::{Operation, OperationIndex, Permission, permission};
use bailiwick_gate::{Answer, Call};
use bailiwick_model::Level;

/// The page.
pub fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let known = permission(call.request.parameter("slug")).ok_or_else(Fault::not_found)?;
    let kind = KINDS
        .iter()
        .find(|(kind, _)| *kind == known.kind)
        .map_or("", |(_, title)| *title);
    let words: Vec<&str> = known.levels.iter().map(|level| level_text(*level)).collect();
    let main = html! {
        (heading(&Heading {
            kicker: kind,
            title: html! { (known.title) },
            badges: badge(Hue::Grey, known.kind.word()),
            lede: html! { (known.description) },
            ..Heading::default()
        }))
        (facts(&[
            ("Name in links and the API", html! { code { (known.slug) } }),
            ("Levels", html! { (words.join(", ")) }),
        ]))
        @if known.slug == "metadata" {
            (callout(Weight::Info, "Comes by itself", &html! {
                p { "Any other repository permission brings it along, so it need not be chosen." }
            }))
        }
        @for (index, level) in known.levels.iter().enumerate() {
            (opened(known, *level, index, &call.doorway.served))
        }
    };
    Ok(visit.page(
        &Frame {
            title: known.title,
            crumbs: &[("Permissions", "/permissions")],
            ..Frame::default()
        },
        &main,
    ))
}

/// What a level opens beyond the ones below it.
fn opened(known: &Permission, level: Level, index: usize, served: &[OperationIndex]) -> Markup {
    let here = |alone: bool| -> Vec<&'static Operation> {
        all()
            .filter(|operation| part_of(operation, known.id) == Some((level, alone)))
            .collect()
    };
    let (alone, together) = (here(true), here(false));
    let list = |label: &str, found: &[&'static Operation]| {
        rows(
            label,
            &found
                .iter()
                .map(|one| row(one, served, Some(known)))
                .collect::<Vec<_>>(),
        )
    };
    let form = format!(
        "/settings/personal-access-tokens/new?{}={}",
        known.slug,
        level.word()
    );
    let title = level_text(level);
    let body = html! { div.stack {
        @if alone.is_empty() && together.is_empty() { p.soft { "No request takes just this level." } }
        @if !alone.is_empty() { (list(&format!("{title}: enough alone"), &alone)) }
        @if !together.is_empty() {
            h3 { "Together with other permissions" }
            (list(&format!("{title}: together with others"), &together))
        }
    } };
    part(
        &Part {
            id: level.word(),
            title,
            lede: html! {
                (alone.len() + together.len()) @if alone.len() + together.len() == 1 { " request" } @else { " requests" }
                @if index > 0 { " beyond those of the level above" }
                "."
            },
            actions: link("Make a token with this", &form, Tone::Plain),
        },
        &body,
    )
}
