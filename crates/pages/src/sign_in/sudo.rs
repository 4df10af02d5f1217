//! Sudo mode: before minting, approving and policies a person proves again who they are.

use super::{drawn, passkey_form};
use crate::done;
use crate::errors::Errors;
use crate::kept::Kept;
use crate::look::button::{Button, Tone, button, submit};
use crate::look::field::{Field, code, password};
use crate::look::shell::{Narrow, narrow};
use crate::look::{Markup, form, html};
use crate::turned::go_on;
use crate::visit::Visit;
use bailiwick_authority::{Authority, Fault, Permit, Proof};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use serde_json::Value;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_SUDO_FORM, show)
        .on(op::WEB_SUDO_WAYS, ways)
        .on(op::WEB_SUDO, confirm);
}

/// The ways that a person has beside the password, once they are looked up.
#[derive(Clone, Debug, Default)]
pub struct Ways {
    totp: bool,
    passkey: Option<Value>,
}

impl Ways {
    fn of(authority: &Authority, permit: &Permit) -> Result<Ways, Fault> {
        Ok(Ways {
            totp: authority.security(permit)?.totp.is_some(),
            passkey: authority.passkey_sudo_options(permit)?,
        })
    }
}

/// The page.
#[derive(Debug, Default)]
pub struct Form<'a> {
    /// The guard.
    pub csrf: &'a str,
    /// Whose session it is.
    pub login: &'a str,
    /// Where to go after.
    pub kept: Kept,
    /// What is wrong.
    pub errors: Errors,
    /// The other ways; not known yet when the gate asks.
    pub ways: Option<Ways>,
}

impl Form<'_> {
    /// The whole document.
    pub fn draw(&self) -> Markup {
        let frame = form::Form {
            action: "/sessions/sudo",
            csrf: self.csrf,
            ..Default::default()
        };
        let body = html! {
            (form::errors(&self.errors.list()))
            (form::form(&frame, &html! {
                (self.kept.fields())
                // For password managers, which look for the login beside the password.
                input type="hidden" name="login" value=(self.login) autocomplete="username";
                (password(
                    &Field { name: "password", label: "Password", error: self.errors.at("password"), ..Field::default() },
                    "current-password",
                ))
                (form::actions(&html! {
                    (submit("Confirm", Tone::Primary))
                    @if self.ways.is_none() {
                        (button(&Button {
                            label: "Another way", tone: Tone::Quiet, action: "/sessions/sudo/ways", unchecked: true,
                            ..Button::default()
                        }))
                    }
                }))
            }))
            @if let Some(ways) = &self.ways {
                @if ways.totp {
                    (form::form(&frame, &html! {
                        (self.kept.fields())
                        (code(&Field {
                            name: "code", label: "Code", hint: html! { "From your authenticator app." },
                            error: self.errors.at("code"), ..Field::default()
                        }))
                        (form::actions(&submit("Confirm with the code", Tone::Plain)))
                    }))
                }
                (passkey_form("/sessions/sudo", self.csrf, "Confirm with a passkey", ways.passkey.as_ref(), self.kept.fields()))
            }
        };
        let frame = Narrow {
            title: "Is it you?",
            invalid: !self.errors.is_empty(),
            lede: "Tokens, approvals and policies are changed only after you prove again who you are. It holds for \
                   two hours; what you typed is kept.",
            ..Narrow::default()
        };
        narrow(&frame, &body, &html! { p { a href="/" { "Not now" } } })
    }
}

fn show(call: Call) -> Answer {
    let kept = Kept::page(call.request.query.get("return_to").unwrap_or("/"));
    again(
        &call.authority,
        &call.permit,
        &Visit::of(&call),
        kept,
        Errors::none(),
    )
}

fn ways(call: Call) -> Answer {
    let kept = Kept::from_form(&call.request.form);
    again(
        &call.authority,
        &call.permit,
        &Visit::of(&call),
        kept,
        Errors::none(),
    )
}

fn again(authority: &Authority, permit: &Permit, visit: &Visit, kept: Kept, errors: Errors) -> Answer {
    let form = Form {
        csrf: &visit.csrf,
        login: visit.login.as_deref().unwrap_or_default(),
        kept,
        errors,
        ways: Some(Ways::of(authority, permit)?),
    };
    Ok(drawn(&form.errors, form.draw()))
}

fn confirm(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let kept = Kept::from_form(&call.request.form);
    let given = |name: &str| call.request.form.get(name).filter(|text| !text.is_empty());
    let proof = match (given("credential"), given("code")) {
        (Some(credential), _) => Proof::Passkey(credential),
        (None, Some(code)) => Proof::Code(code),
        (None, None) => Proof::Password(given("password").unwrap_or("")),
    };
    let looking = call.permit.also(op::WEB_SUDO_FORM)?;
    let errors = match call.authority.session_sudo(call.permit, proof) {
        Ok(_) if kept.is_form() => {
            let said = "It is you. Nothing of what you typed is lost.";
            return Ok(go_on(&kept, &visit.csrf, said));
        }
        Ok(_) => return Ok(Reply::see_other(&done::after(kept.target(), "confirmed"))),
        Err(fault) => match fault.code {
            "session.bad_password" => Errors::one("password", "Wrong password."),
            "two_factor.bad_code" => Errors::one("code", "Wrong code, or one that was used already."),
            "passkey.refused" | "passkey.challenge_over" => {
                Errors::one("", "The passkey did not prove it: try again.")
            }
            _ => Errors::of(fault)?,
        },
    };
    again(&call.authority, &looking, &visit, kept, errors)
}
