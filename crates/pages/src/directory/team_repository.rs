//! The repositories that a team has a role at: which, with what role, adding one from those of the organization.

use super::person::{removal, roles};
use super::repositories_of::found;
use super::team::{Team, key};
use super::{ROLES, errors, pager, pager_more, sought, typed};
use crate::done;
use crate::errors::Errors;
use crate::look::badge::{Hue, badge, visibility};
use crate::look::button::{Tone, link};
use crate::look::field::Field;
use crate::look::heading::{Part, part};
use crate::look::icon::{Icon, icon};
use crate::look::list::{Row, empty, rows};
use crate::look::{filter, form, html, name};
use crate::visit::Visit;
use bailiwick_authority::Fault;
use bailiwick_authority::directory::repository::{Cut, RepositoryView};
use bailiwick_authority::directory::search::SearchIn;
use bailiwick_authority::directory::team_repository::TeamRepositoryView;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::RepositoryRole;

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_TEAM_REPOSITORIES, show)
        .on(op::WEB_TEAM_REPOSITORY_CHOOSE, choose)
        .on(op::WEB_TEAM_REPOSITORY_SET, set)
        .on(op::WEB_TEAM_REPOSITORY_REMOVE, remove);
}

fn show(call: Call) -> Answer {
    let (visit, team) = (Visit::of(&call), Team::of(&call)?);
    let page = call.request.page();
    let cut = Cut {
        offset: page.offset(),
        size: page.size,
    };
    let (views, more) = call
        .authority
        .team_repositories(&call.permit, &key(&call.request), cut)?;
    let rows_of: Vec<Row> = views.iter().map(|view| held(&visit, &team, view)).collect();
    let add = format!("{}/repositories/add", team.path);
    let add = link("Add a repository", &add, Tone::Primary);
    let main = html! {
        (team.head("/repositories"))
        @if rows_of.is_empty() {
            (empty(
                Icon::Repository, "The team has no role at a repository that you may see",
                &html! { "Who administers a repository can give the team a role at it." }, &add,
            ))
        } @else {
            (part(&Part { title: "Repositories", actions: add, ..Part::default() }, &rows("Repositories of the team", &rows_of)))
        }
        (pager_more(&call.request, more))
    };
    Ok(team.page(&visit, &Errors::none(), &main))
}

fn held(visit: &Visit, team: &Team, view: &TeamRepositoryView) -> Row {
    let repository = &view.repository;
    let path = address(team, repository);
    let administers = repository.role == Some(RepositoryRole::Admin);
    Row {
        lead: icon(Icon::Repository),
        title: name::repository(&repository.owner.login, &repository.row.name),
        badges: html! {
            (visibility(repository.row.visibility)) " "
            (badge(Hue::Blue, label(view.role)))
        },
        text: html! { @if let Some(text) = &repository.row.description { (name::name(text)) } },
        actions: html! {
            @if administers {
                (giving(visit, &path, repository, view.role))
                (removal(&format!("{path}/remove"), &visit.csrf, &repository.row.name))
            }
        },
        ..Row::default()
    }
}

fn address(team: &Team, repository: &RepositoryView) -> String {
    format!(
        "{}/repositories/{}/{}",
        team.path, repository.owner.login, repository.row.name
    )
}

fn giving(
    visit: &Visit,
    path: &str,
    repository: &RepositoryView,
    role: RepositoryRole,
) -> crate::look::Markup {
    let id = format!("role-{}", repository.row.id.0);
    let field = Field {
        name: "permission",
        id: &id,
        label: "Role",
        value: role.word(),
        quiet: true,
        ..Field::default()
    };
    roles(path, &visit.csrf, &[], &field, ROLES, &repository.row.name)
}

/// A role as people read it.
pub(super) fn label(role: RepositoryRole) -> &'static str {
    match role {
        RepositoryRole::None => "No role",
        RepositoryRole::Read => "Read",
        RepositoryRole::Triage => "Triage",
        RepositoryRole::Write => "Write",
        RepositoryRole::Maintain => "Maintain",
        RepositoryRole::Admin => "Admin",
    }
}

fn choose(call: Call) -> Answer {
    let (visit, team) = (Visit::of(&call), Team::of(&call)?);
    chosen(&call, &visit, &team, &Errors::none())
}

fn chosen(call: &Call, visit: &Visit, team: &Team, errors: &Errors) -> Answer {
    let (views, total) = found(call, &SearchIn::Account(team.place.login.clone()), false)?;
    let rows_of: Vec<Row> = views
        .iter()
        .map(|repository| Row {
            lead: icon(Icon::Repository),
            title: name::repository(&repository.owner.login, &repository.row.name),
            badges: visibility(repository.row.visibility),
            text: html! {
                @if repository.role != Some(RepositoryRole::Admin) { "Only who administers it can give the team a role." }
            },
            actions: html! {
                @if repository.role == Some(RepositoryRole::Admin) {
                    (giving(visit, &address(team, repository), repository, RepositoryRole::Read))
                }
            },
            ..Row::default()
        })
        .collect();
    let (path, text) = (format!("{}/repositories/add", team.path), sought(&call.request));
    let main = html! {
        (team.head("/repositories"))
        h2 { "Add a repository" }
        p.lede { "Choose the role that members of the team get at it." }
        (form::errors(&errors.list()))
        (filter::bar(&filter::Search {
            action: &path, label: "Search repositories", placeholder: "Part of a name or description", value: text,
            clear: if text.is_empty() { "" } else { &path }, ..filter::Search::default()
        }))
        @if rows_of.is_empty() {
            (empty(Icon::Repository, "No repository matches", &html! { "Try another name." }, &html! {}))
        } @else { (rows("Repositories of the organization", &rows_of)) }
        (pager(&call.request, total, "repositories"))
    };
    Ok(team.page(visit, errors, &main))
}

fn set(call: Call) -> Answer {
    let team = Team::of(&call)?;
    let role = RepositoryRole::parse_any(typed(&call.request, "permission")).ok_or_else(|| {
        let message = "use read, triage, write, maintain or admin";
        Fault::invalid("Team", "permission", "invalid", message)
    });
    finish(call, &team, "team-repository-set", |call, key| {
        call.authority.team_repository_set(call.permit, key, role?)
    })
}

fn remove(call: Call) -> Answer {
    let team = Team::of(&call)?;
    finish(call, &team, "team-repository-removed", |call, key| {
        call.authority.team_repository_remove(call.permit, key)
    })
}

fn finish(
    call: Call,
    team: &Team,
    code: &str,
    act: impl FnOnce(Call, &bailiwick_authority::directory::team::TeamKey) -> Result<(), Fault>,
) -> Answer {
    let (visit, key) = (Visit::of(&call), key(&call.request));
    let path = format!("{}/repositories", team.path);
    match act(call, &key) {
        Ok(()) => Ok(Reply::see_other(&done::after(&path, code))),
        Err(fault) => {
            let message = "The role comes from a team above this one, or is gone already.";
            let errors = errors(fault, "", message)?;
            let main = html! {
                (team.head("/repositories"))
                (form::errors(&errors.list()))
                p { (link("Repositories of the team", &path, Tone::Plain)) }
            };
            Ok(team.page(&visit, &errors, &main))
        }
    }
}
