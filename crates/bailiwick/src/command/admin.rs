//! `admin`: the installation.

mod enterprise;
mod init;
mod org;
mod repo;
mod tokens;
mod upstream;
mod user;

use crate::context::Context;
use crate::failure::Failure;
use clap::Subcommand;

/// Administer the installation.
#[derive(Subcommand)]
pub enum Admin {
    /// Make the first administrator; the server must not run
    Init(init::Init),
    /// People
    #[command(subcommand)]
    User(user::User),
    /// Organizations
    #[command(subcommand)]
    Org(org::Org),
    /// Enterprises
    #[command(subcommand)]
    Enterprise(enterprise::Enterprise),
    /// Repositories
    #[command(subcommand)]
    Repo(repo::Repo),
    /// Servers behind the gateway
    #[command(subcommand)]
    Upstream(upstream::Upstream),
    /// Credentials in an incident
    #[command(subcommand)]
    Tokens(tokens::Tokens),
}

impl Admin {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Admin::Init(command) => command.run(context),
            Admin::User(command) => command.run(context),
            Admin::Org(command) => command.run(context),
            Admin::Enterprise(command) => command.run(context),
            Admin::Repo(command) => command.run(context),
            Admin::Upstream(command) => command.run(context),
            Admin::Tokens(command) => command.run(context),
        }
    }
}
