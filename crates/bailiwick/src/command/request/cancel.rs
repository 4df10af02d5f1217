//! `request cancel`.

use super::OWN;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use http::Method;

/// Take your own request back.
#[derive(Args)]
pub struct Cancel {
    /// Its id
    id: u64,
}

impl Cancel {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        context
            .client()?
            .send(Method::DELETE, &format!("{OWN}/{}", self.id), None)?;
        context.done(&format!("request {} is cancelled", self.id));
        Ok(())
    }
}
