//! Asking the owners of an organization to allow tokens, from within the form: nothing typed is lost.

use super::desk::Desk;
use super::draft::Draft;
use super::new::{Shown, again};
use crate::errors::Errors;
use crate::look::callout::{Weight, callout};
use crate::look::{html, name};
use crate::visit::Visit;
use bailiwick_authority::Fault;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Routes};
use bailiwick_model::TokenKind;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes.on(op::WEB_TOKEN_ASK, ask);
}

fn ask(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let organization = call.request.parameter("org").to_owned();
    let draft = Draft::read(&call.request.form);
    let kind = call
        .request
        .form
        .get("kind")
        .and_then(TokenKind::parse)
        .unwrap_or(TokenKind::FineGrained);
    let reader = call.permit.also(op::WEB_TOKEN_PREVIEW).map_err(Fault::refused)?;
    let mut shown = Shown {
        draft,
        ..Shown::default()
    };
    match call.authority.token_ask(call.permit, kind) {
        Ok(new) => {
            let title = if new { "Asked" } else { "You had asked already" };
            shown.notice = Some(callout(
                Weight::Good,
                title,
                &html! { p { "The owners of " (name::name(&organization)) " read it beside their policy. Choose another owner meanwhile, or come back later." } },
            ));
        }
        Err(fault) => shown.errors = Errors::of(fault)?,
    }
    let mut desk = Desk::open(&call.authority, &reader)?;
    desk.lay_out(&call.authority, &reader, &shown.draft)?;
    Ok(again(&visit, &desk, &shown))
}
