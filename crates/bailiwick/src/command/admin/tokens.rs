//! `admin tokens`.

mod end;

use crate::context::Context;
use crate::failure::Failure;
use clap::Subcommand;

/// Credentials in an incident.
#[derive(Subcommand)]
pub enum Tokens {
    /// End credentials at once, transfers in progress included
    End(end::End),
}

impl Tokens {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Tokens::End(command) => command.run(context),
        }
    }
}
