//! Lists of requests and tokens: the filters as typed, what they mean to the authority, links between pages.

use super::place::Place;
use crate::look::field::{Choice, Field, Input, input, select};
use crate::look::filter::{Search, bar};
use crate::look::navigation::{self, pages};
use crate::look::{Markup, html};
use bailiwick_authority::access::ListInput;
use bailiwick_catalogue::{PERMISSIONS, PermissionKind};
use bailiwick_gate::{Page, Query, Request, encode};
use bailiwick_model::TokenId;

/// The filters as typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filters {
    /// Whose tokens: a login.
    pub owner: String,
    /// A repository's name.
    pub repository: String,
    /// A permission's slug.
    pub permission: String,
    /// A token's number.
    pub token: String,
    /// `asc` for the oldest first.
    pub direction: String,
}

impl Filters {
    /// Of a query.
    pub fn read(query: &Query) -> Filters {
        let value = |name: &str| query.get(name).unwrap_or_default().trim().to_owned();
        Filters {
            owner: value("owner"),
            repository: value("repository"),
            permission: value("permission"),
            token: value("token_id"),
            direction: value("direction"),
        }
    }

    /// Whether the list is narrowed.
    pub fn is_set(&self) -> bool {
        let ordered = Filters {
            direction: String::new(),
            ..self.clone()
        };
        ordered != Filters::default()
    }

    /// For the authority, with one element more than the page holds.
    pub fn input(&self, page: Page) -> ListInput {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        ListInput {
            owners: given(&self.owner).into_iter().collect(),
            repository: given(&self.repository),
            permission: given(&self.permission),
            // What is no number is no token's, and lists nothing rather than everything.
            tokens: given(&self.token)
                .map(|text| TokenId(text.parse().unwrap_or(0)))
                .into_iter()
                .collect(),
            ascending: self.direction == "asc",
            offset: page.offset(),
            limit: page.size.saturating_add(1),
            ..ListInput::default()
        }
    }

    /// The bar that filters by a GET.
    pub fn bar(&self, place: &Place, action: &str, label: &str) -> Markup {
        let kinds: &[PermissionKind] = if place.enterprise {
            &[PermissionKind::Enterprise]
        } else {
            &[PermissionKind::Repository, PermissionKind::Organization]
        };
        let mut permissions: Vec<Choice<'_>> = PERMISSIONS
            .iter()
            .filter(|one| kinds.contains(&one.kind))
            .map(|one| Choice {
                value: one.slug,
                label: one.title,
                ..Choice::default()
            })
            .collect();
        permissions.sort_by_key(|choice| choice.label);
        permissions.insert(0, choice("", "Any permission"));
        let line = |name: &str, label: &str, value: &str, number: bool| {
            let field = Field {
                name,
                label,
                value,
                optional: true,
                ..Field::default()
            };
            let shape = Input {
                autocomplete: "off",
                mono: true,
                width: if number { 8 } else { 16 },
                inputmode: if number { "numeric" } else { "" },
                ..Input::default()
            };
            input(&field, &shape)
        };
        bar(&Search {
            action,
            label,
            name: "owner",
            value: &self.owner,
            placeholder: "Whose tokens: a login",
            fields: html! {
                @if !place.enterprise { (line("repository", "Repository", &self.repository, false)) }
                (select(&Field { name: "permission", label: "Permission", value: &self.permission, ..Field::default() }, &permissions))
                (line("token_id", "Token's number", &self.token, true))
                (select(&Field { name: "direction", label: "Order", value: &self.direction, ..Field::default() }, &[choice("", "Newest first"), choice("asc", "Oldest first")]))
            },
            clear: if self.is_set() { action } else { "" },
            ..Search::default()
        })
    }
}

fn choice<'a>(value: &'a str, label: &'a str) -> Choice<'a> {
    Choice {
        value,
        label,
        ..Choice::default()
    }
}

/// Links to the pages before and after, with the query as it is. `total` in `noun`s, if it is known.
pub fn turn(request: &Request, page: Page, more: bool, told: &str) -> Markup {
    let address = |number: usize| {
        let mut address = format!("{}?", request.uri.path());
        for (name, value) in request.query.pairs() {
            if name != "page" && name != "done" {
                address.push_str(&format!("{}={}&", encode(name), encode(value)));
            }
        }
        address.push_str(&format!("page={number}"));
        address
    };
    let previous = if page.number > 1 {
        address(page.number - 1)
    } else {
        String::new()
    };
    let next = if more {
        address(page.number + 1)
    } else {
        String::new()
    };
    pages(&navigation::Pages {
        page: u64::try_from(page.number).unwrap_or(u64::MAX),
        previous: &previous,
        next: &next,
        told,
    })
}

/// "3 requests", "1 request".
pub fn counted(count: u64, one: &str, many: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {many}")
    }
}
