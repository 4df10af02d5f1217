//! The inventory's filters: as typed, as the authority takes them, and as the bar that they are typed into.

use crate::errors::Errors;
use crate::look::field::{Choice, Field, select};
use crate::look::filter::{Search, bar};
use crate::look::{Markup, html};
use bailiwick_authority::access::{InventoryInput, Standing};
use bailiwick_gate::{Page, Query};
use bailiwick_model::TokenKind;

/// The most days that a filter looks ahead or back.
const DAYS_MAX: i64 = 3_650;

/// The filters as typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filters {
    person: String,
    kind: String,
    organization: String,
    state: String,
    expiring: String,
    unused: String,
}

const STATES: [(&str, &str, Standing); 6] = [
    ("", "In force or waiting", Standing::Live),
    ("active", "In force", Standing::Active),
    ("pending", "Waiting for approval", Standing::Pending),
    ("expired", "Expired", Standing::Expired),
    ("revoked", "Revoked", Standing::Revoked),
    ("any", "In any state", Standing::Any),
];

/// The word for tokens without an end.
const NEVER: &str = "never";

const ENDS: [(&str, &str); 5] = [
    ("", "Any time"),
    ("7", "7 days"),
    ("30", "30 days"),
    ("90", "90 days"),
    (NEVER, "Never ends"),
];

const UNUSED: [(&str, &str); 5] = [
    ("", "Any time"),
    ("30", "30 days"),
    ("90", "90 days"),
    ("180", "180 days"),
    ("365", "A year"),
];

fn choice<'a>(value: &'a str, label: &'a str) -> Choice<'a> {
    Choice {
        value,
        label,
        ..Choice::default()
    }
}

/// The choices, and what the address holds if it is another number of days.
fn with_typed(choices: &[(&str, &str)], typed: &str) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = choices
        .iter()
        .map(|(value, label)| ((*value).to_owned(), (*label).to_owned()))
        .collect();
    if !choices.iter().any(|(value, _)| *value == typed) {
        all.push((typed.to_owned(), format!("{typed} days")));
    }
    all
}

impl Filters {
    /// Of a query.
    pub fn read(query: &Query) -> Filters {
        let value = |name: &str| query.get(name).unwrap_or_default().trim().to_owned();
        Filters {
            person: value("person"),
            kind: value("kind"),
            organization: value("organization"),
            state: value("state"),
            expiring: value("expiring"),
            unused: value("unused"),
        }
    }

    /// Whether the list is narrowed.
    pub fn is_set(&self) -> bool {
        *self != Filters::default()
    }

    /// For the authority. What cannot be read is told beside its field and left out.
    pub fn input(&self, page: Page) -> (InventoryInput, Errors) {
        let mut errors = Errors::none();
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let mut days = |name: &str, text: &str| {
            let read = text
                .parse::<i64>()
                .ok()
                .filter(|days| (0..=DAYS_MAX).contains(days));
            if read.is_none() && !text.is_empty() && text != NEVER {
                errors.push(name, "Use a whole number of days, 3650 at most.");
            }
            read
        };
        let (expiring, unused) = (days("expiring", &self.expiring), days("unused", &self.unused));
        let standing = STATES
            .iter()
            .find(|(word, _, _)| *word == self.state)
            .map_or(Standing::Live, |(_, _, standing)| *standing);
        let input = InventoryInput {
            organization: given(&self.organization),
            person: given(&self.person),
            kind: TokenKind::parse(&self.kind),
            tokens: Vec::new(),
            standing,
            ends_within_days: expiring,
            endless: self.expiring == NEVER,
            unused_days: unused,
            offset: page.offset(),
            limit: page.size,
        };
        (input, errors)
    }

    /// The bar that filters by a GET.
    pub fn bar(&self, action: &str, organizations: &[String], errors: &Errors) -> Markup {
        let mut places = vec![choice("", "Any organization")];
        places.extend(organizations.iter().map(|login| choice(login, login)));
        let kinds = [
            choice("", "Any kind"),
            choice("fine_grained", "Fine-grained"),
            choice("classic", "Classic"),
        ];
        let states: Vec<Choice<'_>> = STATES
            .iter()
            .map(|(value, label, _)| choice(value, label))
            .collect();
        let menu = |name: &str, label: &str, value: &str, choices: &[Choice<'_>]| {
            select(
                &Field {
                    name,
                    label,
                    value,
                    ..Field::default()
                },
                choices,
            )
        };
        let ends = with_typed(&ENDS, &self.expiring);
        let unused = with_typed(&UNUSED, &self.unused);
        let days = |name: &str, label: &str, value: &str, choices: &[(String, String)]| {
            let choices: Vec<Choice<'_>> = choices
                .iter()
                .map(|(value, label)| choice(value, label))
                .collect();
            select(
                &Field {
                    name,
                    label,
                    value,
                    error: errors.at(name),
                    ..Field::default()
                },
                &choices,
            )
        };
        bar(&Search {
            action,
            label: "Filter tokens",
            name: "person",
            value: &self.person,
            placeholder: "Whose tokens: a login",
            fields: html! {
                (menu("kind", "Kind", &self.kind, &kinds))
                (menu("organization", "Organization", &self.organization, &places))
                (menu("state", "State", &self.state, &states))
                (days("expiring", "Ends within", &self.expiring, &ends))
                (days("unused", "Unused for", &self.unused, &unused))
            },
            clear: if self.is_set() { action } else { "" },
            ..Search::default()
        })
    }
}
