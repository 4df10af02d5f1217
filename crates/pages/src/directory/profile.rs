//! Editing what an organization says of itself, and what every member may do.

use super::frame::Place;
use super::typed;
use crate::done;
use crate::errors::Errors;
use crate::look::button::{Tone, link, submit};
use crate::look::field::{Choice, Field, Input, input, select, textarea};
use crate::look::heading::{Heading, heading};
use crate::look::{Markup, form, html};
use crate::visit::Visit;
use bailiwick_authority::Fault;
use bailiwick_authority::directory::organization::OrganizationInput;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ORGANIZATION_PROFILE_FORM, show)
        .on(op::WEB_ORGANIZATION_PROFILE, edit);
}

const ROLES: [Choice<'static>; 4] = [
    Choice {
        value: "none",
        label: "None: members see only what teams and collaborations give them",
        disabled: "",
    },
    Choice {
        value: "read",
        label: "Read: members see every repository",
        disabled: "",
    },
    Choice {
        value: "write",
        label: "Write: members push to every repository",
        disabled: "",
    },
    Choice {
        value: "admin",
        label: "Admin: members change every repository's settings",
        disabled: "",
    },
];

#[derive(Debug, Default)]
struct Typed {
    name: String,
    description: String,
    email: String,
    blog: String,
    location: String,
    role: String,
    errors: Errors,
}

fn show(call: Call) -> Answer {
    // The form is for those who may send it; who may not is told why before typing anything.
    call.permit
        .also(op::WEB_ORGANIZATION_PROFILE)
        .map_err(Fault::refused)?;
    let visit = Visit::of(&call);
    let place = Place::of(&call)?;
    let row = call.authority.organization(&call.permit)?.row;
    let typed = Typed {
        name: row.name.unwrap_or_default(),
        description: row.description.unwrap_or_default(),
        email: row.email.unwrap_or_default(),
        blog: row.blog.unwrap_or_default(),
        location: row.location.unwrap_or_default(),
        role: row.base_role.word().to_owned(),
        errors: Errors::none(),
    };
    Ok(draw(&visit, &place, &typed))
}

fn edit(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let place = Place::of(&call)?;
    let text = |name: &str| typed(&call.request, name).to_owned();
    let mut typed = Typed {
        name: text("name"),
        description: text("description"),
        email: text("email"),
        blog: text("blog"),
        location: text("location"),
        role: text("default_repository_permission"),
        errors: Errors::none(),
    };
    let given = |text: &str| Some(Some(text.to_owned()));
    let input = OrganizationInput {
        name: given(&typed.name),
        description: given(&typed.description),
        email: given(&typed.email),
        blog: given(&typed.blog),
        location: given(&typed.location),
        company: None,
        base_role: Some(typed.role.clone()),
    };
    match call.authority.organization_edit(call.permit, &input) {
        Ok(_) => Ok(Reply::see_other(&done::after(&place.path, "organization-edited"))),
        Err(fault) => {
            typed.errors = Errors::of(fault)?;
            Ok(draw(&visit, &place, &typed))
        }
    }
}

fn draw(visit: &Visit, place: &Place, typed: &Typed) -> Reply {
    let action = format!("/organizations/{}/settings/profile", place.login);
    let errors = &typed.errors;
    let line = |name: &'static str, label: &'static str, value: &str, kind: &'static str| {
        input(
            &Field {
                name,
                label,
                value,
                error: errors.at(name),
                optional: true,
                ..Field::default()
            },
            &Input {
                kind,
                ..Input::default()
            },
        )
    };
    let fields = html! {
        (line("name", "Name shown", &typed.name, ""))
        (textarea(&Field {
            name: "description", label: "Description", value: &typed.description, error: errors.at("description"),
            optional: true, ..Field::default()
        }, 2, 0))
        (form::row(&html! {
            (line("email", "Email address", &typed.email, "email"))
            (line("location", "Place", &typed.location, ""))
        }))
        (line("blog", "Web site", &typed.blog, "url"))
        (select(&Field {
            name: "default_repository_permission", label: "Every member's role",
            value: &typed.role, error: errors.at("default_repository_permission"),
            hint: role_hint(), ..Field::default()
        }, &ROLES))
        (form::actions(&html! { (submit("Save", Tone::Primary)) (link("Cancel", &place.path, Tone::Quiet)) }))
    };
    let main = html! {
        (heading(&Heading { title: html! { "Profile" }, ..Heading::default() }))
        (form::errors(&errors.list()))
        (form::form(&form::Form { action: &action, csrf: &visit.csrf, ..form::Form::default() }, &fields))
    };
    place.page_with(visit, errors.status(), "Profile", &[], &main)
}

fn role_hint() -> Markup {
    html! { "At the organization's private and internal repositories. Teams and collaborations can only add to it." }
}
