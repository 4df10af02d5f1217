//! One membership: its role, and ending it. Whoever leaves loses every grant here; that is said before.

use super::frame::Place;
use super::people::{ROLES, role};
use super::{errors, typed};
use crate::done;
use crate::errors::Errors;
use crate::look::badge::{Hue, badge};
use crate::look::button::{Button, Tone, button, link, post, submit};
use crate::look::confirm::{Confirm, typed as confirmed};
use crate::look::field::{Field, select};
use crate::look::heading::{Heading, Part, danger, heading, part};
use crate::look::{Markup, form, html, list, name, time};
use crate::visit::Visit;
use bailiwick_authority::Fault;
use bailiwick_authority::directory::organization::MembershipView;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::OrganizationRole;

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_PERSON, show)
        .on(op::WEB_PERSON_ROLE, change)
        .on(op::WEB_PERSON_REMOVE, remove)
        .on(op::WEB_PERSON_CONVERT, convert);
}

struct Membership {
    place: Place,
    view: MembershipView,
    own: bool,
    confirm: String,
    errors: Errors,
}

impl Membership {
    fn of(call: &Call) -> Result<Membership, Fault> {
        let view = call
            .authority
            .membership(&call.permit, call.request.parameter("username"))?;
        Ok(Membership {
            place: Place::of(call)?,
            own: call.permit.actor() == Some(view.user.id),
            view,
            confirm: String::new(),
            errors: Errors::none(),
        })
    }

    fn people(&self) -> String {
        format!("{}/people", self.place.path)
    }

    fn path(&self) -> String {
        format!("{}/people/{}", self.place.path, self.view.user.login)
    }
}

fn show(call: Call) -> Answer {
    let membership = Membership::of(&call)?;
    Ok(draw(&Visit::of(&call), &membership))
}

fn change(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let mut membership = Membership::of(&call)?;
    let login = membership.view.user.login.clone();
    let changed = role(typed(&call.request, "role"))
        .and_then(|role| call.authority.membership_set(call.permit, &login, role));
    match changed {
        Ok(_) => Ok(Reply::see_other(&done::after(
            &membership.path(),
            "member-changed",
        ))),
        Err(fault) => {
            membership.errors = errors(fault, "role", "The person is gone.")?;
            Ok(draw(&visit, &membership))
        }
    }
}

fn remove(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let mut membership = Membership::of(&call)?;
    let login = membership.view.user.login.clone();
    typed(&call.request, "confirm").clone_into(&mut membership.confirm);
    if membership.confirm != login {
        membership.errors = Errors::one("confirm", &format!("Type {login} exactly, to be sure."));
        return Ok(draw(&visit, &membership));
    }
    let own = membership.own;
    match call.authority.membership_remove(call.permit, &login) {
        // Who left sees the list no more.
        Ok(()) if own => Ok(Reply::see_other(&done::after("/organizations", "member-removed"))),
        Ok(()) => Ok(Reply::see_other(&done::after(
            &membership.people(),
            "member-removed",
        ))),
        Err(fault) => {
            membership.errors = errors(fault, "confirm", "The membership is over already.")?;
            Ok(draw(&visit, &membership))
        }
    }
}

fn convert(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let mut membership = Membership::of(&call)?;
    let login = membership.view.user.login.clone();
    match call.authority.member_convert(call.permit, &login) {
        Ok(()) => {
            let path = format!("{}/outside-collaborators", membership.place.path);
            Ok(Reply::see_other(&done::after(&path, "member-converted")))
        }
        Err(fault) => {
            membership.errors = errors(fault, "", "The membership is over already.")?;
            Ok(draw(&visit, &membership))
        }
    }
}

fn draw(visit: &Visit, membership: &Membership) -> Reply {
    let view = &membership.view;
    let (place, login) = (&membership.place, view.user.login.as_str());
    let owns = view.row.role == OrganizationRole::Owner;
    let people = membership.people();
    let profile = format!("/{login}");
    let main = html! {
        (heading(&Heading {
            title: html! { (name::avatar(login, false)) " " (name::name(login)) },
            badges: html! { @if owns { (badge(Hue::Blue, "Owner")) } @else { (badge(Hue::Grey, "Member")) } },
            lede: html! { @if let Some(shown) = &view.user.name { (name::name(shown)) } },
            actions: link("Profile", &profile, Tone::Plain),
            ..Heading::default()
        }))
        (form::errors(&membership.errors.list()))
        (list::facts(&[
            ("Member since", time::date(view.row.created_at)),
            ("Shown to everybody", html! { @if view.row.public { "Yes" } @else { "No, to members only" } }),
        ]))
        @if place.owner { (role_part(visit, membership)) }
        @if place.owner || membership.own { (ending(visit, membership)) }
    };
    place.page_with(
        visit,
        membership.errors.status(),
        login,
        &[("People", people.as_str())],
        &main,
    )
}

fn role_part(visit: &Visit, membership: &Membership) -> Markup {
    let action = format!("{}/role", membership.path());
    let word = match membership.view.row.role {
        OrganizationRole::Owner => "owner",
        _ => "member",
    };
    let hint = html! { "Owners decide about tokens, people, teams and every repository." };
    part(
        &Part {
            title: "Role",
            ..Part::default()
        },
        &form::form(
            &form::Form {
                action: &action,
                csrf: &visit.csrf,
                label: "Role",
                ..form::Form::default()
            },
            &html! {
                (select(&Field {
                    name: "role", label: "Role in the organization", value: word, hint,
                    error: membership.errors.at("role"), ..Field::default()
                }, ROLES))
                (form::actions(&submit("Change role", Tone::Plain)))
            },
        ),
    )
}

fn ending(visit: &Visit, membership: &Membership) -> Markup {
    let login = membership.view.user.login.as_str();
    let (convert, remove) = (
        format!("{}/convert", membership.path()),
        format!("{}/remove", membership.path()),
    );
    let (title, label, lede) = if membership.own {
        (
            "Leave the organization",
            "Leave",
            "Your teams and roles here end, and with them every grant that your tokens hold here. Coming back \
             revives none of them.",
        )
    } else {
        (
            "Remove from the organization",
            "Remove",
            "The person's teams and roles here end, and with them every grant that their tokens hold here. Coming \
             back revives none of them.",
        )
    };
    html! {
        @if membership.place.owner && !membership.own {
            (part(&Part {
                title: "Make an outside collaborator",
                lede: html! {
                    "The membership ends, with its grants; roles at single repositories that teams and \
                     collaborations gave stay."
                },
                ..Part::default()
            }, &post(&convert, &visit.csrf, &[], &Button {
                label: "Make an outside collaborator", about: login, ..Button::default()
            })))
        }
        (danger(title, &html! {
            p { (lede) }
            (form::form(&form::Form { action: &remove, csrf: &visit.csrf, label: title, ..form::Form::default() }, &html! {
                (confirmed(&Confirm {
                    name: "confirm", phrase: login, value: &membership.confirm,
                    error: membership.errors.at("confirm"), button: label,
                }))
            }))
        }))
    }
}

/// A row's button that takes something away.
pub(super) fn removal(action: &str, csrf: &str, about: &str) -> Markup {
    post(
        action,
        csrf,
        &[],
        &Button {
            label: "Remove",
            about,
            tone: Tone::Danger,
            small: true,
            ..Button::default()
        },
    )
}

/// A row's menu of roles with the button that sends it; `hidden` travels along.
pub(super) fn roles(
    action: &str,
    csrf: &str,
    hidden: &[(&str, &str)],
    field: &Field<'_>,
    choices: &[crate::look::field::Choice<'_>],
    about: &str,
) -> Markup {
    html! {
        form.single method="post" action=(action) {
            (form::csrf(csrf))
            @for (name, value) in hidden { (form::hidden(name, value)) }
            (select(field, choices))
            (button(&Button { label: "Set", about, small: true, ..Button::default() }))
        }
    }
}
