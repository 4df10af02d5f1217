//! Settings of a server as arguments: `--set KEY=VALUE`.

use crate::failure::Failure;
use clap::Args;
use serde_json::{Map, Value};

/// Settings that are lists; each use of the flag adds one.
const LISTS: &[&str] = &["pins", "follow", "headers"];

/// What shall be set.
#[derive(Args, Clone, Debug, Default)]
pub struct Settings {
    /// Set a setting; pins, follow and headers may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Set a setting to the text of a file: authorities, catalogue
    #[arg(long = "set-file", value_name = "KEY=PATH")]
    texts: Vec<String>,
    /// Put a setting back to its default
    #[arg(long = "unset", value_name = "KEY")]
    unset: Vec<String>,
}

impl Settings {
    /// The settings for the body of a request.
    pub fn read(&self) -> Result<Value, Failure> {
        let mut all = Map::new();
        for pair in &self.set {
            let (key, text) = split(pair, "--set KEY=VALUE")?;
            if LISTS.contains(&key) {
                let list = all
                    .entry(key.to_owned())
                    .or_insert_with(|| Value::Array(Vec::new()));
                if let Some(list) = list.as_array_mut() {
                    list.push(text.into());
                }
            } else {
                all.insert(key.to_owned(), value(text));
            }
        }
        for pair in &self.texts {
            let (key, path) = split(pair, "--set-file KEY=PATH")?;
            let text = std::fs::read_to_string(path).map_err(|error| Failure::local(path, error))?;
            all.insert(key.to_owned(), text.into());
        }
        for key in &self.unset {
            all.insert(key.clone(), Value::Null);
        }
        Ok(Value::Object(all))
    }
}

/// Numbers and yes or no as what they are; all else is text.
fn value(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        text => text.parse::<i64>().map_or_else(|_| text.into(), Value::from),
    }
}

fn split<'a>(pair: &'a str, usage: &str) -> Result<(&'a str, &'a str), Failure> {
    pair.split_once('=')
        .filter(|(key, _)| !key.is_empty())
        .ok_or_else(|| Failure::Usage(format!("expected {usage}, found {pair:?}")))
}
