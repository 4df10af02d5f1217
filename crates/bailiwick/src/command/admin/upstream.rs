//! `admin upstream`.

mod add;
mod bind;
mod credential;
mod edit;
mod link;
mod list;
mod observations;
mod package;
mod remove;
mod settings;
mod show;
mod sync;
mod unbind;
mod unlink;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Table, field};
use clap::Subcommand;
use serde_json::Value;

/// Servers behind the gateway.
#[derive(Subcommand)]
pub enum Upstream {
    /// List the servers
    List(list::List),
    /// Show one server, who is linked to it and what lives there
    Show(show::Show),
    /// Put the gateway before a server
    Add(add::Add),
    /// Change a server's name, address, settings or mode
    Edit(edit::Edit),
    /// Take a server away, once nothing lives there
    Remove(remove::Remove),
    /// Set the credential of a server
    Credential(credential::Credential),
    /// Say who an account is at a server
    Link(link::Link),
    /// End the link of an account
    Unlink(unlink::Unlink),
    /// Bind an owner or a repository to a server
    Bind(bind::Bind),
    /// End the binding of an owner or a repository
    Unbind(unbind::Unbind),
    /// Synchronise people, repositories and roles from a server now
    Sync(sync::Sync),
    /// Show what the server's own credentials were used for while it is observed
    Observations(observations::Observations),
    /// Say whose the packages of a registry are
    #[command(subcommand)]
    Package(package::Package),
}

impl Upstream {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Upstream::List(command) => command.run(context),
            Upstream::Show(command) => command.run(context),
            Upstream::Add(command) => command.run(context),
            Upstream::Edit(command) => command.run(context),
            Upstream::Remove(command) => command.run(context),
            Upstream::Credential(command) => command.run(context),
            Upstream::Link(command) => command.run(context),
            Upstream::Unlink(command) => command.run(context),
            Upstream::Bind(command) => command.run(context),
            Upstream::Unbind(command) => command.run(context),
            Upstream::Sync(command) => command.run(context),
            Upstream::Observations(command) => command.run(context),
            Upstream::Package(command) => command.run(context),
        }
    }
}

/// One server for people.
fn facts(upstream: &Value) -> String {
    Table::facts(&[
        ("name", field::text(upstream, "/name")),
        ("kind", field::text(upstream, "/kind")),
        ("address", field::text(upstream, "/address")),
        ("mode", field::text(upstream, "/mode")),
        ("observed until", field::text(upstream, "/observe_until")),
        ("secrets", field::text(upstream, "/credential/secrets")),
        ("from file", field::text(upstream, "/from_file")),
        ("owners", field::text(upstream, "/owners_count")),
        ("repositories", field::text(upstream, "/repositories_count")),
        ("links", field::text(upstream, "/links_count")),
        ("synchronised", field::text(upstream, "/synchronised_at")),
    ])
}
