//! `grant revoke`.

use super::PATH;
use crate::argument::door::Door;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use http::Method;
use serde_json::json;

/// End the access of tokens; the tokens themselves stay.
#[derive(Args)]
pub struct Revoke {
    /// The grants' ids
    #[arg(required = true, value_name = "ID")]
    ids: Vec<u64>,
    #[command(flatten)]
    door: Door,
}

impl Revoke {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let door = self.door.path().ok_or_else(|| {
            let text = "say whose resources they lose access to: --org LOGIN or --enterprise SLUG; a token of your own \
                        ends with: bailiwick token delete";
            Failure::Usage(text.into())
        })?;
        let client = context.client()?;
        if let [id] = self.ids.as_slice() {
            client.send(
                Method::POST,
                &format!("{door}{PATH}/{id}"),
                Some(&json!({"action": "revoke"})),
            )?;
        } else {
            let body = json!({"action": "revoke", "pat_ids": self.ids});
            client.send(Method::POST, &format!("{door}{PATH}"), Some(&body))?;
        }
        let list: Vec<String> = self.ids.iter().map(u64::to_string).collect();
        context.done(&format!("revoked: {}", list.join(", ")));
        Ok(())
    }
}
