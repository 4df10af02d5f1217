//! `admin user`.

mod add;
mod list;
mod password;
mod suspend;

use crate::context::Context;
use crate::failure::Failure;
use clap::Subcommand;

/// People.
#[derive(Subcommand)]
pub enum User {
    /// Add a person
    Add(add::Add),
    /// List people
    List(list::List),
    /// Suspend a person: every token and session of theirs stops working
    Suspend(suspend::Suspend),
    /// Set a person's password
    Password(password::SetPassword),
}

impl User {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            User::Add(command) => command.run(context),
            User::List(command) => command.run(context),
            User::Suspend(command) => command.run(context),
            User::Password(command) => command.run(context),
        }
    }
}
