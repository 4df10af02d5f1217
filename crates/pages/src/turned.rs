//! The gate's own answers as pages: sign in first, prove that it is you, refused and why, not found, broken.
//! What was typed into a form that was turned away travels on in a hidden field and comes back.

use crate::kept::Kept;
use crate::look::button::{Tone, link, submit};
use crate::look::callout::{Weight, callout};
use crate::look::shell::{Narrow, narrow};
use crate::look::stage::{stopped_at, track};
use crate::look::{Markup, html, list};
use crate::sign_in;
use bailiwick_gate::{Query, Reply, Turned, encode};
use http::{Method, StatusCode};

/// Draws an answer of the gate.
pub fn face(turned: &Turned<'_>) -> Reply {
    let reason = turned.description.reason.unwrap_or("");
    let asked = turned.asked;
    if turned.status == StatusCode::UNAUTHORIZED {
        let (path, query) = asked.target.split_once('?').unwrap_or((&asked.target, ""));
        // What was only looked at is asked for again by its address; the sign-in page leads to no other.
        if asked.method == Method::GET && path != "/login" {
            return Reply::see_other(&format!("/login?return_to={}", encode(&asked.target)));
        }
        let kept = match &asked.form {
            // A sign-in page's own form: what it carried goes on.
            Some(form) if form.get("kept_to").is_some() => Kept::from_form(form),
            None if path == "/login" => {
                let query = Query::parse(Some(query)).unwrap_or_default();
                Kept::page(query.get("return_to").unwrap_or("/"))
            }
            Some(_) | None => Kept::of(asked),
        };
        let page = sign_in::login::Form {
            csrf: &asked.csrf,
            notice: if kept.is_form() {
                "Your session is over. Sign in again: what you typed is kept."
            } else {
                "Your session is over. Sign in again."
            },
            kept,
            ..sign_in::login::Form::default()
        };
        return Reply::html(StatusCode::UNAUTHORIZED, page.draw().into_string());
    }
    if reason == "session.sudo_required" {
        let page = sign_in::sudo::Form {
            csrf: &asked.csrf,
            login: turned.login.unwrap_or_default(),
            kept: Kept::of(asked),
            ..sign_in::sudo::Form::default()
        };
        return Reply::html(StatusCode::FORBIDDEN, page.draw().into_string());
    }
    let (title, lede) = told(turned.status);
    let body = body(turned);
    let below = html! {
        p {
            a href="/" { "Start page" } " · " a href="/explain" { "Explain a request" }
        }
    };
    let frame = Narrow {
        title,
        lede,
        roomy: turned.description.stage.is_some(),
        ..Narrow::default()
    };
    Reply::html(turned.status, narrow(&frame, &body, &below).into_string())
}

fn told(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::NOT_FOUND => (
            "Not found",
            "There is no such page, or you may not see it. Both look the same from here.",
        ),
        StatusCode::FORBIDDEN => ("Refused", ""),
        StatusCode::TOO_MANY_REQUESTS => ("Too many requests", ""),
        StatusCode::SERVICE_UNAVAILABLE => ("Not available at the moment", ""),
        StatusCode::BAD_REQUEST => ("That cannot be read", ""),
        StatusCode::GONE => ("Over", ""),
        StatusCode::INTERNAL_SERVER_ERROR => (
            "Something broke here",
            "It is not your fault. It is in the server's log; trying again may work.",
        ),
        _ => ("That did not work", ""),
    }
}

fn body(turned: &Turned<'_>) -> Markup {
    let description = turned.description;
    let hidden = turned.status == StatusCode::NOT_FOUND;
    let facts: Vec<(&str, Markup)> = [
        ("Missing", &description.missing),
        ("What to do", &description.help),
    ]
    .into_iter()
    .filter_map(|(label, text)| Some((label, text.as_deref().map(|text| html! { (text) })?)))
    .collect();
    html! {
        @if !hidden && !description.message.is_empty() {
            (callout(Weight::Danger, "", &html! { p { (description.message) } }))
        }
        @if let Some(stage) = description.stage { (track(&stopped_at(stage))) }
        @if !facts.is_empty() { (list::facts(&facts)) }
        @if turned.login.is_none() {
            p { (link("Sign in", &entrance(turned), Tone::Primary)) }
        }
    }
}

/// The sign-in page, which leads back to what was looked at.
fn entrance(turned: &Turned<'_>) -> String {
    if turned.asked.method == Method::GET {
        format!("/login?return_to={}", encode(&turned.asked.target))
    } else {
        String::from("/login")
    }
}

/// A button that goes on where a form was turned away, with everything that had been typed.
pub fn go_on(kept: &Kept, csrf: &str, said: &str) -> Reply {
    let body = html! {
        form.form method="post" action=(kept.target()) {
            (crate::look::form::csrf(csrf))
            @for (name, value) in kept.pairs() { (crate::look::form::hidden(name, value)) }
            div.form-actions { (submit("Go on", Tone::Primary)) }
        }
    };
    let frame = Narrow {
        title: "Go on where you were",
        lede: said,
        ..Narrow::default()
    };
    Reply::html(StatusCode::OK, narrow(&frame, &body, &html! {}).into_string())
}
