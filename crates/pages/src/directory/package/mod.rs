//! Packages: those of an organization or a person, and one with its versions and the commands that reach it.

mod commands;
mod list;
mod show;

pub(crate) use commands::host;

use super::frame::Place;
use crate::look::Markup;
use crate::visit::{Frame, Visit};
use bailiwick_authority::Fault;
use bailiwick_authority::package::view::PackageView;
use bailiwick_gate::{Call, Reply, Routes, encode};
use bailiwick_model::RegistryKind;
use http::StatusCode;

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    list::register(routes);
    show::register(routes);
}

/// Whose packages are shown.
#[derive(Clone, Debug)]
struct Owner {
    login: String,
    /// The path of its packages.
    path: String,
    /// The organization's place; a person has none.
    place: Option<Place>,
}

impl Owner {
    /// The organization that the path names.
    fn organization(call: &Call) -> Result<Owner, Fault> {
        let place = Place::of(call)?;
        Ok(Owner {
            login: place.login.clone(),
            path: format!("{}/packages", place.path),
            place: Some(place),
        })
    }

    /// A person of a login.
    fn person(login: &str) -> Owner {
        Owner {
            login: login.to_owned(),
            path: format!("/users/{login}/packages"),
            place: None,
        }
    }

    /// The path of a package's page.
    fn path_of(&self, view: &PackageView) -> String {
        format!(
            "{}/{}/package/{}",
            self.path,
            view.row.kind.package_type(),
            encode(view.shown())
        )
    }

    /// A page about its packages; `crumbs` stand between the owner and the page.
    fn page(
        &self,
        visit: &Visit,
        status: StatusCode,
        title: &str,
        crumbs: &[(&str, &str)],
        main: &Markup,
    ) -> Reply {
        if let Some(place) = &self.place {
            return place.page_with(visit, status, title, crumbs, main);
        }
        let home = format!("/{}", self.login);
        let mut all = vec![(self.login.as_str(), home.as_str())];
        all.extend(crumbs);
        let frame = Frame {
            title,
            crumbs: &all,
            invalid: status == StatusCode::UNPROCESSABLE_ENTITY,
            ..Frame::default()
        };
        visit.page_with(status, &frame, main)
    }
}

/// What people call packages of a kind.
const fn label(kind: RegistryKind) -> &'static str {
    match kind {
        RegistryKind::Oci => "Container image",
        RegistryKind::Npm => "npm",
        RegistryKind::Maven => "Maven",
        RegistryKind::NuGet => "NuGet",
        RegistryKind::PyPi => "Python",
    }
}
