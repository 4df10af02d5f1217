//! `admin enterprise`.

mod add;
mod join;
mod owner;

use crate::context::Context;
use crate::failure::Failure;
use clap::Subcommand;

/// Enterprises.
#[derive(Subcommand)]
pub enum Enterprise {
    /// Add an enterprise
    Add(add::Add),
    /// Put an organization into an enterprise
    Join(join::Join),
    /// Add or remove an owner of an enterprise
    Owner(owner::Owner),
}

impl Enterprise {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Enterprise::Add(command) => command.run(context),
            Enterprise::Join(command) => command.run(context),
            Enterprise::Owner(command) => command.run(context),
        }
    }
}
