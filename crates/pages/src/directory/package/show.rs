//! One package: what it is, its versions, the commands that reach it, and for its owner who can see it.

use super::super::{pager, typed};
use super::list::belongs;
use super::{Owner, commands, label};
use crate::done;
use crate::errors::Errors;
use crate::look::badge::{Hue, badge, visibility};
use crate::look::button::{Tone, link, submit};
use crate::look::callout::{Weight, callout};
use crate::look::field::{Choice, Field, select};
use crate::look::heading::{Heading, Part, heading, part};
use crate::look::icon::Icon;
use crate::look::list::{empty, facts};
use crate::look::table::{Column, column, table};
use crate::look::{Markup, code, form, html, name, time};
use crate::visit::Visit;
use bailiwick_authority::package::link::PackageEdit;
use bailiwick_authority::package::list::seen_by;
use bailiwick_authority::package::view::{PackageView, VersionView};
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Request, Routes, encode};
use bailiwick_model::{RegistryKind, Visibility};

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ORGANIZATION_PACKAGE, of_organization)
        .on(op::WEB_ORGANIZATION_PACKAGE_EDIT, edit_organization)
        .on(op::WEB_PERSON_PACKAGE, of_person)
        .on(op::WEB_OWN_PACKAGE_EDIT, edit_own);
}

/// A package with what stands on its page.
struct Shown {
    owner: Owner,
    view: PackageView,
    /// As the registry has them; none where it could not be asked.
    versions: Option<Vec<VersionView>>,
    /// Where the form of the visibility goes; empty for whoever may not change it.
    edit: String,
    /// The visibility that was chosen.
    chosen: String,
    errors: Errors,
}

impl Shown {
    fn of(call: &Call, owner: Owner, edit: String) -> Result<Shown, Fault> {
        let kind = RegistryKind::of_package_type(call.request.parameter("package_type"))
            .ok_or_else(Fault::not_found)?;
        let name = call.request.parameter("package_name");
        let view = call.authority.package(&call.permit, kind, name)?;
        let versions = match call.authority.package_versions(&call.permit, kind, name) {
            Ok((_, versions)) => Some(versions),
            Err(fault) if is_away(fault.kind) => None,
            Err(fault) => return Err(fault),
        };
        Ok(Shown {
            chosen: view.row.visibility.word().to_owned(),
            owner,
            view,
            versions,
            edit,
            errors: Errors::none(),
        })
    }

    fn draw(&self, request: &Request, visit: &Visit) -> Reply {
        let view = &self.view;
        let main = html! {
            (heading(&Heading {
                kicker: "Package",
                title: name::name(view.shown()),
                badges: html! { (badge(Hue::Grey, label(view.row.kind))) " " (visibility(seen_by(view))) },
                lede: belongs(view),
                ..Heading::default()
            }))
            (form::errors(&self.errors.list()))
            (facts(&[
                ("Name at the registry", html! { (code::inline(&view.row.name)) }),
                ("Registry", name::name(&view.upstream.name)),
                ("Here since", time::date(view.row.created_at)),
                ("Changed", time::date(view.row.updated_at)),
            ]))
            (self.use_it(visit))
            (self.versions(request))
            (self.visibility(visit))
        };
        let crumbs = [("Packages", self.owner.path.as_str())];
        self.owner
            .page(visit, self.errors.status(), view.shown(), &crumbs, &main)
    }

    /// A version that the commands can name: of an image a tag, if it has one.
    fn newest(&self) -> &str {
        let newest = self.versions.iter().flatten().next();
        newest.map_or("", |version| version.tags.first().unwrap_or(&version.row.name))
    }

    fn use_it(&self, visit: &Visit) -> Markup {
        let login = visit.login.as_deref().unwrap_or("token");
        let Some(blocks) = commands::of(&visit.base_url, login, &self.view, self.newest()) else {
            return html! {};
        };
        let permission = match (&self.view.repository, &self.owner.place) {
            (None, Some(_)) => "Packages of the organization",
            _ => "Packages",
        };
        let lede = html! {
            "Put a token in the place of " code { "YOUR_TOKEN" } ". Reading takes its permission " em { (permission) ": read" }
            ", publishing " em { "write" } "."
        };
        let actions = link("New token", "/settings/personal-access-tokens/new", Tone::Plain);
        let head = Part {
            id: "use",
            title: "Use it",
            lede,
            actions,
        };
        part(&head, &blocks)
    }

    fn versions(&self, request: &Request) -> Markup {
        let body = match &self.versions {
            None => callout(
                Weight::Warn,
                "The registry cannot be asked now",
                &html! { "So its versions cannot be shown. Look at this page again later; an administrator sees under Upstreams what is wrong." },
            ),
            Some(versions) if versions.is_empty() => empty(
                Icon::Repository,
                "No versions",
                &html! { "The registry has none any more. The name stays whose it is: publish it again." },
                &html! {},
            ),
            Some(versions) => {
                let image = self.view.row.kind == RegistryKind::Oci;
                let page = request.page();
                let shown = versions.iter().skip(page.offset()).take(page.size);
                let lines: Vec<Vec<Markup>> = shown.map(|version| line(image, version)).collect();
                let columns: &[Column<'_>] = if image {
                    &[column("Digest"), column("Tags"), column("Published")]
                } else {
                    &[column("Version"), column("Published")]
                };
                html! {
                    (table("Versions", columns, &lines))
                    (pager(request, versions.len(), "versions"))
                }
            }
        };
        let head = Part {
            id: "versions",
            title: "Versions",
            ..Part::default()
        };
        part(&head, &body)
    }

    fn visibility(&self, visit: &Visit) -> Markup {
        if self.edit.is_empty() {
            return html! {};
        }
        let body = match &self.view.repository {
            Some(repository) => html! {
                p {
                    "Who can see " (name::repository(&self.view.owner.login, &repository.name))
                    " can see its packages: change the repository's visibility."
                }
            },
            None => self.visibility_form(visit),
        };
        let head = Part {
            id: "who",
            title: "Who can see it",
            ..Part::default()
        };
        part(&head, &body)
    }

    fn visibility_form(&self, visit: &Visit) -> Markup {
        let choices = [
            ("private", "Private: whoever may read the owner's packages"),
            ("public", "Public: everybody, without a token"),
        ]
        .map(|(value, label)| Choice {
            value,
            label,
            disabled: "",
        });
        let frame = form::Form {
            action: &self.edit,
            csrf: &visit.csrf,
            label: "Who can see it",
            ..form::Form::default()
        };
        let fields = html! {
            (select(&Field {
                name: "visibility", label: "Visibility", value: &self.chosen, error: self.errors.at("visibility"),
                ..Field::default()
            }, &choices))
            (form::actions(&submit("Change visibility", Tone::Primary)))
        };
        form::form(&frame, &fields)
    }
}

fn line(image: bool, version: &VersionView) -> Vec<Markup> {
    let published = version.published_at.unwrap_or(version.row.created_at);
    let mut cells = vec![code::inline(&version.row.name)];
    if image {
        cells.push(html! {
            @if version.tags.is_empty() { "None" }
            @for tag in &version.tags { (badge(Hue::Blue, tag)) " " }
        });
    }
    cells.push(time::moment(published));
    cells
}

/// The registry cannot be asked: what is known here is shown all the same.
fn is_away(kind: FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::NotImplemented
            | FaultKind::BadGateway
            | FaultKind::GatewayTimeout
            | FaultKind::Unavailable
    )
}

fn organization(call: &Call) -> Result<Shown, Fault> {
    let owner = Owner::organization(call)?;
    let mut shown = Shown::of(call, owner, String::new())?;
    if call
        .permit
        .also(op::BAILIWICK_UPDATE_ORGANIZATION_PACKAGE)
        .is_ok()
    {
        shown.edit = shown.owner.path_of(&shown.view);
    }
    Ok(shown)
}

/// A package of a login; changing is offered to that person alone.
fn person(call: &Call, visit: &Visit, login: &str) -> Result<Shown, Fault> {
    let mut shown = Shown::of(call, Owner::person(login), String::new())?;
    let own = visit.login.as_deref() == Some(login);
    if own && call.permit.also(op::BAILIWICK_UPDATE_OWN_PACKAGE).is_ok() {
        shown.edit = format!(
            "/settings/packages/{}/{}",
            shown.view.row.kind.package_type(),
            encode(shown.view.shown())
        );
    }
    Ok(shown)
}

fn of_organization(call: Call) -> Answer {
    let visit = Visit::of(&call);
    Ok(organization(&call)?.draw(&call.request, &visit))
}

fn of_person(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let login = call.permit.owner()?.login.clone();
    Ok(person(&call, &visit, &login)?.draw(&call.request, &visit))
}

fn edit_organization(call: Call) -> Answer {
    let shown = organization(&call)?;
    change(call, shown)
}

fn edit_own(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let login = visit.login.clone().ok_or_else(Fault::not_found)?;
    let shown = person(&call, &visit, &login)?;
    change(call, shown)
}

fn change(call: Call, mut shown: Shown) -> Answer {
    let visit = Visit::of(&call);
    typed(&call.request, "visibility").clone_into(&mut shown.chosen);
    let public = match Visibility::parse(&shown.chosen) {
        Some(Visibility::Public) => true,
        Some(Visibility::Private) => false,
        _ => {
            shown.errors = Errors::one("visibility", "Choose private or public.");
            return Ok(shown.draw(&call.request, &visit));
        }
    };
    let edit = PackageEdit {
        public: Some(public),
        repository: None,
    };
    let row = &shown.view.row;
    let name = shown.view.shown().to_owned();
    match call.authority.package_edit(call.permit, row.kind, &name, &edit) {
        Ok(_) => {
            let path = shown.owner.path_of(&shown.view);
            Ok(Reply::see_other(&done::after(&path, "package-shown")))
        }
        Err(fault) => {
            shown.errors = Errors::of(fault)?;
            Ok(shown.draw(&call.request, &visit))
        }
    }
}
