//! A team: who is in it, adding and removing.

use super::frame::Place;
use super::person::{removal, roles};
use super::{counted, errors, pager, typed};
use crate::done;
use crate::errors::Errors;
use crate::look::badge::{Hue, badge};
use crate::look::button::{Tone, submit};
use crate::look::field::{Choice, Field, Input, input, select};
use crate::look::heading::{Heading, Part, heading, part};
use crate::look::icon::Icon;
use crate::look::list::{Row, empty, rows};
use crate::look::navigation::{Link, tabs};
use crate::look::{Markup, form, html, name};
use crate::visit::Visit;
use bailiwick_authority::Fault;
use bailiwick_authority::directory::team::{TeamKey, TeamView};
use bailiwick_authority::rows::{AccountRow, TeamPrivacy, TeamRole};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Request, Routes};
use bailiwick_model::AccountId;
use std::collections::BTreeSet;

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_TEAM, show)
        .on(op::WEB_TEAM_MEMBER_SET, set)
        .on(op::WEB_TEAM_MEMBER_REMOVE, remove);
}

/// The team that the path names.
pub(super) fn key(request: &Request) -> TeamKey {
    TeamKey::Slug(request.parameter("team_slug").to_owned())
}

/// A team within its organization.
pub(super) struct Team {
    pub place: Place,
    pub view: TeamView,
    pub path: String,
    pub teams: String,
}

impl Team {
    /// The team that the path names.
    pub fn of(call: &Call) -> Result<Team, Fault> {
        let place = Place::of(call)?;
        let view = call.authority.team(&call.permit, &key(&call.request))?;
        Ok(Team {
            path: format!("{}/teams/{}", place.path, view.row.slug),
            teams: format!("{}/teams", place.path),
            place,
            view,
        })
    }

    /// The head of each of its pages; `tab` is the address of the one shown.
    pub fn head(&self, tab: &str) -> Markup {
        let row = &self.view.row;
        let addresses = [
            ("Members", String::new(), Some(self.view.members)),
            (
                "Repositories",
                String::from("/repositories"),
                Some(self.view.repositories),
            ),
            ("Settings", String::from("/settings"), None),
        ];
        let shown: Vec<(&str, String, Option<i64>)> = addresses
            .into_iter()
            .filter(|(label, _, _)| self.place.owner || *label != "Settings")
            .map(|(label, end, count)| (label, format!("{}{end}", self.path), count))
            .collect();
        let links: Vec<Link<'_>> = shown
            .iter()
            .map(|(label, href, count)| Link {
                label,
                href,
                current: href.strip_prefix(self.path.as_str()) == Some(tab),
                count: count.and_then(|count| u64::try_from(count).ok()),
            })
            .collect();
        html! {
            (heading(&Heading {
                kicker: "Team",
                title: name::name(&row.name),
                badges: html! { @if row.privacy == TeamPrivacy::Secret { (badge(Hue::Grey, "Secret")) } },
                lede: html! {
                    @if let Some(text) = &row.description { (name::name(text)) }
                    @if let Some(parent) = &self.view.parent {
                        " Below " a href={ (self.teams) "/" (parent.slug) } { bdi { (parent.name) } } "."
                    }
                },
                ..Heading::default()
            }))
            (tabs("Team", &links))
        }
    }

    /// A page of it.
    pub fn page(&self, visit: &Visit, errors: &Errors, main: &Markup) -> Reply {
        let crumbs = [("Teams", self.teams.as_str())];
        self.place
            .page_with(visit, errors.status(), &self.view.row.name, &crumbs, main)
    }
}

const ROLES: &[Choice<'static>] = &[
    Choice {
        value: "member",
        label: "Member",
        disabled: "",
    },
    Choice {
        value: "maintainer",
        label: "Maintainer",
        disabled: "",
    },
];

struct Members {
    team: Team,
    all: Vec<AccountRow>,
    maintainers: BTreeSet<AccountId>,
    username: String,
    role: String,
    errors: Errors,
}

impl Members {
    fn of(call: &Call) -> Result<Members, Fault> {
        let key = key(&call.request);
        let maintainers = call
            .authority
            .team_members(&call.permit, &key, Some(TeamRole::Maintainer))?;
        Ok(Members {
            team: Team::of(call)?,
            all: call.authority.team_members(&call.permit, &key, None)?,
            maintainers: maintainers.iter().map(|row| row.id).collect(),
            username: String::new(),
            role: String::from("member"),
            errors: Errors::none(),
        })
    }
}

fn show(call: Call) -> Answer {
    let members = Members::of(&call)?;
    Ok(draw(&Visit::of(&call), &call.request, members))
}

fn set(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let mut members = Members::of(&call)?;
    typed(&call.request, "username").clone_into(&mut members.username);
    typed(&call.request, "role").clone_into(&mut members.role);
    let role = match members.role.as_str() {
        "member" => Ok(TeamRole::Member),
        "maintainer" => Ok(TeamRole::Maintainer),
        _ => Err(Fault::invalid(
            "TeamMember",
            "role",
            "invalid",
            "is member or maintainer",
        )),
    };
    let key = key(&call.request);
    let put = role.and_then(|role| {
        call.authority
            .team_membership_set(call.permit, &key, &members.username, role)
    });
    match put {
        Ok(_) => Ok(Reply::see_other(&done::after(
            &members.team.path,
            "team-member-set",
        ))),
        Err(fault) => {
            members.errors = errors(fault, "username", "There is nobody of this login.")?;
            Ok(draw(&visit, &call.request, members))
        }
    }
}

fn remove(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let mut members = Members::of(&call)?;
    let login = call.request.parameter("username").to_owned();
    let key = key(&call.request);
    match call.authority.team_membership_remove(call.permit, &key, &login) {
        Ok(()) => Ok(Reply::see_other(&done::after(
            &members.team.path,
            "team-member-removed",
        ))),
        Err(fault) => {
            let message = format!("{login} is in a team below this one, or not in it any more.");
            members.errors = errors(fault, "", &message)?;
            Ok(draw(&visit, &call.request, members))
        }
    }
}

fn draw(visit: &Visit, request: &Request, members: Members) -> Reply {
    let total = members.all.len();
    let (shown, _) = request.page().cut(members.all.iter().collect());
    let team = &members.team;
    let rows_of: Vec<Row> = shown
        .into_iter()
        .map(|row| member(visit, team, row, members.maintainers.contains(&row.id)))
        .collect();
    let main = html! {
        (team.head(""))
        (form::errors(&members.errors.list()))
        @if rows_of.is_empty() {
            (empty(Icon::Person, "Nobody is in this team", &html! { "Members of the organization can be added." }, &html! {}))
        } @else { (rows("Members of the team", &rows_of)) }
        (pager(request, total, "members"))
        @if team.place.owner { (adding(visit, &members)) }
    };
    team.page(visit, &members.errors, &main)
}

fn member(visit: &Visit, team: &Team, row: &AccountRow, maintains: bool) -> Row {
    let word = if maintains { "maintainer" } else { "member" };
    let id = format!("role-{}", row.login);
    let field = Field {
        name: "role",
        id: &id,
        label: "Role",
        value: word,
        quiet: true,
        ..Field::default()
    };
    let (set, remove) = (
        format!("{}/members", team.path),
        format!("{}/members/{}/remove", team.path, row.login),
    );
    Row {
        lead: name::avatar(&row.login, false),
        title: name::login(&row.login),
        badges: html! { @if maintains { (badge(Hue::Blue, "Maintainer")) } },
        text: html! { @if let Some(shown) = &row.name { (name::name(shown)) } },
        actions: html! {
            @if team.place.owner {
                (roles(&set, &visit.csrf, &[("username", &row.login)], &field, ROLES, &row.login))
                (removal(&remove, &visit.csrf, &row.login))
            }
        },
        ..Row::default()
    }
}

fn adding(visit: &Visit, members: &Members) -> Markup {
    let action = format!("{}/members", members.team.path);
    let told = counted(members.team.view.repositories, "repository", "repositories");
    let lede =
        html! { "A member of the organization. The person gets the team's roles at " (told) " at once." };
    part(
        &Part {
            id: "add",
            title: "Add a member",
            lede,
            ..Part::default()
        },
        &form::form(
            &form::Form {
                action: &action,
                csrf: &visit.csrf,
                label: "Add a member",
                ..form::Form::default()
            },
            &html! {
                (form::row(&html! {
                    (input(&Field {
                        name: "username", label: "Login", value: &members.username,
                        error: members.errors.at("username"), ..Field::default()
                    }, &Input { autocomplete: "off", mono: true, ..Input::default() }))
                    (select(&Field {
                        name: "role", label: "Role", value: &members.role, error: members.errors.at("role"),
                        ..Field::default()
                    }, ROLES))
                }))
                (form::actions(&submit("Add", Tone::Primary)))
            },
        ),
    )
}
