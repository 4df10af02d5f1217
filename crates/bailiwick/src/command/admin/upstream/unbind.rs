//! `admin upstream unbind`.

use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use http::Method;

/// End the binding of an owner, or of a repository (OWNER/NAME). Nothing changes at the server. A repository without a
/// directory here is known no longer, and grants to it end.
#[derive(Args)]
pub struct Unbind {
    /// The server's name
    name: String,
    /// OWNER or OWNER/NAME
    what: String,
}

impl Unbind {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let path = place(&self.name, &self.what);
        context.client()?.send(Method::DELETE, &path, None)?;
        context.done(&format!("{} is bound to {} no more", self.what, self.name));
        Ok(())
    }
}

/// Where the binding of a thing is.
pub(super) fn place(name: &str, what: &str) -> String {
    let base = format!("/admin/upstreams/{}", segment(name));
    match what.split_once('/') {
        Some((owner, repository)) => {
            format!("{base}/repositories/{}/{}", segment(owner), segment(repository))
        }
        None => format!("{base}/owners/{}", segment(what)),
    }
}
