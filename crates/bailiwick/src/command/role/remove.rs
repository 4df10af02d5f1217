//! `role remove`.

use super::PATH;
use crate::argument::door::Door;
use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use http::Method;

/// Take somebody's role away.
#[derive(Args)]
pub struct Remove {
    /// The person
    login: String,
    #[command(flatten)]
    door: Door,
}

impl Remove {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let path = format!("{}{PATH}/{}", self.door.required()?, segment(&self.login));
        context.client()?.send(Method::DELETE, &path, None)?;
        context.done(&format!("{} has no role any more", self.login));
        Ok(())
    }
}
