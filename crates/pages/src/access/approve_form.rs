//! Approving less than was asked: lower levels, dropped permissions, fewer repositories. Draws and reads the form.

use super::rights::{Reach, Rights, level};
use crate::errors::Errors;
use crate::look::choice::{Card, Cards, cards};
use crate::look::field::{Field, textarea};
use crate::look::form::when;
use crate::look::permission::{Group, Item, menus};
use crate::look::picker::{self, Picker};
use crate::look::{Markup, html};
use crate::token::danger::danger;
use bailiwick_authority::access::Approval;
use bailiwick_authority::levels::Slugs;
use bailiwick_authority::token::RequestView;
use bailiwick_catalogue::{PermissionKind, permission};
use bailiwick_gate::Query;
use bailiwick_model::{Level, Selection};

/// What was chosen, as the form sends it. Nothing chosen yet is everything that was asked.
#[derive(Clone, Debug, Default)]
pub struct Chosen {
    /// Levels by slug.
    pub permissions: Slugs,
    /// `all`, `subset` or `none`.
    pub selection: String,
    /// Full names that were ticked.
    pub ticked: Vec<String>,
    /// Names that were typed, one on a line.
    pub typed: String,
}

impl Chosen {
    /// Everything that was asked.
    pub fn asked(rights: &Rights) -> Chosen {
        let (selection, ticked) = match &rights.reach {
            Reach::None => ("none", Vec::new()),
            Reach::All => ("all", Vec::new()),
            Reach::Only(names) => ("subset", names.clone()),
        };
        Chosen {
            permissions: rights.permissions.clone(),
            selection: selection.to_owned(),
            ticked,
            typed: String::new(),
        }
    }

    /// From the form.
    pub fn read(form: &Query, rights: &Rights) -> Chosen {
        let permissions = rights
            .permissions
            .keys()
            .map(|slug| {
                // SECURITY: what the form does not say, or says in no known word, is not approved.
                let said = form.get(&field_of(slug)).map_or(Level::None, level);
                (slug.clone(), said.word().to_owned())
            })
            .collect();
        let value = |name: &str| form.get(name).unwrap_or_default().to_owned();
        Chosen {
            permissions,
            selection: value("repository_selection"),
            ticked: form.list("repositories").into_iter().map(str::to_owned).collect(),
            typed: value("repository_names"),
        }
    }

    /// For the authority, which compares with what was asked.
    pub fn approval(&self, rights: &Rights) -> Approval {
        let names: Vec<String> = self
            .ticked
            .iter()
            .cloned()
            .chain(self.typed.split_whitespace().map(str::to_owned))
            .collect();
        let (repositories, no_repositories) = match (self.selection.as_str(), &rights.reach) {
            ("none", _) => (None, true),
            ("subset", _) => (Some(names), false),
            (_, Reach::None) | ("all", Reach::All) => (None, false),
            // No choice, or none that was offered: nothing, which the authority asks to be said.
            _ => (Some(Vec::new()), false),
        };
        Approval {
            permissions: Some(
                self.permissions
                    .iter()
                    .filter(|(_, word)| level(word) != Level::None)
                    .map(|(slug, word)| (slug.clone(), word.clone()))
                    .collect(),
            ),
            repositories,
            no_repositories,
        }
    }
}

/// The field of a permission.
pub fn field_of(slug: &str) -> String {
    format!("permission-{slug}")
}

/// The fields: one menu for each permission asked, none above what was asked, and the repositories.
pub fn fields(view: &RequestView, chosen: &Chosen, errors: &Errors) -> Markup {
    html! {
        (permissions(&Rights::asked(view), chosen, errors))
        (repositories(view, chosen, errors))
    }
}

fn permissions(rights: &Rights, chosen: &Chosen, errors: &Errors) -> Markup {
    let owned: Vec<(PermissionKind, String, String, Vec<Level>)> = rights
        .permissions
        .iter()
        .filter_map(|(slug, asked)| {
            let known = permission(slug)?;
            let asked = level(asked);
            let levels = known
                .levels
                .iter()
                .copied()
                .filter(|offered| *offered <= asked)
                .collect();
            Some((known.kind, slug.clone(), field_of(slug), levels))
        })
        .collect();
    let several = owned
        .iter()
        .filter(|(kind, ..)| *kind == PermissionKind::Repository)
        .count()
        > 1;
    let items = |wanted: PermissionKind| -> Vec<Item<'_>> {
        owned
            .iter()
            .filter(|(kind, ..)| *kind == wanted)
            .filter_map(|(_, slug, field, levels)| {
                let known = permission(slug)?;
                Some(Item {
                    name: field,
                    slug,
                    title: known.title,
                    text: known.description,
                    levels,
                    chosen: chosen
                        .permissions
                        .get(slug)
                        .map_or(Level::None, |word| level(word)),
                    mandatory: slug == "metadata" && several,
                    danger_from: danger(slug).map(|(from, _)| from),
                    danger: danger(slug).map_or("", |(_, why)| why),
                    error: errors.at(field),
                    ..Item::default()
                })
            })
            .collect()
    };
    let kinds = [
        (PermissionKind::Repository, "Repository permissions"),
        (PermissionKind::Organization, "Organization permissions"),
        (PermissionKind::Enterprise, "Enterprise permissions"),
        (PermissionKind::Account, "Account permissions"),
    ];
    let items: Vec<(PermissionKind, &str, Vec<Item<'_>>)> = kinds
        .into_iter()
        .map(|(kind, title)| (kind, title, items(kind)))
        .collect();
    let groups: Vec<Group<'_>> = items
        .iter()
        .filter(|(_, _, items)| !items.is_empty())
        .map(|(kind, title, items)| Group {
            kind: kind.word(),
            title,
            open: true,
            items,
            ..Group::default()
        })
        .collect();
    html! { @if !groups.is_empty() { div id="permissions" tabindex="-1" { (menus("asked-permissions", &groups)) } } }
}

fn repositories(view: &RequestView, chosen: &Chosen, errors: &Errors) -> Markup {
    let all = match view.selection {
        Selection::None => return html! {},
        Selection::All => true,
        Selection::Subset(_) => false,
    };
    let names: Vec<String> = view.repositories.iter().map(|one| one.full_name()).collect();
    let card = |value: &'static str, title: &str, text: &str| Card {
        value,
        title: html! { (title) },
        text: html! { (text) },
        checked: chosen.selection == value,
        reach: value,
        ..Card::default()
    };
    let mut choices = Vec::new();
    if all {
        choices.push(card(
            "all",
            "All repositories",
            "As asked: every one here, also future ones.",
        ));
    }
    choices.push(card("subset", "Only these repositories", "Chosen below."));
    choices.push(card(
        "none",
        "No repositories",
        "The token can read public ones, nothing more.",
    ));
    let items: Vec<picker::Item<'_>> = names
        .iter()
        .zip(&view.repositories)
        .map(|(name, repository)| picker::Item {
            value: name,
            name,
            visibility: repository.row.visibility,
            checked: chosen.ticked.contains(name),
            disabled: "",
        })
        .collect();
    let field = Field {
        name: "repository_names",
        label: "Repositories",
        hint: html! { "Their names, one on a line: " code { "site" } " or " code { "acme/site" } "." },
        error: errors.at("repository_names"),
        value: &chosen.typed,
        optional: true,
        ..Field::default()
    };
    html! {
        (cards(&Cards { legend: "Repositories", name: "repository_selection", error: errors.at("repository_selection"), ..Cards::default() }, &choices))
        (when("repository_selection", "subset", &html! {
            @if all { (textarea(&field, 4, 0)) }
            @else {
                (picker::picker(&Picker {
                    name: "repositories",
                    legend: "Repositories that were asked for",
                    hint: html! { "Untick what the token shall not reach." },
                    error: errors.at("repositories"),
                    total: u64::try_from(items.len()).unwrap_or(u64::MAX),
                    ..Picker::default()
                }, &items))
            }
        }))
    }
}
