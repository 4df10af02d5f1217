//! Making a repository: one's own, or an organization's.

use super::frame::Place;
use super::typed;
use crate::done;
use crate::errors::Errors;
use crate::look::button::{Tone, link, submit};
use crate::look::choice::{Card, Cards, Check, cards, check};
use crate::look::field::{Field, Input, input};
use crate::look::heading::{Heading, heading};
use crate::look::{Markup, form, html, name};
use crate::visit::{Frame, Visit};
use bailiwick_authority::Fault;
use bailiwick_authority::directory::create::CreateInput;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Request, Routes};
use bailiwick_model::Visibility;

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_REPOSITORY_NEW, new)
        .on(op::WEB_REPOSITORY_CREATE, create)
        .on(op::WEB_ORGANIZATION_REPOSITORY_NEW, new_in_organization)
        .on(op::WEB_ORGANIZATION_REPOSITORY_CREATE, create_in_organization);
}

#[derive(Debug)]
struct Typed {
    name: String,
    description: String,
    visibility: String,
    readme: bool,
    errors: Errors,
}

impl Typed {
    fn empty() -> Typed {
        Typed {
            name: String::new(),
            description: String::new(),
            // Nothing is shown to the world by leaving a choice as it is.
            visibility: String::from("private"),
            readme: true,
            errors: Errors::none(),
        }
    }

    fn of(request: &Request) -> Typed {
        Typed {
            name: typed(request, "name").to_owned(),
            description: typed(request, "description").to_owned(),
            visibility: typed(request, "visibility").to_owned(),
            readme: request.form.get("readme").is_some(),
            errors: Errors::none(),
        }
    }

    fn input(&self) -> Result<CreateInput, Fault> {
        let visibility = Visibility::parse(&self.visibility).ok_or_else(|| {
            let message = "is public, internal or private";
            Fault::invalid("Repository", "visibility", "invalid", message)
        })?;
        Ok(CreateInput {
            name: self.name.clone(),
            description: Some(self.description.clone()),
            homepage: None,
            visibility,
            has_issues: true,
            auto_init: self.readme,
            default_branch: None,
        })
    }
}

/// Where it is made.
enum Where {
    Own(Vec<String>),
    Organization(Place, bool),
}

fn own(call: &Call) -> Result<Where, Fault> {
    let mut organizations = Vec::new();
    if let Ok(permit) = call.permit.also(op::ORGS_LIST_FOR_AUTHENTICATED_USER) {
        let views = call.authority.own_memberships(&permit)?;
        organizations.extend(views.into_iter().map(|view| view.organization.login));
    }
    Ok(Where::Own(organizations))
}

fn organization(call: &Call) -> Result<Where, Fault> {
    let internal = call.permit.owner()?.enterprise_id.is_some();
    Ok(Where::Organization(Place::of(call)?, internal))
}

fn new(call: Call) -> Answer {
    Ok(draw(&Visit::of(&call), &own(&call)?, &Typed::empty()))
}

fn new_in_organization(call: Call) -> Answer {
    call.permit
        .also(op::WEB_ORGANIZATION_REPOSITORY_CREATE)
        .map_err(Fault::refused)?;
    Ok(draw(&Visit::of(&call), &organization(&call)?, &Typed::empty()))
}

fn create(call: Call) -> Answer {
    let at = own(&call)?;
    make(call, &at)
}

fn create_in_organization(call: Call) -> Answer {
    let at = organization(&call)?;
    make(call, &at)
}

fn make(call: Call, at: &Where) -> Answer {
    let visit = Visit::of(&call);
    let mut typed = Typed::of(&call.request);
    let made = typed
        .input()
        .and_then(|input| call.authority.repository_create(call.permit, &input));
    match made {
        Ok(view) => {
            let path = format!("/{}/{}", view.owner.login, view.row.name);
            Ok(Reply::see_other(&done::after(&path, "repository-created")))
        }
        Err(fault) => {
            typed.errors = Errors::of(fault)?;
            Ok(draw(&visit, at, &typed))
        }
    }
}

fn draw(visit: &Visit, at: &Where, typed: &Typed) -> Reply {
    let list = match at {
        Where::Own(_) => String::from("/repositories"),
        Where::Organization(place, _) => format!("{}/repositories", place.path),
    };
    let action = format!("{list}/new");
    let owner = match at {
        Where::Own(_) => visit.login.as_deref().unwrap_or_default(),
        Where::Organization(place, _) => &place.login,
    };
    let main = html! {
        (heading(&Heading {
            title: html! { "New repository" },
            lede: html! { "It will belong to " (name::name(owner)) "." },
            ..Heading::default()
        }))
        (elsewhere(at))
        (form::errors(&typed.errors.list()))
        (form::form(&form::Form { action: &action, csrf: &visit.csrf, ..form::Form::default() }, &html! {
            (fields(at, typed))
            (form::actions(&html! {
                (submit("Create repository", Tone::Primary)) (link("Cancel", &list, Tone::Quiet))
            }))
        }))
    };
    match at {
        Where::Own(_) => {
            let frame = Frame {
                title: "New repository",
                crumbs: &[("Repositories", "/repositories")],
                invalid: !typed.errors.is_empty(),
                ..Frame::default()
            };
            visit.page_with(typed.errors.status(), &frame, &main)
        }
        Where::Organization(place, _) => {
            let crumbs = [("Repositories", list.as_str())];
            place.page_with(visit, typed.errors.status(), "New repository", &crumbs, &main)
        }
    }
}

fn elsewhere(at: &Where) -> Markup {
    html! {
        @if let Where::Own(organizations) = at && !organizations.is_empty() {
            p {
                "Or make it in "
                @for (place, login) in organizations.iter().enumerate() {
                    @if place > 0 { ", " }
                    a href={ "/orgs/" (login) "/repositories/new" } { bdi { (login) } }
                }
                "."
            }
        }
    }
}

fn fields(at: &Where, typed: &Typed) -> Markup {
    let errors = &typed.errors;
    let internal = match at {
        Where::Own(_) => "A person's repositories belong to no enterprise",
        Where::Organization(_, false) => "The organization belongs to no enterprise",
        Where::Organization(_, true) => "",
    };
    let question = Cards {
        legend: "Who may see it",
        name: "visibility",
        error: errors.at("visibility"),
        ..Cards::default()
    };
    let card = |value: &'static str, title: &str, text: &str, disabled: &'static str| Card {
        value,
        title: html! { (title) },
        text: html! { (text) },
        checked: typed.visibility == value,
        disabled,
        ..Card::default()
    };
    html! {
        (input(&Field {
            name: "name", label: "Name", value: &typed.name, error: errors.at("name"),
            hint: html! { "Letters, digits, " code { "." } ", " code { "-" } " and " code { "_" } "." }, ..Field::default()
        }, &Input { autocomplete: "off", mono: true, max: 100, ..Input::default() }))
        (input(&Field {
            name: "description", label: "Description", value: &typed.description, optional: true,
            error: errors.at("description"), ..Field::default()
        }, &Input::default()))
        (cards(&question, &[
            card("private", "Private", "Those to whom it is given, and who own the place.", ""),
            card("internal", "Internal", "Members of the enterprise's organizations too.", internal),
            card("public", "Public", "Everybody who reaches this server, without signing in.", ""),
        ]))
        (check(&Check {
            name: "readme", label: "Begin with a README",
            hint: html! { "A first commit, so that it can be cloned at once. Leave it out to push something that exists." },
            checked: typed.readme, ..Check::default()
        }))
    }
}
