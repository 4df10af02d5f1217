//! Searching and filtering: forms that only read, and the field that filters what is already in the page.

use super::button::{Button, Tone, button};
use super::icon::{Icon, icon};
use super::{Markup, filled, given, html};

/// A search of the server.
#[derive(Clone, Debug, Default)]
pub struct Search<'a> {
    /// Where it goes.
    pub action: &'a str,
    /// What is searched: "Search tokens".
    pub label: &'a str,
    /// The name of the text field; `q` when empty.
    pub name: &'a str,
    /// What was typed.
    pub value: &'a str,
    /// An example.
    pub placeholder: &'a str,
    /// Words to complete from: qualifiers of the audit log.
    pub words: &'a [&'a str],
    /// More fields: selects with quiet labels.
    pub fields: Markup,
    /// Where to go to clear it; empty when nothing is filtered.
    pub clear: &'a str,
}

/// A bar that filters a list by a GET.
pub fn bar(search: &Search<'_>) -> Markup {
    let name = given(search.name).unwrap_or("q");
    html! {
        form.filter method="get" action=(search.action) role="search" aria-label=(search.label) {
            (field(name, search.label, search.value, search.placeholder, search.words))
            @if filled(&search.fields) { div.filter-fields { (search.fields) } }
            div.filter-acts {
                (button(&Button { label: "Search", tone: Tone::Plain, ..Default::default() }))
                @if !search.clear.is_empty() { a.clear href=(search.clear) { "Clear" } }
            }
        }
    }
}

/// A search field with the glass in it.
fn field(name: &str, label: &str, value: &str, placeholder: &str, words: &[&str]) -> Markup {
    let list = (!words.is_empty()).then(|| format!("{name}-words"));
    html! {
        div.search {
            (icon(Icon::Search))
            input type="search" name=(name) id=(name) value=(value) aria-label=(label) dir="auto"
                placeholder=[given(placeholder)] list=[list.as_deref()] autocomplete="off" spellcheck="false";
            @if let Some(list) = &list {
                datalist id=(list) { @for word in words { option value=(word) {} } }
            }
        }
    }
}

/// A field that hides what does not match, in the element `target`; it needs the script and is hidden without.
pub fn local(target: &str, label: &str) -> Markup {
    html! {
        div.search.js-only {
            (icon(Icon::Search))
            input type="search" aria-label=(label) placeholder=(label) data-filter=(target) autocomplete="off"
                spellcheck="false" aria-controls=(target);
            p.found role="status" data-found {}
        }
    }
}
