//! A new classic token: a note, an end, and the tree of scopes.

use super::super::draft::Draft;
use super::super::draft::expiry;
use super::super::{CLASSIC, NEW, fields, minted, told};
use super::scopes;
use crate::errors::Errors;
use crate::look::button::{Tone, link, submit};
use crate::look::callout::{Weight, callout};
use crate::look::field::{Field, Input, input};
use crate::look::heading::{Heading, heading};
use crate::look::{Markup, form, html};
use crate::visit::{Area, Frame, Visit};
use bailiwick_authority::token::MintInput;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::limit::{TOKEN_LIFETIME_DAYS_DEFAULT, TOKEN_NAME_CHARS_MAX};
use bailiwick_model::{Scope, TokenKind};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_CLASSIC_TOKEN_NEW, show)
        .on(op::WEB_CLASSIC_TOKEN_CREATE, create);
}

const TITLE: &str = "New classic token";

#[derive(Default)]
struct Shown {
    draft: Draft,
    scopes: Vec<String>,
    errors: Errors,
    linked: bool,
    left_out: Vec<String>,
}

/// The note, as the form and the page of a token draw it.
pub fn note(value: &str, errors: &Errors) -> Markup {
    input(
        &Field {
            name: "name",
            label: "Note",
            hint: html! { "What is this token for?" },
            error: errors.at("name"),
            value,
            ..Field::default()
        },
        &Input {
            max: TOKEN_NAME_CHARS_MAX,
            counted: true,
            width: 32,
            autocomplete: "off",
            ..Input::default()
        },
    )
}

fn show(call: Call) -> Answer {
    let query = &call.request.query;
    let mut shown = Shown {
        draft: Draft {
            name: query.get("description").unwrap_or_default().to_owned(),
            expires_in: TOKEN_LIFETIME_DAYS_DEFAULT.to_string(),
            ..Draft::default()
        },
        linked: query.get("description").is_some() || query.get("scopes").is_some(),
        ..Shown::default()
    };
    for word in query.list("scopes") {
        match Scope::parse(word) {
            Some(scope) if scopes::may_be_linked(scope) => shown.scopes.push(word.to_owned()),
            Some(scope) => shown
                .left_out
                .push(format!("{word}: {}", scopes::meaning(scope).to_lowercase())),
            None => shown.left_out.push(format!("{word}, which is no scope here")),
        }
    }
    Ok(page(&Visit::of(&call), &shown))
}

fn create(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let draft = Draft::read(&call.request.form);
    let scopes = scopes::read(&call.request.form);
    let errors = match expiry(&draft.expires_in, &draft.expires_on, visit.now) {
        Err(errors) => errors,
        Ok(expiry) => {
            let input = MintInput {
                kind: TokenKind::Classic,
                name: draft.name.trim().to_owned(),
                description: None,
                expiry,
                scopes: scopes.clone(),
                grants: Vec::new(),
            };
            match call.authority.token_mint(call.permit, &input) {
                Ok(made) => return Ok(minted::page(&visit, &made, "Your new token")),
                Err(fault) => told::errors(fault, &draft)?,
            }
        }
    };
    let shown = Shown {
        draft,
        scopes,
        errors,
        ..Shown::default()
    };
    Ok(page(&visit, &shown))
}

fn page(visit: &Visit, shown: &Shown) -> Reply {
    let (draft, errors) = (&shown.draft, &shown.errors);
    let body = html! {
        (form::section("What it is for", &html! {}, &html! {
            (note(&draft.name, errors))
            (fields::expiry(&draft.expires_in, &draft.expires_on, None, errors, visit.now))
        }))
        (form::section(
            "Scopes",
            &html! { "They bound what the token does, everywhere that you have access. A scope includes those below it. Without any, it reads public resources only." },
            &scopes::tree(&shown.scopes, errors.at("scopes")),
        ))
        (form::actions(&html! {
            (submit("Generate token", Tone::Primary))
            (link("Cancel", CLASSIC, Tone::Quiet))
        }))
    };
    let main = html! {
        (heading(&Heading { title: html! { (TITLE) }, ..Heading::default() }))
        (form::errors(&errors.list()))
        @if shown.linked {
            (callout(Weight::Info, "This form was filled in by a link", &html! {
                p { "Check the scopes before you generate the token." }
                @if !shown.left_out.is_empty() {
                    p { "The link also asked for these, which are left for you to tick:" }
                    ul { @for one in &shown.left_out { li { bdi { (one) } } } }
                }
            }))
        }
        (callout(Weight::Warn, "It reaches every repository that you reach", &html! {
            p { "Organizations cannot approve classic tokens, only block them. A " a href=(NEW) { "fine-grained token" } " does the same work with less risk." }
        }))
        (form::form(&form::Form { action: CLASSIC, csrf: &visit.csrf, ..form::Form::default() }, &body))
    };
    visit.page_with(
        errors.status(),
        &Frame {
            title: TITLE,
            area: Area::Own,
            crumbs: &[("Tokens (classic)", CLASSIC)],
            invalid: !errors.is_empty(),
        },
        &main,
    )
}
