//! One person: profile, password, standing, organizations, deletion.

use super::{a_form, capital, frame, given, person_path, typed};
use crate::done;
use crate::errors::Errors;
use crate::look::badge::{Hue, State, badge, state};
use crate::look::button::{Button, Tone, post, submit};
use crate::look::confirm::{self, Confirm};
use crate::look::field::{Field, Input, input, password, text};
use crate::look::heading::{Heading, Part, danger, heading, part};
use crate::look::{Markup, form, html, list, name, time};
use crate::visit::Visit;
use bailiwick_authority::Fault;
use bailiwick_authority::admin::list::Person;
use bailiwick_authority::admin::user::UserEdit;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use zeroize::Zeroizing;

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ADMIN_PERSON, show)
        .on(op::WEB_ADMIN_PERSON_EDIT, edit)
        .on(op::WEB_ADMIN_PERSON_PASSWORD, set_password)
        .on(op::WEB_ADMIN_PERSON_STANDING, set_standing)
        .on(op::WEB_ADMIN_PERSON_DELETE, delete);
}

/// What was typed into the profile, and what was wrong in any form of the page.
struct Page {
    visit: Visit,
    person: Person,
    login: String,
    name: String,
    email: String,
    confirm: String,
    errors: Errors,
}

impl Page {
    fn of(call: &Call) -> Result<Page, Fault> {
        let person = call
            .authority
            .person_administered(&call.permit, call.request.parameter("username"))?;
        Ok(Page {
            visit: Visit::of(call),
            login: person.row.login.clone(),
            name: person.row.name.clone().unwrap_or_default(),
            email: person.row.email.clone().unwrap_or_default(),
            confirm: String::new(),
            errors: Errors::none(),
            person,
        })
    }

    fn path(&self) -> String {
        person_path(&self.person.row.login)
    }

    /// The page again with what is wrong, or the fault if it is no matter of a form.
    fn refused(mut self, fault: Fault) -> Answer {
        self.errors = Errors::of(fault)?;
        Ok(self.draw())
    }

    fn done(&self, code: &str) -> Answer {
        Ok(Reply::see_other(&done::after(&self.path(), code)))
    }

    fn draw(&self) -> Reply {
        let row = &self.person.row;
        let me = self.visit.login.as_deref() == Some(row.login.as_str());
        let main = html! {
            (heading(&Heading {
                title: name::name(&row.login),
                kicker: "Person",
                badges: html! {
                    @if row.site_administrator { (badge(Hue::Blue, "Administrator")) " " }
                    @if row.suspended_at.is_some() { (state(State::Suspended)) " " }
                    @if me { (badge(Hue::Grey, "You")) }
                },
                lede: html! { "Since " (time::date(row.created_at)) ". " a href={ "/" (row.login) } { "Their page" } },
                ..Heading::default()
            }))
            (form::errors(&self.errors.list()))
            (part(&Part { title: "Profile", ..Part::default() }, &self.profile()))
            (part(&Part { title: "Signing in", ..Part::default() }, &self.signing_in()))
            (part(&Part { title: "Password", ..Part::default() }, &self.password()))
            (part(&Part { title: "Standing", ..Part::default() }, &self.standing(me)))
            (part(&Part { title: "Organizations", ..Part::default() }, &self.organizations()))
            @if me {
                p.hint { "Nobody deletes their own account: another administrator can." }
            } @else {
                (self.deletion())
            }
        };
        let frame = frame(&row.login, &[("People", "/admin")], !self.errors.is_empty());
        self.visit.page_with(self.errors.status(), &frame, &main)
    }

    fn profile(&self) -> Markup {
        a_form(
            &self.path(),
            &self.visit.csrf,
            "Profile",
            &html! {
                (input(
                    &Field {
                        name: "login", label: "Login", value: &self.login, error: self.errors.at("login"),
                        hint: html! { "Tokens, memberships and repositories stay theirs under a new login; old addresses lead on." },
                        ..Field::default()
                    },
                    &Input { autocomplete: "off", mono: true, max: 39, ..Input::default() },
                ))
                (text(&Field {
                    name: "name", label: "Name", value: &self.name, error: self.errors.at("name"), optional: true,
                    ..Field::default()
                }))
                (input(
                    &Field {
                        name: "email", label: "Email address", value: &self.email, error: self.errors.at("email"),
                        optional: true, ..Field::default()
                    },
                    &Input { kind: "email", autocomplete: "off", ..Input::default() },
                ))
                (form::actions(&submit("Save", Tone::Primary)))
            },
        )
    }

    fn signing_in(&self) -> Markup {
        let person = &self.person;
        let has = person.row.password_hash.is_some();
        let facts = [
            (
                "Password",
                html! { @if has { "Set" } @else { "None: nobody can sign in with one" } },
            ),
            (
                "Authenticator app",
                html! { @if person.totp { "Asked for" } @else { "Not set up" } },
            ),
            ("Passkeys", html! { (person.passkeys) }),
        ];
        list::facts(&facts)
    }

    fn password(&self) -> Markup {
        let has = self.person.row.password_hash.is_some();
        html! {
            (a_form(&format!("{}/password", self.path()), &self.visit.csrf, "Password", &html! {
                (password(
                    &Field {
                        name: "password", label: "New password", error: self.errors.at("password"),
                        hint: html! { "Every session of theirs ends. Tell them over a way that you trust." },
                        ..Field::default()
                    },
                    "new-password",
                ))
                (form::actions(&submit(if has { "Reset the password" } else { "Set the password" }, Tone::Plain)))
            }))
        }
    }

    fn standing(&self, me: bool) -> Markup {
        let row = &self.person.row;
        let path = format!("{}/standing", self.path());
        let act = |value: &str, label: &str, tone: Tone| {
            post(
                &path,
                &self.visit.csrf,
                &[("standing", value)],
                &Button {
                    label,
                    about: &row.login,
                    tone,
                    ..Button::default()
                },
            )
        };
        let suspension = match row.suspended_at {
            Some(since) => html! {
                p { "Suspended since " (time::moment(since)) ". Tokens and sessions are refused." }
                (act("active", "Let in again", Tone::Plain))
            },
            None => html! {
                p { "A suspended person's sessions end and tokens are refused at once. Nothing is deleted." }
                (act("suspended", "Suspend", Tone::Danger))
            },
        };
        let administration = if row.site_administrator {
            html! {
                p { "Administers the installation." @if me { " If you end this, these pages close for you." } }
                (act("ordinary", "End administration", Tone::Danger))
            }
        } else {
            html! {
                p { "May not use these pages." }
                (act("administrator", "Make administrator", Tone::Plain))
            }
        };
        list::facts(&[("Access", suspension), ("Administration", administration)])
    }

    fn organizations(&self) -> Markup {
        let rows: Vec<list::Row> = self
            .person
            .organizations
            .iter()
            .map(|(membership, organization)| list::Row {
                title: html! { a href={ "/orgs/" (organization.login) } { bdi { (organization.login) } } },
                meta: vec![html! { (capital(membership.role.word())) }],
                lead: name::avatar(&organization.login, true),
                ..list::Row::default()
            })
            .collect();
        html! {
            @if rows.is_empty() {
                p.hint { "Member of no organization. An organization's owner adds them under its people." }
            } @else {
                (list::rows("Organizations", &rows))
            }
        }
    }

    fn deletion(&self) -> Markup {
        let row = &self.person.row;
        danger(
            "Delete this person",
            &html! {
                p {
                    "Tokens, sessions, memberships and roles end for good. Repositories must be transferred or deleted "
                    "first. To keep somebody out for a while, suspend them instead."
                }
                (form::form(
                    &form::Form {
                        action: &format!("{}/delete", self.path()), csrf: &self.visit.csrf, label: "Delete",
                        ..form::Form::default()
                    },
                    &confirm::typed(&Confirm {
                        name: "confirm", phrase: &row.login, value: &self.confirm, error: self.errors.at("confirm"),
                        button: "Delete the person",
                    }),
                ))
            },
        )
    }
}

fn show(call: Call) -> Answer {
    Ok(Page::of(&call)?.draw())
}

fn edit(call: Call) -> Answer {
    let mut page = Page::of(&call)?;
    (page.login, page.name, page.email) = (
        typed(&call.request, "login"),
        typed(&call.request, "name"),
        typed(&call.request, "email"),
    );
    let input = UserEdit {
        login: Some(page.login.clone()),
        name: Some(given(&page.name)),
        email: Some(given(&page.email)),
        ..UserEdit::default()
    };
    match call
        .authority
        .user_edit(call.permit, &page.person.row.login, &input)
    {
        Ok(row) => Ok(Reply::see_other(&done::after(
            &person_path(&row.login),
            "person-saved",
        ))),
        Err(fault) => page.refused(fault),
    }
}

fn set_password(call: Call) -> Answer {
    let mut page = Page::of(&call)?;
    let secret = Zeroizing::new(call.request.form.get("password").unwrap_or("").to_owned());
    if secret.is_empty() {
        page.errors = Errors::one("password", "Type the new password.");
        return Ok(page.draw());
    }
    let input = UserEdit {
        password: Some(secret),
        ..UserEdit::default()
    };
    match call
        .authority
        .user_edit(call.permit, &page.person.row.login, &input)
    {
        Ok(_) => page.done("person-password"),
        Err(fault) => page.refused(fault),
    }
}

fn set_standing(call: Call) -> Answer {
    let page = Page::of(&call)?;
    let mut input = UserEdit::default();
    let code = match call.request.form.get("standing") {
        Some("suspended") => {
            input.suspended = Some(true);
            "person-suspended"
        }
        Some("active") => {
            input.suspended = Some(false);
            "person-unsuspended"
        }
        Some("administrator") => {
            input.site_administrator = Some(true);
            "person-promoted"
        }
        Some("ordinary") => {
            input.site_administrator = Some(false);
            "person-demoted"
        }
        _ => {
            let message = "is no standing that a person can have";
            return page.refused(Fault::invalid("User", "standing", "invalid", message));
        }
    };
    match call
        .authority
        .user_edit(call.permit, &page.person.row.login, &input)
    {
        Ok(_) => page.done(code),
        Err(fault) => page.refused(fault),
    }
}

fn delete(call: Call) -> Answer {
    let mut page = Page::of(&call)?;
    page.confirm = typed(&call.request, "confirm");
    if page.confirm != page.person.row.login {
        page.errors = Errors::one("confirm", "Type the login exactly as it is written.");
        return Ok(page.draw());
    }
    match call.authority.user_delete(call.permit, &page.person.row.login) {
        Ok(()) => Ok(Reply::see_other(&done::after("/admin", "person-deleted"))),
        Err(fault) => page.refused(fault),
    }
}
