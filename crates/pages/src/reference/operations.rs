//! Operations as rows: what a client asks, what that takes, and a link to the form of a token that could.

use crate::look::badge::{Hue, badge};
use crate::look::button::link_small;
use crate::look::list::Row;
use crate::look::{Markup, html};
use bailiwick_catalogue::{
    Anonymous, Door, OPERATIONS, Operation, OperationIndex, Permission, Requirement, Term, When,
    describe_requirement, describe_role, permission_by_id,
};
use bailiwick_model::{Level, PermissionId};

/// Every operation of the reference: pages take over the rules of others, which are here.
pub fn all() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter().filter(|operation| operation.door != Door::Page)
}

/// The alternatives of an operation; none where no permission is asked for.
pub fn alternatives(operation: &Operation) -> &'static [&'static [Term]] {
    match operation.requirement {
        Requirement::AnyOf(alternatives) => alternatives,
        Requirement::Live | Requirement::Closed => &[],
    }
}

/// The lowest level of a permission that plays a part in an operation, and whether it is enough alone.
pub fn part_of(operation: &Operation, permission: PermissionId) -> Option<(Level, bool)> {
    let mut best: Option<(Level, bool)> = None;
    for terms in alternatives(operation) {
        let alone = terms
            .iter()
            .all(|term| term.permission == permission || term.when == When::PullRequest);
        for term in terms.iter().filter(|term| term.permission == permission) {
            let found = (term.level, alone);
            best = Some(best.map_or(found, |best| {
                // The weaker level wins; at the same level, being enough alone.
                if (found.0, !found.1) < (best.0, !best.1) {
                    found
                } else {
                    best
                }
            }));
        }
    }
    best
}

/// The address as a client writes it.
pub fn address(operation: &Operation) -> String {
    match operation.door {
        Door::Git => operation.path.replacen("{repo}", "{repo}.git", 1),
        Door::Gitea => format!("/api/v1{}", operation.path),
        Door::Registry if !operation.path.starts_with("/v2") => format!("/-/NAME{}", operation.path),
        Door::Api | Door::Root | Door::Page | Door::Mounted | Door::Registry => operation.path.to_owned(),
    }
}

/// The form of a new token that holds what the first alternative takes; none where no fine-grained token could.
pub fn token_form(operation: &Operation) -> Option<String> {
    if !operation.kinds.fine_grained {
        return None;
    }
    let terms = alternatives(operation).first()?;
    let words: Vec<String> = terms
        .iter()
        .filter(|term| term.when != When::PullRequest)
        .filter_map(|term| {
            Some(format!(
                "{}={}",
                permission_by_id(term.permission)?.slug,
                term.level.word()
            ))
        })
        .collect();
    Some(format!(
        "/settings/personal-access-tokens/new?{}",
        words.join("&")
    ))
}

/// One operation; `beside` is the permission whose page it is on.
pub fn row(operation: &'static Operation, served: &[OperationIndex], beside: Option<&Permission>) -> Row {
    let alone = beside
        .and_then(|known| part_of(operation, known.id))
        .is_some_and(|(_, alone)| alone);
    let mut meta: Vec<Markup> = Vec::new();
    if !alone {
        meta.push(html! { "Takes " (takes(operation)) });
    }
    let role = describe_role(operation);
    if !role.is_empty() {
        meta.push(html! { "Least role: " (role) });
    }
    Row {
        title: html! { code { strong { (operation.method) } " " (broken(&address(operation))) } },
        badges: html! {
            @match operation.anonymous {
                Anonymous::Always => (badge(Hue::Green, "Open to all")),
                Anonymous::IfPublic => (badge(Hue::Grey, "Open where public")),
                Anonymous::Never => {},
            }
            @if !served.contains(&operation.index) { " " (badge(Hue::Amber, "Not served here yet")) }
        },
        meta,
        actions: html! {
            @if let Some(form) = token_form(operation) {
                (link_small("Make a token", &format!("for {} {}", operation.method, operation.path), &form))
            }
        },
        ..Row::default()
    }
}

fn takes(operation: &Operation) -> Markup {
    html! {
        @match operation.requirement {
            Requirement::AnyOf(_) | Requirement::Live => (describe_requirement(operation)),
            Requirement::Closed => { "more than any credential here has: " (operation.why) },
        }
    }
}

/// A path that may break at its slashes.
fn broken(path: &str) -> Markup {
    html! {
        @for (index, segment) in path.split('/').enumerate() {
            @if index > 0 { "/" wbr; }
            (segment)
        }
    }
}
