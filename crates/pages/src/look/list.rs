//! Lists: rows with actions, facts as terms and values, and what to show when there is nothing.

use super::icon::{Icon, icon};
use super::{Markup, filled, html};

/// A row: what it is, what to know about it, what to do with it.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Its title, mostly a link.
    pub title: Markup,
    /// Badges behind the title.
    pub badges: Markup,
    /// A line of text below.
    pub text: Markup,
    /// Small facts, side by side.
    pub meta: Vec<Markup>,
    /// Buttons at the end.
    pub actions: Markup,
    /// A drawing or an avatar before it.
    pub lead: Markup,
}

/// The inside of a row; also used by lists to select from.
pub fn row(row: &Row) -> Markup {
    html! {
        div.row {
            @if filled(&row.lead) { div.row-lead { (row.lead) } }
            div.row-body {
                p.row-title { (row.title) @if filled(&row.badges) { " " span.row-badges { (row.badges) } } }
                @if filled(&row.text) { p.row-text { (row.text) } }
                @if !row.meta.is_empty() {
                    ul.row-meta { @for fact in &row.meta { li { (fact) } } }
                }
            }
            @if filled(&row.actions) { div.row-actions { (row.actions) } }
        }
    }
}

/// Rows in a bordered list; `label` says what they are.
pub fn rows(label: &str, rows: &[Row]) -> Markup {
    html! {
        ul.rows aria-label=(label) { @for item in rows { li { (row(item)) } } }
    }
}

/// Terms and their values.
pub fn facts(facts: &[(&str, Markup)]) -> Markup {
    html! {
        dl.facts { @for (term, value) in facts { div { dt { (term) } dd { (value) } } } }
    }
}

/// What to show instead of an empty list: why it is empty and what to do.
pub fn empty(drawing: Icon, title: &str, text: &Markup, action: &Markup) -> Markup {
    html! {
        div.empty {
            span.empty-icon { (icon(drawing)) }
            p.empty-title { (title) }
            @if filled(text) { p { (text) } }
            @if filled(action) { div.buttons { (action) } }
        }
    }
}

/// A short list of words on one line: repositories, scopes.
pub fn words(words: &[&str]) -> Markup {
    html! { ul.words { @for word in words { li { bdi { (word) } } } } }
}
