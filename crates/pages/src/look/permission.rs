//! Permissions with a menu of levels each, in groups by kind. The script filters and counts them; without it
//! every one is in the page.

use super::icon::{Icon, icon};
use super::{Markup, given, html};
use bailiwick_model::Level;

/// One permission.
#[derive(Clone, Copy, Debug, Default)]
pub struct Item<'a> {
    /// The name that is sent, mostly the slug.
    pub name: &'a str,
    /// Another id, where a page has several of one name.
    pub id: &'a str,
    /// Its slug, found by the search.
    pub slug: &'a str,
    /// Its title.
    pub title: &'a str,
    /// What it opens.
    pub text: &'a str,
    /// The levels offered besides none.
    pub levels: &'a [Level],
    /// The chosen level.
    pub chosen: Level,
    /// It comes with any other of its kind and cannot be taken away.
    pub mandatory: bool,
    /// The highest level that may be chosen; none when absent. Above it `bound` says why.
    pub highest: Option<Level>,
    /// Why higher levels cannot be chosen.
    pub bound: &'a str,
    /// From which level it is dangerous.
    pub danger_from: Option<Level>,
    /// What makes it dangerous, one sentence.
    pub danger: &'a str,
    /// What is wrong with the choice.
    pub error: &'a str,
}

/// The permissions of one kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Group<'a> {
    /// The kind's word: `repository`, `organization`, `account`, `enterprise`.
    pub kind: &'a str,
    /// "Repository permissions".
    pub title: &'a str,
    /// What they are for.
    pub text: &'a str,
    /// Whether it is open at first.
    pub open: bool,
    /// The permissions.
    pub items: &'a [Item<'a>],
}

/// The level in the words of menus and summaries.
pub const fn level_text(level: Level) -> &'static str {
    match level {
        Level::None => "No access",
        Level::Read => "Read-only",
        Level::Write => "Read and write",
        Level::Admin => "Admin",
    }
}

/// The groups with a search above; `id` is unique in the page.
pub fn menus(id: &str, groups: &[Group<'_>]) -> Markup {
    html! {
        div.permissions {
            (super::filter::local(id, "Search permissions"))
            div id=(id) {
                @for group in groups { (one_group(group)) }
                p.nothing data-nothing hidden { "No permission matches." }
            }
        }
    }
}

fn one_group(group: &Group<'_>) -> Markup {
    let chosen = group
        .items
        .iter()
        .filter(|item| item.chosen > Level::None && !item.mandatory)
        .count();
    html! {
        details.kind open[group.open || chosen > 0] data-group {
            summary {
                span.kind-title { (group.title) }
                span.kind-count data-chosen { @if chosen > 0 { (chosen) " chosen" } }
            }
            @if !group.text.is_empty() { p.hint { (group.text) } }
            ul { @for item in group.items { (one(group.kind, item)) } }
        }
    }
}

fn one(kind: &str, item: &Item<'_>) -> Markup {
    let id = given(item.id).unwrap_or(item.name);
    let risky = item.danger_from.is_some_and(|from| item.chosen >= from);
    let described = if item.error.is_empty() {
        format!("{id}-hint")
    } else {
        format!("{id}-hint {id}-error")
    };
    html! {
        li.permission.bad[!item.error.is_empty()] data-item data-words=(item.slug) {
            div.permission-text {
                label for=(id) { (item.title) }
                @if item.mandatory { " " span.badge.grey { "Mandatory" } }
                p.hint id={ (id) "-hint" } {
                    (item.text)
                    @if !item.bound.is_empty() { " " (super::choice::because(item.bound)) }
                }
                @if item.danger_from.is_some() {
                    p.risk data-risk hidden[!risky] { (icon(Icon::Warn)) span { (item.danger) } }
                }
                (super::form::error(id, item.error))
            }
            (menu(kind, id, &described, item))
        }
    }
}

fn menu(kind: &str, id: &str, described: &str, item: &Item<'_>) -> Markup {
    html! {
        select name=(item.name) id=(id) data-noun=(item.title.to_lowercase()) data-kind=(kind)
            data-mandatory[item.mandatory] data-danger=[item.danger_from.map(Level::word)]
            aria-describedby=(described) aria-invalid=[(!item.error.is_empty()).then_some("true")] {
            @if !item.mandatory { option value="none" selected[item.chosen == Level::None] { "No access" } }
            @for level in item.levels {
                option value=(level.word()) selected[item.chosen == *level]
                    disabled[item.highest.is_some_and(|highest| *level > highest)] { (level_text(*level)) }
            }
        }
    }
}

/// The permissions of a token in short: "Contents: read and write".
pub fn short(held: &[(&str, Level)]) -> Markup {
    html! {
        ul.words {
            @for (title, level) in held {
                li { (title) " " span.soft { (level_text(*level).to_lowercase()) } }
            }
        }
    }
}
