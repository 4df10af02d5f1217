//! `request deny`.

use super::decision;
use crate::argument::door::Door;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use serde_json::Map;

/// Deny requests.
#[derive(Args)]
pub struct Deny {
    /// Their ids
    #[arg(required = true, value_name = "ID")]
    ids: Vec<u64>,
    #[command(flatten)]
    door: Door,
    /// Why, for whoever asked
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

impl Deny {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        decision::send(
            context,
            &self.door.required()?,
            &self.ids,
            "deny",
            self.reason.as_deref(),
            Map::new(),
        )
    }
}
