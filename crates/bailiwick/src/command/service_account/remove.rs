//! `service-account remove`.

use super::Owner;
use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use http::Method;

/// Remove a service account; its tokens end.
#[derive(Args)]
pub struct Remove {
    /// Its login
    login: String,
    #[command(flatten)]
    owner: Owner,
}

impl Remove {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let path = format!("{}/{}", self.owner.path(), segment(&self.login));
        context.client()?.send(Method::DELETE, &path, None)?;
        context.done(&format!("{} is removed", self.login));
        Ok(())
    }
}
