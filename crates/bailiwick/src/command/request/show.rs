//! `request show`.

use super::{DECIDED, OWN, facts};
use crate::argument::door::Door;
use crate::context::Context;
use crate::failure::Failure;
use crate::output;
use clap::Args;
use serde_json::Value;

/// Show one request.
#[derive(Args)]
pub struct Show {
    /// Its id
    id: u64,
    #[command(flatten)]
    door: Door,
}

impl Show {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let client = context.client()?;
        if let Some(door) = self.door.path() {
            let answer = client.get(&format!("{door}{DECIDED}/{}", self.id))?;
            return context.show(&answer, facts);
        }
        // There is no endpoint for one own request; the list is short.
        let own = client.list(OWN, None, usize::MAX)?;
        let found = own
            .iter()
            .find(|request| request.get("id").and_then(Value::as_u64) == Some(self.id));
        let request = found.ok_or_else(|| {
            Failure::NotFound(format!(
                "request {} is not yours; add --org if you decide it",
                self.id
            ))
        })?;
        if context.json {
            output::line(&request.to_string())
        } else {
            output::bytes(facts(request).as_bytes())
        }
    }
}
