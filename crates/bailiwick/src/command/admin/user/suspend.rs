//! `admin user suspend`.

use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use http::Method;
use serde_json::json;

/// Suspend a person: every token and session of theirs stops working.
#[derive(Args)]
pub struct Suspend {
    /// The login
    login: String,
    /// Take the suspension back
    #[arg(long)]
    undo: bool,
}

impl Suspend {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let path = format!("/admin/users/{}", segment(&self.login));
        context
            .client()?
            .send(Method::PATCH, &path, Some(&json!({"suspended": !self.undo})))?;
        let state = if self.undo { "active again" } else { "suspended" };
        context.done(&format!("{} is {state}", self.login));
        Ok(())
    }
}
