//! `admin upstream unlink`.

use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use http::Method;

/// End the link of an account at a server.
#[derive(Args)]
pub struct Unlink {
    /// The server's name
    name: String,
    /// The account here
    account: String,
}

impl Unlink {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let path = format!(
            "/admin/upstreams/{}/links/{}",
            segment(&self.name),
            segment(&self.account)
        );
        context.client()?.send(Method::DELETE, &path, None)?;
        context.done(&format!("{} is nobody at {} any more", self.account, self.name));
        Ok(())
    }
}
