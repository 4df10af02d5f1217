//! `grant`: the tokens that have access to an owner's resources.

mod list;
mod revoke;
mod show;

use crate::context::Context;
use crate::failure::Failure;
use clap::Subcommand;

/// Tokens that have access to an organization's or enterprise's resources.
#[derive(Subcommand)]
pub enum Grant {
    /// List them
    List(list::List),
    /// Show one
    Show(show::Show),
    /// End the access of tokens
    Revoke(revoke::Revoke),
}

impl Grant {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Grant::List(command) => command.run(context),
            Grant::Show(command) => command.run(context),
            Grant::Revoke(command) => command.run(context),
        }
    }
}

/// Where they are, after the owner's path.
const PATH: &str = "/personal-access-tokens";
