//! Signing in with a login and a password, and signing out.

use super::with_cookie;
use crate::done;
use crate::errors::Errors;
use crate::kept::Kept;
use crate::look::button::{Tone, submit};
use crate::look::callout::{Flash, Weight};
use crate::look::field::{Field, Input, input, password};
use crate::look::shell::{Narrow, narrow};
use crate::look::{Markup, form, html};
use crate::turned::go_on;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use http::StatusCode;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_LOGIN_FORM, show)
        .on(op::WEB_LOGIN, sign_in)
        .on(op::WEB_LOGOUT, sign_out);
}

/// The sign-in page.
#[derive(Debug, Default)]
pub struct Form<'a> {
    /// The guard.
    pub csrf: &'a str,
    /// Where to go after.
    pub kept: Kept,
    /// Why the page is shown.
    pub notice: &'a str,
    /// What was typed.
    pub login: &'a str,
    /// What is wrong.
    pub errors: Errors,
}

impl Form<'_> {
    /// The whole document.
    pub fn draw(&self) -> Markup {
        let body = html! {
            (form::errors(&self.errors.list()))
            (form::form(&form::Form { action: "/login", csrf: self.csrf, ..Default::default() }, &html! {
                (self.kept.fields())
                (input(
                    &Field { name: "login", label: "Login", value: self.login, error: self.errors.at("login"), ..Field::default() },
                    &Input { autocomplete: "username", mono: true, autofocus: true, ..Input::default() },
                ))
                (password(
                    &Field { name: "password", label: "Password", error: self.errors.at("password"), ..Field::default() },
                    "current-password",
                ))
                (form::actions(&submit("Sign in", Tone::Primary)))
            }))
        };
        let notices: Vec<Flash<'_>> = (!self.notice.is_empty())
            .then_some(Flash {
                weight: Weight::Info,
                text: self.notice,
            })
            .into_iter()
            .collect();
        let frame = Narrow {
            title: "Sign in",
            invalid: !self.errors.is_empty(),
            flashes: &notices,
            ..Narrow::default()
        };
        narrow(
            &frame,
            &body,
            &html! { p { a href="/permissions" { "What tokens can do here" } } },
        )
    }
}

fn show(call: Call) -> Answer {
    let query = &call.request.query;
    let form = Form {
        csrf: &call.request.csrf,
        kept: Kept::page(query.get("return_to").unwrap_or("/")),
        notice: query.get("done").and_then(done::text).unwrap_or(""),
        ..Form::default()
    };
    Ok(Reply::html(StatusCode::OK, form.draw().into_string()))
}

fn sign_in(call: Call) -> Answer {
    let Call {
        authority,
        permit,
        request,
        doorway,
    } = call;
    let login = request.form.get("login").unwrap_or("").trim().to_owned();
    let secret = request.form.get("password").unwrap_or("");
    let kept = Kept::from_form(&request.form);
    match authority.session_create_once(permit, &login, secret, request.form.get("otp")) {
        Ok(signed_in) => {
            let cookie = doorway
                .cookies
                .set(doorway.cookies.session, signed_in.secret.reveal());
            let reply = if kept.is_form() {
                let csrf = doorway.guard(&authority, &request, signed_in.secret.reveal());
                go_on(
                    &kept,
                    &csrf,
                    "You are signed in. Nothing of what you typed is lost.",
                )
            } else {
                Reply::see_other(kept.target())
            };
            Ok(with_cookie(reply, &cookie))
        }
        Err(fault) => {
            let errors = match fault.code {
                "session.bad_password" => Errors::one("login", "Wrong login or password."),
                _ => Errors::of(fault)?,
            };
            let form = Form {
                csrf: &request.csrf,
                kept,
                login: &login,
                errors,
                ..Form::default()
            };
            Ok(Reply::html(
                StatusCode::UNPROCESSABLE_ENTITY,
                form.draw().into_string(),
            ))
        }
    }
}

fn sign_out(call: Call) -> Answer {
    let cookies = call.doorway.cookies;
    if let Some(session) = call.permit.session() {
        call.authority.session_end(call.permit, session)?;
    }
    Ok(with_cookie(
        Reply::see_other(&done::after("/login", "signed-out")),
        &cookies.remove(cookies.session),
    ))
}
