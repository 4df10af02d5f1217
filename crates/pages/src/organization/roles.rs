//! Approvers and auditors: members who decide requests, or read tokens and the log, without owning.

use crate::access::Place;
use crate::done;
use crate::errors::Errors;
use crate::look::badge::{Hue, badge};
use crate::look::button::{Button, Tone, post, submit};
use crate::look::choice::{Card, Cards, cards};
use crate::look::field::{Field, Input, input};
use crate::look::heading::{Heading, Part, heading, panel, part};
use crate::look::icon::Icon;
use crate::look::list::{Row, empty, rows};
use crate::look::name::{avatar, login, name};
use crate::look::{Markup, form, html};
use crate::visit::{Frame, Visit};
use bailiwick_authority::rows::{AccountRow, TokenRole};
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes, encode};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ORG_ROLES, show)
        .on(op::WEB_ORG_ROLE_SET, set)
        .on(op::WEB_ORG_ROLE_REMOVE, remove);
}

const LEAF: &str = "/personal-access-token-roles";

/// What the form holds.
#[derive(Default)]
struct Typed {
    login: String,
    role: String,
    errors: Errors,
}

type Roles = Vec<(TokenRole, AccountRow)>;

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let roles = call.authority.token_roles(&call.permit)?;
    let may = call.permit.offers(op::WEB_ORG_ROLE_SET);
    let typed = Typed {
        role: String::from("approver"),
        ..Typed::default()
    };
    Ok(draw(&visit, &Place::of(&call.request), &roles, &typed, may))
}

fn set(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let place = Place::of(&call.request);
    let roles = call.authority.token_roles(&call.permit)?;
    let value = |name: &str| call.request.form.get(name).unwrap_or_default().trim().to_owned();
    let mut typed = Typed {
        login: value("username"),
        role: value("role"),
        errors: Errors::none(),
    };
    let role = match typed.role.as_str() {
        "approver" => Some(TokenRole::Approver),
        "auditor" => Some(TokenRole::Auditor),
        _ => None,
    };
    if typed.login.is_empty() {
        typed.errors.push("username", "Name a member.");
    }
    if role.is_none() {
        typed.errors.push("role", "Choose a role.");
    }
    if let (Some(role), true) = (role, typed.errors.is_empty()) {
        typed.errors = match call.authority.token_role_set(call.permit, &typed.login, role) {
            Ok(()) => return Ok(Reply::see_other(&done::after(&place.settings(LEAF), "role-set"))),
            Err(fault) if fault.kind == FaultKind::NotFound => Errors::one(
                "username",
                "Nobody here has this login: only members can have a role.",
            ),
            Err(fault) => Errors::of(fault)?,
        };
    }
    Ok(draw(&visit, &place, &roles, &typed, true))
}

fn remove(call: Call) -> Answer {
    let place = Place::of(&call.request);
    let login = call.request.parameter("username").to_owned();
    match call.authority.token_role_remove(call.permit, &login) {
        Ok(()) => Ok(Reply::see_other(&done::after(
            &place.settings(LEAF),
            "role-removed",
        ))),
        // Somebody else took it away meanwhile: that is what was wanted.
        Err(Fault {
            kind: FaultKind::NotFound,
            ..
        }) => Ok(Reply::see_other(&done::after(
            &place.settings(LEAF),
            "role-removed",
        ))),
        Err(fault) => Err(fault),
    }
}

fn draw(visit: &Visit, place: &Place, roles: &Roles, typed: &Typed, may: bool) -> Reply {
    let main = html! {
        (heading(&Heading {
            title: html! { "Approvers and auditors" },
            lede: html! { "Members who look after tokens without owning " bdi { (place.name) } ". Owners can do all of this already." },
            ..Heading::default()
        }))
        (form::errors(&typed.errors.list()))
        @if roles.is_empty() {
            (empty(Icon::Shield, "Only owners so far", &html! { "Give a member a role below, so that requests need not wait for an owner." }, &html! {}))
        } @else { (rows("Approvers and auditors", &people(visit, place, roles, may))) }
        @if may { (add(visit, place, typed)) }
    };
    let frame = Frame {
        title: "Approvers and auditors",
        area: place.area(),
        invalid: !typed.errors.is_empty(),
        ..Frame::default()
    };
    visit.page_with(typed.errors.status(), &frame, &main)
}

fn people(visit: &Visit, place: &Place, roles: &Roles, may: bool) -> Vec<Row> {
    let mut people: Vec<(&AccountRow, Vec<TokenRole>)> = Vec::new();
    for (role, account) in roles {
        match people.iter_mut().find(|(known, _)| known.id == account.id) {
            Some((_, held)) => held.push(*role),
            None => people.push((account, vec![*role])),
        }
    }
    people
        .into_iter()
        .map(|(account, held)| {
            let path = place.settings(&format!("{LEAF}/{}/delete", encode(&account.login)));
            let button = Button {
                label: "Remove",
                about: &account.login,
                tone: Tone::Danger,
                small: true,
                ..Button::default()
            };
            Row {
                lead: avatar(&account.login, false),
                title: html! { (login(&account.login)) },
                text: html! { @if let Some(full) = &account.name { (name(full)) } },
                badges: html! {
                    @for role in &held {
                        @match role {
                            TokenRole::Approver => (badge(Hue::Green, "Approver")),
                            TokenRole::Auditor => (badge(Hue::Blue, "Auditor")),
                        }
                        " "
                    }
                },
                actions: html! { @if may { (post(&path, &visit.csrf, &[], &button)) } },
                ..Row::default()
            }
        })
        .collect()
}

fn add(visit: &Visit, place: &Place, typed: &Typed) -> Markup {
    let card = |value: &'static str, title: &str, text: &str| Card {
        value,
        title: html! { (title) },
        text: html! { (text) },
        checked: typed.role == value,
        ..Card::default()
    };
    let member = Field {
        name: "username",
        label: "Member",
        hint: html! { "A login. Outside collaborators cannot have a role." },
        error: typed.errors.at("username"),
        value: &typed.login,
        ..Field::default()
    };
    let body = form::form(
        &form::Form {
            action: &place.settings(LEAF),
            csrf: &visit.csrf,
            label: "Give a role",
            ..form::Form::default()
        },
        &html! {
            (input(&member, &Input { autocomplete: "off", mono: true, width: 32, ..Input::default() }))
            (cards(&Cards { legend: "Role", name: "role", error: typed.errors.at("role"), columns: true, ..Cards::default() }, &[
                card("approver", "Approver", "Reads and decides requests, revokes access. Never decides requests of their own."),
                card("auditor", "Auditor", "Reads requests, tokens and the audit log. Changes nothing."),
            ]))
            (form::actions(&submit("Give role", Tone::Primary)))
        },
    );
    part(
        &Part {
            id: "add",
            title: "Give a role",
            ..Part::default()
        },
        &panel(&body),
    )
}
