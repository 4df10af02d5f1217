//! `org`: an organization's people.

mod member;

use crate::context::Context;
use crate::failure::Failure;
use clap::Subcommand;

/// An organization's people.
#[derive(Subcommand)]
pub enum Org {
    /// Members and owners
    #[command(subcommand)]
    Member(member::Member),
}

impl Org {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Org::Member(command) => command.run(context),
        }
    }
}
