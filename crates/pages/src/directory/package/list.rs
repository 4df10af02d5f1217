//! The packages of an organization or a person, as far as the person who looks may see them.

use super::super::{counted, pager, sought};
use super::commands::host;
use super::{Owner, label};
use crate::look::badge::{Hue, badge, visibility};
use crate::look::button::{Tone, link};
use crate::look::field::{Choice, Field, select};
use crate::look::heading::{Heading, heading};
use crate::look::icon::Icon;
use crate::look::list::{Row, empty, rows};
use crate::look::{Markup, code, filter, html, name, time};
use crate::visit::Visit;
use bailiwick_authority::package::list::seen_by;
use bailiwick_authority::package::view::PackageView;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Request, Routes};
use bailiwick_model::RegistryKind;
use http::StatusCode;

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ORGANIZATION_PACKAGES, of_organization)
        .on(op::WEB_PERSON_PACKAGES, of_person);
}

fn of_organization(call: Call) -> Answer {
    let owner = Owner::organization(&call)?;
    draw(&call, &owner)
}

fn of_person(call: Call) -> Answer {
    let owner = Owner::person(&call.permit.owner()?.login);
    draw(&call, &owner)
}

fn draw(call: &Call, owner: &Owner) -> Answer {
    let visit = Visit::of(call);
    let request = &call.request;
    let kind = RegistryKind::of_package_type(request.query.get("package_type").unwrap_or(""));
    let text = sought(request);
    let mut views = call.authority.packages(&call.permit, kind, None)?;
    views.retain(|view| view.shown().contains(&text.to_lowercase()));
    let total = views.len();
    let (shown, _) = request.page().cut(views);
    let filtered = kind.is_some() || !text.is_empty();
    let main = html! {
        (heading(&Heading {
            title: html! { "Packages" },
            lede: html! { "Images and libraries that belong to " (name::name(&owner.login)) " or its repositories." },
            ..Heading::default()
        }))
        @if total > 0 || filtered {
            (filter::bar(&filter::Search {
                action: &owner.path, label: "Search packages", placeholder: "Part of a name", value: text,
                fields: menu(request), clear: if filtered { &owner.path } else { "" }, ..filter::Search::default()
            }))
        }
        @if !shown.is_empty() {
            (rows("Packages", &shown.iter().map(|view| row(owner, view)).collect::<Vec<_>>()))
        } @else if filtered {
            (empty(Icon::Search, "Nothing matches", &html! { "Packages that you may not see are not listed." }, &html! {}))
        } @else { (none(&visit, owner)) }
        @if total > 0 { (pager(request, total, "packages")) }
    };
    Ok(owner.page(&visit, StatusCode::OK, "Packages", &[], &main))
}

fn menu(request: &Request) -> Markup {
    let chosen = RegistryKind::of_package_type(request.query.get("package_type").unwrap_or(""));
    let mut choices = vec![Choice {
        value: "",
        label: "All",
        disabled: "",
    }];
    choices.extend(RegistryKind::ALL.iter().map(|kind| Choice {
        value: kind.package_type(),
        label: label(*kind),
        disabled: "",
    }));
    let field = Field {
        name: "package_type",
        label: "Kind",
        value: chosen.map_or("", RegistryKind::package_type),
        quiet: true,
        ..Field::default()
    };
    select(&field, &choices)
}

fn row(owner: &Owner, view: &PackageView) -> Row {
    Row {
        title: html! { a href=(owner.path_of(view)) { bdi { (view.shown()) } } },
        badges: html! { (badge(Hue::Grey, label(view.row.kind))) " " (visibility(seen_by(view))) },
        meta: vec![
            html! { (counted(view.versions as i128, "version", "versions")) },
            belongs(view),
            html! { "Changed " (time::date(view.row.updated_at)) },
        ],
        ..Row::default()
    }
}

/// What it belongs to.
pub(super) fn belongs(view: &PackageView) -> Markup {
    html! {
        @match &view.repository {
            Some(repository) => { "Belongs to " (name::repository(&view.owner.login, &repository.name)) },
            None => { "Belongs to " (name::login(&view.owner.login)) },
        }
    }
}

/// What to do where there is none.
fn none(visit: &Visit, owner: &Owner) -> Markup {
    let image = format!(
        "{}/{}/NAME:TAG",
        host(&visit.base_url),
        owner.login.to_lowercase()
    );
    let text = html! {
        "Packages that you may not see are not listed. One appears here once it is published through this server: with "
        (code::inline(&format!("docker push {image}")))
        " or an npm package of the scope " (code::inline(&format!("@{}", owner.login.to_lowercase())))
        ", where a registry of that kind is set up. Whose Maven, NuGet and Python packages are, an administrator says by a \
         link. Publishing takes a token that may write packages."
    };
    let action = html! {
        (link("New token", "/settings/personal-access-tokens/new", Tone::Primary))
        @if visit.administrator { (link("Set up a registry", "/admin/new-upstream", Tone::Plain)) }
    };
    empty(Icon::Repository, "No packages to see", &text, &action)
}
