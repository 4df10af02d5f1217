//! Service accounts: principals of the organization that are no persons. The list, and making one.

use crate::access::Place;
use crate::access::listing::turn;
use crate::done;
use crate::errors::Errors;
use crate::look::badge::{self, State};
use crate::look::button::{Tone, submit};
use crate::look::field::{Field, Input, input};
use crate::look::heading::{Heading, Part, heading, panel, part};
use crate::look::icon::Icon;
use crate::look::list::{Row, empty, rows};
use crate::look::name::{avatar, name};
use crate::look::{Markup, form, html, time};
use crate::visit::{Frame, Visit};
use bailiwick_authority::Fault;
use bailiwick_authority::directory::service::ServiceAccountInput;
use bailiwick_authority::rows::AccountRow;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Page, Reply, Request, Routes, encode};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ORG_SERVICES, show)
        .on(op::WEB_ORG_SERVICE_CREATE, create);
}

/// The page of one.
pub(super) fn path(place: &Place, login: &str) -> String {
    place.settings(&format!("/service-accounts/{}", encode(login)))
}

#[derive(Default)]
struct Typed {
    login: String,
    name: String,
    description: String,
    errors: Errors,
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let accounts = call.authority.service_accounts(&call.permit)?;
    let may = call.permit.offers(op::WEB_ORG_SERVICE_CREATE);
    Ok(draw(&visit, &call.request, accounts, &Typed::default(), may))
}

fn create(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let place = Place::of(&call.request);
    let accounts = call.authority.service_accounts(&call.permit)?;
    let value = |name: &str| call.request.form.get(name).unwrap_or_default().trim().to_owned();
    let mut typed = Typed {
        login: value("login"),
        name: value("name"),
        description: value("description"),
        errors: Errors::none(),
    };
    let given = |text: &str| (!text.is_empty()).then(|| Some(text.to_owned()));
    let input = ServiceAccountInput {
        name: given(&typed.name),
        description: given(&typed.description),
        suspended: None,
    };
    match call
        .authority
        .service_account_create(call.permit, &typed.login, &input)
    {
        Ok(row) => Ok(Reply::see_other(&done::after(
            &path(&place, &row.login),
            "service-created",
        ))),
        Err(fault) => {
            typed.errors = Errors::of(fault)?;
            Ok(draw(&visit, &call.request, accounts, &typed, true))
        }
    }
}

fn draw(visit: &Visit, request: &Request, accounts: Vec<AccountRow>, typed: &Typed, may: bool) -> Reply {
    let place = Place::of(request);
    let page: Page = request.page();
    let (accounts, more) = page.cut(accounts);
    let told: Vec<Row> = accounts.iter().map(|row| told(&place, row)).collect();
    let main = html! {
        (heading(&Heading {
            title: html! { "Service accounts" },
            lede: html! { "Accounts for machines: they belong to " bdi { (place.name) } ", nobody signs in as them, and their tokens stay when people leave." },
            ..Heading::default()
        }))
        (form::errors(&typed.errors.list()))
        @if told.is_empty() {
            (empty(Icon::Person, "No service accounts", &html! { "Make one for a build, a bot or a deployment, so that it does not depend on a person's token." }, &html! {}))
        } @else { (rows("Service accounts", &told)) }
        (turn(request, page, more, ""))
        @if may { (new(visit, &place, typed)) }
    };
    let frame = Frame {
        title: "Service accounts",
        area: place.area(),
        invalid: !typed.errors.is_empty(),
        ..Frame::default()
    };
    visit.page_with(typed.errors.status(), &frame, &main)
}

fn told(place: &Place, row: &AccountRow) -> Row {
    Row {
        lead: avatar(&row.login, false),
        title: html! { a href=(path(place, &row.login)) { bdi { (row.login) } } },
        badges: html! { @if row.suspended_at.is_some() { (badge::state(State::Suspended)) } },
        text: html! {
            @if let Some(full) = &row.name { (name(full)) }
            @if let Some(text) = &row.description { " " span.soft dir="auto" { (text) } }
        },
        meta: vec![html! { "Made " (time::date(row.created_at)) }],
        ..Row::default()
    }
}

fn new(visit: &Visit, place: &Place, typed: &Typed) -> Markup {
    let line = |name: &str, label: &str, hint: &str, value: &str, optional: bool| {
        let field = Field {
            name,
            label,
            hint: html! { (hint) },
            error: typed.errors.at(name),
            value,
            optional,
            ..Field::default()
        };
        input(
            &field,
            &Input {
                autocomplete: "off",
                mono: name == "login",
                ..Input::default()
            },
        )
    };
    let action = place.settings("/service-accounts");
    part(
        &Part {
            id: "new",
            title: "New service account",
            ..Part::default()
        },
        &panel(&form::form(
            &form::Form {
                action: &action,
                csrf: &visit.csrf,
                label: "New service account",
                ..form::Form::default()
            },
            &html! {
                (line("login", "Login", "Letters, digits and hyphens. It stays for good.", &typed.login, false))
                (line("name", "Name", "For people to read.", &typed.name, true))
                (line("description", "Description", "What it is for.", &typed.description, true))
                (form::actions(&submit("Create service account", Tone::Primary)))
            },
        )),
    )
}

/// A service account by its path.
pub(super) fn found(call: &Call) -> Result<AccountRow, Fault> {
    call.authority
        .service_account(&call.permit, call.request.parameter("login"))
}
