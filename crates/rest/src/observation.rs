//! Observe first: what credentials of an upstream's own were used for, and the narrowest token that would have sufficed.

use crate::view::audit::cell;
use crate::view::observation::{credential, report};
use bailiwick_authority::Fault;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use http::header;
use serde_json::Value;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::BAILIWICK_ADMIN_LIST_OBSERVATIONS, list)
        .on(op::BAILIWICK_ADMIN_GET_OBSERVATION, get);
}

/// The columns of the list and of a report, as spreadsheets take them.
const CREDENTIAL: [&str; 14] = [
    "id",
    "upstream",
    "credential",
    "kind",
    "login",
    "login_id",
    "account",
    "reads",
    "writes",
    "operations_count",
    "unmapped_count",
    "refused_count",
    "first_used_at",
    "last_used_at",
];
const USE: [&str; 9] = [
    "operation",
    "mapped",
    "target",
    "verdict",
    "help",
    "requests",
    "refused_by_upstream",
    "first_at",
    "last_at",
];

fn list(call: Call) -> Answer {
    let name = call.request.parameter("upstream");
    let page = call.request.page();
    // One more than is shown, to tell whether another page follows.
    let list = call.authority.observed_credentials(
        &call.permit,
        name,
        page.offset(),
        page.size.saturating_add(1),
    )?;
    let more = list.credentials.len() > page.size;
    let items: Vec<Value> = list
        .credentials
        .iter()
        .take(page.size)
        .map(|one| credential(&call.request.base_url, &list.upstream.name, one))
        .collect();
    let path = format!("/api/v3/admin/upstreams/{}/observations", list.upstream.name);
    if is_csv(&call)? {
        return Ok(csv(&CREDENTIAL, &items, "observations.csv").linked(&call.request, &path, page, more));
    }
    Ok(Reply::page(&call.request, &path, page, items, more))
}

fn get(call: Call) -> Answer {
    let name = call.request.parameter("upstream");
    let id = call.request.id("observation_id")?;
    let found = call.authority.observed_report(&call.permit, name, id)?;
    let value = report(&call.request.base_url, &found, call.permit.now());
    if is_csv(&call)? {
        let uses = value.get("uses").and_then(Value::as_array);
        return Ok(csv(&USE, uses.map_or(&[][..], Vec::as_slice), "observation.csv"));
    }
    Ok(Reply::json(&value))
}

fn is_csv(call: &Call) -> Result<bool, Fault> {
    match call.request.query.get("format") {
        None | Some("json") => Ok(false),
        Some("csv") => Ok(true),
        Some(_) => Err(Fault::invalid(
            "Observation",
            "format",
            "invalid",
            "use json or csv",
        )),
    }
}

fn csv(columns: &[&str], rows: &[Value], name: &str) -> Reply {
    let mut text = columns.iter().map(|one| cell(one)).collect::<Vec<_>>().join(",") + "\r\n";
    for row in rows {
        let cells: Vec<String> = columns
            .iter()
            .map(|column| match row.get(*column) {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => cell(text),
                Some(other) => cell(&other.to_string()),
            })
            .collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    Reply::bytes("text/csv; charset=utf-8", text).with(
        header::CONTENT_DISPOSITION,
        &format!("attachment; filename=\"{name}\""),
    )
}
