//! `token delete`.

use super::path;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use http::Method;

/// Delete a token.
#[derive(Args)]
pub struct Delete {
    /// Its id or name
    token: String,
}

impl Delete {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let client = context.client()?;
        let path = path(&client, &self.token)?;
        client.send(Method::DELETE, &path, None)?;
        context.done(&format!("token {} is deleted", self.token));
        Ok(())
    }
}
