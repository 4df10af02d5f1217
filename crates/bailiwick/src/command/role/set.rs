//! `role set`.

use super::PATH;
use crate::argument::door::Door;
use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use http::Method;
use serde_json::json;

/// Give somebody a role: an approver decides requests, an auditor reads tokens and the audit log.
#[derive(Args)]
pub struct Set {
    /// The person
    login: String,
    /// The role
    #[arg(value_parser = ["approver", "auditor"])]
    role: String,
    #[command(flatten)]
    door: Door,
}

impl Set {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let path = format!("{}{PATH}/{}", self.door.required()?, segment(&self.login));
        context
            .client()?
            .send(Method::PUT, &path, Some(&json!({"role": self.role})))?;
        context.done(&format!("{} is {} now", self.login, self.role));
        Ok(())
    }
}
