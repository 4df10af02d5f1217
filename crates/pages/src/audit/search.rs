//! Asking the log: the search form with its qualifiers, what was asked, and links that ask for more.

use super::Log;
use super::phrase::with;
use crate::errors::Errors;
use crate::look::button::{Tone, link_small, submit};
use crate::look::field::{Choice, Field, select};
use crate::look::form::error;
use crate::look::heading::disclosure;
use crate::look::icon::{Icon, icon};
use crate::look::table::{column, table};
use crate::look::{Markup, html};
use bailiwick_authority::Fault;
use bailiwick_authority::audit::{Include, Search};
use bailiwick_gate::{Call, encode};
use bailiwick_rest::audit;
use std::collections::BTreeSet;

/// What is searched for until somebody says otherwise, in plain sight: what only reads is most of any log.
const FIRST: &str = "-action:api.request";

/// What a page of the log was asked for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// The search as the authority takes it.
    pub search: Search,
    /// The phrase as typed.
    pub phrase: String,
    /// The page's number, which cursors do not tell.
    pub page: u64,
}

impl Asked {
    /// Reads the address. Everything happens here but to the phrase, which is read by the search itself.
    pub(super) fn of(call: &Call) -> Result<Asked, Fault> {
        let mut search = audit::search(&call.request, Include::All)?;
        if call.request.query.get("phrase").is_none() {
            FIRST.clone_into(&mut search.phrase);
        }
        let number = call.request.query.get("page").and_then(|text| text.parse().ok());
        Ok(Asked {
            phrase: search.phrase.clone(),
            search,
            page: number.unwrap_or(1).clamp(1, 1_000_000),
        })
    }

    /// The word of the kinds of events.
    pub(super) const fn include(&self) -> &'static str {
        match self.search.include {
            Include::All => "all",
            Include::Web => "web",
            Include::Git => "git",
        }
    }

    /// The first page of another phrase, in the same order and of the same kinds.
    pub(super) fn link(&self, log: &Log, phrase: &str) -> String {
        format!("{}?{}", log.path(), self.query(phrase))
    }

    /// The query of a phrase with everything else as it is.
    pub(super) fn query(&self, phrase: &str) -> String {
        let mut query = format!("phrase={}", encode(phrase));
        if self.search.include != Include::All {
            query.push_str(&format!("&include={}", self.include()));
        }
        if self.search.ascending {
            query.push_str("&order=asc");
        }
        query
    }
}

/// A qualifier with what it takes.
struct Qualifier {
    name: &'static str,
    says: &'static str,
    example: &'static str,
}

const fn qualifier(name: &'static str, says: &'static str, example: &'static str) -> Qualifier {
    Qualifier { name, says, example }
}

const QUALIFIERS: [Qualifier; 15] = [
    qualifier(
        "action",
        "what was done: a category, or category and operation",
        "action:personal_access_token",
    ),
    qualifier("actor", "who did it, by login", "actor:bob"),
    qualifier("user", "whom it was done to, by login", "user:carol"),
    qualifier("org", "at which organization", "org:acme"),
    qualifier("repo", "in which repository", "repo:acme/site"),
    qualifier(
        "created",
        "when: a date, an instant, >, >=, <, <=, or two with .. between",
        "created:>=2026-01-01",
    ),
    qualifier("ip", "from which address; actor_ip is the same", "ip:192.0.2.7"),
    qualifier(
        "operation",
        "access, authentication, create, modify, remove, restore or transfer",
        "operation:remove",
    ),
    qualifier(
        "package",
        "about which package, by its name; * at the end for every name that starts so",
        "package:acme/site/app",
    ),
    qualifier("outcome", "allowed, refused or failed", "outcome:refused"),
    qualifier(
        "reason",
        "the stable code of a refusal or failure",
        "reason:level.too_low",
    ),
    qualifier("token_id", "with which token, by its number", "token_id:7"),
    qualifier(
        "hashed_token",
        "with which token, by the base64 of its SHA-256, in quotes",
        "hashed_token:\"…\"",
    ),
    qualifier(
        "request_id",
        "of one request, as X-GitHub-Request-Id told it",
        "request_id:4C3B:1A2F:77E0",
    ),
    qualifier(
        "country",
        "accepted as GitHub accepts it; no event tells a country",
        "country:NO",
    ),
];

/// Searches that people come for.
const USUAL: [(&str, &str); 6] = [
    ("Everything", ""),
    ("Refusals", "outcome:refused"),
    ("All but reads", FIRST),
    ("Tokens", "action:personal_access_token"),
    ("Members", "action:org"),
    (
        "Exports and clones",
        "action:git.clone action:org.audit_log_export",
    ),
];

/// The form, the usual searches, and what can be asked.
pub(super) fn form(call: &Call, log: &Log, asked: &Asked, errors: &Errors) -> Markup {
    let words = words(call, &asked.phrase);
    let wrong = errors.at("phrase");
    html! {
        form.filter method="get" action=(log.path()) role="search" aria-label={ "Search the " (log.title().to_lowercase()) } {
            div.search {
                (icon(Icon::Search))
                input.mono type="search" name="phrase" id="phrase" value=(asked.phrase) list="phrase-words"
                    aria-label="Search events" placeholder="outcome:refused actor:bob" autocomplete="off"
                    spellcheck="false" autocapitalize="none" dir="auto"
                    aria-describedby=[(!wrong.is_empty()).then_some("phrase-error")]
                    aria-invalid=[(!wrong.is_empty()).then_some("true")];
                datalist id="phrase-words" { @for word in &words { option value=(word) {} } }
                (error("phrase", wrong))
            }
            div.filter-fields {
                (select(
                    &Field { name: "include", label: "Kinds of events", value: asked.include(), quiet: true, ..Field::default() },
                    &[
                        Choice { value: "all", label: "Everything", ..Choice::default() },
                        Choice { value: "web", label: "Without Git", ..Choice::default() },
                        Choice { value: "git", label: "Git only", ..Choice::default() },
                    ],
                ))
                (select(
                    &Field {
                        name: "order", label: "Order", value: if asked.search.ascending { "asc" } else { "desc" },
                        quiet: true, ..Field::default()
                    },
                    &[
                        Choice { value: "desc", label: "Newest first", ..Choice::default() },
                        Choice { value: "asc", label: "Oldest first", ..Choice::default() },
                    ],
                ))
            }
            div.filter-acts {
                (submit("Search", Tone::Plain))
                @if !asked.phrase.is_empty() { a.clear href=(asked.link(log, "")) { "Clear" } }
            }
        }
        div.buttons role="group" aria-label="Usual searches" {
            @for (label, condition) in USUAL { (link_small(label, "", &asked.link(log, condition))) }
        }
        (help(log, asked, !errors.is_empty()))
    }
}

/// What the field offers to complete: every qualifier, behind what is typed already.
fn words(call: &Call, phrase: &str) -> Vec<String> {
    let before = match phrase.trim() {
        "" => String::new(),
        known => format!("{known} "),
    };
    let names = QUALIFIERS.iter().map(|one| format!("{}:", one.name));
    let outcomes = ["allowed", "refused", "failed"].map(|word| format!("outcome:{word}"));
    let categories: BTreeSet<&str> = call
        .doorway
        .served
        .iter()
        .filter_map(|index| bailiwick_catalogue::operation(*index))
        .filter(|operation| operation.writes)
        .filter_map(|operation| operation.action.split_once('.'))
        .map(|(category, _)| category)
        .collect();
    let categories = categories
        .into_iter()
        .map(|category| format!("action:{category}"));
    names
        .chain(outcomes)
        .chain(categories)
        .map(|word| format!("{before}{word}"))
        .collect()
}

fn help(log: &Log, asked: &Asked, open: bool) -> Markup {
    let rows: Vec<Vec<Markup>> = QUALIFIERS
        .iter()
        .map(|one| {
            let example = one.example;
            vec![
                html! { code { (one.name) ":" } },
                html! { (one.says) },
                html! {
                    @if example.contains('…') { code { (example) } }
                    @else { a href=(asked.link(log, &with(&asked.phrase, example))) { code { (example) } } }
                },
            ]
        })
        .collect();
    let columns = [column("Qualifier"), column("Finds events by"), column("Example")];
    disclosure(
        "What can be searched for",
        open,
        &html! {
            p {
                "Conditions stand beside each other and must all hold. The same qualifier twice means either value; "
                "a minus before one leaves its events out: " code { "-actor:bob" } ". An example is added to your search. Requests that only read are left out by " code { (FIRST) }
                " until you take that away."
            }
            (table("Qualifiers", &columns, &rows))
        },
    )
}
