//! The second step of signing in: a code of the authenticator app, a recovery code, or a passkey.

use super::login;
use super::{drawn, passkey_form, signed_in};
use crate::errors::Errors;
use crate::kept::Kept;
use crate::look::button::{Tone, submit};
use crate::look::field::{Field, code};
use crate::look::shell::{Narrow, narrow};
use crate::look::{form, html};
use bailiwick_authority::{Authority, Permit, Proof};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Request, Routes};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes.on(op::WEB_SECOND_FACTOR, prove);
}

/// The page, for somebody whose password was right.
pub(super) fn ask(
    authority: &Authority,
    looking: &Permit,
    request: &Request,
    kept: Kept,
    pending: &str,
    errors: Errors,
) -> Answer {
    let waiting = authority.session_pending(looking, pending)?;
    let options = authority.passkey_second_factor_options(looking, pending)?;
    let carried = html! { (kept.fields()) (form::hidden("pending", pending)) };
    let by_code = waiting.factors.totp || waiting.factors.recovery;
    let hint = match (waiting.factors.totp, waiting.factors.recovery) {
        (true, true) => "From your authenticator app, or one of your recovery codes.",
        (true, false) => "From your authenticator app.",
        (false, _) => "One of your recovery codes.",
    };
    let body = html! {
        (form::errors(&errors.list()))
        @if by_code {
            (form::form(&form::Form { action: "/login/second-factor", csrf: &request.csrf, ..Default::default() }, &html! {
                (carried)
                (code(&Field { name: "code", label: "Code", hint: html! { (hint) }, error: errors.at("code"), ..Field::default() }))
                (form::actions(&submit("Continue", Tone::Primary)))
            }))
        }
        (passkey_form("/login/second-factor", &request.csrf, "Use a passkey", options.as_ref(), carried))
    };
    let lede = format!(
        "Signing in as {}. Your password was right; one more proof.",
        waiting.login
    );
    let frame = Narrow {
        title: "Second step",
        invalid: !errors.is_empty(),
        lede: &lede,
        ..Narrow::default()
    };
    let below = html! { p { a href="/login" { "Start again" } } };
    Ok(drawn(&errors, narrow(&frame, &body, &below)))
}

fn prove(call: Call) -> Answer {
    let Call {
        authority,
        permit,
        request,
        doorway,
    } = call;
    let kept = Kept::from_form(&request.form);
    let pending = request.form.get("pending").unwrap_or("").to_owned();
    let looking = permit.also(op::WEB_LOGIN_FORM)?;
    let proof = match request.form.get("credential").filter(|text| !text.is_empty()) {
        Some(credential) => Proof::Passkey(credential),
        None => Proof::Code(request.form.get("code").unwrap_or("")),
    };
    let errors = match authority.session_second_factor(permit, &pending, proof) {
        Ok(session) => return Ok(signed_in(&authority, &request, &doorway, &kept, &session)),
        Err(fault) if fault.code == "session.pending_over" => {
            let errors = Errors::one("login", "That took too long: sign in again.");
            return login::again(&authority, &looking, &request, kept, "", errors);
        }
        Err(fault) if fault.code == "two_factor.bad_code" => Errors::one(
            "code",
            "Wrong code, or one that was used already: wait for the next one.",
        ),
        Err(fault) if matches!(fault.code, "passkey.refused" | "passkey.challenge_over") => {
            Errors::one("", "The passkey did not prove it: try again.")
        }
        Err(fault) => Errors::of(fault)?,
    };
    ask(&authority, &looking, &request, kept, &pending, errors)
}
