//! `admin enterprise owner`.

use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use http::Method;

/// Add or remove an owner of an enterprise.
#[derive(Args)]
pub struct Owner {
    /// The enterprise
    slug: String,
    /// The person
    login: String,
    /// Remove instead of add
    #[arg(long)]
    remove: bool,
}

impl Owner {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let path = format!(
            "/admin/enterprises/{}/owners/{}",
            segment(&self.slug),
            segment(&self.login)
        );
        let method = if self.remove { Method::DELETE } else { Method::PUT };
        context.client()?.send(method, &path, None)?;
        let state = if self.remove {
            "no owner any more"
        } else {
            "an owner"
        };
        context.done(&format!("{} is {state} of {}", self.login, self.slug));
        Ok(())
    }
}
