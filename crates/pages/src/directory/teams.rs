//! The teams of an organization, and making one.

use super::frame::Place;
use super::{counted, errors, pager, sought, typed};
use crate::done;
use crate::errors::Errors;
use crate::look::badge::{Hue, badge};
use crate::look::button::{Tone, link, submit};
use crate::look::choice::{Card, Cards, cards};
use crate::look::field::{Choice, Field, Input, input, select};
use crate::look::heading::{Heading, heading};
use crate::look::icon::{Icon, icon};
use crate::look::list::{Row, empty, rows};
use crate::look::{Markup, filter, form, html, name};
use crate::visit::Visit;
use bailiwick_authority::Fault;
use bailiwick_authority::directory::team::TeamView;
use bailiwick_authority::directory::team_change::TeamInput;
use bailiwick_authority::rows::TeamPrivacy;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Request, Routes};
use bailiwick_model::TeamId;

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_TEAMS, show)
        .on(op::WEB_TEAM_NEW, new)
        .on(op::WEB_TEAM_CREATE, create);
}

fn show(call: Call) -> Answer {
    let (visit, place) = (Visit::of(&call), Place::of(&call)?);
    let path = format!("{}/teams", place.path);
    let text = sought(&call.request);
    let wanted = text.to_lowercase();
    let mut teams = call.authority.teams(&call.permit)?;
    teams.retain(|team| team.row.name.to_lowercase().contains(&wanted) || team.row.slug.contains(&wanted));
    let total = teams.len();
    let (teams, _) = call.request.page().cut(teams);
    let new = format!("{}/new-team", place.path);
    let new = html! { @if place.owner { (link("New team", &new, Tone::Primary)) } };
    let rows_of: Vec<Row> = teams.iter().map(|team| row(&path, team)).collect();
    let main = html! {
        (heading(&Heading {
            title: html! { "Teams" },
            lede: html! { "Members of a team hold its roles at repositories, and those of the teams above it." },
            actions: new.clone(),
            ..Heading::default()
        }))
        @if total > 0 || !text.is_empty() {
            (filter::bar(&filter::Search {
                action: &path, label: "Search teams", placeholder: "Part of a name", value: text,
                clear: if text.is_empty() { "" } else { &path }, ..filter::Search::default()
            }))
        }
        @if rows_of.is_empty() { (none(text, &new)) } @else { (rows("Teams", &rows_of)) }
        (pager(&call.request, total, "teams"))
    };
    Ok(place.page(&visit, "Teams", &[], &main))
}

fn none(text: &str, new: &Markup) -> Markup {
    if text.is_empty() {
        empty(
            Icon::Person,
            "No teams to see",
            &html! { "A secret team is shown to its members and to owners only." },
            new,
        )
    } else {
        empty(Icon::Person, "No team matches", &html! {}, &html! {})
    }
}

fn row(path: &str, team: &TeamView) -> Row {
    let mut meta = vec![
        html! { (counted(team.members, "member", "members")) },
        html! { (counted(team.repositories, "repository", "repositories")) },
    ];
    if let Some(parent) = &team.parent {
        meta.push(html! { "Below " (name::name(&parent.name)) });
    }
    Row {
        lead: icon(Icon::Person),
        title: html! { a href={ (path) "/" (team.row.slug) } { bdi { (team.row.name) } } },
        badges: html! { @if team.row.privacy == TeamPrivacy::Secret { (badge(Hue::Grey, "Secret")) } },
        text: html! { @if let Some(text) = &team.row.description { (name::name(text)) } },
        meta,
        ..Row::default()
    }
}

/// What a team's form holds.
#[derive(Debug, Default)]
pub(super) struct Typed {
    pub name: String,
    pub description: String,
    pub privacy: String,
    pub parent: String,
    pub errors: Errors,
}

impl Typed {
    /// What was sent.
    pub fn of(request: &Request) -> Typed {
        let text = |name: &str| typed(request, name).to_owned();
        Typed {
            name: text("name"),
            description: text("description"),
            privacy: text("privacy"),
            parent: text("parent_team_id"),
            errors: Errors::none(),
        }
    }

    /// As the authority takes it.
    pub fn input(&self) -> Result<TeamInput, Fault> {
        let parent = match self.parent.as_str() {
            "" => None,
            text => Some(TeamId(text.parse().map_err(|_| {
                Fault::invalid("Team", "parent_team_id", "invalid", "is no team here")
            })?)),
        };
        Ok(TeamInput {
            name: Some(self.name.clone()),
            description: Some(Some(self.description.clone())),
            privacy: Some(self.privacy.clone()),
            parent: Some(parent),
            ..TeamInput::default()
        })
    }

    /// The form's fields; `above` are the teams that this one may stand below.
    pub fn fields(&self, above: &[TeamView]) -> Markup {
        let errors = &self.errors;
        let ids: Vec<String> = above.iter().map(|team| team.row.id.0.to_string()).collect();
        let mut parents = vec![Choice {
            value: "",
            label: "No team",
            disabled: "",
        }];
        parents.extend(above.iter().zip(&ids).map(|(team, id)| Choice {
            value: id,
            label: &team.row.name,
            disabled: if team.row.privacy == TeamPrivacy::Secret {
                "is secret"
            } else {
                ""
            },
        }));
        let question = Cards {
            legend: "Who may see it",
            name: "privacy",
            error: errors.at("privacy"),
            columns: true,
            ..Cards::default()
        };
        html! {
            (input(&Field {
                name: "name", label: "Name", value: &self.name, error: errors.at("name"), ..Field::default()
            }, &Input { autocomplete: "off", ..Input::default() }))
            (input(&Field {
                name: "description", label: "Description", value: &self.description, optional: true,
                error: errors.at("description"), ..Field::default()
            }, &Input::default()))
            (cards(&question, &[
                Card {
                    value: "closed", title: html! { "Every member of the organization" },
                    checked: self.privacy != "secret", ..Card::default()
                },
                Card {
                    value: "secret", title: html! { "Its members and owners only" },
                    text: html! { "A secret team stands alone: none above and none below." },
                    checked: self.privacy == "secret", ..Card::default()
                },
            ]))
            (select(&Field {
                name: "parent_team_id", label: "Team above", value: &self.parent, error: errors.at("parent_team_id"),
                hint: html! { "Its roles at repositories are this team's too." }, ..Field::default()
            }, &parents))
        }
    }
}

fn new(call: Call) -> Answer {
    call.permit.also(op::WEB_TEAM_CREATE).map_err(Fault::refused)?;
    let (visit, place) = (Visit::of(&call), Place::of(&call)?);
    let above = call.authority.teams(&call.permit)?;
    let typed = Typed {
        parent: call.request.query.get("parent").unwrap_or("").to_owned(),
        ..Typed::default()
    };
    Ok(draw(&visit, &place, &typed, &above))
}

fn create(call: Call) -> Answer {
    let (visit, place) = (Visit::of(&call), Place::of(&call)?);
    let above = call.authority.teams(&call.permit)?;
    let mut typed = Typed::of(&call.request);
    let made = typed
        .input()
        .and_then(|input| call.authority.team_create(call.permit, &input));
    match made {
        Ok(view) => {
            let path = format!("{}/teams/{}", place.path, view.row.slug);
            Ok(Reply::see_other(&done::after(&path, "team-created")))
        }
        Err(fault) => {
            typed.errors = errors(fault, "parent_team_id", "There is no such team.")?;
            Ok(draw(&visit, &place, &typed, &above))
        }
    }
}

fn draw(visit: &Visit, place: &Place, typed: &Typed, above: &[TeamView]) -> Reply {
    let teams = format!("{}/teams", place.path);
    let action = format!("{}/new-team", place.path);
    let main = html! {
        (heading(&Heading { title: html! { "New team" }, ..Heading::default() }))
        (form::errors(&typed.errors.list()))
        (form::form(&form::Form { action: &action, csrf: &visit.csrf, ..form::Form::default() }, &html! {
            (typed.fields(above))
            (form::actions(&html! { (submit("Create team", Tone::Primary)) (link("Cancel", &teams, Tone::Quiet)) }))
        }))
    };
    place.page_with(
        visit,
        typed.errors.status(),
        "New team",
        &[("Teams", teams.as_str())],
        &main,
    )
}
