//! Lists of requests and tokens: the filters as typed, what they mean to the authority, links between pages.

use super::place::Place;
use crate::look::field::{Choice, Field, select};
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
    /// Of a query: the fields as they are, and the words of the search, which go before. A word is
    /// `owner:`, `repository:` or `token:` with what follows; one without a colon is an owner.
    pub fn read(query: &Query) -> Filters {
        let value = |name: &str| query.get(name).unwrap_or_default().trim().to_owned();
        let mut filters = Filters {
            owner: value("owner"),
            repository: value("repository"),
            permission: value("permission"),
            token: value("token_id"),
            direction: value("direction"),
        };
        for word in value("q").split_whitespace() {
            let (name, text) = word.split_once(':').unwrap_or(("owner", word));
            match name {
                "repository" | "repo" => text.clone_into(&mut filters.repository),
                "permission" => text.clone_into(&mut filters.permission),
                "token" | "token_id" => text.clone_into(&mut filters.token),
                _ => text.clone_into(&mut filters.owner),
            }
        }
        filters
    }

    /// The words of the search.
    fn words(&self) -> String {
        let words: Vec<String> = [
            ("owner", &self.owner),
            ("repository", &self.repository),
            ("token", &self.token),
        ]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| format!("{name}:{text}"))
        .collect();
        words.join(" ")
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
        let (words, placeholder): (&[&str], &str) = if place.enterprise {
            (&["owner:", "token:"], "owner:bob token:12")
        } else {
            (
                &["owner:", "repository:", "token:"],
                "owner:bob repository:site token:12",
            )
        };
        let menu = |name: &str, label: &str, value: &str, choices: &[Choice<'_>]| {
            let field = Field {
                name,
                label,
                value,
                quiet: true,
                ..Field::default()
            };
            select(&field, choices)
        };
        bar(&Search {
            action,
            label,
            value: &self.words(),
            placeholder,
            words,
            fields: html! {
                (menu("permission", "Permission", &self.permission, &permissions))
                (menu("direction", "Order", &self.direction, &[choice("", "Newest first"), choice("asc", "Oldest first")]))
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
