//! `admin upstream remove`.

use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use http::Method;

/// Take a server away with its credential and its links. Nothing may live there any more.
#[derive(Args)]
pub struct Remove {
    /// Its name
    name: String,
}

impl Remove {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let path = format!("/admin/upstreams/{}", segment(&self.name));
        context.client()?.send(Method::DELETE, &path, None)?;
        context.done(&format!("removed the upstream {}", self.name));
        Ok(())
    }
}
