//! `admin org`.

mod add;

use crate::context::Context;
use crate::failure::Failure;
use clap::Subcommand;

/// Organizations.
#[derive(Subcommand)]
pub enum Org {
    /// Add an organization
    Add(add::Add),
}

impl Org {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Org::Add(command) => command.run(context),
        }
    }
}
