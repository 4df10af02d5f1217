//! Names that people chose: isolated, so that right-to-left marks in them cannot reorder what stands beside.

use super::{Markup, html};

/// A name, title or description as typed by somebody.
pub fn name(text: &str) -> Markup {
    html! { bdi.name { (text) } }
}

/// A login that links to its page.
pub fn login(login: &str) -> Markup {
    html! { a.login href={ "/" (login) } { bdi { (login) } } }
}

/// A repository's full name that links to its page.
pub fn repository(owner: &str, repository: &str) -> Markup {
    html! {
        a.repository href={ "/" (owner) "/" (repository) } {
            bdi { (owner) } "/" wbr; bdi { (repository) }
        }
    }
}

/// The initial of an account in a coloured tile: round for a person, square for an organization. Decoration.
pub fn avatar(login: &str, organization: bool) -> Markup {
    let initial = login.chars().next().map(|first| first.to_uppercase().to_string());
    let hue = login.bytes().fold(7_u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(byte))
    }) % 6;
    html! {
        span.avatar.organization[organization].{ "hue-" (hue) } aria-hidden="true" {
            (initial.as_deref().unwrap_or("?"))
        }
    }
}
