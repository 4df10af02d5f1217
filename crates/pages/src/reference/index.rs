//! The search of permissions and operations, in two tabs of pages.

use super::KINDS;
use super::operations::{all, alternatives, part_of, row};
use crate::look::badge::{Hue, badge};
use crate::look::button::{Tone, link, link_small};
use crate::look::field::{Choice, Field, select};
use crate::look::filter::{Search, bar};
use crate::look::heading::{Heading, heading};
use crate::look::icon::Icon;
use crate::look::list::{Row, empty, rows};
use crate::look::navigation::{Link, Pages, pages, tabs};
use crate::look::{Markup, html};
use crate::visit::{Frame, Visit};
use bailiwick_catalogue::{
    Operation, PERMISSIONS, Permission, PermissionKind, describe_requirement, permission_by_id,
};
use bailiwick_gate::classify::{Intent, classify};
use bailiwick_gate::{Answer, Call, Mounts, described, encode};

const PATH: &str = "/permissions";

/// What was searched for.
struct Asked {
    text: String,
    words: Vec<String>,
    kind: Option<PermissionKind>,
    operations: bool,
}

impl Asked {
    fn of(call: &Call) -> Asked {
        let query = &call.request.query;
        let text: String = query
            .get("q")
            .unwrap_or_default()
            .trim()
            .chars()
            .take(200)
            .collect();
        Asked {
            words: text
                .to_lowercase()
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            kind: KINDS
                .iter()
                .find(|(kind, _)| query.get("kind") == Some(kind.word()))
                .map(|(kind, _)| *kind),
            operations: query.get("show") == Some("operations"),
            text,
        }
    }

    fn fits(&self, texts: &[&str]) -> bool {
        let whole = texts.join("\n").to_lowercase();
        self.words.iter().all(|word| whole.contains(word.as_str()))
    }

    fn href(&self, operations: bool, page: usize) -> String {
        let mut query = Vec::new();
        if !self.text.is_empty() {
            query.push(format!("q={}", encode(&self.text)));
        }
        if let Some(kind) = self.kind {
            query.push(format!("kind={}", kind.word()));
        }
        if operations {
            query.push(String::from("show=operations"));
        }
        if page > 1 {
            query.push(format!("page={page}"));
        }
        if query.is_empty() {
            String::from(PATH)
        } else {
            format!("{PATH}?{}", query.join("&"))
        }
    }

    fn permissions(&self) -> Vec<&'static Permission> {
        let mut found: Vec<&Permission> = PERMISSIONS
            .iter()
            .filter(|known| self.kind.is_none_or(|kind| known.kind == kind))
            .filter(|known| self.fits(&[known.slug, known.title, known.description]))
            .collect();
        let place = |kind: PermissionKind| KINDS.iter().position(|(known, _)| *known == kind);
        found.sort_by_key(|known| (place(known.kind), known.title));
        found
    }

    fn found(&self) -> Vec<&'static Operation> {
        // A request that was typed whole leads to the one operation that it is.
        if let Some(asked) = described::read(&self.text)
            && let Intent::Operation(operation, _) = classify(
                &asked.method,
                &asked.path,
                asked.query.as_deref(),
                &Mounts::default(),
            )
        {
            return vec![operation];
        }
        all()
            .filter(|operation| {
                self.kind.is_none_or(|kind| {
                    alternatives(operation)
                        .iter()
                        .flat_map(|terms| terms.iter())
                        .any(|term| permission_by_id(term.permission).is_some_and(|known| known.kind == kind))
                })
            })
            .filter(|operation| {
                let needs = describe_requirement(operation);
                self.fits(&[operation.id, operation.method, operation.path, &needs])
            })
            .collect()
    }
}

/// The page.
pub fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let asked = Asked::of(&call);
    let (permissions, mut operations) = (asked.permissions(), asked.found());
    // What is answered here comes first.
    operations.sort_by_key(|operation| !call.doorway.served.contains(&operation.index));
    let page = call.request.page();
    let (found, list): (usize, Vec<Row>) = if asked.operations {
        let rows = operations.iter().skip(page.offset()).take(page.size);
        let served = &call.doorway.served;
        (
            operations.len(),
            rows.map(|operation| row(operation, served, None)).collect(),
        )
    } else {
        let rows = permissions.iter().skip(page.offset()).take(page.size);
        (
            permissions.len(),
            rows.map(|known| permission_row(known)).collect(),
        )
    };
    let main = html! {
        (heading(&Heading {
            title: html! { "Permissions" },
            lede: html! {
                "What a fine-grained token can be given, and what each request takes. A level includes the ones below it, "
                "and a token never does more than its person."
            },
            actions: link("Explain a request", "/explain", Tone::Plain),
            ..Heading::default()
        }))
        (search(&asked))
        (tabs("What to list", &[
            Link {
                label: "Permissions",
                href: &asked.href(false, 1),
                current: !asked.operations,
                count: u64::try_from(permissions.len()).ok(),
            },
            Link {
                label: "Requests",
                href: &asked.href(true, 1),
                current: asked.operations,
                count: u64::try_from(operations.len()).ok(),
            },
        ]))
        @if list.is_empty() { (nothing(&asked, operations.len(), permissions.len())) }
        @else { (rows(if asked.operations { "Requests" } else { "Permissions" }, &list)) }
        (turning(&asked, page, found))
    };
    Ok(visit.page(
        &Frame {
            title: "Permissions",
            ..Frame::default()
        },
        &main,
    ))
}

fn search(asked: &Asked) -> Markup {
    let mut kinds = vec![Choice {
        value: "",
        label: "Of any kind",
        ..Choice::default()
    }];
    kinds.extend(KINDS.iter().map(|(kind, title)| Choice {
        value: kind.word(),
        label: title,
        ..Choice::default()
    }));
    let kind = select(
        &Field {
            name: "kind",
            label: "Kind of permission",
            value: asked.kind.map_or("", PermissionKind::word),
            quiet: true,
            ..Field::default()
        },
        &kinds,
    );
    bar(&Search {
        action: PATH,
        label: "Search permissions and requests",
        value: &asked.text,
        placeholder: "issues, webhook, PATCH /repos/acme/site",
        fields: html! {
            (kind)
            @if asked.operations { input type="hidden" name="show" value="operations"; }
        },
        clear: if asked.text.is_empty() && asked.kind.is_none() {
            ""
        } else {
            PATH
        },
        ..Search::default()
    })
}

/// A permission with its levels, each of which opens a token's form.
fn permission_row(known: &Permission) -> Row {
    let opens = all()
        .filter(|operation| part_of(operation, known.id).is_some())
        .count();
    let levels: Vec<&str> = known.levels.iter().map(|level| level.word()).collect();
    let form = known.levels.first().map(|level| {
        format!(
            "/settings/personal-access-tokens/new?{}={}",
            known.slug,
            level.word()
        )
    });
    Row {
        title: html! { a href={ (PATH) "/" (known.slug) } { (known.title) } },
        badges: badge(Hue::Grey, known.kind.word()),
        text: html! { (known.description) },
        meta: vec![
            html! { code { (known.slug) } },
            html! { (levels.join(" · ")) },
            html! { (opens) @if opens == 1 { " request" } @else { " requests" } },
        ],
        actions: html! {
            @if let Some(form) = &form { (link_small("Make a token", &format!("with {}", known.title), form)) }
        },
        ..Row::default()
    }
}

fn nothing(asked: &Asked, operations: usize, permissions: usize) -> Markup {
    let (other, count) = if asked.operations {
        ("permissions", permissions)
    } else {
        ("requests", operations)
    };
    let text = html! {
        @if count > 0 { "There are " (count) " " (other) " that do." }
        @else { "Try fewer words, or another kind." }
    };
    let action = if count > 0 {
        link(
            &format!("Show the {other}"),
            &asked.href(!asked.operations, 1),
            Tone::Primary,
        )
    } else {
        link("Show everything", PATH, Tone::Plain)
    };
    let title = if asked.operations {
        "No request matches"
    } else {
        "No permission matches"
    };
    empty(Icon::Search, title, &text, &action)
}

fn turning(asked: &Asked, page: bailiwick_gate::Page, found: usize) -> Markup {
    let more = page.offset().saturating_add(page.size) < found;
    let (previous, next) = (
        asked.href(asked.operations, page.number.saturating_sub(1)),
        asked.href(asked.operations, page.number + 1),
    );
    pages(&Pages {
        page: page.number as u64,
        previous: if page.number > 1 { &previous } else { "" },
        next: if more { &next } else { "" },
        told: &format!("{found} in all"),
    })
}
