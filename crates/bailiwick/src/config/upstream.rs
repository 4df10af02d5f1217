//! `[[upstream]]` tables: servers behind the gateway. Secrets stand in files or the environment, never in the table,
//! and are read when the server starts.

use bailiwick_authority::upstream::Secrets;
use bailiwick_authority::upstream::check::secret_names;
use bailiwick_authority::upstream::create::UpstreamInput;
use bailiwick_authority::upstream::file::UpstreamFromFile;
use bailiwick_model::{Timestamp, UpstreamKind, UpstreamMode};
use serde_json::Map;
use std::path::{Path, PathBuf};
use toml::{Table, Value};
use zeroize::Zeroizing;

/// The key of the tables in the file.
pub const KEY: &str = "upstream";
/// Settings whose text stands in a file of its own.
const LONG: &[&str] = &["authorities", "catalogue"];
/// Longest file of a setting or secret, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Where a secret is.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Source {
    File(PathBuf),
    Variable(String),
}

/// One table, checked as far as the file alone allows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UpstreamTable {
    input: UpstreamInput,
    files: Vec<(String, PathBuf)>,
    secrets: Vec<(String, Source)>,
}

/// Reads the tables; paths in them are relative to the directory of the file.
pub fn read(value: &Value, directory: &Path) -> Result<Vec<UpstreamTable>, String> {
    let tables = value.as_array().ok_or("expected tables: [[upstream]]")?;
    let mut read: Vec<UpstreamTable> = Vec::new();
    for (place, table) in tables.iter().enumerate() {
        let table = table.as_table().ok_or("expected tables: [[upstream]]")?;
        let one = one(table, directory).map_err(|why| match table.get("name").and_then(Value::as_str) {
            Some(name) => format!("[[upstream]] {name:?}: {why}"),
            None => format!("[[upstream]] number {}: {why}", place + 1),
        })?;
        if read.iter().any(|other| other.input.name == one.input.name) {
            return Err(format!("two [[upstream]] tables are called {:?}", one.input.name));
        }
        read.push(one);
    }
    Ok(read)
}

fn one(table: &Table, directory: &Path) -> Result<UpstreamTable, String> {
    let text = |key: &str| match table.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("{key}: expected text")),
    };
    let needed = |key: &str| text(key)?.ok_or(format!("{key} is missing"));
    let kind = needed("kind")?;
    let kind = UpstreamKind::parse(&kind)
        .ok_or("kind: expected github, gitea, git, generic, oci, npm, maven, nuget or pypi")?;
    let mode = text("mode")?.unwrap_or_else(|| String::from("enforce"));
    let mode = UpstreamMode::parse(&mode).ok_or("mode: expected enforce or observe")?;
    let mut read = UpstreamTable {
        input: UpstreamInput {
            name: needed("name")?,
            kind,
            address: needed("address")?,
            settings: Map::new(),
            mode,
            observe_until: table.get("observe_until").map(time).transpose()?,
        },
        files: Vec::new(),
        secrets: Vec::new(),
    };
    for (key, value) in table {
        if matches!(
            key.as_str(),
            "name" | "kind" | "address" | "mode" | "observe_until"
        ) {
            continue;
        }
        other(&mut read, key, value, directory)?;
    }
    Ok(read)
}

/// A setting, or where a long one or a secret is.
fn other(read: &mut UpstreamTable, key: &str, value: &Value, directory: &Path) -> Result<(), String> {
    let known = secret_names(read.input.kind);
    let secret = |suffix: &str| key.strip_suffix(suffix).filter(|name| known.contains(name));
    let path = || match value.as_str() {
        Some(text) if !text.is_empty() => Ok(directory.join(text)),
        Some(_) | None => Err(format!("{key}: expected the path of a file")),
    };
    if let Some(name) = key.strip_suffix("_file").filter(|name| LONG.contains(name)) {
        read.files.push((name.to_owned(), path()?));
    } else if let Some(name) = secret("_file") {
        add(read, name, Source::File(path()?))?;
    } else if let Some(name) = secret("_env") {
        let variable = value.as_str().filter(|text| !text.is_empty());
        let variable = variable.ok_or(format!("{key}: expected the name of a variable"))?;
        add(read, name, Source::Variable(variable.to_owned()))?;
    } else if known.contains(&key) {
        // SECURITY: a configuration file is copied, backed up and shown around. What was found is not shown.
        return Err(format!(
            "{key} does not belong into the file: name where it is by {key}_file or {key}_env"
        ));
    } else {
        let value = serde_json::to_value(value).map_err(|_| format!("{key}: cannot be read"))?;
        read.input.settings.insert(key.to_owned(), value);
    }
    Ok(())
}

fn add(read: &mut UpstreamTable, name: &str, source: Source) -> Result<(), String> {
    if read.secrets.iter().any(|(other, _)| other == name) {
        return Err(format!("{name} is given twice: by {name}_file and {name}_env"));
    }
    read.secrets.push((name.to_owned(), source));
    Ok(())
}

fn time(value: &Value) -> Result<Timestamp, String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Datetime(time) => time.to_string(),
        _ => String::new(),
    };
    Timestamp::parse(&text)
        .ok_or_else(|| String::from("observe_until: expected a time such as 2027-01-31T00:00:00Z"))
}

impl UpstreamTable {
    /// The table with what its files and variables hold.
    pub fn resolve(&self, variable: impl Fn(&str) -> Option<String>) -> Result<UpstreamFromFile, String> {
        let name = &self.input.name;
        let mut input = self.input.clone();
        for (setting, path) in &self.files {
            let text = read_file(path).map_err(|why| format!("[[upstream]] {name}: {why}"))?;
            input.settings.insert(setting.clone(), text.as_str().into());
        }
        let mut secrets = Secrets::new();
        for (secret, source) in &self.secrets {
            let text = match source {
                Source::File(path) => read_file(path),
                Source::Variable(variable_name) => variable(variable_name)
                    .map(Zeroizing::new)
                    .ok_or_else(|| format!("there is no variable {variable_name} in the environment")),
            };
            let text = text.map_err(|why| format!("[[upstream]] {name}: {secret}: {why}"))?;
            // The end of the last line is the editor's.
            let text = Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned());
            secrets.insert(secret.clone(), text);
        }
        Ok(UpstreamFromFile { input, secrets })
    }
}

fn read_file(path: &Path) -> Result<Zeroizing<String>, String> {
    let shown = path.display();
    let length = std::fs::metadata(path)
        .map_err(|error| format!("{shown}: {error}"))?
        .len();
    if length > FILE_BYTES_MAX {
        return Err(format!("{shown} is larger than 1 MiB"));
    }
    std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|error| format!("{shown}: {error}"))
}

#[cfg(test)]
mod tests;
