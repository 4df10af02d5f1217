//! Exports of audit logs: every event that matches, streamed in pages, as CSV or as lines of JSON.

use crate::view::audit::{COLUMNS, cell, csv_line, event};
use bailiwick_authority::audit::{EventView, Search};
use bailiwick_gate::{Answer, Call, Reply, produced};
use bytes::Bytes;
use http::header;
use serde_json::Value;

pub(super) fn csv(call: Call, search: &Search) -> Answer {
    let heading = COLUMNS.map(cell).join(",") + "\r\n";
    let reply = stream(call, search, "csv", "text/csv; charset=utf-8", heading, csv_line)?;
    Ok(reply.with(
        header::CONTENT_DISPOSITION,
        "attachment; filename=\"audit-log.csv\"",
    ))
}

pub(super) fn json_lines(call: Call, search: &Search) -> Answer {
    let line = |view: &EventView| format!("{}\n", Value::Object(event(view)));
    let reply = stream(call, search, "jsonl", "application/x-ndjson", String::new(), line)?;
    Ok(reply.with(
        header::CONTENT_DISPOSITION,
        "attachment; filename=\"audit-log.jsonl\"",
    ))
}

fn stream(
    call: Call,
    search: &Search,
    format: &str,
    content_type: &'static str,
    heading: String,
    line: fn(&EventView) -> String,
) -> Answer {
    let authority = call.authority;
    let mut export = authority.audit_export(call.permit, search, format)?;
    let mut heading = Some(heading).filter(|heading| !heading.is_empty());
    let body = produced(move || {
        if let Some(heading) = heading.take() {
            return Ok(Some(Bytes::from(heading)));
        }
        // A fault cuts the export off, so that a part is never taken for the whole.
        let events = authority
            .audit_export_next(&mut export)
            .map_err(std::io::Error::other)?;
        Ok(events.map(|events| Bytes::from(events.iter().map(line).collect::<String>())))
    });
    Ok(Reply::stream(content_type, body))
}
