//! One classic token: its facts, and its note and scopes to change.

use super::super::draft::Draft;
use super::super::told::{self, state};
use super::super::{CLASSIC, path_of, planted, view};
use super::{new, scopes};
use crate::done;
use crate::errors::Errors;
use crate::look::badge::{State, state as badge_of};
use crate::look::button::{Tone, link, submit};
use crate::look::callout::{Weight, callout};
use crate::look::heading::{Heading, Part, danger, heading, part};
use crate::look::{Markup, form, html, name};
use crate::visit::{Area, Frame, Visit};
use bailiwick_authority::Fault;
use bailiwick_authority::token::TokenView;
use bailiwick_authority::token::edit::EditInput;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::{TokenId, TokenKind};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_CLASSIC_TOKEN, show)
        .on(op::WEB_CLASSIC_TOKEN_UPDATE, update);
}

fn load(call: &Call) -> Result<TokenView, Fault> {
    let id = TokenId(call.request.id("token_id")?);
    let view = call.authority.own_token(&call.permit, id)?;
    if view.row.kind == TokenKind::Classic {
        Ok(view)
    } else {
        Err(Fault::not_found())
    }
}

fn words(view: &TokenView) -> Vec<String> {
    view.row
        .scopes
        .split(',')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn show(call: Call) -> Answer {
    let view = load(&call)?;
    let scopes = words(&view);
    let visit = Visit::of(&call);
    let planted = planted::of_token(&call.authority, &call.permit, &visit, view.row.id)?;
    let errors = Errors::none();
    Ok(page(&visit, &view, &view.row.name, &scopes, &errors, &planted))
}

fn update(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let view = load(&call)?;
    let draft = Draft::read(&call.request.form);
    let scopes = scopes::read(&call.request.form);
    let input = EditInput {
        name: Some(draft.name.trim().to_owned()),
        scopes: Some(scopes.clone()),
        ..EditInput::default()
    };
    match call.authority.token_edit(call.permit, view.row.id, &input) {
        Ok(_) => {
            let path = format!("{CLASSIC}/{}", view.row.id);
            Ok(Reply::see_other(&done::after(&path, "token-edited")))
        }
        Err(fault) => {
            let errors = told::errors(fault, &draft)?;
            Ok(page(&visit, &view, &draft.name, &scopes, &errors, &html! {}))
        }
    }
}

fn page(
    visit: &Visit,
    token: &TokenView,
    note: &str,
    ticked: &[String],
    errors: &Errors,
    planted: &Markup,
) -> Reply {
    let (path, common) = (format!("{CLASSIC}/{}", token.row.id), path_of(token.row.id));
    let standing = state(token, visit.now);
    let ended = standing == State::Revoked;
    let body = html! {
        (new::note(note, errors))
        (scopes::tree(ticked, errors.at("scopes")))
        (form::actions(&submit("Save changes", Tone::Primary)))
    };
    let main = html! {
        (heading(&Heading {
            title: name::name(&token.row.name),
            kicker: "Classic token",
            badges: badge_of(standing),
            actions: html! {
                @if !ended { (link("Regenerate", &format!("{common}/regenerate"), Tone::Plain)) }
                (link("Activity", &format!("{common}/activity"), Tone::Plain))
            },
            ..Heading::default()
        }))
        (form::errors(&errors.list()))
        @if ended {
            (callout(Weight::Danger, "It was revoked", &html! {
                p { @if let Some(reason) = &token.row.revoked_reason { "Why: " (name::name(reason)) ". " } "It cannot come back." }
            }))
        }
        (view::about(token, visit))
        @if !ended {
            (part(
                &Part { title: "Note and scopes", lede: html! { "Changes work at once; the secret stays." }, ..Part::default() },
                &form::form(&form::Form { action: &path, csrf: &visit.csrf, ..form::Form::default() }, &body),
            ))
        }
        (planted)
        (danger("Delete this token", &html! {
            p { "Whatever uses it stops working at once." }
            (link("Delete", &format!("{common}/delete"), Tone::Danger))
        }))
    };
    visit.page_with(
        errors.status(),
        &Frame {
            title: &token.row.name,
            area: Area::Own,
            crumbs: &[("Tokens (classic)", CLASSIC)],
            invalid: !errors.is_empty(),
        },
        &main,
    )
}
