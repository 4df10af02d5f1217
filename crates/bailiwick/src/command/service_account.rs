//! `service-account`: accounts that an organization owns instead of a person.

mod add;
mod list;
mod remove;
mod tokens;

use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use clap::{Args, Subcommand};

/// Accounts that an organization owns instead of a person.
#[derive(Subcommand)]
pub enum ServiceAccount {
    /// List them
    List(list::List),
    /// Add one
    Add(add::Add),
    /// Remove one, with its tokens
    Remove(remove::Remove),
    /// List the tokens of one; `token create --service-account` makes them
    Tokens(tokens::Tokens),
}

impl ServiceAccount {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            ServiceAccount::List(command) => command.run(context),
            ServiceAccount::Add(command) => command.run(context),
            ServiceAccount::Remove(command) => command.run(context),
            ServiceAccount::Tokens(command) => command.run(context),
        }
    }
}

/// Whose service accounts.
#[derive(Args)]
struct Owner {
    /// The organization
    #[arg(long, value_name = "LOGIN")]
    org: String,
}

impl Owner {
    fn path(&self) -> String {
        format!("/orgs/{}/service-accounts", segment(&self.org))
    }
}
