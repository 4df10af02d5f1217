//! Making an account for somebody.

use super::{frame, given, person_path, typed};
use crate::done;
use crate::errors::Errors;
use crate::look::button::{Tone, link, submit};
use crate::look::choice::{Card, Cards, Check, cards, check};
use crate::look::field::{Field, Input, input, password, text};
use crate::look::heading::{Heading, heading};
use crate::look::{form, html};
use crate::visit::Visit;
use bailiwick_authority::admin::user::UserInput;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::limit::PASSWORD_CHARS_MIN;
use zeroize::Zeroizing;

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ADMIN_PERSON_NEW, show)
        .on(op::WEB_ADMIN_PERSON_CREATE, create);
}

/// What was typed, but for the password.
#[derive(Default)]
struct Typed {
    login: String,
    name: String,
    email: String,
    without_password: bool,
    administrator: bool,
}

fn show(call: Call) -> Answer {
    Ok(draw(&Visit::of(&call), &Typed::default(), &Errors::none()))
}

fn draw(visit: &Visit, typed: &Typed, errors: &Errors) -> Reply {
    let fields = html! {
        (input(
            &Field {
                name: "login", label: "Login", value: &typed.login, error: errors.at("login"),
                hint: html! { "Letters, digits and single hyphens. It stands in every address of theirs." },
                ..Field::default()
            },
            &Input { autocomplete: "off", mono: true, max: 39, ..Input::default() },
        ))
        (text(&Field { name: "name", label: "Name", value: &typed.name, error: errors.at("name"), optional: true, ..Field::default() }))
        (input(
            &Field { name: "email", label: "Email address", value: &typed.email, error: errors.at("email"), optional: true, ..Field::default() },
            &Input { kind: "email", autocomplete: "off", ..Input::default() },
        ))
        (cards(
            &Cards { legend: "Signing in", name: "sign_in", error: errors.at("sign_in"), ..Cards::default() },
            &[
                Card {
                    value: "password", title: html! { "With a password that you set" },
                    text: html! { "Tell them over a way that you trust; they change it under their settings." },
                    checked: !typed.without_password, ..Card::default()
                },
                Card {
                    value: "none", title: html! { "Not yet" },
                    text: html! { "Nobody can sign in as them until you set a password." },
                    checked: typed.without_password, ..Card::default()
                },
            ],
        ))
        (form::when("sign_in", "password", &password(
            &Field {
                name: "password", label: "Password", error: errors.at("password"),
                hint: html! { "At least " (PASSWORD_CHARS_MIN) " characters; a few words that nobody would guess." },
                // Only with the first of the two cards.
                optional: true,
                ..Field::default()
            },
            "new-password",
        )))
        (check(&Check {
            name: "site_administrator", value: "true", label: "Administers the installation",
            hint: html! { "May do everything on these pages: make and suspend people, name owners, take backups." },
            checked: typed.administrator, ..Check::default()
        }))
        (form::actions(&html! {
            (submit("Create the person", Tone::Primary))
            (link("Cancel", "/admin", Tone::Quiet))
        }))
    };
    let main = html! {
        (heading(&Heading { title: html! { "New person" }, ..Heading::default() }))
        (form::errors(&errors.list()))
        (form::form(&form::Form { action: "/admin/people", csrf: &visit.csrf, ..form::Form::default() }, &fields))
    };
    let frame = frame("New person", &[("People", "/admin")], !errors.is_empty());
    visit.page_with(errors.status(), &frame, &main)
}

fn create(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let request = &call.request;
    let fields = Typed {
        login: typed(request, "login"),
        name: typed(request, "name"),
        email: typed(request, "email"),
        without_password: request.form.get("sign_in") == Some("none"),
        administrator: request.form.get("site_administrator").is_some(),
    };
    let secret = Zeroizing::new(request.form.get("password").unwrap_or("").to_owned());
    // A password does not travel through the page that asks who you are; without this the account would be made
    // without one.
    if secret.is_empty() && !fields.without_password {
        let errors = Errors::one(
            "password",
            "Type the password; it is never kept from one page to the next.",
        );
        return Ok(draw(&visit, &fields, &errors));
    }
    let input = UserInput {
        login: fields.login.clone(),
        email: given(&fields.email),
        name: given(&fields.name),
        password: (!fields.without_password).then_some(secret),
        site_administrator: fields.administrator,
    };
    match call.authority.user_create(call.permit, &input) {
        Ok(row) => Ok(Reply::see_other(&done::after(
            &person_path(&row.login),
            "person-created",
        ))),
        Err(fault) => Ok(draw(&visit, &fields, &Errors::of(fault)?)),
    }
}
