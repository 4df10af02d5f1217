//! A repository's settings: what it says of itself, its name, its default branch. What is hard to undo is in
//! `ending`, on the same page.

use super::ending;
use super::repository_frame::{Place, Tab};
use super::typed;
use crate::done;
use crate::errors::Errors;
use crate::look::button::{Tone, submit};
use crate::look::choice::{Check, check};
use crate::look::field::{Choice, Field, Input, input, select};
use crate::look::heading::{Part, part};
use crate::look::{Markup, form, html};
use crate::visit::Visit;
use bailiwick_authority::Fault;
use bailiwick_authority::directory::edit::RepositoryInput;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::OrganizationRole;

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_REPOSITORY_SETTINGS, show)
        .on(op::WEB_REPOSITORY_EDIT, edit)
        .on(op::WEB_REPOSITORY_RENAME, rename);
}

/// The page with what was typed.
#[derive(Debug)]
pub(super) struct Settings {
    pub place: Place,
    pub branches: Vec<String>,
    /// Logins that it could be transferred to.
    pub owners: Vec<String>,
    pub description: String,
    pub homepage: String,
    pub branch: String,
    pub issues: bool,
    pub name: String,
    pub visibility: String,
    pub new_owner: String,
    pub new_name: String,
    /// What was typed to confirm, in whichever form.
    pub confirm: String,
    pub errors: Errors,
}

impl Settings {
    /// As it is now.
    pub fn of(call: &Call) -> Result<Settings, Fault> {
        let place = Place::of(call)?;
        let row = &place.view.row;
        let branches = match call.permit.also(op::REPOS_LIST_BRANCHES) {
            Ok(permit) => call.authority.branch_list(&permit)?,
            Err(_) => Vec::new(),
        };
        Ok(Settings {
            branches: branches
                .iter()
                .map(|branch| branch.short_name().to_owned())
                .collect(),
            owners: owners(call, &place)?,
            description: row.description.clone().unwrap_or_default(),
            homepage: row.homepage.clone().unwrap_or_default(),
            branch: row.default_branch.clone(),
            issues: row.has_issues,
            name: row.name.clone(),
            visibility: row.visibility.word().to_owned(),
            new_owner: String::new(),
            new_name: String::new(),
            confirm: String::new(),
            errors: Errors::none(),
            place,
        })
    }

    /// Its path.
    pub fn path(&self) -> String {
        format!("{}/settings", self.place.path)
    }

    /// The page.
    pub fn draw(&self, visit: &Visit) -> Reply {
        let main = html! {
            (self.place.head(Tab::Settings))
            (form::errors(&self.errors.list()))
            @if self.place.view.row.archived_at.is_none() {
                (self.general(visit))
                (self.naming(visit))
            }
            (ending::parts(self, visit))
        };
        self.place.page(visit, "Settings", &self.errors, &main)
    }

    fn general(&self, visit: &Visit) -> Markup {
        let (action, errors) = (self.path(), &self.errors);
        let mut branches: Vec<Choice<'_>> = self
            .branches
            .iter()
            .map(|branch| Choice {
                value: branch,
                label: branch,
                disabled: "",
            })
            .collect();
        // Before the first push there is no branch, and yet a default one.
        if !self.branches.contains(&self.branch) {
            branches.push(Choice {
                value: &self.branch,
                label: &self.branch,
                disabled: "",
            });
        }
        let fields = html! {
            (input(&Field {
                name: "description", label: "Description", value: &self.description, optional: true,
                error: errors.at("description"), ..Field::default()
            }, &Input::default()))
            (input(&Field {
                name: "homepage", label: "Web site", value: &self.homepage, optional: true,
                error: errors.at("homepage"), ..Field::default()
            }, &Input { kind: "url", ..Input::default() }))
            (select(&Field {
                name: "default_branch", label: "Default branch", value: &self.branch,
                hint: html! { "What a clone checks out and what these pages show." },
                error: errors.at("default_branch"), ..Field::default()
            }, &branches))
            (check(&Check {
                name: "has_issues", label: "Issues",
                hint: html! { "Turned off, issues are kept and shown to nobody." },
                checked: self.issues, error: errors.at("has_issues"), ..Check::default()
            }))
            (form::actions(&submit("Save", Tone::Primary)))
        };
        let frame = form::Form {
            action: &action,
            csrf: &visit.csrf,
            label: "General",
            ..form::Form::default()
        };
        part(
            &Part {
                title: "General",
                ..Part::default()
            },
            &form::form(&frame, &fields),
        )
    }

    fn naming(&self, visit: &Visit) -> Markup {
        let action = format!("{}/rename", self.path());
        let lede = html! {
            "Its old address leads to it until another repository takes the name. Tokens keep their access: they hold \
             the repository, not its name."
        };
        let fields = html! {
            (input(&Field {
                name: "name", label: "New name", value: &self.name, error: self.errors.at("name"), ..Field::default()
            }, &Input { autocomplete: "off", mono: true, max: 100, ..Input::default() }))
            (form::actions(&submit("Rename", Tone::Plain)))
        };
        let frame = form::Form {
            action: &action,
            csrf: &visit.csrf,
            label: "Name",
            ..form::Form::default()
        };
        part(
            &Part {
                title: "Name",
                lede,
                ..Part::default()
            },
            &form::form(&frame, &fields),
        )
    }
}

/// Where the person who looks could bring it: their own account and the organizations that they belong to.
fn owners(call: &Call, place: &Place) -> Result<Vec<String>, Fault> {
    let mut owners = Vec::new();
    if let Some(record) = call.permit.gathered().principal_record() {
        owners.push(record.row.login.clone());
    }
    if let Ok(permit) = call.permit.also(op::ORGS_LIST_FOR_AUTHENTICATED_USER) {
        let views = call.authority.own_memberships(&permit)?;
        let belongs = views
            .into_iter()
            .filter(|view| view.row.role > OrganizationRole::None);
        owners.extend(belongs.map(|view| view.organization.login));
    }
    owners.retain(|login| *login != place.view.owner.login);
    Ok(owners)
}

fn show(call: Call) -> Answer {
    let settings = Settings::of(&call)?;
    Ok(settings.draw(&Visit::of(&call)))
}

fn edit(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let mut settings = Settings::of(&call)?;
    typed(&call.request, "description").clone_into(&mut settings.description);
    typed(&call.request, "homepage").clone_into(&mut settings.homepage);
    typed(&call.request, "default_branch").clone_into(&mut settings.branch);
    settings.issues = call.request.form.get("has_issues").is_some();
    let row = &settings.place.view.row;
    let input = RepositoryInput {
        description: Some(Some(settings.description.clone())),
        homepage: Some(Some(settings.homepage.clone())),
        default_branch: (settings.branch != row.default_branch).then(|| settings.branch.clone()),
        has_issues: Some(settings.issues),
        ..RepositoryInput::default()
    };
    match call.authority.repository_edit(call.permit, &input) {
        Ok(_) => Ok(Reply::see_other(&done::after(
            &settings.path(),
            "repository-edited",
        ))),
        Err(fault) => {
            settings.errors = super::errors(fault, "default_branch", "There is no such branch.")?;
            Ok(settings.draw(&visit))
        }
    }
}

fn rename(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let mut settings = Settings::of(&call)?;
    typed(&call.request, "name").clone_into(&mut settings.name);
    let input = RepositoryInput {
        name: Some(settings.name.clone()),
        ..RepositoryInput::default()
    };
    match call.authority.repository_edit(call.permit, &input) {
        Ok(view) => {
            let path = format!("/{}/{}/settings", view.owner.login, view.row.name);
            Ok(Reply::see_other(&done::after(&path, "repository-renamed")))
        }
        Err(fault) => {
            settings.errors = super::errors(fault, "name", "The repository is gone.")?;
            Ok(settings.draw(&visit))
        }
    }
}
