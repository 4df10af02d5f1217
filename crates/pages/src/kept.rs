//! A form that was turned away, on its way through the sign-in pages: where it was going and what it held.

use crate::look::{Markup, form, html};
use bailiwick_gate::{Asked, Query, encode, is_local_path};
use http::Method;

/// Names that never travel: the guard is bound to the session, the others are secrets.
const NEVER: [&str; 10] = [
    "csrf",
    "password",
    "old_password",
    "new_password",
    "code",
    "credential",
    "sealed",
    "pending",
    "kept_to",
    "kept_form",
];

/// The start of the names of further secrets.
const SECRETS: &str = crate::admin::upstream::secrets::PREFIX;

/// Where somebody was going, and the form that they had sent.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    // INVARIANT: a path of this server.
    target: String,
    form: Query,
    posted: bool,
}

impl Kept {
    /// What a browser asked when it was turned away.
    pub fn of(asked: &Asked) -> Kept {
        match &asked.form {
            Some(form) => Kept::new(&asked.target, form.clone(), true),
            // SECURITY: a form that no page here sent is not gone on with, not even without what it held.
            None if asked.method == Method::POST => Kept::default(),
            None => Kept::page(&asked.target),
        }
    }

    /// A page to come back to; anything but a path of this server is the start page.
    pub fn page(target: &str) -> Kept {
        Kept::new(target, Query::default(), false)
    }

    fn new(target: &str, form: Query, posted: bool) -> Kept {
        Kept {
            target: if is_local_path(target) { target } else { "/" }.to_owned(),
            form,
            posted,
        }
    }

    /// What the hidden fields of a sign-in page carried.
    pub fn from_form(form: &Query) -> Kept {
        let target = form.get("kept_to").unwrap_or("/");
        match form.get("kept_form") {
            Some(text) => Kept::new(target, Query::parse(Some(text)).unwrap_or_default(), true),
            None => Kept::page(target),
        }
    }

    /// Where it goes.
    pub fn target(&self) -> &str {
        if self.target.is_empty() { "/" } else { &self.target }
    }

    /// Whether it is a form and not only a page.
    pub fn is_form(&self) -> bool {
        self.posted
    }

    /// What had been typed.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.form
            .pairs()
            .iter()
            .filter(|(name, _)| !NEVER.contains(&name.as_str()) && !name.starts_with(SECRETS))
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The hidden fields that carry it through a sign-in page.
    pub fn fields(&self) -> Markup {
        let typed: Vec<String> = self
            .pairs()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        html! {
            (form::hidden("kept_to", self.target()))
            @if self.posted { (form::hidden("kept_form", &typed.join("&"))) }
        }
    }
}
