//! Sudo mode: before minting, approving and policies a person proves again who they are.

use crate::done;
use crate::errors::Errors;
use crate::kept::Kept;
use crate::look::button::{Tone, submit};
use crate::look::field::{Field, password};
use crate::look::shell::{Narrow, narrow};
use crate::look::{Markup, form, html};
use crate::turned::go_on;
use crate::visit::Visit;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use http::StatusCode;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes.on(op::WEB_SUDO_FORM, show).on(op::WEB_SUDO, confirm);
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
}

impl Form<'_> {
    /// The whole document.
    pub fn draw(&self) -> Markup {
        let body = html! {
            (form::errors(&self.errors.list()))
            (form::form(&form::Form { action: "/sessions/sudo", csrf: self.csrf, ..Default::default() }, &html! {
                (self.kept.fields())
                // For password managers, which look for the login beside the password.
                input type="hidden" name="login" value=(self.login) autocomplete="username";
                (password(
                    &Field { name: "password", label: "Password", error: self.errors.at("password"), ..Field::default() },
                    "current-password",
                ))
                (form::actions(&submit("Confirm", Tone::Primary)))
            }))
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
    let visit = Visit::of(&call);
    let form = Form {
        csrf: &visit.csrf,
        login: visit.login.as_deref().unwrap_or_default(),
        kept: Kept::page(call.request.query.get("return_to").unwrap_or("/")),
        ..Form::default()
    };
    Ok(Reply::html(StatusCode::OK, form.draw().into_string()))
}

fn confirm(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let kept = Kept::from_form(&call.request.form);
    let secret = call.request.form.get("password").unwrap_or("");
    match call
        .authority
        .session_sudo(call.permit, bailiwick_authority::Proof::Password(secret))
    {
        Ok(_) if kept.is_form() => Ok(go_on(
            &kept,
            &visit.csrf,
            "It is you. Nothing of what you typed is lost.",
        )),
        Ok(_) => Ok(Reply::see_other(&done::after(kept.target(), "confirmed"))),
        Err(fault) => {
            let errors = match fault.code {
                "session.bad_password" => Errors::one("password", "Wrong password."),
                _ => Errors::of(fault)?,
            };
            let form = Form {
                csrf: &visit.csrf,
                login: visit.login.as_deref().unwrap_or_default(),
                kept,
                errors,
            };
            Ok(Reply::html(
                StatusCode::UNPROCESSABLE_ENTITY,
                form.draw().into_string(),
            ))
        }
    }
}
