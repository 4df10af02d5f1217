//! Who belongs to an organization, and adding somebody.

use super::frame::Place;
use super::{errors, pager, sought, typed};
use crate::done;
use crate::errors::Errors;
use crate::look::badge::{Hue, badge};
use crate::look::button::{Tone, link_small, submit};
use crate::look::field::{Choice, Field, Input, input, select};
use crate::look::heading::{Heading, Part, heading, part};
use crate::look::icon::Icon;
use crate::look::list::{Row, empty, rows};
use crate::look::{Markup, filter, form, html, name};
use crate::visit::Visit;
use bailiwick_authority::Fault;
use bailiwick_authority::rows::AccountRow;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::{AccountId, OrganizationRole};
use std::collections::BTreeSet;

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes.on(op::WEB_PEOPLE, show).on(op::WEB_PEOPLE_ADD, add);
}

/// What an organization's role may be, as a menu.
pub(super) const ROLES: &[Choice<'static>] = &[
    Choice {
        value: "member",
        label: "Member",
        disabled: "",
    },
    Choice {
        value: "owner",
        label: "Owner",
        disabled: "",
    },
];

/// The role that a form names.
pub(super) fn role(word: &str) -> Result<OrganizationRole, Fault> {
    match word {
        "member" => Ok(OrganizationRole::Member),
        "owner" => Ok(OrganizationRole::Owner),
        _ => Err(Fault::invalid(
            "OrganizationMembership",
            "role",
            "invalid",
            "is member or owner",
        )),
    }
}

/// The list, and what was typed below it.
struct People {
    place: Place,
    members: Vec<AccountRow>,
    owners: BTreeSet<AccountId>,
    username: String,
    role: String,
    errors: Errors,
}

impl People {
    fn of(call: &Call) -> Result<People, Fault> {
        let owners = call
            .authority
            .members(&call.permit, Some(OrganizationRole::Owner))?;
        Ok(People {
            place: Place::of(call)?,
            members: call.authority.members(&call.permit, None)?,
            owners: owners.iter().map(|row| row.id).collect(),
            username: String::new(),
            role: String::from("member"),
            errors: Errors::none(),
        })
    }
}

fn show(call: Call) -> Answer {
    let mut people = People::of(&call)?;
    if let Some(name) = call.request.query.get("add") {
        name.trim().clone_into(&mut people.username);
    }
    Ok(draw(&Visit::of(&call), &call.request, people))
}

fn add(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let mut people = People::of(&call)?;
    typed(&call.request, "username").clone_into(&mut people.username);
    typed(&call.request, "role").clone_into(&mut people.role);
    // Adding must not take an owner's role away by the way.
    if let Some(row) = people
        .members
        .iter()
        .find(|row| row.login.eq_ignore_ascii_case(&people.username))
    {
        let message = format!(
            "{} belongs to the organization already: Manage changes the role.",
            row.login
        );
        people.errors = Errors::one("username", &message);
        return Ok(draw(&visit, &call.request, people));
    }
    let added = role(&people.role)
        .and_then(|role| call.authority.membership_set(call.permit, &people.username, role));
    match added {
        Ok(_) => {
            let path = format!("{}/people", people.place.path);
            Ok(Reply::see_other(&done::after(&path, "member-added")))
        }
        Err(fault) => {
            people.errors = errors(fault, "username", "There is nobody of this login.")?;
            Ok(draw(&visit, &call.request, people))
        }
    }
}

fn draw(visit: &Visit, request: &bailiwick_gate::Request, people: People) -> Reply {
    let place = &people.place;
    let path = format!("{}/people", place.path);
    let text = sought(request).to_lowercase();
    let chosen = request.query.get("role").unwrap_or("");
    let wanted = |row: &AccountRow| {
        let owns = people.owners.contains(&row.id);
        let shown = row.name.as_deref().unwrap_or("").to_lowercase();
        (match chosen {
            "owner" => owns,
            "member" => !owns,
            _ => true,
        }) && (row.login.to_lowercase().contains(&text) || shown.contains(&text))
    };
    let found: Vec<&AccountRow> = people.members.iter().filter(|row| wanted(row)).collect();
    let total = found.len();
    let (found, _) = request.page().cut(found);
    let rows_of: Vec<Row> = found
        .into_iter()
        .map(|row| member(place, row, people.owners.contains(&row.id)))
        .collect();
    let filtered = !text.is_empty() || !chosen.is_empty();
    let main = html! {
        (heading(&Heading {
            title: html! { "People" },
            lede: html! { "Owners decide about everything here. Members hold the role that the organization gives to every member." },
            actions: html! { @if place.owner { (crate::look::button::link("Add a person", "#add", Tone::Primary)) } },
            ..Heading::default()
        }))
        (form::errors(&people.errors.list()))
        (filter::bar(&filter::Search {
            action: &path, label: "Search people", placeholder: "Login or name", value: sought(request), fields: menu(chosen),
            clear: if filtered { &path } else { "" }, ..filter::Search::default()
        }))
        @if rows_of.is_empty() {
            (empty(Icon::Person, "Nobody matches", &html! { "Try another name, or all roles." }, &html! {}))
        } @else { (rows("People", &rows_of)) }
        (pager(request, total, "people"))
        @if place.owner { (adding(visit, &path, &people)) }
    };
    place.page_with(visit, people.errors.status(), "People", &[], &main)
}

fn menu(chosen: &str) -> Markup {
    let mut choices = vec![Choice {
        value: "",
        label: "All roles",
        disabled: "",
    }];
    choices.extend_from_slice(ROLES);
    let field = Field {
        name: "role",
        id: "role-shown",
        label: "Role",
        value: chosen,
        quiet: true,
        ..Field::default()
    };
    select(&field, &choices)
}

fn member(place: &Place, row: &AccountRow, owns: bool) -> Row {
    let href = format!("{}/people/{}", place.path, row.login);
    Row {
        lead: name::avatar(&row.login, false),
        title: name::login(&row.login),
        badges: html! {
            @if owns { (badge(Hue::Blue, "Owner")) } @else { (badge(Hue::Grey, "Member")) }
            @if row.suspended_at.is_some() { " " (badge(Hue::Amber, "Suspended")) }
        },
        text: html! { @if let Some(shown) = &row.name { (name::name(shown)) } },
        actions: link_small(if place.owner { "Manage" } else { "Look" }, &row.login, &href),
        ..Row::default()
    }
}

fn adding(visit: &Visit, path: &str, people: &People) -> Markup {
    let errors = &people.errors;
    let lede = html! { "The membership holds at once; there is no invitation to accept." };
    part(
        &Part {
            id: "add",
            title: "Add a person",
            lede,
            ..Part::default()
        },
        &form::form(
            &form::Form {
                action: path,
                csrf: &visit.csrf,
                label: "Add a person",
                ..form::Form::default()
            },
            &html! {
                (form::row(&html! {
                    (input(&Field {
                        name: "username", label: "Login", value: &people.username,
                        error: errors.at("username"), ..Field::default()
                    }, &Input { autocomplete: "off", mono: true, ..Input::default() }))
                    (select(&Field {
                        name: "role", label: "Role", value: &people.role, error: errors.at("role"), ..Field::default()
                    }, ROLES))
                }))
                (form::actions(&submit("Add", Tone::Primary)))
            },
        ),
    )
}
