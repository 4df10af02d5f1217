//! `admin upstream observations`.

use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{self, Table, field};
use clap::Args;
use serde_json::Value;

/// Show what a server's own credentials were used for while it is observed, and the narrowest token for each.
#[derive(Args)]
pub struct Observations {
    /// The server's name
    name: String,
    /// One credential of the list, by its id
    id: Option<u64>,
}

impl Observations {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let client = context.client()?;
        let path = format!("/admin/upstreams/{}/observations", segment(&self.name));
        let Some(id) = self.id else {
            let all = client.list(&path, None, usize::MAX)?;
            if context.json {
                return output::line(&Value::Array(all).to_string());
            }
            let table = Table::of(
                &all,
                [
                    ("id", "/id"),
                    ("credential", "/credential"),
                    ("kind", "/kind"),
                    ("login there", "/login"),
                    ("account", "/account"),
                    ("reads", "/reads"),
                    ("writes", "/writes"),
                    ("unmapped", "/unmapped_count"),
                    ("would be refused", "/refused_count"),
                    ("last used", "/last_used_at"),
                ],
            );
            return output::bytes(table.render().as_bytes());
        };
        let report = client.get(&format!("{path}/{id}"))?.value()?;
        if context.json {
            return output::line(&report.to_string());
        }
        output::bytes(told(&report).as_bytes())
    }
}

/// A report for people.
fn told(report: &Value) -> String {
    let mut text = Table::facts(&[
        ("credential", field::text(report, "/credential/credential")),
        ("kind", field::text(report, "/credential/kind")),
        ("login there", field::text(report, "/credential/login")),
        ("account", field::text(report, "/credential/account")),
        ("reads", field::text(report, "/credential/reads")),
        ("writes", field::text(report, "/credential/writes")),
        ("last used", field::text(report, "/credential/last_used_at")),
        ("observed until", field::text(report, "/observe_until")),
    ]);
    let list = |name: &str| {
        report
            .get(name)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    for token in list("tokens") {
        text.push_str("\nThe narrowest token that would have sufficed, as the API takes it:\n");
        let pretty = token
            .get("token")
            .map(|token| serde_json::to_string_pretty(token).unwrap_or_default());
        text.push_str(&pretty.unwrap_or_default());
        text.push('\n');
    }
    let uses = Table::of(
        &list("uses"),
        [
            ("operation", "/operation"),
            ("target", "/target"),
            ("requests", "/requests"),
            ("would be", "/verdict"),
            ("what to do", "/help"),
        ],
    );
    if !uses.is_empty() {
        text.push('\n');
        text.push_str(&uses.render());
    }
    text
}
