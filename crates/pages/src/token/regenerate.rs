//! A new secret for the same token, with a new end. The old secret is dead at once.

use super::draft::{Draft, expiry};
use super::{CLASSIC, PATH, fields, minted, path_of, told};
use crate::errors::Errors;
use crate::look::button::{Tone, link, submit};
use crate::look::callout::{Weight, callout};
use crate::look::heading::{Heading, heading};
use crate::look::{Markup, form, html, name, time};
use crate::visit::{Area, Frame, Visit};
use bailiwick_authority::token::TokenView;
use bailiwick_authority::token::view::OwnerView;
use bailiwick_authority::{Authority, Fault, Permit};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::limit::TOKEN_LIFETIME_DAYS_DEFAULT;
use bailiwick_model::time::DAY;
use bailiwick_model::{TokenId, TokenKind};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_TOKEN_REGENERATE_FORM, show)
        .on(op::WEB_TOKEN_REGENERATE, regenerate);
}

/// A limit of the owners that the token has a grant at.
type Limit = Option<(i64, String)>;

fn limit(authority: &Authority, permit: &Permit, view: &TokenView) -> Result<Limit, Fault> {
    let choices = authority.token_owners(permit)?;
    let named = |name: &str, enterprise: bool| {
        choices
            .iter()
            .find(|choice| choice.name == name && (choice.kind == "Enterprise") == enterprise)
    };
    Ok(view
        .grants
        .iter()
        .filter(|grant| grant.row.active || grant.is_pending())
        .filter_map(|grant| match &grant.owner {
            OwnerView::Account(_, login, _) => named(login, false),
            OwnerView::Enterprise(_, slug) => named(slug, true),
        })
        .filter_map(|choice| Some((choice.lifetime_days_max?, choice.name.clone())))
        .min())
}

/// The same life as before, if it is one of those offered.
fn before(view: &TokenView) -> Draft {
    let days = view
        .row
        .expires_at
        .map(|end| end.0.saturating_sub(view.row.issued_at.0) / DAY);
    let days = days
        .filter(|days| fields::PRESETS.contains(days))
        .unwrap_or(TOKEN_LIFETIME_DAYS_DEFAULT);
    Draft {
        expires_in: days.to_string(),
        ..Draft::default()
    }
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let view = call
        .authority
        .own_token(&call.permit, TokenId(call.request.id("token_id")?))?;
    let limit = limit(&call.authority, &call.permit, &view)?;
    let mut draft = before(&view);
    draft.fit(strict(&limit), visit.now);
    Ok(page(&visit, &view, &limit, &draft, &Errors::none()))
}

fn strict(limit: &Limit) -> Option<(i64, &str)> {
    limit.as_ref().map(|(days, owner)| (*days, owner.as_str()))
}

fn regenerate(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let id = TokenId(call.request.id("token_id")?);
    let view = call.authority.own_token(&call.permit, id)?;
    let limit = limit(&call.authority, &call.permit, &view)?;
    let draft = Draft::read(&call.request.form);
    let errors = match expiry(&draft.expires_in, &draft.expires_on, visit.now) {
        Err(errors) => errors,
        Ok(wanted) => match call.authority.token_regenerate(call.permit, id, Some(wanted)) {
            Ok(made) => return Ok(minted::page(&visit, &made, "New secret")),
            Err(fault) => told::errors(fault, &draft)?,
        },
    };
    Ok(page(&visit, &view, &limit, &draft, &errors))
}

fn page(visit: &Visit, view: &TokenView, limit: &Limit, draft: &Draft, errors: &Errors) -> Reply {
    let path = path_of(view.row.id);
    let crumb = if view.row.kind == TokenKind::Classic {
        ("Tokens (classic)", CLASSIC)
    } else {
        ("Fine-grained tokens", PATH)
    };
    let body: Markup = html! {
        (fields::expiry(&draft.expires_in, &draft.expires_on, strict(limit), errors, visit.now))
        (form::actions(&html! {
            (submit("Regenerate token", Tone::Primary))
            (link("Cancel", &path, Tone::Quiet))
        }))
    };
    let main = html! {
        (heading(&Heading {
            title: html! { "Regenerate " (name::name(&view.row.name)) },
            lede: html! { "The same token with the same access, a new secret and a new end." },
            ..Heading::default()
        }))
        (form::errors(&errors.list()))
        (callout(Weight::Warn, "The present secret stops working at once", &html! {
            p { "Whatever uses it must be given the new one. " (time::last_used(view.row.last_used_at, visit.now)) "." }
        }))
        (form::form(&form::Form { action: &format!("{path}/regenerate"), csrf: &visit.csrf, ..form::Form::default() }, &body))
    };
    visit.page_with(
        errors.status(),
        &Frame {
            title: "Regenerate token",
            area: Area::Own,
            crumbs: &[crumb, (&view.row.name, &path)],
            invalid: !errors.is_empty(),
        },
        &main,
    )
}
