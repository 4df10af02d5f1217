//! Settings of a server as arguments: `--set KEY=VALUE`.

use crate::failure::Failure;
use bailiwick_authority::upstream::setting::{Shape, named};
use clap::Args;
use serde_json::{Map, Value};

/// What shall be set.
#[derive(Args, Clone, Debug, Default)]
pub struct Settings {
    /// Set a setting, such as upload_bytes_max=268435456; pins, follow and headers may be given several times.
    /// `admin upstream show` tells which there are
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
            // Each use of the flag adds one.
            if named(key).is_some_and(|setting| setting.shape == Shape::Lines) {
                let list = all
                    .entry(key.to_owned())
                    .or_insert_with(|| Value::Array(Vec::new()));
                if let Some(list) = list.as_array_mut() {
                    list.push(text.into());
                }
            } else {
                all.insert(key.to_owned(), value(key, text));
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

/// A text as the value that the setting takes. What is no such value, and a key that is not known here, is sent as it
/// came: the server says what is right.
fn value(key: &str, text: &str) -> Value {
    match named(key).map(|setting| setting.shape) {
        Some(Shape::Number { .. }) => text.parse::<u64>().map_or_else(|_| text.into(), Value::from),
        Some(Shape::Flag) => text.parse::<bool>().map_or_else(|_| text.into(), Value::from),
        Some(Shape::Line | Shape::Lines | Shape::Text) | None => text.into(),
    }
}

fn split<'a>(pair: &'a str, usage: &str) -> Result<(&'a str, &'a str), Failure> {
    pair.split_once('=')
        .filter(|(key, _)| !key.is_empty())
        .ok_or_else(|| Failure::Usage(format!("expected {usage}, found {pair:?}")))
}
