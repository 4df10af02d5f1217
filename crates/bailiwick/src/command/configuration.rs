//! `configuration`: the printed reference of the configuration, from the program itself.

use crate::config::{KEYS, document};
use crate::context::Context;
use crate::failure::Failure;
use crate::output;
use clap::Args;
use serde_json::{Value, json};

/// Print every key of the configuration; needs no server.
#[derive(Args)]
pub struct Configuration {}

impl Configuration {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        if !context.json {
            return output::bytes(document::markdown().as_bytes());
        }
        let keys: Vec<Value> = KEYS
            .iter()
            .map(|key| {
                json!({
                    "key": key.name, "variable": key.variable(), "flag": key.flag, "default": key.default,
                    "takes": key.kind.words(), "about": key.about,
                })
            })
            .collect();
        output::line(&json!({ "keys": keys }).to_string())
    }
}
