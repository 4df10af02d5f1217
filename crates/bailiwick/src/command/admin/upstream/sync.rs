//! `admin upstream sync`.

use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Table, field};
use clap::Args;
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// How often the server is asked how it stands.
const ASKED_EVERY: Duration = Duration::from_secs(1);
/// How often at the most.
const ASKED_MAX: usize = 1200;

/// Synchronise people, repositories and roles from a server now.
#[derive(Args)]
pub struct Sync {
    /// The server's name
    name: String,
    /// Wait until it has ended; fails if it failed or was stopped
    #[arg(long)]
    wait: bool,
    /// Let so many removals pass that stopped the last one
    #[arg(long, value_name = "COUNT")]
    confirm_removals: Option<u64>,
    /// Only show how it stands
    #[arg(long, conflicts_with_all = ["wait", "confirm_removals"])]
    status: bool,
}

impl Sync {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let client = context.client()?;
        let path = format!("/admin/upstreams/{}", segment(&self.name));
        let stands = format!("{path}/synchronisation");
        if self.status {
            return context.show(&client.get(&stands)?, facts);
        }
        let body = self
            .confirm_removals
            .map_or_else(|| json!({}), |count| json!({ "confirm_removals": count }));
        let asked = client.send(Method::POST, &format!("{path}/synchronise"), Some(&body))?;
        if !self.wait {
            return context.show(&asked, facts);
        }
        let before = field::text(&asked.value()?, "/started_at");
        for _ in 0..ASKED_MAX {
            let answer = client.get(&stands)?;
            let now = answer.value()?;
            // One that began before this was asked for does not count.
            let state = field::text(&now, "/state");
            if state != "reading" && field::text(&now, "/started_at") != before {
                context.show(&answer, facts)?;
                let removals = field::text(&now, "/removals/total");
                return match state.as_str() {
                    "done" => Ok(()),
                    "stopped" => Err(Failure::Usage(format!(
                        "it would remove {removals} things at once: look there first, then --confirm-removals {removals}"
                    ))),
                    _ => Err(Failure::Usage(field::text(&now, "/error/message"))),
                };
            }
            std::thread::sleep(ASKED_EVERY);
        }
        Err(Failure::Usage(String::from(
            "it takes longer: ask again with --status",
        )))
    }
}

/// How it stands, for people.
fn facts(stand: &Value) -> String {
    let mut text = Table::facts(&[
        ("state", field::text(stand, "/state")),
        ("synchronised", field::text(stand, "/synchronised_at")),
        ("stale", field::text(stand, "/stale")),
        ("started", field::text(stand, "/started_at")),
        ("finished", field::text(stand, "/finished_at")),
        ("requests", field::text(stand, "/progress/requests")),
        ("owners", field::text(stand, "/progress/owners")),
        ("repositories", field::text(stand, "/progress/repositories")),
        ("persons", field::text(stand, "/progress/persons")),
        ("teams", field::text(stand, "/progress/teams")),
        ("removals that wait", field::text(stand, "/removals/total")),
        ("not linked", field::text(stand, "/unlinked_count")),
        ("kept here", field::text(stand, "/kept_here_count")),
        ("conflicts", field::text(stand, "/conflicts_count")),
        ("error", field::text(stand, "/error/message")),
        ("not before", field::text(stand, "/not_before")),
    ]);
    let unread = stand["unread"].as_array().cloned().unwrap_or_default();
    let table = Table::of(
        &unread,
        [("not read", "/name"), ("since", "/read_at"), ("why", "/message")],
    );
    if !table.is_empty() {
        text.push('\n');
        text.push_str(&table.render());
    }
    let conflicts = stand["conflicts"].as_array().cloned().unwrap_or_default();
    let table = Table::of(&conflicts, [("thing", "/thing"), ("why", "/message")]);
    if !table.is_empty() {
        text.push('\n');
        text.push_str(&table.render());
    }
    text
}
