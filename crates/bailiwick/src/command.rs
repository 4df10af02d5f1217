//! The commands, one file each.

mod admin;
mod audit;
mod backup;
mod completions;
mod configuration;
mod demo;
mod doctor;
mod explain;
mod grant;
mod login;
mod logout;
mod openapi;
mod org;
mod package;
mod permissions;
mod policy;
mod repo;
mod request;
mod restore;
mod role;
mod serve;
mod service_account;
mod token;

use crate::context::Context;
use crate::failure::Failure;
use clap::Subcommand;
use std::process::ExitCode;

/// What can be done.
#[derive(Subcommand)]
pub enum Command {
    /// Run the server
    Serve(serve::Serve),
    /// Run a server with people and repositories to try things on
    Demo(demo::Demo),
    /// Sign in and keep the session
    Login(login::Login),
    /// End the session
    Logout(logout::Logout),
    /// Administer the installation
    #[command(subcommand)]
    Admin(admin::Admin),
    /// An organization's people
    #[command(subcommand)]
    Org(org::Org),
    /// Repositories, and who works in them
    #[command(subcommand)]
    Repo(repo::Repo),
    /// Your own tokens
    #[command(subcommand)]
    Token(token::Token),
    /// Requests for access: your own, or those an organization or enterprise decides
    #[command(subcommand)]
    Request(request::Request),
    /// Tokens that have access to an organization's or enterprise's resources
    #[command(subcommand)]
    Grant(grant::Grant),
    /// What an organization or enterprise allows
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Who besides owners approves or audits tokens
    #[command(subcommand)]
    Role(role::Role),
    /// Accounts that an organization owns instead of a person
    #[command(subcommand)]
    ServiceAccount(service_account::ServiceAccount),
    /// Packages at registries behind the server
    #[command(subcommand)]
    Package(package::Package),
    /// What happened
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Say whether a token would be allowed a request, and what is missing
    Explain(explain::Explain),
    /// Print every permission and the operations it opens; needs no server
    Permissions(permissions::Permissions),
    /// Print every key of the configuration; needs no server
    Configuration(configuration::Configuration),
    /// Check this machine and the server
    Doctor(doctor::Doctor),
    /// Write a consistent copy of the server's data while it runs
    Backup(backup::Backup),
    /// Put a backup into an empty data directory; the server must not run
    Restore(restore::Restore),
    /// Print completions for a shell
    Completions(completions::Completions),
    /// Print the server's OpenAPI document
    Openapi(openapi::OpenApi),
}

impl Command {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        match self {
            Command::Serve(command) => command.run(),
            Command::Demo(command) => command.run(),
            Command::Login(command) => command.run(context),
            Command::Logout(command) => command.run(context),
            Command::Admin(command) => command.run(context),
            Command::Org(command) => command.run(context),
            Command::Repo(command) => command.run(context),
            Command::Token(command) => command.run(context),
            Command::Request(command) => command.run(context),
            Command::Grant(command) => command.run(context),
            Command::Policy(command) => command.run(context),
            Command::Role(command) => command.run(context),
            Command::ServiceAccount(command) => command.run(context),
            Command::Package(command) => command.run(context),
            // The ones whose answer is a code: broken, denied, not healthy.
            Command::Audit(command) => return command.run(context),
            Command::Explain(command) => return command.run(context),
            Command::Doctor(command) => return command.run(context),
            Command::Permissions(command) => command.run(context),
            Command::Configuration(command) => command.run(context),
            Command::Backup(command) => command.run(context),
            Command::Restore(command) => command.run(context),
            Command::Completions(command) => command.run(),
            Command::Openapi(command) => command.run(context),
        }
        .map(|()| ExitCode::SUCCESS)
    }
}
