//! `repo collaborator`: people who have a role in a repository themselves, besides what their teams give them.

use super::path;
use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Table;
use clap::{Args, Subcommand};
use http::Method;
use serde_json::json;

/// People who have a role in a repository themselves.
#[derive(Subcommand)]
pub enum Collaborator {
    /// Give somebody a role in a repository, at once: there are no invitations
    #[command(visible_alias = "add")]
    Set(Set),
    /// Take somebody's role in a repository away
    Remove(Remove),
    /// List who has a role in a repository
    List(List),
}

impl Collaborator {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Collaborator::Set(command) => command.run(context),
            Collaborator::Remove(command) => command.run(context),
            Collaborator::List(command) => command.run(context),
        }
    }
}

/// Give somebody a role in a repository.
#[derive(Args)]
pub struct Set {
    /// The repository: OWNER/NAME
    repository: String,
    /// The person
    login: String,
    /// What they may do there
    #[arg(long, value_parser = ["read", "triage", "write", "maintain", "admin"], default_value = "write")]
    role: String,
}

impl Set {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let path = format!(
            "{}/collaborators/{}",
            path(&self.repository)?,
            segment(&self.login)
        );
        let body = json!({"permission": self.role});
        context.client()?.send(Method::PUT, &path, Some(&body))?;
        context.done(&format!(
            "{} has the role {} in {} now",
            self.login, self.role, self.repository
        ));
        Ok(())
    }
}

/// Take somebody's role in a repository away.
#[derive(Args)]
pub struct Remove {
    /// The repository: OWNER/NAME
    repository: String,
    /// The person
    login: String,
}

impl Remove {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let path = format!(
            "{}/collaborators/{}",
            path(&self.repository)?,
            segment(&self.login)
        );
        context.client()?.send(Method::DELETE, &path, None)?;
        context.done(&format!(
            "{} has no role of their own in {} any more",
            self.login, self.repository
        ));
        Ok(())
    }
}

/// List who has a role in a repository.
#[derive(Args)]
pub struct List {
    /// The repository: OWNER/NAME
    repository: String,
}

impl List {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let path = format!("{}/collaborators", path(&self.repository)?);
        let all = context.client()?.list(&path, None, usize::MAX)?;
        context.show_list(&all, |all| {
            Table::of(all, [("login", "/login"), ("role", "/role_name")]).render()
        })
    }
}
