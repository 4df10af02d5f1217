//! What changes who sees a repository, or ends it: visibility, archiving, transfer, deletion. Each asks for the
//! repository's name to be typed, but for archiving, which is undone by a click.

use super::settings::Settings;
use super::{errors, typed};
use crate::done;
use crate::errors::Errors;
use crate::look::button::{Button, post};
use crate::look::choice::{Card, Cards, cards};
use crate::look::confirm::{Confirm, typed as confirmed};
use crate::look::field::{Choice, Field, Input, input, select};
use crate::look::heading::{Part, danger, part};
use crate::look::{Markup, form, html};
use crate::visit::Visit;
use bailiwick_authority::Fault;
use bailiwick_authority::directory::edit::RepositoryInput;
use bailiwick_authority::directory::transfer::TransferInput;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::Visibility;

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_REPOSITORY_VISIBILITY, show_to)
        .on(op::WEB_REPOSITORY_ARCHIVE, archive)
        .on(op::WEB_REPOSITORY_TRANSFER, transfer)
        .on(op::WEB_REPOSITORY_DELETE, delete);
}

/// The parts of the settings page.
pub(super) fn parts(settings: &Settings, visit: &Visit) -> Markup {
    let archived = settings.place.view.row.archived_at.is_some();
    html! {
        @if !archived { (seeing(settings, visit)) }
        (archiving(settings, visit, archived))
        (moving(settings, visit))
        (deleting(settings, visit))
    }
}

/// The field that confirms, one per form.
fn confirming(settings: &Settings, name: &'static str, button: &str) -> Markup {
    confirmed(&Confirm {
        name,
        phrase: &settings.place.full_name(),
        value: if settings.errors.at(name).is_empty() {
            ""
        } else {
            &settings.confirm
        },
        error: settings.errors.at(name),
        button,
    })
}

/// What was typed to confirm; the error when it is something else.
fn confirms(call: &Call, settings: &mut Settings, name: &'static str) -> bool {
    typed(&call.request, name).clone_into(&mut settings.confirm);
    let phrase = settings.place.full_name();
    if settings.confirm == phrase {
        return true;
    }
    settings.errors = Errors::one(name, &format!("Type {phrase} exactly, to be sure."));
    false
}

fn seeing(settings: &Settings, visit: &Visit) -> Markup {
    let action = format!("{}/visibility", settings.path());
    let internal = if settings.place.view.owner.enterprise_id.is_some() {
        ""
    } else {
        "Its owner belongs to no enterprise"
    };
    let card = |value: &'static str, title: &str, text: &str, disabled: &'static str| Card {
        value,
        title: html! { (title) },
        text: html! { (text) },
        checked: settings.visibility == value,
        disabled,
        ..Card::default()
    };
    let question = Cards {
        legend: "Who may see it",
        quiet: true,
        name: "visibility",
        error: settings.errors.at("visibility"),
        ..Cards::default()
    };
    let fields = html! {
        (cards(&question, &[
            card("private", "Private", "Those to whom it is given, and who own the place.", ""),
            card("internal", "Internal", "Members of the enterprise's organizations too.", internal),
            card("public", "Public", "Everybody who reaches this server, without signing in. What was once public may have been copied.", ""),
        ]))
        (confirming(settings, "confirm_visibility", "Change visibility"))
    };
    let frame = form::Form {
        action: &action,
        csrf: &visit.csrf,
        label: "Visibility",
        ..form::Form::default()
    };
    part(
        &Part {
            title: "Visibility",
            ..Part::default()
        },
        &form::form(&frame, &fields),
    )
}

fn archiving(settings: &Settings, visit: &Visit, archived: bool) -> Markup {
    let action = format!("{}/archive", settings.path());
    let (title, lede, label, value) = if archived {
        (
            "Archived",
            "It can be read and cloned, and nothing in it changes.",
            "Unarchive",
            "false",
        )
    } else {
        (
            "Archive",
            "It can still be read and cloned; nothing in it changes until it is unarchived.",
            "Archive",
            "true",
        )
    };
    part(
        &Part {
            title,
            lede: html! { (lede) },
            ..Part::default()
        },
        &post(
            &action,
            &visit.csrf,
            &[("archived", value)],
            &Button {
                label,
                about: "this repository",
                ..Button::default()
            },
        ),
    )
}

fn moving(settings: &Settings, visit: &Visit) -> Markup {
    let action = format!("{}/transfer", settings.path());
    let choices: Vec<Choice<'_>> = settings
        .owners
        .iter()
        .map(|login| Choice {
            value: login,
            label: login,
            disabled: "",
        })
        .collect();
    let fields = html! {
        p {
            "It leaves its owner with everything in it. Teams, collaborators and every token's grant of the old owner \
             do not follow, and coming back revives none of them."
        }
        @if choices.is_empty() {
            p { "There is nowhere to bring it: you belong to no other organization." }
        } @else {
            (form::form(&form::Form {
                action: &action, csrf: &visit.csrf, label: "Transfer", ..form::Form::default()
            }, &html! {
                (form::row(&html! {
                    (select(&Field {
                        name: "new_owner", label: "New owner", value: &settings.new_owner,
                        error: settings.errors.at("new_owner"), ..Field::default()
                    }, &choices))
                    (input(&Field {
                        name: "new_name", label: "New name", value: &settings.new_name, optional: true,
                        error: settings.errors.at("new_name"), ..Field::default()
                    }, &Input { autocomplete: "off", mono: true, max: 100, ..Input::default() }))
                }))
                (confirming(settings, "confirm_transfer", "Transfer"))
            }))
        }
    };
    danger("Transfer", &fields)
}

fn deleting(settings: &Settings, visit: &Visit) -> Markup {
    let action = format!("{}/delete", settings.path());
    danger(
        "Delete this repository",
        &html! {
            p { "Its history, issues and settings are gone for good. Nothing brings them back but a backup." }
            (form::form(&form::Form {
                action: &action, csrf: &visit.csrf, label: "Delete this repository", ..form::Form::default()
            }, &confirming(settings, "confirm_delete", "Delete repository")))
        },
    )
}

fn show_to(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let mut settings = Settings::of(&call)?;
    typed(&call.request, "visibility").clone_into(&mut settings.visibility);
    if !confirms(&call, &mut settings, "confirm_visibility") {
        return Ok(settings.draw(&visit));
    }
    let wanted = Visibility::parse(&settings.visibility).ok_or_else(|| {
        let message = "is public, internal or private";
        Fault::invalid("Repository", "visibility", "invalid", message)
    });
    let changed = wanted.and_then(|wanted| {
        let input = RepositoryInput {
            visibility: Some(wanted),
            ..RepositoryInput::default()
        };
        call.authority.repository_edit(call.permit, &input)
    });
    match changed {
        Ok(_) => Ok(Reply::see_other(&done::after(
            &settings.path(),
            "repository-shown",
        ))),
        Err(fault) => {
            settings.errors = errors(fault, "visibility", "The repository is gone.")?;
            Ok(settings.draw(&visit))
        }
    }
}

fn archive(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let mut settings = Settings::of(&call)?;
    let archived = typed(&call.request, "archived") == "true";
    let input = RepositoryInput {
        archived: Some(archived),
        ..RepositoryInput::default()
    };
    match call.authority.repository_edit(call.permit, &input) {
        Ok(_) => {
            let code = if archived {
                "repository-archived"
            } else {
                "repository-unarchived"
            };
            Ok(Reply::see_other(&done::after(&settings.path(), code)))
        }
        Err(fault) => {
            settings.errors = errors(fault, "", "The repository is gone.")?;
            Ok(settings.draw(&visit))
        }
    }
}

fn transfer(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let mut settings = Settings::of(&call)?;
    typed(&call.request, "new_owner").clone_into(&mut settings.new_owner);
    typed(&call.request, "new_name").clone_into(&mut settings.new_name);
    if !confirms(&call, &mut settings, "confirm_transfer") {
        return Ok(settings.draw(&visit));
    }
    let input = TransferInput {
        new_name: (!settings.new_name.is_empty()).then(|| settings.new_name.clone()),
        teams: Vec::new(),
    };
    match call.authority.repository_transfer(call.permit, &input) {
        Ok(view) => {
            let path = format!("/{}/{}", view.owner.login, view.row.name);
            Ok(Reply::see_other(&done::after(&path, "repository-transferred")))
        }
        Err(fault) => {
            settings.errors = errors(fault, "new_owner", "There is no such account.")?;
            Ok(settings.draw(&visit))
        }
    }
}

fn delete(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let mut settings = Settings::of(&call)?;
    if !confirms(&call, &mut settings, "confirm_delete") {
        return Ok(settings.draw(&visit));
    }
    match call.authority.repository_delete(call.permit) {
        Ok(()) => Ok(Reply::see_other(&done::after(
            "/repositories",
            "repository-deleted",
        ))),
        Err(fault) => {
            settings.errors = errors(fault, "confirm_delete", "The repository is gone already.")?;
            Ok(settings.draw(&visit))
        }
    }
}
