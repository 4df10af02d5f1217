//! `token show`.

use super::{facts, path};
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;

/// Show a token and its grants.
#[derive(Args)]
pub struct Show {
    /// Its id or name; `current` is the one in BAILIWICK_TOKEN
    token: String,
}

impl Show {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let client = context.client()?;
        let answer = client.get(&path(&client, &self.token)?)?;
        context.show(&answer, facts)
    }
}
