//! What to end in an incident: the fields, what they mean to the authority, and the count before and after.

use crate::errors::Errors;
use crate::look::field::{Choice, Field, Input, input, select};
use crate::look::form::hidden;
use crate::look::list::facts;
use crate::look::{Markup, html};
use bailiwick_authority::access::{EndInput, Ended};
use bailiwick_gate::Query;
use bailiwick_model::{Digest, TokenId, TokenKind};

/// What must be typed before anything ends.
pub const CONFIRMATION: &str = "end tokens";

/// The filters as typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sought {
    /// A login.
    pub user: String,
    /// `fine_grained`, `classic`, `session`, or nothing for all.
    pub kind: String,
    /// A login.
    pub organization: String,
    /// Base64 of the SHA-256.
    pub hashed_token: String,
    /// A number.
    pub token_id: String,
}

impl Sought {
    /// Of a form or a query.
    pub fn read(form: &Query) -> Sought {
        let value = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
        Sought {
            user: value("user"),
            kind: value("kind"),
            organization: value("organization"),
            hashed_token: value("hashed_token"),
            token_id: value("token_id"),
        }
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Sought::default()
    }

    /// For the authority; errors beside their fields.
    pub fn input(&self) -> Result<EndInput, Errors> {
        let mut errors = Errors::none();
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let kind = given(&self.kind).map(|word| TokenKind::parse(&word));
        if kind == Some(None) {
            errors.push("kind", "There is no such kind.");
        }
        let hashed_token = given(&self.hashed_token).map(|text| Digest::parse_base64(&text));
        if hashed_token == Some(None) {
            errors.push(
                "hashed_token",
                "Use the base64 of the SHA-256, as the audit log shows it: 44 characters.",
            );
        }
        let token = given(&self.token_id).map(|text| text.parse::<i64>().ok());
        if token == Some(None) {
            errors.push("token_id", "Use the token's number.");
        }
        if self.is_empty() {
            errors.push("user", "Say what to end: at least one of these.");
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(EndInput {
            user: given(&self.user),
            kind: kind.flatten(),
            organization: given(&self.organization),
            hashed_token: hashed_token.flatten(),
            token: token.flatten().map(TokenId),
        })
    }

    /// Hidden fields that carry it to the confirmation.
    pub fn carried(&self) -> Markup {
        html! {
            @for (name, value) in self.pairs() { @if !value.is_empty() { (hidden(name, value)) } }
        }
    }

    fn pairs(&self) -> [(&'static str, &str); 5] {
        [
            ("user", &self.user),
            ("kind", &self.kind),
            ("organization", &self.organization),
            ("hashed_token", &self.hashed_token),
            ("token_id", &self.token_id),
        ]
    }

    /// What was sought, in words.
    pub fn told(&self) -> Markup {
        let kind = KINDS
            .iter()
            .find(|(value, _)| *value == self.kind && !value.is_empty())
            .map_or("Every kind", |(_, label)| *label);
        let mut told: Vec<(&str, Markup)> = vec![("Kind", html! { (kind) })];
        for (label, value) in [
            ("Of", &self.user),
            ("Reaching", &self.organization),
            ("With the hash", &self.hashed_token),
            ("With the number", &self.token_id),
        ] {
            if !value.is_empty() {
                told.push((label, html! { bdi { (value) } }));
            }
        }
        facts(&told)
    }
}

const KINDS: [(&str, &str); 4] = [
    ("", "Every kind"),
    ("fine_grained", "Fine-grained tokens"),
    ("classic", "Tokens (classic)"),
    ("session", "Sessions"),
];

/// The fields. `kinds` leaves out what cannot be ended from there; `organizations` offers the organization.
pub fn fields(sought: &Sought, errors: &Errors, kinds: &[&str], organizations: bool) -> Markup {
    let choices: Vec<Choice<'_>> = KINDS
        .iter()
        .filter(|(value, _)| value.is_empty() || kinds.contains(value))
        .map(|(value, label)| Choice {
            value,
            label,
            ..Choice::default()
        })
        .collect();
    let plain = Input {
        autocomplete: "off",
        mono: true,
        ..Input::default()
    };
    let line = |name: &str, label: &str, hint: &str, value: &str| {
        input(
            &Field {
                name,
                label,
                hint: html! { (hint) },
                error: errors.at(name),
                value,
                optional: true,
                ..Field::default()
            },
            &plain,
        )
    };
    let kind = Field {
        name: "kind",
        label: "Kind",
        error: errors.at("kind"),
        value: &sought.kind,
        ..Field::default()
    };
    html! {
        (line("user", "Person or service account", "A login: everything it holds here.", &sought.user))
        (select(&kind, &choices))
        @if organizations {
            (line("organization", "Organization", "A login: held by its members, or granted there.", &sought.organization))
        }
        (line("hashed_token", "Hash of a token", "Base64 of the SHA-256 of its text, as in the audit log. Former texts of a regenerated token count too.", &sought.hashed_token))
        (line("token_id", "Number of a token", "Its id, as in the audit log.", &sought.token_id))
    }
}

/// What would end, or what has ended. `grants_only`: tokens themselves live on, as at an organization.
pub fn count(ended: &Ended, grants_only: bool) -> Markup {
    let number = |count: i64| html! { strong { (count) } };
    let mut told = Vec::new();
    if grants_only {
        told.push(("Tokens losing their access here", number(ended.grants)));
    } else {
        told.push(("Tokens", number(ended.tokens)));
        told.push(("Grants of them", number(ended.grants)));
        told.push(("Sessions", number(ended.sessions)));
    }
    told.push(("Transfers under way", number(ended.transfers)));
    facts(&told)
}

/// Whether nothing at all is meant.
pub fn is_nothing(ended: &Ended) -> bool {
    *ended == Ended::default()
}
