//! Who has a role at a repository, and why: of their own, by a team, by the organization.

use super::person::{removal, roles};
use super::repository_frame::{Place, Tab};
use super::team_repository::label;
use super::{ROLES, errors, pager, typed};
use crate::done;
use crate::errors::Errors;
use crate::look::badge::{Hue, badge};
use crate::look::button::{Tone, submit};
use crate::look::field::{Field, Input, input, select};
use crate::look::heading::{Part, part};
use crate::look::icon::Icon;
use crate::look::list::{Row, empty, rows};
use crate::look::{Markup, form, html, name};
use crate::visit::Visit;
use bailiwick_authority::Fault;
use bailiwick_authority::directory::collaborator::{Affiliation, CollaboratorView};
use bailiwick_authority::rows::{AccountKind, TeamRow};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Request, Routes};
use bailiwick_model::{AccountId, RepositoryRole};
use std::collections::BTreeSet;

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_REPOSITORY_ACCESS, show)
        .on(op::WEB_COLLABORATOR_SET, set)
        .on(op::WEB_COLLABORATOR_REMOVE, remove);
}

struct Access {
    place: Place,
    all: Vec<CollaboratorView>,
    direct: BTreeSet<AccountId>,
    outside: BTreeSet<AccountId>,
    teams: Vec<(TeamRow, RepositoryRole)>,
    administers: bool,
    username: String,
    permission: String,
    errors: Errors,
}

impl Access {
    fn of(call: &Call) -> Result<Access, Fault> {
        let read = call
            .permit
            .also(op::REPOS_LIST_COLLABORATORS)
            .map_err(Fault::refused)?;
        let list = |affiliation| {
            call.authority
                .collaborators(&read, affiliation, RepositoryRole::Read)
        };
        let ids = |views: Vec<CollaboratorView>| views.iter().map(|view| view.user.id).collect();
        let teams = match call.permit.also(op::REPOS_LIST_TEAMS) {
            Ok(permit) => call.authority.repository_teams(&permit)?,
            Err(_) => Vec::new(),
        };
        Ok(Access {
            place: Place::of(call)?,
            all: list(Affiliation::All)?,
            direct: ids(list(Affiliation::Direct)?),
            outside: ids(list(Affiliation::Outside)?),
            teams: teams.into_iter().map(|(row, role, _)| (row, role)).collect(),
            // Removing takes what adding does, but for sudo mode.
            administers: call.permit.also(op::REPOS_REMOVE_COLLABORATOR).is_ok(),
            username: String::new(),
            permission: String::from("write"),
            errors: Errors::none(),
        })
    }

    fn path(&self) -> String {
        format!("{}/settings/access", self.place.path)
    }
}

fn show(call: Call) -> Answer {
    let access = Access::of(&call)?;
    Ok(draw(&Visit::of(&call), &call.request, access))
}

fn set(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let mut access = Access::of(&call)?;
    typed(&call.request, "username").clone_into(&mut access.username);
    typed(&call.request, "permission").clone_into(&mut access.permission);
    let role = RepositoryRole::parse_any(&access.permission).ok_or_else(|| {
        let message = "use read, triage, write, maintain or admin";
        Fault::invalid("Repository", "permission", "invalid", message)
    });
    let put = role.and_then(|role| {
        call.authority
            .collaborator_set(call.permit, &access.username, role)
    });
    match put {
        Ok(()) => Ok(Reply::see_other(&done::after(&access.path(), "collaborator-set"))),
        Err(fault) => {
            access.errors = errors(fault, "username", "There is nobody of this login.")?;
            Ok(draw(&visit, &call.request, access))
        }
    }
}

fn remove(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let mut access = Access::of(&call)?;
    let login = call.request.parameter("username").to_owned();
    let own = visit.login.as_deref() == Some(login.as_str());
    match call.authority.collaborator_remove(call.permit, &login) {
        // Who took their own role away may not see this page any more.
        Ok(()) if own => Ok(Reply::see_other(&done::after(
            "/repositories",
            "collaborator-removed",
        ))),
        Ok(()) => Ok(Reply::see_other(&done::after(
            &access.path(),
            "collaborator-removed",
        ))),
        Err(fault) => {
            access.errors = errors(fault, "", &format!("{login} has no role of their own here."))?;
            Ok(draw(&visit, &call.request, access))
        }
    }
}

fn draw(visit: &Visit, request: &Request, access: Access) -> Reply {
    let total = access.all.len();
    let (shown, _) = request.page().cut(access.all.iter().collect());
    let rows_of: Vec<Row> = shown
        .into_iter()
        .map(|view| person(visit, &access, view))
        .collect();
    let organization = access.place.view.owner.kind == AccountKind::Organization;
    let main = html! {
        (access.place.head(Tab::Access))
        (form::errors(&access.errors.list()))
        (part(&Part {
            title: "People",
            lede: html! { "Everybody with a role here, by whatever way. The highest role counts." },
            ..Part::default()
        }, &html! {
            @if rows_of.is_empty() {
                (empty(Icon::Person, "Nobody has a role here", &html! {}, &html! {}))
            } @else { (rows("People with a role", &rows_of)) }
            (pager(request, total, "people"))
        }))
        @if organization { (teams(&access)) }
        @if access.administers { (adding(visit, &access)) }
    };
    access.place.page(visit, "Access", &access.errors, &main)
}

fn person(visit: &Visit, access: &Access, view: &CollaboratorView) -> Row {
    let login = view.user.login.as_str();
    let (path, own) = (access.path(), access.direct.contains(&view.user.id));
    let id = format!("role-{login}");
    let field = Field {
        name: "permission",
        id: &id,
        label: "Role",
        value: view.role.word(),
        quiet: true,
        ..Field::default()
    };
    let from = if access.outside.contains(&view.user.id) {
        "Outside collaborator"
    } else if own {
        "By a role of their own"
    } else {
        "By the organization, a team or owning it"
    };
    Row {
        lead: name::avatar(login, false),
        title: name::login(login),
        badges: badge(Hue::Blue, label(view.role)),
        text: html! { @if let Some(shown) = &view.user.name { (name::name(shown)) } },
        meta: vec![html! { (from) }],
        actions: html! {
            @if access.administers && own {
                (roles(&path, &visit.csrf, &[("username", login)], &field, ROLES, login))
                (removal(&format!("{path}/{login}/remove"), &visit.csrf, login))
            }
        },
    }
}

fn teams(access: &Access) -> Markup {
    let owner = &access.place.view.owner.login;
    let rows_of: Vec<Row> = access
        .teams
        .iter()
        .map(|(row, role)| Row {
            title: html! {
                a href={ "/orgs/" (owner) "/teams/" (row.slug) "/repositories" } { bdi { (row.name) } }
            },
            badges: badge(Hue::Blue, label(*role)),
            text: html! { @if let Some(text) = &row.description { (name::name(text)) } },
            ..Row::default()
        })
        .collect();
    let lede = html! { "A team's role is set on the team's page." };
    part(
        &Part {
            title: "Teams",
            lede,
            ..Part::default()
        },
        &html! {
            @if rows_of.is_empty() {
                (empty(
                    Icon::Person, "No team to see has a role here",
                    &html! { a href={ "/orgs/" (owner) "/teams" } { "Teams of " bdi { (owner) } } }, &html! {},
                ))
            } @else { (rows("Teams with a role", &rows_of)) }
        },
    )
}

fn adding(visit: &Visit, access: &Access) -> Markup {
    let path = access.path();
    let lede =
        html! { "Anybody with an account here. The role holds at once; there is no invitation to accept." };
    part(
        &Part {
            id: "add",
            title: "Give somebody a role",
            lede,
            ..Part::default()
        },
        &form::form(
            &form::Form {
                action: &path,
                csrf: &visit.csrf,
                label: "Give somebody a role",
                ..form::Form::default()
            },
            &html! {
                (form::row(&html! {
                    (input(&Field {
                        name: "username", label: "Login", value: &access.username,
                        error: access.errors.at("username"), ..Field::default()
                    }, &Input { autocomplete: "off", mono: true, ..Input::default() }))
                    (select(&Field {
                        name: "permission", label: "Role", value: &access.permission,
                        error: access.errors.at("permission"), ..Field::default()
                    }, ROLES))
                }))
                (form::actions(&submit("Give role", Tone::Primary)))
            },
        ),
    )
}
