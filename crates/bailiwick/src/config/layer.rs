//! The layers: flags over environment over file over defaults, each value checked with where it came from.

use super::Config;
use super::key::{KEYS, Key, find, nearest};
use std::path::Path;
use toml::{Table, Value};

/// The start of every variable.
const PREFIX: &str = "BAILIWICK_";

/// Values from the command line by key.
pub type Flags = Vec<(&'static str, String)>;

/// Puts the layers together. Gives the settings and what should be logged as a warning.
pub fn load(
    flags: &Flags,
    environment: impl IntoIterator<Item = (String, String)>,
    file: Option<&Path>,
) -> Result<(Config, Vec<String>), String> {
    let environment: Vec<(String, String)> = environment
        .into_iter()
        .filter(|(name, _)| name.starts_with(PREFIX))
        .collect();
    let table = file.map(read_file).transpose()?.unwrap_or_default();
    let mut config = Config::blank();
    for key in KEYS {
        let variable = key.variable();
        let (value, from) = if let Some((_, text)) = flags.iter().find(|(name, _)| *name == key.name) {
            (key.kind.read(text), format!("--{}", key.name.replace('_', "-")))
        } else if let Some((_, text)) = environment.iter().find(|(name, _)| *name == variable) {
            (key.kind.read(text), format!("{variable} in the environment"))
        } else if let (Some(value), Some(file)) = (table.get(key.name), file) {
            (value.clone(), format!("{} in {}", key.name, file.display()))
        } else if let Some(default) = key.default {
            (key.kind.read(default), format!("the default of {}", key.name))
        } else {
            continue;
        };
        check(key, &value, &from)?;
        (key.set)(&mut config, &value);
    }
    if let (Some(value), Some(file)) = (table.get(super::upstream::KEY), file) {
        let directory = file.parent().unwrap_or(Path::new(""));
        config.upstreams =
            super::upstream::read(value, directory).map_err(|why| format!("{}: {why}", file.display()))?;
    }
    config.check()?;
    Ok((config, strange(&environment)))
}

fn check(key: &Key, value: &Value, from: &str) -> Result<(), String> {
    if key.kind.takes(value) {
        return Ok(());
    }
    // SECURITY: what was found may be a password in a database's address, so it is not shown there.
    let found = if key.name == "database" {
        String::from("something else")
    } else {
        value.to_string()
    };
    Err(format!("{from}: expected {}, found {found}", key.kind.words()))
}

fn read_file(path: &Path) -> Result<Table, String> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{shown}: {error}"))?;
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| {
            text.get(..span.start).unwrap_or("").matches('\n').count() + 1
        });
        // SECURITY: not the error's own text, which quotes the line, and with it perhaps a password.
        format!("{shown}, line {line}: not TOML: {}", error.message())
    })?;
    for name in table.keys().filter(|name| *name != super::upstream::KEY) {
        if find(name).is_none() {
            return Err(match nearest(name) {
                Some(key) => format!("{shown}: there is no key {name:?}; did you mean {:?}?", key.name),
                None => format!("{shown}: there is no key {name:?}; docs/configuration.md lists the keys"),
            });
        }
    }
    Ok(table)
}

/// Variables that look like mistyped keys. Only a warning: orchestrators put variables of their own, such as
/// `BAILIWICK_SERVICE_HOST`, into the environment of a service of this name.
fn strange(environment: &[(String, String)]) -> Vec<String> {
    environment
        .iter()
        .filter_map(|(name, _)| {
            let key = name.strip_prefix(PREFIX)?.to_lowercase();
            let known = find(&key).is_some()
                || super::document::OTHER_VARIABLES
                    .iter()
                    .any(|(other, _)| other == name);
            let near = if known { None } else { nearest(&key) };
            near.map(|near| {
                format!(
                    "{name} in the environment is no setting; did you mean {}?",
                    near.variable()
                )
            })
        })
        .collect()
}
