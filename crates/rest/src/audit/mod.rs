//! The audit logs of organizations, enterprises and people: search and export. Pages read a search and its cursors,
//! and export, by the same code.

mod export;

use crate::issue::{choice, own_path};
use crate::view::audit::event;
use bailiwick_authority::Fault;
use bailiwick_authority::audit::{EventView, Include, Place, Search};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Request, Routes, encode};
use bailiwick_model::Timestamp;
use bailiwick_model::limit::{AUDIT_PAGE_MAX, PAGE_DEFAULT};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::ORGS_GET_AUDIT_LOG, log)
        .on(op::ENTERPRISE_ADMIN_GET_AUDIT_LOG, log)
        .on(op::BAILIWICK_GET_OWN_AUDIT_LOG, log);
}

/// In what form events are answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// A page of JSON.
    Page,
    /// Every event, as CSV.
    Csv,
    /// Every event, as lines of JSON.
    JsonLines,
}

const FORMATS: [(&str, Format); 3] = [
    ("json", Format::Page),
    ("csv", Format::Csv),
    ("jsonl", Format::JsonLines),
];
const INCLUDES: [(&str, Include); 3] = [
    ("web", Include::Web),
    ("git", Include::Git),
    ("all", Include::All),
];

fn log(call: Call) -> Answer {
    let search = search(&call.request, Include::Web)?;
    match format(&call.request)? {
        Format::Page => page(&call, &search),
        Format::Csv => export::csv(call, &search),
        Format::JsonLines => export::json_lines(call, &search),
    }
}

/// The form that a request asks for.
pub fn format(request: &Request) -> Result<Format, Fault> {
    choice(request, "format", &FORMATS, Format::Page)
}

/// Every event that is found, streamed.
pub fn export(call: Call, search: &Search, format: Format) -> Answer {
    match format {
        Format::Csv => export::csv(call, search),
        Format::Page | Format::JsonLines => export::json_lines(call, search),
    }
}

/// The search that a request asks for; `include` where it does not say.
pub fn search(request: &Request, include: Include) -> Result<Search, Fault> {
    let size = request
        .query
        .get("per_page")
        .and_then(|text| text.parse::<usize>().ok());
    let search = Search {
        phrase: request.query.get("phrase").unwrap_or("").to_owned(),
        include: choice(request, "include", &INCLUDES, include)?,
        after: place(request, "after")?,
        before: place(request, "before")?,
        ascending: choice(request, "order", &[("desc", false), ("asc", true)], false)?,
        size: size
            .filter(|size| *size > 0)
            .unwrap_or(PAGE_DEFAULT)
            .min(AUDIT_PAGE_MAX),
    };
    if search.after.is_some() && search.before.is_some() {
        let message = "use either after or before";
        return Err(Fault::invalid("AuditLog", "before", "invalid", message));
    }
    Ok(search)
}

/// A cursor: opaque to clients, and checked like anything that they send.
fn place(request: &Request, name: &str) -> Result<Option<Place>, Fault> {
    let Some(text) = request.query.get(name).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (at, id) = text.split_once(':')?;
        Some(Place {
            at: Timestamp(at.parse().ok()?),
            id: id.parse().ok()?,
        })
    };
    match read() {
        Some(place) => Ok(Some(place)),
        None => Err(Fault::invalid(
            "AuditLog",
            name,
            "invalid",
            "is not a cursor from a Link header",
        )),
    }
}

/// The cursor that points at an event.
pub fn cursor(view: &EventView) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}:{}", view.row.at.0, view.row.id))
}

fn page(call: &Call, search: &Search) -> Answer {
    let found = call.authority.audit_search(&call.permit, search)?;
    let mut links = Vec::new();
    let path = own_path(call);
    if let Some(last) = found.events.last().filter(|_| found.after) {
        links.push(link(&call.request, &path, Some(("after", cursor(last))), "next"));
    }
    if found.before {
        links.push(link(&call.request, &path, None, "first"));
        if let Some(first) = found.events.first() {
            links.push(link(
                &call.request,
                &path,
                Some(("before", cursor(first))),
                "prev",
            ));
        }
    }
    let items = found
        .events
        .iter()
        .map(|view| Value::Object(event(view)))
        .collect();
    let reply = Reply::json(&Value::Array(items));
    Ok(if links.is_empty() {
        reply
    } else {
        reply.with(http::header::LINK, &links.join(", "))
    })
}

/// The address of another page, which keeps everything else that was asked.
fn link(request: &Request, path: &str, at: Option<(&str, String)>, rel: &str) -> String {
    let kept = request
        .query
        .pairs()
        .iter()
        .filter(|(name, _)| name != "after" && name != "before")
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    let cursor = at.map(|(name, value)| format!("{name}={value}"));
    let query: Vec<String> = kept.chain(cursor).collect();
    format!("<{}{path}?{}>; rel=\"{rel}\"", request.base_url, query.join("&"))
}
