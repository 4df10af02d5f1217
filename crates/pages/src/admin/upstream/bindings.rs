//! What of the directory lives at an upstream: owners and repositories.

use super::{page, path_of};
use crate::admin::{a_form, given, typed};
use crate::done;
use crate::errors::Errors;
use crate::look::badge::visibility;
use crate::look::button::{Button, Tone, link, post, submit};
use crate::look::field::{Choice, Field, Input, input, select};
use crate::look::heading::{Part, part};
use crate::look::list::{Row, rows};
use crate::look::navigation::{Pages, pages};
use crate::look::{Markup, form, html, name};
use crate::visit::Visit;
use bailiwick_authority::rows::AccountRow;
use bailiwick_authority::upstream::bind::{Adoption, Binding};
use bailiwick_authority::upstream::view::{BoundView, UpstreamView};
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes, encode};
use bailiwick_model::{RepositoryId, Visibility};

pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ADMIN_UPSTREAM_BINDINGS, show)
        .on(op::WEB_ADMIN_UPSTREAM_BIND_OWNER, bind_owner)
        .on(op::WEB_ADMIN_UPSTREAM_UNBIND_OWNER, unbind_owner)
        .on(op::WEB_ADMIN_UPSTREAM_BIND_REPOSITORY, bind_repository)
        .on(op::WEB_ADMIN_UPSTREAM_UNBIND_REPOSITORY, unbind_repository);
}

#[derive(Default)]
struct Typed {
    owner: String,
    owner_called: String,
    owner_key: String,
    repository: String,
    called: String,
    key: String,
    visibility: String,
}

struct Page {
    visit: Visit,
    view: UpstreamView,
    owners: Vec<AccountRow>,
    repositories: Vec<BoundView>,
    next: Option<RepositoryId>,
    typed: Typed,
    errors: Errors,
}

impl Page {
    fn of(call: &Call) -> Result<Page, Fault> {
        let upstream = call.request.parameter("upstream");
        let view = call.authority.upstream_view(&call.permit, upstream)?;
        let after = call.request.query.get("after").and_then(|text| text.parse().ok());
        let size = call.request.page().size;
        let mut repositories = call.authority.upstream_repositories(
            &call.permit,
            upstream,
            RepositoryId(after.unwrap_or(0)),
            size + 1,
        )?;
        let more = repositories.len() > size;
        repositories.truncate(size);
        Ok(Page {
            visit: Visit::of(call),
            owners: call.authority.upstream_owners(&call.permit, upstream)?,
            next: repositories.last().filter(|_| more).map(|last| last.row.id),
            repositories,
            view,
            typed: Typed {
                repository: call
                    .request
                    .query
                    .get("repository")
                    .unwrap_or("")
                    .trim()
                    .to_owned(),
                visibility: Visibility::Private.word().to_owned(),
                ..Typed::default()
            },
            errors: Errors::none(),
        })
    }

    fn base(&self) -> String {
        path_of(&self.view.row.name)
    }

    fn draw(&self) -> Reply {
        let next = match self.next {
            Some(id) => format!("{}/bindings?after={}", self.base(), id.0),
            None => String::new(),
        };
        let body = html! {
            (part(
                &Part {
                    title: "Owners",
                    lede: html! { "Organizations and people here, and what they are there. Repositories are bound one by one or synchronised." },
                    ..Part::default()
                },
                &html! { (self.owner_rows()) (self.owner_form()) },
            ))
            (part(
                &Part {
                    title: "Repositories",
                    lede: html! { "They keep their grants and their place here; requests for them go to the upstream." },
                    ..Part::default()
                },
                &html! {
                    (self.repository_rows())
                    (pages(&Pages { page: 1, next: &next, ..Pages::default() }))
                    (self.repository_form())
                },
            ))
        };
        page(&self.visit, &self.view, &self.errors, &body)
    }

    fn owner_rows(&self) -> Markup {
        let items: Vec<Row> = self
            .owners
            .iter()
            .map(|row| Row {
                title: html! { a href={ "/" (row.login) } { bdi { (row.login) } } },
                text: there(row.upstream_name.as_deref(), row.upstream_key.as_deref()),
                lead: name::avatar(&row.login, true),
                actions: self.unbind(
                    &format!("{}/owners/{}/delete", self.base(), encode(&row.login)),
                    &row.login,
                ),
                ..Row::default()
            })
            .collect();
        html! {
            @if items.is_empty() { p.hint { "None." } } @else { (rows("Owners", &items)) }
        }
    }

    fn repository_rows(&self) -> Markup {
        let items: Vec<Row> = self
            .repositories
            .iter()
            .map(|bound| {
                let (owner, repository) = (&bound.owner.login, &bound.row.name);
                Row {
                    title: name::repository(owner, repository),
                    badges: visibility(bound.row.visibility),
                    text: there(
                        bound.row.upstream_name.as_deref(),
                        bound.row.upstream_key.as_deref(),
                    ),
                    actions: self.unbind(
                        &format!(
                            "{}/repositories/{}/{}/delete",
                            self.base(),
                            encode(owner),
                            encode(repository)
                        ),
                        repository,
                    ),
                    ..Row::default()
                }
            })
            .collect();
        html! {
            @if items.is_empty() { p.hint { "None." } } @else { (rows("Repositories", &items)) }
        }
    }

    fn unbind(&self, path: &str, about: &str) -> Markup {
        post(
            path,
            &self.visit.csrf,
            &[],
            &Button {
                label: "Unbind",
                about,
                tone: Tone::Danger,
                small: true,
                ..Button::default()
            },
        )
    }

    fn owner_form(&self) -> Markup {
        let typed = &self.typed;
        a_form(
            &format!("{}/owners", self.base()),
            &self.visit.csrf,
            "Bind an owner",
            &html! {
                (form::row(&html! {
                    (self.field("owner", "Login here", &typed.owner, "A person or an organization.", false))
                    (self.field("owner_called", "Name there", &typed.owner_called, "The same if empty.", true))
                    (self.field("owner_id", "Id there", &typed.owner_key, "It stays when it is renamed.", true))
                }))
                (form::actions(&submit("Bind the owner", Tone::Plain)))
            },
        )
    }

    /// Which repository first: its path is part of where the form leads.
    fn repository_form(&self) -> Markup {
        let typed = &self.typed;
        let Some((owner, repository)) = split(&typed.repository) else {
            return self.which_repository();
        };
        let action = format!(
            "{}/repositories/{}/{}",
            self.base(),
            encode(owner),
            encode(repository)
        );
        a_form(
            &action,
            &self.visit.csrf,
            "Bind a repository",
            &html! {
                p { "Bind " bdi { strong { (typed.repository) } } ". If it is not known here yet, it is added, without a copy of its content." }
                (form::row(&html! {
                    (self.field("called", "Name there", &typed.called, "owner/name; the same if empty.", true))
                    (self.field("key", "Id there", &typed.key, "It stays when it is renamed.", true))
                }))
                (select(
                    &Field {
                        name: "visibility", label: "Visibility, if it is added", value: &typed.visibility,
                        error: self.errors.at("visibility"),
                        hint: html! { "Who may see it through this server." },
                        ..Field::default()
                    },
                    &[
                        Choice { value: "private", label: "Private", disabled: "" },
                        Choice { value: "internal", label: "Internal", disabled: "" },
                        Choice { value: "public", label: "Public", disabled: "" },
                    ],
                ))
                (form::actions(&html! {
                    (submit("Bind the repository", Tone::Primary))
                    (link("Another one", &format!("{}/bindings", self.base()), Tone::Quiet))
                }))
            },
        )
    }

    fn which_repository(&self) -> Markup {
        let wrong = if self.typed.repository.is_empty() {
            ""
        } else {
            "Type owner and name, with a slash between."
        };
        html! {
            div.panel {
                form.form method="get" action={ (self.base()) "/bindings" } aria-label="Bind a repository" {
                    (input(
                        &Field {
                            name: "repository", label: "Repository here", value: &self.typed.repository, error: wrong,
                            hint: html! { "owner/name. One that is not known here yet is added." },
                            ..Field::default()
                        },
                        &Input { autocomplete: "off", mono: true, ..Input::default() },
                    ))
                    (form::actions(&submit("Continue", Tone::Plain)))
                }
            }
        }
    }

    fn field(&self, field: &str, label: &str, value: &str, hint: &str, optional: bool) -> Markup {
        input(
            &Field {
                name: field,
                label,
                value,
                error: self.errors.at(field),
                hint: html! { (hint) },
                optional,
                ..Field::default()
            },
            &Input {
                autocomplete: "off",
                mono: true,
                ..Input::default()
            },
        )
    }

    /// The page again, with what is wrong beside the fields of this form.
    fn refused(mut self, fault: Fault, fields: [&str; 3], nobody: &str) -> Answer {
        let [what, called, key] = fields;
        self.errors = match fault.kind {
            FaultKind::NotFound => Errors::one(what, nobody),
            FaultKind::Forbidden
            | FaultKind::BadRequest
            | FaultKind::Unauthorized
            | FaultKind::Conflict
            | FaultKind::Gone
            | FaultKind::TooLarge
            | FaultKind::TooSlow
            | FaultKind::Invalid
            | FaultKind::TooMany
            | FaultKind::NotImplemented
            | FaultKind::BadGateway
            | FaultKind::GatewayTimeout
            | FaultKind::Unavailable
            | FaultKind::Internal => {
                let found = Errors::of(fault)?;
                let mut errors = Errors::none();
                for (field, message) in found.list() {
                    let field = match field {
                        "name" => called,
                        "id" => key,
                        other => other,
                    };
                    errors.push(field, message);
                }
                errors
            }
        };
        Ok(self.draw())
    }
}

/// Owner and name.
fn split(full: &str) -> Option<(&str, &str)> {
    full.split_once('/')
        .filter(|(owner, name)| !owner.is_empty() && !name.is_empty() && !name.contains('/'))
}

fn there(called: Option<&str>, key: Option<&str>) -> Markup {
    html! {
        "Is " bdi { (called.unwrap_or("unknown")) } " there"
        @if let Some(key) = key { ", id " code { (key) } }
    }
}

fn show(call: Call) -> Answer {
    Ok(Page::of(&call)?.draw())
}

fn done(name: &str, code: &str) -> Answer {
    Ok(Reply::see_other(&done::after(
        &format!("{}/bindings", path_of(name)),
        code,
    )))
}

fn bind_owner(call: Call) -> Answer {
    let mut page = Page::of(&call)?;
    page.typed.owner = typed(&call.request, "owner");
    page.typed.owner_called = typed(&call.request, "owner_called");
    page.typed.owner_key = typed(&call.request, "owner_id");
    let binding = Binding {
        name: given(&page.typed.owner_called),
        key: given(&page.typed.owner_key),
    };
    let name = page.view.row.name.clone();
    match call
        .authority
        .upstream_bind_owner(call.permit, &name, &page.typed.owner, &binding)
    {
        Ok(_) => done(&name, "upstream-bound"),
        Err(fault) => page.refused(
            fault,
            ["owner", "owner_called", "owner_id"],
            "There is no person or organization of this login.",
        ),
    }
}

fn unbind_owner(call: Call) -> Answer {
    let name = call.request.parameter("upstream").to_owned();
    call.authority
        .upstream_unbind_owner(call.permit, &name, call.request.parameter("username"))?;
    done(&name, "upstream-unbound")
}

fn bind_repository(call: Call) -> Answer {
    let mut page = Page::of(&call)?;
    page.typed.repository = format!(
        "{}/{}",
        call.request.parameter("owner"),
        call.request.parameter("repo")
    );
    page.typed.called = typed(&call.request, "called");
    page.typed.key = typed(&call.request, "key");
    page.typed.visibility = typed(&call.request, "visibility");
    let Some(visibility) = Visibility::parse(&page.typed.visibility) else {
        page.errors = Errors::one("visibility", "Choose one.");
        return Ok(page.draw());
    };
    let (owner, repository) = (call.request.parameter("owner"), call.request.parameter("repo"));
    let binding = Binding {
        name: given(&page.typed.called),
        key: given(&page.typed.key),
    };
    let adoption = Adoption {
        description: None,
        visibility,
        default_branch: None,
    };
    let name = page.view.row.name.clone();
    match call.authority.upstream_bind_repository(
        call.permit,
        &name,
        (owner, repository),
        &binding,
        &adoption,
    ) {
        Ok(_) => done(&name, "upstream-bound"),
        Err(fault) => page.refused(fault, ["", "called", "key"], "There is no owner of this login."),
    }
}

fn unbind_repository(call: Call) -> Answer {
    let name = call.request.parameter("upstream").to_owned();
    let (owner, repository) = (call.request.parameter("owner"), call.request.parameter("repo"));
    call.authority
        .upstream_unbind_repository(call.permit, &name, (owner, repository))?;
    done(&name, "upstream-unbound")
}
