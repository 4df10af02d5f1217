//! Settings as fields of a form: which there are for each kind, what was typed, and what that means.

use crate::errors::Errors;
use crate::look::choice::{Check, check};
use crate::look::field::{Field, Input, input, textarea};
use crate::look::{Markup, html};
use bailiwick_gate::Request;
use bailiwick_model::UpstreamKind::{self, Generic, Git, GitHub, Gitea, Maven, Npm, NuGet, Oci, PyPi};
use serde_json::{Map, Value};

/// What a setting takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A line of text.
    Line,
    /// Several lines, each a value.
    Lines,
    /// A text of many lines.
    Text,
    /// Yes or no.
    Flag,
    /// A whole number.
    Number,
}

/// One setting.
struct Setting {
    key: &'static str,
    label: &'static str,
    hint: &'static str,
    shape: Shape,
    kinds: &'static [UpstreamKind],
    rare: bool,
}

const ALL: &[UpstreamKind] = &[Git, Gitea, GitHub, Generic, Oci, Npm, Maven, NuGet, PyPi];
const REGISTRIES: &[UpstreamKind] = &[Oci, Npm, Maven, NuGet, PyPi];

const fn setting(
    key: &'static str,
    label: &'static str,
    shape: Shape,
    kinds: &'static [UpstreamKind],
    hint: &'static str,
) -> Setting {
    Setting {
        key,
        label,
        hint,
        shape,
        kinds,
        rare: false,
    }
}

const fn rare(
    key: &'static str,
    label: &'static str,
    shape: Shape,
    kinds: &'static [UpstreamKind],
    hint: &'static str,
) -> Setting {
    Setting {
        rare: true,
        ..setting(key, label, shape, kinds, hint)
    }
}

const SETTINGS: &[Setting] = &[
    setting(
        "catalogue",
        "Catalogue",
        Shape::Text,
        &[Generic],
        "What it can be asked, and what each thing takes. What the file does not say is refused.",
    ),
    setting(
        "headers",
        "Headers to send",
        Shape::Lines,
        &[Generic, Oci, Npm, Maven, NuGet, PyPi],
        "One a line, such as Authorization: Bearer {secret}",
    ),
    setting(
        "app_id",
        "App id",
        Shape::Number,
        &[GitHub],
        "Of the GitHub App that acts there.",
    ),
    setting(
        "client_id",
        "Client id of the App",
        Shape::Line,
        &[GitHub],
        "For linking accounts.",
    ),
    setting(
        "user_header",
        "Header for names",
        Shape::Line,
        &[Gitea],
        "By which its reverse-proxy authentication takes a person's name, such as X-WEBAUTH-USER. It believes whoever \
         sends it: only where nothing but this gateway reaches it.",
    ),
    setting(
        "inspect",
        "Inspect pushes",
        Shape::Flag,
        &[Git, Gitea, GitHub],
        "Receive them here first and look into the objects. Without it, tokens without workflows cannot push there.",
    ),
    setting(
        "facts_seconds_max",
        "Oldest facts, in seconds",
        Shape::Number,
        &[Git, GitHub, Gitea],
        "People, repositories and roles are read from it then, and older facts refuse. Empty: the directory is kept here. \
         Of Git, only a directory can be read.",
    ),
    rare(
        "poll_seconds",
        "Time between synchronisations, in seconds",
        Shape::Number,
        &[Git, GitHub, Gitea],
        "",
    ),
    rare(
        "api_address",
        "Address of the API",
        Shape::Line,
        &[Gitea, GitHub],
        "Where it does not follow from the address.",
    ),
    rare(
        "authorities",
        "Certificate authorities",
        Shape::Text,
        ALL,
        "In PEM; trusted instead of the system's.",
    ),
    rare(
        "pins",
        "Pinned certificates",
        Shape::Lines,
        ALL,
        "SHA-256 fingerprints, one a line. Then nothing else is trusted.",
    ),
    rare(
        "follow",
        "Hosts of downloads",
        Shape::Lines,
        ALL,
        "Addresses to which redirects are followed, without a credential; one a line.",
    ),
    rare(
        "connect_seconds_max",
        "Time to connect, in seconds",
        Shape::Number,
        ALL,
        "",
    ),
    rare(
        "answer_seconds_max",
        "Time to answer, in seconds",
        Shape::Number,
        ALL,
        "",
    ),
    rare(
        "idle_seconds_max",
        "Silence within an answer, in seconds",
        Shape::Number,
        ALL,
        "",
    ),
    rare(
        "upload_bytes_max",
        "Largest published file, in bytes",
        Shape::Number,
        REGISTRIES,
        "",
    ),
    rare(
        "answer_bytes_max",
        "Largest answer of the API, in bytes",
        Shape::Number,
        ALL,
        "",
    ),
];

/// What stands in the fields, by key.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed(Map<String, Value>);

impl Typed {
    /// What is set.
    pub(super) fn of(settings: &Value) -> Typed {
        let texts = SETTINGS.iter().filter_map(|one| {
            let text = match settings.get(one.key)? {
                Value::String(text) => text.clone(),
                Value::Array(lines) => {
                    let lines: Vec<&str> = lines.iter().filter_map(Value::as_str).collect();
                    lines.join("\n")
                }
                Value::Bool(true) => String::from("on"),
                Value::Number(number) => number.to_string(),
                Value::Bool(false) | Value::Null | Value::Object(_) => String::new(),
            };
            Some((one.key.to_owned(), Value::String(text)))
        });
        Typed(texts.collect())
    }

    /// What a form sent.
    pub(super) fn from(request: &Request) -> Typed {
        let sent = |one: &Setting| {
            request
                .form
                .get(one.key)
                .map(|text| (one.key.to_owned(), text.into()))
        };
        Typed(SETTINGS.iter().filter_map(sent).collect())
    }

    fn at(&self, key: &str) -> &str {
        self.0.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// The settings of a kind, nothing for what is empty; what is no number is told.
    pub(super) fn settings(&self, kind: UpstreamKind, errors: &mut Errors) -> Map<String, Value> {
        let mut all = Map::new();
        for one in SETTINGS.iter().filter(|one| one.kinds.contains(&kind)) {
            // What is typed over several lines comes with the line ends of forms.
            let text = self.at(one.key).replace("\r\n", "\n");
            let text = text.trim();
            let value = match one.shape {
                Shape::Flag => Value::Bool(text == "on"),
                _ if text.is_empty() => Value::Null,
                Shape::Line => text.into(),
                Shape::Text => format!("{text}\n").into(),
                Shape::Lines => {
                    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                    lines.map(Value::from).collect()
                }
                Shape::Number => match text.parse::<i64>() {
                    Ok(number) => number.into(),
                    Err(_) => {
                        errors.push(one.key, "Type a whole number.");
                        Value::Null
                    }
                },
            };
            all.insert(one.key.to_owned(), value);
        }
        all
    }

    /// The fields of a kind; the rare ones are asked for apart.
    pub(super) fn fields(&self, kind: UpstreamKind, rare: bool, errors: &Errors) -> Markup {
        let of_kind = SETTINGS
            .iter()
            .filter(|one| one.kinds.contains(&kind) && one.rare == rare);
        html! { @for one in of_kind { (self.field(one, errors)) } }
    }

    /// Whether any of the rare ones is set, or wrong.
    pub(super) fn has_rare(&self, kind: UpstreamKind, errors: &Errors) -> bool {
        SETTINGS.iter().any(|one| {
            one.rare
                && one.kinds.contains(&kind)
                && (!self.at(one.key).is_empty() || !errors.at(one.key).is_empty())
        })
    }

    fn field(&self, one: &Setting, errors: &Errors) -> Markup {
        let field = Field {
            name: one.key,
            label: one.label,
            hint: html! { (one.hint) },
            value: self.at(one.key),
            error: errors.at(one.key),
            optional: true,
            ..Field::default()
        };
        match one.shape {
            Shape::Flag => check(&Check {
                name: one.key,
                value: "on",
                label: one.label,
                hint: html! { (one.hint) },
                error: errors.at(one.key),
                checked: self.at(one.key) == "on",
                ..Check::default()
            }),
            Shape::Line => input(
                &field,
                &Input {
                    autocomplete: "off",
                    mono: true,
                    ..Input::default()
                },
            ),
            Shape::Number => input(
                &field,
                &Input {
                    autocomplete: "off",
                    inputmode: "numeric",
                    width: 16,
                    ..Input::default()
                },
            ),
            Shape::Lines => textarea(&field, 3, 0),
            Shape::Text => textarea(&field, 8, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SETTINGS, Shape};
    use bailiwick_authority::upstream::setting::{self, Shape as Taken};
    use std::collections::BTreeSet;

    #[test]
    fn the_form_has_every_setting_and_no_other() {
        assert_eq!(SETTINGS.len(), setting::SETTINGS.len());
        for one in SETTINGS {
            let known = setting::named(one.key).unwrap();
            let kinds =
                |kinds: &[bailiwick_model::UpstreamKind]| kinds.iter().copied().collect::<BTreeSet<_>>();
            assert_eq!(kinds(one.kinds), kinds(known.kinds), "{}", one.key);
            let same = match known.shape {
                Taken::Line => one.shape == Shape::Line,
                Taken::Lines => one.shape == Shape::Lines,
                Taken::Text => one.shape == Shape::Text,
                Taken::Flag => one.shape == Shape::Flag,
                Taken::Number { .. } => one.shape == Shape::Number,
            };
            assert!(same, "{}", one.key);
        }
    }
}
