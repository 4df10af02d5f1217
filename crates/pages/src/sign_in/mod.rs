//! Signing in and out, the first administrator, and proving again that it is you.

pub mod login;
pub mod second_factor;
pub mod setup;
pub mod sudo;

use crate::errors::Errors;
use crate::kept::Kept;
use crate::look::Markup;
use crate::look::passkey::{Ceremony, Passkey, passkey};
use crate::turned::go_on;
use bailiwick_authority::Authority;
use bailiwick_authority::session::SignedIn;
use bailiwick_gate::{Doorway, Reply, Request, Routes};
use http::{StatusCode, header};
use serde_json::Value;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    login::register(routes);
    second_factor::register(routes);
    setup::register(routes);
    sudo::register(routes);
}

/// The answer to a sign-in that is complete: the session's cookie, and on to where somebody was going.
fn signed_in(
    authority: &Authority,
    request: &Request,
    doorway: &Doorway,
    kept: &Kept,
    session: &SignedIn,
) -> Reply {
    let secret = session.secret.reveal();
    let reply = if kept.is_form() {
        let csrf = doorway.guard(authority, request, secret);
        go_on(
            kept,
            &csrf,
            "You are signed in. Nothing of what you typed is lost.",
        )
    } else {
        Reply::see_other(kept.target())
    };
    reply.with(
        header::SET_COOKIE,
        &doorway.cookies.set(doorway.cookies.session, secret),
    )
}

/// A button that asks the browser for a passkey, where they are offered.
fn passkey_form(action: &str, csrf: &str, label: &str, options: Option<&Value>, fields: Markup) -> Markup {
    match options {
        None => Markup::default(),
        Some(options) => passkey(&Passkey {
            action,
            csrf,
            ceremony: Ceremony::Get,
            options: &options.to_string(),
            label,
            fields,
        }),
    }
}

/// A page with its form, or with what is wrong with it.
fn drawn(errors: &Errors, page: Markup) -> Reply {
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Reply::html(status, page.into_string())
}
