//! Audit events in GitHub's field names, and ours besides. What an event does not tell is left out, as there.

use bailiwick_authority::audit::EventView;
use serde_json::{Map, Value, json};

/// An event.
pub fn event(view: &EventView) -> Map<String, Value> {
    let row = &view.row;
    // What only some events have comes first, so that the fixed fields win.
    let mut fields = row.object().unwrap_or_default();
    let milliseconds = row.at.milliseconds();
    let business = view.business.as_ref().and(row.enterprise_id);
    for (name, value) in [
        ("@timestamp", json!(milliseconds)),
        ("_document_id", json!(document_id(view))),
        ("action", json!(row.action)),
        ("actor", json!(row.actor_login)),
        ("actor_id", json!(row.actor_id)),
        ("actor_ip", json!(row.address)),
        ("business", json!(view.business)),
        ("business_id", json!(business)),
        ("created_at", json!(milliseconds)),
        (
            "hashed_token",
            json!(row.hashed_token.map(|digest| digest.base64())),
        ),
        ("operation_type", json!(row.operation_type)),
        ("operation", json!(row.operation)),
        (
            "org",
            json!(row.owner_login.as_ref().filter(|_| view.at_organization)),
        ),
        ("org_id", json!(row.owner_id.filter(|_| view.at_organization))),
        ("programmatic_access_type", json!(row.access_type)),
        ("repo", json!(row.repository_name)),
        ("repo_id", json!(row.repository_id)),
        ("repository", json!(row.repository_name)),
        ("repository_id", json!(row.repository_id)),
        ("request_id", json!(row.request_id)),
        ("token_id", json!(row.token_id)),
        ("user", json!(row.user_login)),
        ("user_agent", json!(row.user_agent)),
        ("outcome", json!(row.outcome.word())),
        ("reason", json!(row.reason)),
    ] {
        if value.is_null() {
            fields.remove(name);
        } else {
            fields.insert(name.to_owned(), value);
        }
    }
    fields
}

/// The event's name: its node and its place in that node's chain, which `audit verify` checks.
fn document_id(view: &EventView) -> String {
    format!("{}:{}", view.row.node, view.row.position)
}

/// The columns of an export; what else an event tells is in the last one, as JSON.
pub const COLUMNS: [&str; 22] = [
    "@timestamp",
    "_document_id",
    "action",
    "operation_type",
    "operation",
    "outcome",
    "reason",
    "actor",
    "actor_id",
    "actor_ip",
    "user",
    "user_agent",
    "org",
    "org_id",
    "business",
    "repo",
    "repo_id",
    "programmatic_access_type",
    "token_id",
    "hashed_token",
    "request_id",
    "data",
];

/// A line of an export.
pub fn csv_line(view: &EventView) -> String {
    let fields = event(view);
    let cells: Vec<String> = COLUMNS
        .into_iter()
        .map(|name| match (name, fields.get(name)) {
            ("data", _) => cell(&view.row.data),
            (_, None) => String::new(),
            (_, Some(Value::String(text))) => cell(text),
            (_, Some(other)) => cell(&other.to_string()),
        })
        .collect();
    cells.join(",") + "\r\n"
}

/// A cell that every spreadsheet takes as text.
// SECURITY: what starts like a formula, also behind blanks, would be run by the spreadsheet of whoever opens it.
pub fn cell(text: &str) -> String {
    let starts = text.trim_start_matches(|one: char| one.is_whitespace() || one.is_control());
    let formula = starts.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
        || text.starts_with(['\t', '\r', '\n']);
    let safe = if formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    let plain = !safe.contains(['"', ',', ';', '\r', '\n', '\t']) && safe.trim() == safe;
    if plain {
        safe
    } else {
        format!("\"{}\"", safe.replace('"', "\"\""))
    }
}
