//! What tokens planted, as rows with a button to end each: for the holder's pages and the resource owner's.

use crate::look::badge::{Hue, badge};
use crate::look::button::{Button, Tone, post};
use crate::look::list::{Row, rows};
use crate::look::{Markup, html, name, time};
use bailiwick_authority::planted::PlantedView;
use bailiwick_model::Timestamp;

/// A kind in words.
fn kind(word: &str) -> &str {
    match word {
        "deploy_key" => "Deploy key",
        "ssh_key" => "SSH key",
        "gpg_key" => "GPG key",
        "ssh_signing_key" => "SSH signing key",
        "hook" => "Webhook",
        "hook_change" => "Change of a webhook",
        "runner" => "Runner",
        "runner_registration" => "Registration of runners",
        "runner_removal" => "Removal of runners",
        "codespace" => "Codespace",
        "token" => "Token",
        "application" => "Application",
        "push_mirror" => "Push mirror",
        _ => "Something that was not recognised",
    }
}

fn state(word: &str) -> Markup {
    match word {
        "live" => badge(Hue::Green, "Works"),
        "lapsed" => badge(Hue::Grey, "Ended by itself"),
        "pending" => badge(Hue::Amber, "Being ended"),
        "ended" => badge(Hue::Grey, "Ended"),
        "failed" => badge(Hue::Red, "Ending failed"),
        _ => badge(Hue::Amber, "Unknown"),
    }
}

/// Planted things in a list. `end` is the path below which each is ended; empty leaves the buttons out.
pub fn list(label: &str, views: &[PlantedView], csrf: &str, now: Timestamp, end: &str) -> Markup {
    let told: Vec<Row> = views.iter().map(|view| row(view, csrf, now, end)).collect();
    rows(label, &told)
}

fn row(view: &PlantedView, csrf: &str, now: Timestamp, end: &str) -> Row {
    let row = &view.row;
    let place = view.repository.as_deref().or(view.owner.as_deref());
    let mut meta = vec![
        html! { "By the token " (name::name(&view.token)) @if view.token_ended { " (ended)" } },
        html! { "As " (name::login(&view.actor)) },
        html! { "Made " (time::relative(row.created_at, now)) },
    ];
    if let Some(at) = row.ended_at {
        meta.push(html! {
            "Ended " (time::relative(at, now))
            @if let Some(by) = &view.ended_by { " by " (name::login(by)) }
        });
    }
    if let Some(at) = row.lapses_at {
        meta.push(time::expires(Some(at), now));
    }
    Row {
        title: html! {
            (kind(&row.kind))
            @if !row.label.is_empty() { " " (name::name(&row.label)) }
            @if let Some(place) = place { " at " (name::name(place)) }
        },
        badges: state(view.state(now)),
        text: html! {
            @if let (Some(problem), "unknown") = (&row.problem, view.state(now)) { "It may have been made: " (problem) "." }
            @else if let Some(problem) = &row.problem { "It may still work: " (problem) ". It is tried again every hour." }
            @else if !view.can_end(now) && matches!(view.state(now), "live" | "unknown") {
                "It cannot be ended from here: end it where it is kept."
            }
        },
        meta,
        actions: html! {
            @if !end.is_empty() && view.can_end(now) {
                (post(&format!("{end}/{}/end", row.id), csrf, &[], &Button {
                    label: "End",
                    about: kind(&row.kind),
                    tone: Tone::Danger,
                    small: true,
                    ..Button::default()
                }))
            }
        },
        ..Row::default()
    }
}
