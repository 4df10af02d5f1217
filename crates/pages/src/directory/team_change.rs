//! A team's settings: its name, who sees it, the team above; and deleting it.

use super::errors;
use super::team::{Team, key};
use super::teams::Typed;
use super::typed;
use crate::done;
use crate::errors::Errors;
use crate::look::button::{Tone, submit};
use crate::look::confirm::{Confirm, typed as confirmed};
use crate::look::heading::danger;
use crate::look::{form, html};
use crate::visit::Visit;
use bailiwick_authority::Fault;
use bailiwick_authority::directory::team::TeamView;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_TEAM_SETTINGS, show)
        .on(op::WEB_TEAM_EDIT, edit)
        .on(op::WEB_TEAM_DELETE, delete);
}

/// Teams that this one may stand below.
fn above(call: &Call, team: &Team) -> Result<Vec<TeamView>, Fault> {
    let mut all = call.authority.teams(&call.permit)?;
    all.retain(|other| other.row.id != team.view.row.id);
    Ok(all)
}

fn present(team: &Team) -> Typed {
    let row = &team.view.row;
    Typed {
        name: row.name.clone(),
        description: row.description.clone().unwrap_or_default(),
        privacy: row.privacy.word().to_owned(),
        parent: row.parent_id.map_or_else(String::new, |id| id.0.to_string()),
        errors: Errors::none(),
    }
}

fn show(call: Call) -> Answer {
    call.permit.also(op::WEB_TEAM_EDIT).map_err(Fault::refused)?;
    let (visit, team) = (Visit::of(&call), Team::of(&call)?);
    let above = above(&call, &team)?;
    Ok(draw(&visit, &team, &present(&team), &above, ""))
}

fn edit(call: Call) -> Answer {
    let (visit, team) = (Visit::of(&call), Team::of(&call)?);
    let above = above(&call, &team)?;
    let mut typed = Typed::of(&call.request);
    let key = key(&call.request);
    let edited = typed
        .input()
        .and_then(|input| call.authority.team_edit(call.permit, &key, &input));
    match edited {
        Ok(view) => {
            // The slug follows the name.
            let path = format!("{}/{}", team.teams, view.row.slug);
            Ok(Reply::see_other(&done::after(&path, "team-edited")))
        }
        Err(fault) => {
            typed.errors = errors(fault, "parent_team_id", "There is no such team.")?;
            Ok(draw(&visit, &team, &typed, &above, ""))
        }
    }
}

fn delete(call: Call) -> Answer {
    let (visit, team) = (Visit::of(&call), Team::of(&call)?);
    let above = above(&call, &team)?;
    let mut form = present(&team);
    let confirm = typed(&call.request, "confirm").to_owned();
    if confirm != team.view.row.slug {
        form.errors = Errors::one(
            "confirm",
            &format!("Type {} exactly, to be sure.", team.view.row.slug),
        );
        return Ok(draw(&visit, &team, &form, &above, &confirm));
    }
    let key = key(&call.request);
    match call.authority.team_delete(call.permit, &key) {
        Ok(()) => Ok(Reply::see_other(&done::after(&team.teams, "team-deleted"))),
        Err(fault) => {
            form.errors = errors(fault, "confirm", "The team is gone already.")?;
            Ok(draw(&visit, &team, &form, &above, &confirm))
        }
    }
}

fn draw(visit: &Visit, team: &Team, typed: &Typed, above: &[TeamView], confirm: &str) -> Reply {
    let (edit, delete) = (format!("{}/settings", team.path), format!("{}/delete", team.path));
    let main = html! {
        (team.head("/settings"))
        (form::errors(&typed.errors.list()))
        (form::form(&form::Form { action: &edit, csrf: &visit.csrf, label: "Team", ..form::Form::default() }, &html! {
            (typed.fields(above))
            (form::actions(&submit("Save", Tone::Primary)))
        }))
        (danger("Delete this team", &html! {
            p { "Its members lose the roles that it gave them. Every team below it is deleted too." }
            (form::form(&form::Form {
                action: &delete, csrf: &visit.csrf, label: "Delete this team", ..form::Form::default()
            }, &html! {
                (confirmed(&Confirm {
                    name: "confirm", phrase: &team.view.row.slug, value: confirm,
                    error: typed.errors.at("confirm"), button: "Delete team",
                }))
            }))
        }))
    };
    team.page(visit, &typed.errors, &main)
}
