//! `admin repo`.

mod import;

use crate::context::Context;
use crate::failure::Failure;
use clap::Subcommand;

/// Repositories.
#[derive(Subcommand)]
pub enum Repo {
    /// Make a repository from an existing one
    Import(import::Import),
}

impl Repo {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Repo::Import(command) => command.run(context),
        }
    }
}
