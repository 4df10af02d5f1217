//! What can be set at an upstream: each key with what it takes and the kinds that know it. What is checked, what the
//! command line sends and what is described to clients is held together by this one table.

use super::check::invalid;
use crate::fault::Fault;
use bailiwick_model::UpstreamKind::{self, Generic, Git, GitHub, Gitea, Maven, Npm, NuGet, Oci, PyPi};
use serde_json::{Map, Value};

/// What a setting takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// A line of text.
    Line,
    /// Several lines, each a value.
    Lines,
    /// A text of many lines.
    Text,
    /// Yes or no.
    Flag,
    /// A whole number.
    Number {
        /// Of what; nothing for a mere number.
        unit: &'static str,
        /// The smallest.
        least: u64,
        /// The largest.
        most: u64,
        /// One that makes sense.
        such_as: u64,
    },
}

/// One setting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Setting {
    /// Its key.
    pub key: &'static str,
    /// What it takes.
    pub shape: Shape,
    /// The kinds that know it.
    pub kinds: &'static [UpstreamKind],
}

const SERVERS: &[UpstreamKind] = &[Git, Gitea, GitHub];
const REGISTRIES: &[UpstreamKind] = &[Oci, Npm, Maven, NuGet, PyPi];

const fn one(key: &'static str, shape: Shape, kinds: &'static [UpstreamKind]) -> Setting {
    Setting { key, shape, kinds }
}

const fn number(unit: &'static str, least: u64, most: u64, such_as: u64) -> Shape {
    Shape::Number {
        unit,
        least,
        most,
        such_as,
    }
}

/// Every setting, in the order in which they are told.
pub const SETTINGS: &[Setting] = &[
    one("api_address", Shape::Line, &[Gitea, GitHub]),
    one("authorities", Shape::Text, UpstreamKind::ALL),
    one("pins", Shape::Lines, UpstreamKind::ALL),
    one(
        "connect_seconds_max",
        number("seconds", 1, 300, 10),
        UpstreamKind::ALL,
    ),
    one(
        "answer_seconds_max",
        number("seconds", 1, 3600, 60),
        UpstreamKind::ALL,
    ),
    one(
        "idle_seconds_max",
        number("seconds", 1, 3600, 60),
        UpstreamKind::ALL,
    ),
    one(
        "answer_bytes_max",
        number("bytes", 1 << 10, 1 << 40, 64 << 20),
        UpstreamKind::ALL,
    ),
    one(
        "upload_bytes_max",
        number("bytes", 1 << 10, 1 << 40, 256 << 20),
        REGISTRIES,
    ),
    one("inspect", Shape::Flag, SERVERS),
    one(
        "facts_seconds_max",
        number("seconds", 60, 2_678_400, 3600),
        SERVERS,
    ),
    one("poll_seconds", number("seconds", 10, 86_400, 300), SERVERS),
    one("follow", Shape::Lines, UpstreamKind::ALL),
    one("user_header", Shape::Line, &[Gitea]),
    one("headers", Shape::Lines, &[Generic, Oci, Npm, Maven, NuGet, PyPi]),
    one("catalogue", Shape::Text, &[Generic]),
    one("app_id", number("", 1, i64::MAX as u64, 123_456), &[GitHub]),
    one("client_id", Shape::Line, &[GitHub]),
];

/// The setting of a key.
pub fn named(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

/// The settings that a kind knows.
pub fn of(kind: UpstreamKind) -> impl Iterator<Item = &'static Setting> {
    SETTINGS
        .iter()
        .filter(move |setting| setting.kinds.contains(&kind))
}

impl Setting {
    /// What it takes, in words.
    pub fn takes(&self) -> String {
        match self.shape {
            Shape::Line => String::from("one line of text"),
            Shape::Lines => String::from("a list of texts"),
            Shape::Text => String::from("a text"),
            Shape::Flag => String::from("true or false"),
            Shape::Number {
                unit,
                least,
                most,
                such_as,
            } => {
                let of = if unit.is_empty() { "" } else { " of " };
                format!("a whole number{of}{unit} from {least} to {most}, such as {such_as}")
            }
        }
    }

    fn fits(&self, value: &Value) -> bool {
        match self.shape {
            Shape::Line | Shape::Text => value.is_string(),
            Shape::Lines => value
                .as_array()
                .is_some_and(|lines| lines.iter().all(Value::is_string)),
            Shape::Flag => value.is_boolean(),
            Shape::Number { least, most, .. } => value
                .as_u64()
                .is_some_and(|number| (least..=most).contains(&number)),
        }
    }
}

/// Refuses what a kind does not know, and what a key does not take. `null` puts a setting back.
pub(crate) fn check(kind: UpstreamKind, settings: &Map<String, Value>) -> Result<(), Fault> {
    for (key, value) in settings {
        let Some(setting) = named(key) else {
            return Err(unknown(kind, key));
        };
        // What is not set stands in nobody's way.
        let unset = matches!(value, Value::Null | Value::Bool(false));
        // A setting of another kind would be a mistake that nobody notices.
        if !unset && !setting.kinds.contains(&kind) {
            let kinds: Vec<&str> = setting.kinds.iter().map(|kind| kind.word()).collect();
            return Err(invalid(
                key,
                format!("is a setting of upstreams of kind {}", kinds.join(" or ")),
            ));
        }
        if !value.is_null() && !setting.fits(value) {
            return Err(invalid(key, format!("takes {}", setting.takes())));
        }
    }
    Ok(())
}

fn unknown(kind: UpstreamKind, key: &str) -> Fault {
    let known: Vec<&str> = of(kind).map(|setting| setting.key).collect();
    let message = format!(
        "is no setting; an upstream of kind {} has {}",
        kind.word(),
        known.join(", ")
    );
    invalid(key, message)
}

#[cfg(test)]
mod tests {
    use super::{SETTINGS, check, of};
    use bailiwick_model::{UpstreamKind, UpstreamSettings};
    use serde_json::{Map, Value, json};

    /// Everything that can be set, so that a new field of the settings cannot be forgotten here.
    fn all() -> UpstreamSettings {
        let text = || Some(String::from("x"));
        UpstreamSettings {
            authorities: text(),
            api_address: text(),
            pins: vec!["x".into()],
            connect_seconds_max: Some(10),
            answer_seconds_max: Some(10),
            idle_seconds_max: Some(10),
            answer_bytes_max: Some(4096),
            inspect: true,
            facts_seconds_max: Some(60),
            poll_seconds: Some(60),
            follow: vec!["x".into()],
            user_header: text(),
            upload_bytes_max: Some(4096),
            headers: vec!["x".into()],
            catalogue: text(),
            app_id: Some(1),
            client_id: text(),
        }
    }

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn every_setting_is_in_the_table() {
        let fields = object(serde_json::to_value(all()).unwrap());
        let mut known: Vec<&str> = SETTINGS.iter().map(|setting| setting.key).collect();
        known.sort_unstable();
        let mut there: Vec<&str> = fields.keys().map(String::as_str).collect();
        there.sort_unstable();
        assert_eq!(there, known);
        for setting in SETTINGS {
            let one = Map::from_iter([(setting.key.to_owned(), fields[setting.key].clone())]);
            for kind in UpstreamKind::ALL {
                assert_eq!(
                    check(*kind, &one).is_ok(),
                    setting.kinds.contains(kind),
                    "{} of {}",
                    setting.key,
                    kind.word()
                );
            }
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_what_is_right() {
        let told = |settings: Value| {
            let fault = check(UpstreamKind::Oci, &object(settings)).unwrap_err();
            let error = fault.errors.first().unwrap();
            format!("{}: {}", error.field, error.message.clone().unwrap_or_default())
        };
        let range =
            "upload_bytes_max: takes a whole number of bytes from 1024 to 1099511627776, such as 268435456";
        for wrong in [
            json!("1GB"),
            json!(1023),
            json!(-1),
            json!(1.5),
            json!([1024]),
            json!(true),
        ] {
            assert_eq!(told(json!({ "upload_bytes_max": wrong })), range);
        }
        let unknown = told(json!({"upload_bytes": 1}));
        for setting in of(UpstreamKind::Oci) {
            assert!(unknown.contains(setting.key), "{unknown}");
        }
        assert!(!unknown.contains("app_id"), "{unknown}");
        assert_eq!(
            told(json!({"app_id": 1})),
            "app_id: is a setting of upstreams of kind github"
        );
        assert_eq!(told(json!({"pins": "aa"})), "pins: takes a list of texts");
        assert!(
            check(
                UpstreamKind::Oci,
                &object(json!({"app_id": null, "inspect": false}))
            )
            .is_ok()
        );
    }
}
