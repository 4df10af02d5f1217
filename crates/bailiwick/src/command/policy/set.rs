//! `policy set`.

use super::{SETTINGS, Takes, Whose, table};
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use http::Method;
use serde_json::{Map, Value, json};

/// Change settings, leaving the others as they are.
#[derive(Args)]
#[command(after_help = "Example:
  bailiwick policy set --org acme fine_grained.lifetime_days_max=90 classic.allowed=false
`unset` as a value takes a setting back. `bailiwick policy show` lists the settings.")]
pub struct Set {
    /// A setting and its value
    #[arg(required = true, value_name = "SETTING=VALUE")]
    settings: Vec<String>,
    #[command(flatten)]
    whose: Whose,
}

impl Set {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let changes: Vec<(&str, Value)> = self
            .settings
            .iter()
            .map(|text| read(text))
            .collect::<Result<_, _>>()?;
        let path = self.whose.path()?;
        let client = context.client()?;
        // The server takes a whole policy, so what is set already goes along.
        let present = client.get(&path)?.value()?;
        let mut policy = present
            .get("set")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        for (key, value) in changes {
            put(&mut policy, key, value);
        }
        let answer = client.send(Method::PUT, &path, Some(&Value::Object(policy)))?;
        context.show(&answer, table)
    }
}

/// Reads `SETTING=VALUE`.
pub(super) fn read(text: &str) -> Result<(&'static str, Value), Failure> {
    let (name, value) = text.split_once('=').ok_or_else(|| {
        Failure::Usage(format!(
            "{text:?}: write it like fine_grained.lifetime_days_max=90"
        ))
    })?;
    let Some((key, takes)) = SETTINGS.iter().find(|(key, _)| *key == name) else {
        let nearest = SETTINGS
            .iter()
            .max_by(|a, b| strsim::jaro_winkler(a.0, name).total_cmp(&strsim::jaro_winkler(b.0, name)));
        let nearest = nearest.map_or("", |(key, _)| key);
        return Err(Failure::Usage(format!(
            "there is no setting {name:?}; did you mean {nearest:?}?"
        )));
    };
    let wrong =
        |expected: &str| Failure::Usage(format!("{key}: expected {expected} or unset, found {value:?}"));
    let value = match (takes, value) {
        (_, "unset") => Value::Null,
        (Takes::Truth, _) => json!(value.parse::<bool>().map_err(|_| wrong("true or false"))?),
        (Takes::Days | Takes::Count, _) => json!(
            value
                .parse::<u32>()
                .ok()
                .filter(|number| *number > 0)
                .ok_or_else(|| wrong("a whole number from 1"))?
        ),
    };
    Ok((key, value))
}

/// Puts a value at a key; null takes it out.
pub(super) fn put(policy: &mut Map<String, Value>, key: &str, value: Value) {
    let (place, name) = match key.split_once('.') {
        Some((kind, name)) => match policy.entry(kind).or_insert_with(|| json!({})).as_object_mut() {
            Some(place) => (place, name),
            None => return,
        },
        None => (policy, key),
    };
    match value {
        Value::Null => drop(place.remove(name)),
        value => drop(place.insert(name.to_owned(), value)),
    }
}
