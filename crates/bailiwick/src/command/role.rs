//! `role`: who besides owners decides requests, or reads tokens and the audit log.

mod list;
mod remove;
mod set;

use crate::context::Context;
use crate::failure::Failure;
use clap::Subcommand;

/// Who besides owners approves or audits tokens.
#[derive(Subcommand)]
pub enum Role {
    /// List them
    List(list::List),
    /// Give somebody a role
    Set(set::Set),
    /// Take somebody's role away
    Remove(remove::Remove),
}

impl Role {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Role::List(command) => command.run(context),
            Role::Set(command) => command.run(context),
            Role::Remove(command) => command.run(context),
        }
    }
}

/// Where they are, after the owner's path.
const PATH: &str = "/personal-access-token-roles";
