//! Signing in with a login and a password or with a passkey, and signing out.

use super::second_factor;
use super::{drawn, passkey_form, signed_in};
use crate::done;
use crate::errors::Errors;
use crate::kept::Kept;
use crate::look::button::{Tone, submit};
use crate::look::callout::{Flash, Weight};
use crate::look::field::{Field, Input, input, password};
use crate::look::shell::{Narrow, narrow};
use crate::look::{Markup, form, html};
use bailiwick_authority::session::SignIn;
use bailiwick_authority::{Authority, Permit};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Request, Routes};
use http::header;
use serde_json::Value;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_LOGIN_FORM, show)
        .on(op::WEB_LOGIN, sign_in)
        .on(op::WEB_PASSKEY_LOGIN, by_passkey)
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
    /// What a passkey is asked, where passkeys are offered.
    pub passkey: Option<Value>,
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
            (passkey_form("/login/passkey", self.csrf, "Sign in with a passkey", self.passkey.as_ref(), self.kept.fields()))
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
    let kept = Kept::page(query.get("return_to").unwrap_or("/"));
    if call.permit.session().is_some() {
        return Ok(Reply::see_other(kept.target()));
    }
    let form = Form {
        csrf: &call.request.csrf,
        kept,
        notice: query.get("done").and_then(done::text).unwrap_or(""),
        passkey: call.authority.passkey_sign_in_options(&call.permit)?,
        ..Form::default()
    };
    Ok(drawn(&form.errors, form.draw()))
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
    let looking = permit.also(op::WEB_LOGIN_FORM)?;
    let errors = match authority.session_create(permit, &login, secret) {
        Ok(SignIn::Done(session)) => return Ok(signed_in(&authority, &request, &doorway, &kept, &session)),
        Ok(SignIn::SecondFactor(pending)) => {
            let secret = &pending.secret;
            return second_factor::ask(&authority, &looking, &request, kept, secret, Errors::none());
        }
        Err(fault) if fault.code == "session.bad_password" => {
            Errors::one("login", "Wrong login or password.")
        }
        Err(fault) => Errors::of(fault)?,
    };
    again(&authority, &looking, &request, kept, &login, errors)
}

/// The sign-in page once more, with what is wrong and what was typed.
pub(super) fn again(
    authority: &Authority,
    looking: &Permit,
    request: &Request,
    kept: Kept,
    login: &str,
    errors: Errors,
) -> Answer {
    let form = Form {
        csrf: &request.csrf,
        kept,
        login,
        errors,
        passkey: authority.passkey_sign_in_options(looking)?,
        ..Form::default()
    };
    Ok(drawn(&form.errors, form.draw()))
}

fn by_passkey(call: Call) -> Answer {
    let Call {
        authority,
        permit,
        request,
        doorway,
    } = call;
    let kept = Kept::from_form(&request.form);
    let looking = permit.also(op::WEB_LOGIN_FORM)?;
    let credential = request.form.get("credential").unwrap_or("");
    let errors = match authority.session_create_by_passkey(permit, credential) {
        Ok(session) => return Ok(signed_in(&authority, &request, &doorway, &kept, &session)),
        Err(fault) if fault.code == "passkey.refused" => Errors::one("", "This passkey is not known here."),
        Err(fault) if fault.code == "passkey.challenge_over" => {
            Errors::one("", "That took too long: try again.")
        }
        Err(fault) => Errors::of(fault)?,
    };
    again(&authority, &looking, &request, kept, "", errors)
}

fn sign_out(call: Call) -> Answer {
    let cookies = call.doorway.cookies;
    if let Some(session) = call.permit.session() {
        call.authority.session_end(call.permit, session)?;
    }
    Ok(Reply::see_other(&done::after("/login", "signed-out"))
        .with(header::SET_COOKIE, &cookies.remove(cookies.session)))
}
