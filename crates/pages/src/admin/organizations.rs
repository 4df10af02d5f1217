//! Every organization: searched, made, renamed.

use super::{enterprise_path, frame, given, organization_path, typed};
use crate::done;
use crate::errors::Errors;
use crate::look::button::{Tone, link, link_icon, link_small, submit};
use crate::look::field::{Field, Input, input, text};
use crate::look::filter::{Search, bar};
use crate::look::heading::{Heading, heading};
use crate::look::icon::Icon;
use crate::look::list::{Row, empty, rows};
use crate::look::{form, html, name, time};
use crate::visit::Visit;
use bailiwick_authority::admin::list::Placed;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};

const PATH: &str = "/admin/organizations";

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ADMIN_ORGANIZATIONS, show)
        .on(op::WEB_ADMIN_ORGANIZATION_NEW, show_new)
        .on(op::WEB_ADMIN_ORGANIZATION_CREATE, create)
        .on(op::WEB_ADMIN_ORGANIZATION_RENAME_FORM, show_rename)
        .on(op::WEB_ADMIN_ORGANIZATION_RENAME, rename);
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let request = &call.request;
    let text = request.query.get("q").unwrap_or("").trim().to_owned();
    let page = request.page();
    let authority = &call.authority;
    let found = authority.organizations_search(&call.permit, &text, page.offset(), page.size)?;
    let items: Vec<Row> = found.items.iter().map(item).collect();
    let main = html! {
        (heading(&Heading {
            title: html! { "Organizations" },
            lede: html! { "Every organization of the installation, whoever owns it." },
            actions: link_icon("New organization", "/admin/new-organization", Tone::Primary, Icon::Plus),
            ..Heading::default()
        }))
        (bar(&Search {
            action: PATH, label: "Search organizations", value: &text, placeholder: "Login or name",
            clear: if text.is_empty() { "" } else { PATH }, ..Search::default()
        }))
        @if items.is_empty() {
            @if text.is_empty() {
                (empty(
                    Icon::Building,
                    "There is no organization yet",
                    &html! { "An organization owns repositories and decides which tokens may reach them." },
                    &link("New organization", "/admin/new-organization", Tone::Primary),
                ))
            } @else {
                (empty(
                    Icon::Building,
                    "No organization matches",
                    &html! { "Search by a part of the login or of the name." },
                    &link("Show every organization", PATH, Tone::Plain),
                ))
            }
        } @else {
            (rows("Organizations", &items))
            (crate::paging::pager(request, usize::try_from(found.total).unwrap_or(usize::MAX), "organizations"))
        }
    };
    Ok(visit.page(&frame("Organizations", &[], false), &main))
}

fn item(placed: &Placed) -> Row {
    let row = &placed.row;
    let mut meta = Vec::new();
    if let Some(text) = &row.name {
        meta.push(name::name(text));
    }
    meta.push(match &placed.enterprise {
        Some(group) => html! { "In " a href=(enterprise_path(&group.slug)) { bdi { (group.slug) } } },
        None => html! { "In no enterprise" },
    });
    meta.push(html! { "Since " (time::date(row.created_at)) });
    Row {
        title: html! { a href={ "/orgs/" (row.login) } { bdi { (row.login) } } },
        meta,
        actions: link_small("Rename", &row.login, &organization_path(&row.login)),
        lead: name::avatar(&row.login, true),
        ..Row::default()
    }
}

fn show_new(call: Call) -> Answer {
    Ok(draw_new(&Visit::of(&call), ["", "", ""], &Errors::none()))
}

fn draw_new(visit: &Visit, [login, title, admin]: [&str; 3], errors: &Errors) -> Reply {
    let fields = html! {
        (input(
            &Field {
                name: "login", label: "Login", value: login, error: errors.at("login"),
                hint: html! { "Letters, digits and single hyphens. It stands before the name of each repository." },
                ..Field::default()
            },
            &Input { autocomplete: "off", mono: true, max: 39, ..Input::default() },
        ))
        (text(&Field {
            name: "profile_name", label: "Name", value: title, error: errors.at("profile_name"), optional: true,
            ..Field::default()
        }))
        (input(
            &Field {
                name: "admin", label: "First owner", value: admin, error: errors.at("admin"),
                hint: html! { "A person's login. Owners add members, decide on tokens and set the policy." },
                ..Field::default()
            },
            &Input { autocomplete: "off", mono: true, ..Input::default() },
        ))
        (form::actions(&html! {
            (submit("Create the organization", Tone::Primary))
            (link("Cancel", PATH, Tone::Quiet))
        }))
    };
    let main = html! {
        (heading(&Heading { title: html! { "New organization" }, ..Heading::default() }))
        (form::errors(&errors.list()))
        (form::form(&form::Form { action: PATH, csrf: &visit.csrf, ..form::Form::default() }, &fields))
    };
    let frame = frame("New organization", &[("Organizations", PATH)], !errors.is_empty());
    visit.page_with(errors.status(), &frame, &main)
}

fn create(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let [login, title, admin] = ["login", "profile_name", "admin"].map(|field| typed(&call.request, field));
    let authority = &call.authority;
    match authority.organization_create(call.permit, &login, &admin, given(&title).as_deref()) {
        Ok(_) => Ok(Reply::see_other(&done::after(PATH, "organization-created"))),
        Err(fault) => Ok(draw_new(&visit, [&login, &title, &admin], &Errors::of(fault)?)),
    }
}

fn show_rename(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let present = call.permit.owner()?.login.clone();
    Ok(draw_rename(&visit, &present, &present, &Errors::none()))
}

fn draw_rename(visit: &Visit, present: &str, login: &str, errors: &Errors) -> Reply {
    let fields = html! {
        (input(
            &Field {
                name: "login", label: "New login", value: login, error: errors.at("login"),
                hint: html! { "Grants, members and repositories stay. Old addresses lead on until somebody takes them." },
                ..Field::default()
            },
            &Input { autocomplete: "off", mono: true, max: 39, ..Input::default() },
        ))
        (form::actions(&html! {
            (submit("Rename", Tone::Primary))
            (link("Cancel", PATH, Tone::Quiet))
        }))
    };
    let action = organization_path(present);
    let main = html! {
        (heading(&Heading { title: html! { "Rename " (name::name(present)) }, ..Heading::default() }))
        (form::errors(&errors.list()))
        (form::form(&form::Form { action: &action, csrf: &visit.csrf, ..form::Form::default() }, &fields))
    };
    let title = format!("Rename {present}");
    let frame = frame(&title, &[("Organizations", PATH)], !errors.is_empty());
    visit.page_with(errors.status(), &frame, &main)
}

fn rename(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let present = call.permit.owner()?.login.clone();
    let login = typed(&call.request, "login");
    match call.authority.organization_rename(call.permit, &login) {
        Ok(_) => Ok(Reply::see_other(&done::after(PATH, "organization-renamed"))),
        Err(fault) => Ok(draw_rename(&visit, &present, &login, &Errors::of(fault)?)),
    }
}
