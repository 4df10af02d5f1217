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
use bailiwick_authority::upstream::check::secret_names;
use bailiwick_authority::upstream::setting::{self, Setting};
use bailiwick_model::UpstreamKind;
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

/// Which secrets are set, since when, and which there could be besides. None is ever shown.
fn secrets(upstream: &Value) -> String {
    if upstream.pointer("/credential/readable") == Some(&Value::Bool(false)) {
        return String::from("set, and cannot be opened: the sealing key is another one");
    }
    let there = field::list(upstream, "/credential/secrets");
    let set = match there {
        [] => String::from("none"),
        names => names.iter().map(field::words).collect::<Vec<_>>().join(", "),
    };
    let since = match field::text(upstream, "/credential/changed_at") {
        at if there.is_empty() || at == field::NOTHING => String::new(),
        at => format!(" (since {at})"),
    };
    let others: Vec<&str> = kind(upstream)
        .map_or(&[][..], secret_names)
        .iter()
        .copied()
        .filter(|name| !there.iter().any(|one| one.as_str() == Some(*name)))
        .collect();
    if others.is_empty() {
        return format!("{set}{since}");
    }
    format!("{set}{since}; not set: {}", others.join(", "))
}

fn kind(upstream: &Value) -> Option<UpstreamKind> {
    UpstreamKind::parse(upstream.get("kind")?.as_str()?)
}

/// Longest text of a setting that is shown in a table.
const SHOWN_CHARS_MAX: usize = 100;

/// Every setting that the server's kind knows, and whatever else is set.
fn settings(upstream: &Value) -> Table {
    let set = upstream.get("settings").and_then(Value::as_object);
    let known: Vec<&Setting> = kind(upstream).map(setting::of).into_iter().flatten().collect();
    let mut table = Table::new(["setting", "value", "takes"]);
    for setting in &known {
        let value = set.and_then(|set| set.get(setting.key));
        table.row([
            setting.key.to_owned(),
            value.map_or_else(|| String::from("default"), shown),
            setting.takes(),
        ]);
    }
    // Of a server that is newer than this program.
    for (key, value) in set.into_iter().flatten() {
        if !known.iter().any(|setting| setting.key == key) {
            table.row([key.clone(), shown(value), field::NOTHING.to_owned()]);
        }
    }
    table
}

/// A value in a line. Certificates and catalogues are as long as they are.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.contains('\n') || text.chars().count() > SHOWN_CHARS_MAX => {
            format!("{} lines, {} bytes", text.lines().count(), text.len())
        }
        other => field::words(other),
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
        ("secrets set", secrets(upstream)),
        ("from file", field::text(upstream, "/from_file")),
        ("owners", field::text(upstream, "/owners_count")),
        ("repositories", field::text(upstream, "/repositories_count")),
        ("links", field::text(upstream, "/links_count")),
        ("synchronised", field::text(upstream, "/synchronised_at")),
    ])
}
