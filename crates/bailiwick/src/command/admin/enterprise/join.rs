//! `admin enterprise join`.

use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use http::Method;

/// Put an organization into an enterprise.
#[derive(Args)]
pub struct Join {
    /// The enterprise
    slug: String,
    /// The organization
    org: String,
}

impl Join {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let path = format!(
            "/admin/enterprises/{}/organizations/{}",
            segment(&self.slug),
            segment(&self.org)
        );
        context.client()?.send(Method::PUT, &path, None)?;
        context.done(&format!("{} belongs to {}", self.org, self.slug));
        Ok(())
    }
}
