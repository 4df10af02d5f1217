//! `audit search`.

use super::Which;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Table, field};
use bailiwick_model::Timestamp;
use clap::Args;
use serde_json::Value;

/// Search events, newest first.
#[derive(Args)]
pub struct Search {
    #[command(flatten)]
    which: Which,
    /// At most this many
    #[arg(long, default_value_t = 30, value_name = "NUMBER")]
    limit: usize,
}

impl Search {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let events = context.client()?.list(&self.which.path(None), None, self.limit)?;
        context.show_list(&events, |events| {
            let mut table = Table::new([
                "time",
                "action",
                "actor",
                "token",
                "repository",
                "package",
                "outcome",
                "reason",
                "address",
            ]);
            for event in events {
                table.row([
                    time(event),
                    action(event),
                    field::text(event, "/actor"),
                    field::text(event, "/token_id"),
                    match field::text(event, "/repo").as_str() {
                        field::NOTHING => field::text(event, "/org"),
                        repository => repository.to_owned(),
                    },
                    package(event),
                    field::text(event, "/outcome"),
                    field::text(event, "/reason"),
                    field::text(event, "/actor_ip"),
                ]);
            }
            table.render()
        })
    }
}

/// What was done; of an ordinary read what was asked for, since every one has the same action.
fn action(event: &Value) -> String {
    let action = field::text(event, "/action");
    match field::text(event, "/operation").as_str() {
        operation if action == "api.request" && operation != field::NOTHING => {
            format!("{action} ({operation})")
        }
        _ => action,
    }
}

/// The package with its version, where it is about one.
fn package(event: &Value) -> String {
    let package = field::text(event, "/package");
    match field::text(event, "/package_version").as_str() {
        version if package != field::NOTHING && version != field::NOTHING => format!("{package} {version}"),
        _ => package,
    }
}

/// GitHub writes milliseconds.
fn time(event: &Value) -> String {
    match event.get("@timestamp").and_then(Value::as_i64) {
        Some(milliseconds) => Timestamp(milliseconds.saturating_mul(1000)).rfc3339(),
        None => field::text(event, "/@timestamp"),
    }
}
