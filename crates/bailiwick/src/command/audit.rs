//! `audit`: what happened.

mod export;
mod search;
pub mod verify;

use crate::argument::door::Door;
use crate::client::query;
use crate::context::Context;
use crate::failure::Failure;
use clap::{Args, Subcommand};
use std::process::ExitCode;

/// What happened.
#[derive(Subcommand)]
pub enum Audit {
    /// Search events, newest first
    Search(search::Search),
    /// Write all events that match, as CSV or JSON lines
    Export(export::Export),
    /// Check the chains of the log in a data directory; the server must not run
    Verify(verify::Verify),
}

impl Audit {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        match self {
            Audit::Search(command) => command.run(context)?,
            Audit::Export(command) => command.run(context)?,
            Audit::Verify(command) => return command.run(context),
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Which events.
#[derive(Args)]
struct Which {
    /// What to look for, with GitHub's qualifiers and ours: action:, actor:, repo:, package:, created:>=2026-01-01,
    /// token_id:, hashed_token:, reason: … A `-` before one leaves its events out; behind the first word, quote the
    /// whole phrase or write it after `--`
    #[arg(value_name = "PHRASE", allow_hyphen_values = true)]
    phrase: Option<String>,
    /// More of the phrase
    // Hyphens are not for these: an option after the phrase would silently become a part of it.
    #[arg(value_name = "MORE", hide = true)]
    more: Vec<String>,
    #[command(flatten)]
    door: Door,
    /// Which events: those of the API and pages (web), of Git (git), or all
    #[arg(long, value_parser = ["web", "git", "all"])]
    include: Option<String>,
    /// The order of time
    #[arg(long, value_parser = ["asc", "desc"])]
    order: Option<String>,
}

impl Which {
    /// Path and query. Without a door, the events of one's own account.
    fn path(&self, format: Option<&str>) -> String {
        let door = self.door.path().unwrap_or_else(|| "/user".into());
        let words = self.phrase.iter().chain(&self.more).map(String::as_str);
        let phrase = words.collect::<Vec<_>>().join(" ");
        let query = query(&[
            (
                "phrase",
                Some(phrase.as_str()).filter(|phrase| !phrase.is_empty()),
            ),
            ("include", Some(self.include.as_deref().unwrap_or("all"))),
            ("order", self.order.as_deref()),
            ("format", format),
        ]);
        format!("{door}/audit-log{query}")
    }
}
