//! One event with everything that is recorded of it, and its place in the chain.

use super::Log;
use super::phrase::qualified;
use super::words::{act, outcome, why};
use crate::look::callout::{Weight, callout};
use crate::look::heading::{Heading, Part, disclosure, heading, part};
use crate::look::stage::{STAGES, stopped_at, track};
use crate::look::{Markup, code, html, list, name, time};
use crate::visit::{Frame, Visit};
use bailiwick_authority::audit::EventView;
use bailiwick_gate::{Answer, Call};
use bailiwick_rest::view::audit;
use serde_json::Value;

/// Minutes around an event that "at the same time" means.
const AROUND_SECONDS: i64 = 300;

type Facts = Vec<(&'static str, Markup)>;

pub(super) fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let log = Log::of(&call.request);
    let view = call
        .authority
        .audit_event(&call.permit, call.request.id("event_id")?)?;
    let stage = stage(&view);
    let why = why(&view);
    let more = more(&view);
    let main = html! {
        (heading(&Heading {
            title: html! { (act(&view)) },
            kicker: "Recorded event",
            badges: outcome(view.row.outcome),
            lede: why,
            ..Heading::default()
        }))
        @if let Some(stage) = &stage { (track(&stopped_at(stage))) }
        (part(&Part { title: "What happened", ..Part::default() }, &list::facts(&happened(&log, &view))))
        (part(&Part { title: "Who, and with what", ..Part::default() }, &list::facts(&who(&log, &view))))
        @if !more.is_empty() {
            (part(&Part { title: "Details", ..Part::default() }, &html! {
                dl.facts { @for (term, value) in &more { div { dt { (term) } dd { (value) } } } }
            }))
        }
        (chain(&log, &view))
        (part(&Part { title: "As a record", lede: html! { "As the API and exports give it." }, ..Part::default() }, &disclosure("Show JSON", false, &code::block("record", "JSON", &json(&view)))))
    };
    let (title, crumb) = (format!("Event {}", view.row.id), log.path());
    let frame = Frame {
        title: &title,
        area: log.area(),
        crumbs: &[(log.title(), &crumb)],
        ..Frame::default()
    };
    Ok(visit.page(&frame, &main))
}

/// The stage that stopped a refused request, if it is one of the decision's.
fn stage(view: &EventView) -> Option<String> {
    let data = view.row.object().unwrap_or_default();
    let stage = data.get("stage")?.as_str()?;
    STAGES
        .iter()
        .any(|(word, _)| *word == stage)
        .then(|| stage.to_owned())
}

/// A value that leads to all events that share it.
fn same(log: &Log, qualifier: &str, value: &str, shown: &Markup) -> Markup {
    html! {
        (shown) " "
        a.same href=(log.searching(&qualified(qualifier, value))) { "Find all" span.unseen { " of " (qualifier) " " (value) } }
    }
}

fn happened(log: &Log, view: &EventView) -> Facts {
    let row = &view.row;
    let around = format!(
        "created:{}..{}",
        row.at.plus_seconds(-AROUND_SECONDS).rfc3339(),
        row.at.plus_seconds(AROUND_SECONDS).rfc3339()
    );
    let mut facts: Facts = vec![
        (
            "When",
            html! {
                (time::moment(row.at)) " "
                a.same href=(log.searching(&around)) { "Five minutes around" }
            },
        ),
        (
            "Action",
            same(log, "action", &row.action, &html! { code { (row.action) } }),
        ),
        (
            "Type",
            same(
                log,
                "operation",
                &row.operation_type,
                &html! { (row.operation_type) },
            ),
        ),
    ];
    if let Some(operation) = &row.operation {
        facts.push((
            "Operation",
            html! { code { (operation) } @if let Some(known) = bailiwick_catalogue::by_id(operation) {
                " " span.soft { (known.method) " " (known.path) }
            } },
        ));
    }
    facts.push((
        "Outcome",
        same(log, "outcome", row.outcome.word(), &outcome(row.outcome)),
    ));
    facts.push((
        "Reason",
        same(log, "reason", &row.reason, &html! { code { (row.reason) } }),
    ));
    if let Some(repository) = &row.repository_name {
        let shown = match repository.split_once('/') {
            Some((owner, short)) => name::repository(owner, short),
            None => name::name(repository),
        };
        facts.push(("Repository", same(log, "repo", repository, &shown)));
    }
    if let Some(owner) = &row.owner_login {
        let label = if view.at_organization {
            "Organization"
        } else {
            "Account"
        };
        facts.push((label, same(log, "org", owner, &name::login(owner))));
    }
    if let Some(business) = &view.business {
        facts.push(("Enterprise", name::name(business)));
    }
    if let Some(request) = &row.request_id {
        facts.push((
            "Request",
            same(log, "request_id", request, &html! { code { (request) } }),
        ));
    }
    facts
}

fn who(log: &Log, view: &EventView) -> Facts {
    let row = &view.row;
    let mut facts = Facts::new();
    match &row.actor_login {
        Some(actor) => facts.push(("Actor", same(log, "actor", actor, &name::login(actor)))),
        None => facts.push(("Actor", html! { "Nobody: the server itself, or a visitor" })),
    }
    if let Some(user) = &row.user_login {
        facts.push(("Concerns", same(log, "user", user, &name::login(user))));
    }
    if let Some(kind) = &row.access_type {
        facts.push(("Credential", html! { (kind) }));
    }
    if let Some(token) = row.token_id {
        let id = token.0.to_string();
        facts.push(("Token", same(log, "token_id", &id, &html! { "Number " (id) })));
    }
    if let Some(digest) = row.hashed_token {
        let text = digest.base64();
        facts.push((
            "SHA-256 of the token",
            same(log, "hashed_token", &text, &html! { code.long { (text) } }),
        ));
    }
    if let Some(address) = &row.address {
        facts.push(("Address", same(log, "ip", address, &html! { code { (address) } })));
    }
    if let Some(agent) = &row.user_agent {
        facts.push(("Program", html! { bdi { (agent) } }));
    }
    if view.withheld {
        facts.push((
            "From where",
            html! { "Not told: somebody else acted, and only the organization sees from where." },
        ));
    }
    facts
}

/// What only events of this kind tell.
fn more(view: &EventView) -> Vec<(String, Markup)> {
    view.row
        .object()
        .unwrap_or_default()
        .into_iter()
        .map(|(key, value)| {
            let shown = match &value {
                Value::String(text) => html! { bdi { (text) } },
                Value::Array(_) | Value::Object(_) => html! { code { (value) } },
                Value::Null | Value::Bool(_) | Value::Number(_) => html! { (value) },
            };
            (key.replace('_', " "), shown)
        })
        .collect()
}

/// Where the event stands in its node's chain. The hash covers the address, so whoever may not know that could try
/// addresses until one fits: they are not told the hash.
fn chain(log: &Log, view: &EventView) -> Markup {
    let row = &view.row;
    let lede = html! {
        "Each event holds the hash of the one before it, so that none can be changed or taken out unseen. "
        code { "bailiwick audit verify" } " checks the whole chain."
    };
    let mut facts: Facts = vec![
        ("Place", html! { (row.position) " on node " bdi { (row.node) } }),
        ("Document", html! { code { (row.node) ":" (row.position) } }),
        ("Hash", html! { code.long { (hex(row.hash.bytes())) } }),
    ];
    // SECURITY: the one before may be somebody else's, whose hash is withheld in one's own log.
    if !matches!(log, Log::Own) {
        facts.push((
            "Hash before",
            html! { code.long { (hex(row.prev_hash.bytes())) } },
        ));
    }
    part(
        &Part {
            title: "Place in the chain",
            lede,
            ..Part::default()
        },
        &html! {
            @if view.withheld {
                (callout(Weight::Info, "", &html! {
                    p { "The hash is not shown, since it covers the address, which is not for you." }
                }))
            } @else {
                (list::facts(&facts))
            }
        },
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The record as the API gives it.
fn json(view: &EventView) -> String {
    serde_json::to_string_pretty(&Value::Object(audit::event(view))).unwrap_or_default()
}
