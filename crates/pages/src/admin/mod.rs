//! Administration of the installation: people, organizations, enterprises, checks.

mod checks;
mod enterprise;
mod enterprises;
mod observation;
mod organizations;
mod people;
mod person;
mod person_new;
pub(crate) mod upstream;

use crate::look::form;
use crate::look::{Markup, html};
use crate::visit::{Area, Frame};
use bailiwick_gate::{Request, Routes, encode};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    people::register(routes);
    person_new::register(routes);
    person::register(routes);
    organizations::register(routes);
    enterprises::register(routes);
    enterprise::register(routes);
    upstream::register(routes);
    checks::register(routes);
    observation::register(routes);
}

/// The frame of a page of administration; without crumbs it is one of the side navigation.
fn frame<'a>(title: &'a str, crumbs: &'a [(&'a str, &'a str)], invalid: bool) -> Frame<'a> {
    Frame {
        title,
        area: Area::Administration,
        crumbs,
        invalid,
    }
}

/// The path of a person's page.
fn person_path(login: &str) -> String {
    format!("/admin/people/{}", encode(login))
}

/// The path of an organization's page.
fn organization_path(login: &str) -> String {
    format!("/admin/organizations/{}", encode(login))
}

/// The path of an enterprise's page.
fn enterprise_path(slug: &str) -> String {
    format!("/admin/enterprises/{}", encode(slug))
}

/// What a form sent under a name, without blanks around it.
fn typed(request: &Request, name: &str) -> String {
    request.form.get(name).unwrap_or("").trim().to_owned()
}

/// The same, or nothing where it is empty.
fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A form of its own heading within a page.
fn a_form(action: &str, csrf: &str, label: &str, fields: &Markup) -> Markup {
    html! {
        div.panel {
            (form::form(&form::Form { action, csrf, label, ..form::Form::default() }, fields))
        }
    }
}

/// A word or sentence that begins with a capital.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
