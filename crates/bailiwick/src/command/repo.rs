//! `repo`: repositories, and who works in them.

mod collaborator;
mod create;

use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use clap::Subcommand;

/// Repositories, and who works in them.
#[derive(Subcommand)]
pub enum Repo {
    /// Make a repository
    Create(create::Create),
    /// People who have a role in a repository themselves
    #[command(subcommand)]
    Collaborator(collaborator::Collaborator),
}

impl Repo {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Repo::Create(command) => command.run(context),
            Repo::Collaborator(command) => command.run(context),
        }
    }
}

/// The endpoints of a repository given as OWNER/NAME.
fn path(repository: &str) -> Result<String, Failure> {
    match repository.split_once('/') {
        Some((owner, name)) if !owner.is_empty() && !name.is_empty() => {
            Ok(format!("/repos/{}/{}", segment(owner), segment(name)))
        }
        _ => Err(Failure::Usage("write the repository as OWNER/NAME".into())),
    }
}
