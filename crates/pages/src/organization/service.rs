//! One service account: what it is, its tokens, suspending and deleting it.

use super::services::{found, path};
use crate::access::Place;
use crate::done;
use crate::errors::Errors;
use crate::look::badge::{self, State};
use crate::look::button::{Button, Tone, link, post, submit};
use crate::look::choice::{Check, check};
use crate::look::confirm::{Confirm, typed as confirm};
use crate::look::field::{Field, text};
use crate::look::heading::{Heading, Part, danger, heading, panel, part};
use crate::look::icon::Icon;
use crate::look::list::{Row, empty, rows};
use crate::look::name::name;
use crate::look::{Markup, form, html, time};
use crate::visit::{Frame, Visit};
use bailiwick_authority::directory::service::ServiceAccountInput;
use bailiwick_authority::rows::AccountRow;
use bailiwick_authority::token::TokenView;
use bailiwick_authority::{Fault, Permit};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::{Timestamp, TokenId};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ORG_SERVICE, show)
        .on(op::WEB_ORG_SERVICE_UPDATE, update)
        .on(op::WEB_ORG_SERVICE_DELETE, delete)
        .on(op::WEB_ORG_SERVICE_TOKEN_DELETE, delete_token);
}

struct Typed {
    name: String,
    description: String,
    suspended: bool,
    errors: Errors,
}

impl Typed {
    fn of(row: &AccountRow) -> Typed {
        Typed {
            name: row.name.clone().unwrap_or_default(),
            description: row.description.clone().unwrap_or_default(),
            suspended: row.suspended_at.is_some(),
            errors: Errors::none(),
        }
    }
}

/// The account and its tokens; none for who may not read those.
fn known(call: &Call, permit: &Permit) -> Result<(AccountRow, Option<Vec<TokenView>>), Fault> {
    let row = found(call)?;
    let tokens = match permit.also(op::BAILIWICK_LIST_SERVICE_ACCOUNT_TOKENS) {
        Ok(reader) => Some(call.authority.service_tokens(&reader, &row.login)?),
        Err(_) => None,
    };
    Ok((row, tokens))
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let place = Place::of(&call.request);
    let (row, tokens) = known(&call, &call.permit)?;
    let may = call.permit.offers(op::WEB_ORG_SERVICE_UPDATE);
    Ok(draw(
        &visit,
        &place,
        &row,
        tokens.as_deref(),
        &Typed::of(&row),
        may,
    ))
}

fn update(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let place = Place::of(&call.request);
    let (row, tokens) = known(&call, &call.permit)?;
    let value = |name: &str| call.request.form.get(name).unwrap_or_default().trim().to_owned();
    let mut typed = Typed {
        name: value("name"),
        description: value("description"),
        suspended: call.request.form.get("suspended").is_some(),
        errors: Errors::none(),
    };
    let kept = |text: &str| Some((!text.is_empty()).then(|| text.to_owned()));
    let input = ServiceAccountInput {
        name: kept(&typed.name),
        description: kept(&typed.description),
        suspended: Some(typed.suspended),
    };
    match call
        .authority
        .service_account_edit(call.permit, &row.login, &input)
    {
        Ok(_) => Ok(Reply::see_other(&done::after(
            &path(&place, &row.login),
            "service-saved",
        ))),
        Err(fault) => {
            typed.errors = Errors::of(fault)?;
            Ok(draw(&visit, &place, &row, tokens.as_deref(), &typed, true))
        }
    }
}

fn delete(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let place = Place::of(&call.request);
    let (row, tokens) = known(&call, &call.permit)?;
    if call.request.form.get("confirm").map(str::trim) != Some(row.login.as_str()) {
        let mut typed = Typed::of(&row);
        typed.errors.push("confirm", "Type the account's login exactly.");
        return Ok(draw(&visit, &place, &row, tokens.as_deref(), &typed, true));
    }
    call.authority.service_account_delete(call.permit, &row.login)?;
    Ok(Reply::see_other(&done::after(
        &place.settings("/service-accounts"),
        "service-deleted",
    )))
}

fn delete_token(call: Call) -> Answer {
    let place = Place::of(&call.request);
    let id = TokenId(call.request.id("token_id")?);
    let login = call.request.parameter("login").to_owned();
    let left = call
        .authority
        .service_token_delete(call.permit, &login, id, false)?;
    let code = if left.is_empty() {
        "service-token-deleted"
    } else {
        "service-token-deleted-planted"
    };
    Ok(Reply::see_other(&done::after(&path(&place, &login), code)))
}

fn draw(
    visit: &Visit,
    place: &Place,
    row: &AccountRow,
    tokens: Option<&[TokenView]>,
    typed: &Typed,
    may: bool,
) -> Reply {
    let back = place.settings("/service-accounts");
    let main = html! {
        (heading(&Heading {
            title: html! { bdi { (row.login) } },
            kicker: "Service account",
            badges: html! { @if row.suspended_at.is_some() { (badge::state(State::Suspended)) } },
            lede: html! {
                @if let Some(text) = &row.description { span dir="auto" { (text) } }
                @else { "Made " (time::date(row.created_at)) "." }
            },
            ..Heading::default()
        }))
        (form::errors(&typed.errors.list()))
        @if let Some(tokens) = tokens { (tokens_part(visit, place, row, tokens, may)) }
        @if may { (edit(visit, place, row, typed)) (end(visit, place, row, typed)) }
    };
    let frame = Frame {
        title: "Service account",
        area: place.area(),
        crumbs: &[("Service accounts", &back)],
        invalid: !typed.errors.is_empty(),
    };
    visit.page_with(typed.errors.status(), &frame, &main)
}

fn tokens_part(visit: &Visit, place: &Place, row: &AccountRow, tokens: &[TokenView], may: bool) -> Markup {
    let new = format!("{}/personal-access-tokens/new", path(place, &row.login));
    let may = may && row.suspended_at.is_none();
    let told: Vec<Row> = tokens
        .iter()
        .map(|view| token_row(visit, place, row, view, visit.now))
        .collect();
    part(
        &Part {
            id: "tokens",
            title: "Tokens",
            actions: html! { @if may { (link("New token", &new, Tone::Primary)) } },
            ..Part::default()
        },
        &html! {
            @if told.is_empty() {
                (empty(Icon::Key, "No tokens", &html! { "The account can do nothing until it has one, and a role at a repository." }, &html! {}))
            } @else { (rows("Tokens", &told)) }
        },
    )
}

fn token_row(visit: &Visit, place: &Place, row: &AccountRow, view: &TokenView, now: Timestamp) -> Row {
    let action = format!(
        "{}/personal-access-tokens/{}/delete",
        path(place, &row.login),
        view.row.id
    );
    let state = match view.state(now) {
        "active" => State::Active,
        "pending" => State::Pending,
        "expired" => State::Expired,
        _ => State::Revoked,
    };
    let grant = view.grants.first();
    Row {
        title: html! {
            @match grant.filter(|grant| grant.row.active) {
                Some(grant) => a href=(place.token(grant.row.id)) { (name(&view.row.name)) },
                None => (name(&view.row.name)),
            }
        },
        badges: badge::state(state),
        text: html! { @if let Some(text) = &view.row.description { span dir="auto" { (text) } } },
        meta: {
            let mut told = vec![
                html! { "Ends in " code { (view.row.last_eight) } },
                time::last_used(view.row.last_used_at, now),
                time::expires(view.row.expires_at, now),
            ];
            if let (State::Pending, Some(request)) = (state, grant.and_then(|grant| grant.request.as_ref())) {
                told.push(html! { a href=(place.request(request.row.id)) { "Decide its request" } });
            }
            told
        },
        actions: post(
            &action,
            &visit.csrf,
            &[],
            &Button {
                label: "Delete",
                about: &view.row.name,
                tone: Tone::Danger,
                small: true,
                ..Button::default()
            },
        ),
        ..Row::default()
    }
}

fn edit(visit: &Visit, place: &Place, row: &AccountRow, typed: &Typed) -> Markup {
    let line = |name: &str, label: &str, value: &str| {
        text(&Field {
            name,
            label,
            error: typed.errors.at(name),
            value,
            optional: true,
            ..Field::default()
        })
    };
    part(
        &Part {
            id: "edit",
            title: "Settings",
            ..Part::default()
        },
        &panel(&form::form(
            &form::Form {
                action: &path(place, &row.login),
                csrf: &visit.csrf,
                label: "Settings",
                ..form::Form::default()
            },
            &html! {
                (line("name", "Name", &typed.name))
                (line("description", "Description", &typed.description))
                (check(&Check {
                    name: "suspended",
                    label: "Suspended",
                    hint: html! { "Its tokens are refused until this is taken back. Nothing is ended." },
                    checked: typed.suspended,
                    ..Check::default()
                }))
                (form::actions(&submit("Save", Tone::Primary)))
            },
        )),
    )
}

fn end(visit: &Visit, place: &Place, row: &AccountRow, typed: &Typed) -> Markup {
    danger(
        "Delete this service account",
        &html! {
            p { "Its tokens end for good, and so do its roles. The log keeps what it did." }
            (form::form(&form::Form { action: &format!("{}/delete", path(place, &row.login)), csrf: &visit.csrf, label: "Delete", ..form::Form::default() }, &html! {
                (confirm(&Confirm { name: "confirm", phrase: &row.login, value: "", error: typed.errors.at("confirm"), button: "Delete service account" }))
            }))
        },
    )
}
