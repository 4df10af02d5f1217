//! The inventory's filters: as typed, as the authority takes them, and as the bar that they are typed into.

use crate::errors::Errors;
use crate::look::choice::{Check, check};
use crate::look::field::{Choice, Field, Input, input, select};
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
    endless: bool,
}

const STATES: [(&str, &str, Standing); 6] = [
    ("", "In force or waiting", Standing::Live),
    ("active", "In force", Standing::Active),
    ("pending", "Waiting for approval", Standing::Pending),
    ("expired", "Expired", Standing::Expired),
    ("revoked", "Revoked", Standing::Revoked),
    ("any", "In any state", Standing::Any),
];

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
            endless: !value("endless").is_empty(),
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
            if read.is_none() && !text.is_empty() {
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
            endless: self.endless,
            unused_days: unused,
            offset: page.offset(),
            limit: page.size,
        };
        (input, errors)
    }

    /// The bar that filters by a GET.
    pub fn bar(&self, action: &str, organizations: &[String], errors: &Errors) -> Markup {
        let choice = |value, label| Choice {
            value,
            label,
            ..Choice::default()
        };
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
        let days = |name: &str, label: &str, value: &str| {
            input(
                &Field {
                    name,
                    label,
                    value,
                    error: errors.at(name),
                    optional: true,
                    ..Field::default()
                },
                &Input {
                    width: 4,
                    inputmode: "numeric",
                    autocomplete: "off",
                    ..Input::default()
                },
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
                (days("expiring", "Ends within days", &self.expiring))
                (days("unused", "Unused for days", &self.unused))
                (check(&Check { name: "endless", value: "1", label: "Without an end", checked: self.endless, ..Check::default() }))
            },
            clear: if self.is_set() { action } else { "" },
            ..Search::default()
        })
    }
}
