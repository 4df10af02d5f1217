//! `repo`: repositories, and who works in them.

mod collaborator;
mod create;

use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Table, field};
use clap::{Args, Subcommand};
use serde_json::{Map, Value};

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

/// How a new repository looks.
#[derive(Args)]
pub struct Looks {
    /// Who sees it
    #[arg(long, value_parser = ["public", "internal", "private"], default_value = "private")]
    visibility: String,
    /// What it is
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

impl Looks {
    /// Puts it into a request's body.
    pub fn put(self, body: &mut Map<String, Value>) {
        body.insert("visibility".into(), self.visibility.into());
        if let Some(description) = self.description {
            body.insert("description".into(), description.into());
        }
    }
}

/// A repository that was made, for people.
pub fn made(repository: &Value) -> String {
    Table::facts(&[
        ("repository", field::text(repository, "/full_name")),
        ("id", field::text(repository, "/id")),
        ("visibility", field::text(repository, "/visibility")),
        ("clone", field::text(repository, "/clone_url")),
    ])
}

/// The endpoints of a repository given as OWNER/NAME.
fn path(repository: &str) -> Result<String, Failure> {
    let (owner, name) = parts(repository)?;
    Ok(format!("/repos/{}/{}", segment(owner), segment(name)))
}

/// The owner and the name of a repository given as OWNER/NAME.
pub fn parts(repository: &str) -> Result<(&str, &str), Failure> {
    let parts = repository.split_once('/');
    let whole = parts.filter(|(owner, name)| !owner.is_empty() && !name.is_empty());
    whole.ok_or_else(|| Failure::Usage("write the repository as OWNER/NAME".into()))
}
