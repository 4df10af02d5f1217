//! First run: the link from the console makes the first administrator, once.

use super::{drawn, signed_in};
use crate::errors::Errors;
use crate::kept::Kept;
use crate::look::button::{Tone, submit};
use crate::look::field::{Field, Input, input, password};
use crate::look::shell::{Narrow, narrow};
use crate::look::{Markup, form, html};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Routes};
use bailiwick_model::limit::PASSWORD_CHARS_MIN;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes.on(op::WEB_SETUP_FORM, show).on(op::WEB_SETUP, make);
}

fn page(csrf: &str, code: &str, login: &str, errors: &Errors) -> Markup {
    let body = html! {
        (form::errors(&errors.list()))
        (form::form(&form::Form { action: "/setup", csrf, ..Default::default() }, &html! {
            (form::hidden("code", code))
            (input(
                &Field {
                    name: "login", label: "Login", value: login, error: errors.at("login"),
                    hint: html! { "Letters, digits and single hyphens. It stands in every address of yours." },
                    ..Field::default()
                },
                &Input { autocomplete: "username", mono: true, autofocus: true, max: 39, ..Input::default() },
            ))
            (password(
                &Field {
                    name: "password", label: "Password", error: errors.at("password"),
                    hint: html! { "At least " (PASSWORD_CHARS_MIN) " characters; a few words that nobody would guess." },
                    ..Field::default()
                },
                "new-password",
            ))
            (form::actions(&submit("Create the administrator", Tone::Primary)))
        }))
    };
    let frame = Narrow {
        title: "Set up Bailiwick",
        lede: "Nobody administers this server yet. You are about to. Add a passkey or an authenticator app right after.",
        invalid: !errors.is_empty(),
        ..Narrow::default()
    };
    narrow(&frame, &body, &html! {})
}

fn show(call: Call) -> Answer {
    call.authority.setup_open(&call.permit)?;
    let code = call.request.query.get("code").unwrap_or("");
    let errors = Errors::none();
    Ok(drawn(&errors, page(&call.request.csrf, code, "", &errors)))
}

fn make(call: Call) -> Answer {
    let Call {
        authority,
        permit,
        request,
        doorway,
    } = call;
    let field = |name: &str| request.form.get(name).unwrap_or("");
    let (code, login) = (field("code"), field("login").trim());
    match authority.setup_administrator(permit, code, login, field("password")) {
        Ok(session) => {
            let kept = Kept::page("/settings/security");
            Ok(signed_in(&authority, &request, &doorway, &kept, &session))
        }
        Err(fault) => {
            let errors = Errors::of(fault)?;
            Ok(drawn(&errors, page(&request.csrf, code, login, &errors)))
        }
    }
}
