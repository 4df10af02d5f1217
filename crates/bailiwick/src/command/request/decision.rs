//! Sending a decision: one request by its own endpoint, several in one call.

use super::DECIDED;
use crate::context::Context;
use crate::failure::Failure;
use http::Method;
use serde_json::{Map, Value, json};

/// Decides requests. `less` narrows what is approved, of one request only.
pub fn send(
    context: &Context,
    door: &str,
    ids: &[u64],
    action: &str,
    reason: Option<&str>,
    less: Map<String, Value>,
) -> Result<(), Failure> {
    let client = context.client()?;
    let mut body = less;
    body.insert("action".into(), json!(action));
    if let Some(reason) = reason {
        body.insert("reason".into(), json!(reason));
    }
    if let [id] = ids {
        client.send(
            Method::POST,
            &format!("{door}{DECIDED}/{id}"),
            Some(&Value::Object(body)),
        )?;
    } else {
        body.insert("pat_request_ids".into(), json!(ids));
        client.send(
            Method::POST,
            &format!("{door}{DECIDED}"),
            Some(&Value::Object(body)),
        )?;
    }
    let list: Vec<String> = ids.iter().map(u64::to_string).collect();
    let done = if action == "approve" { "approved" } else { "denied" };
    context.done(&format!("{done}: {}", list.join(", ")));
    Ok(())
}
