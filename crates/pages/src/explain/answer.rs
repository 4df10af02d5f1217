//! The answer: allowed or not, by which stage, what is missing, and one click to where it can be mended.

use super::mend::{Template, nearest, templates};
use super::words;
use crate::look::badge::{Hue, badge};
use crate::look::button::{Tone, link};
use crate::look::callout::{Weight, callout};
use crate::look::heading::{Part, part};
use crate::look::stage::{Outcome, STAGES, Stop, track};
use crate::look::{Markup, code, html, list, name};
use bailiwick_authority::explain::{Explained, TermAnswer};
use bailiwick_authority::token::TokenView;
use bailiwick_catalogue::{Door, Operation, Requirement, describe_role, describe_scopes, permission};
use bailiwick_decision::Basis;
use bailiwick_gate::encode;
use bailiwick_model::{Timestamp, TokenKind};

/// A question with its answer.
pub struct Asked {
    /// The request in its plain form.
    pub plain: String,
    /// What it would be.
    pub operation: Option<&'static Operation>,
    /// The token that it was asked about.
    pub token: Option<i64>,
    /// What was decided.
    pub explained: Explained,
}

/// How the question's credential is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    Session,
    FineGrained,
    Classic,
    Unknown,
}

/// The answer below the form.
pub fn draw(asked: &Asked, tokens: &[TokenView], now: Timestamp) -> Markup {
    let own = asked
        .token
        .and_then(|id| tokens.iter().find(|view| view.row.id.0 == id));
    let sent = match (asked.token, own.map(|view| view.row.kind)) {
        (None, _) => Sent::Session,
        (Some(_), Some(TokenKind::Classic)) => Sent::Classic,
        (Some(_), Some(_)) => Sent::FineGrained,
        (Some(_), None) => Sent::Unknown,
    };
    let body = html! {
        div.stack {
            (verdict(asked, own, now))
            @if let Some(stops) = stops(&asked.explained, sent) { (track(&stops)) }
            (mending(asked, own, sent))
        }
    };
    html! {
        (part(&Part { id: "answer", title: "Answer", lede: html! { code { (asked.plain) } }, ..Part::default() }, &body))
        (needs(asked, sent))
    }
}

fn verdict(asked: &Asked, own: Option<&TokenView>, now: Timestamp) -> Markup {
    let explained = &asked.explained;
    let with = html! {
        @match (asked.token, own) {
            (None, _) => "you, signed in",
            (Some(_), Some(view)) => { "the token " strong { (name::name(&view.row.name)) } " (" (view.state(now)) ")" },
            (Some(id), None) => { "token " (id) },
        }
    };
    if explained.allowed {
        let body = html! {
            p { "With " (with) ", this request goes through. " (basis(explained.basis)) }
            @if explained.provisional && asked.operation.is_some_and(|one| one.door == Door::Registry) {
                p { "Until the body is there: which package it is, and so whether this token may publish it, shows only then." }
            } @else if explained.provisional {
                p { "Until the push itself: a change of workflow files would need more, and shows only when it arrives." }
            }
        };
        return callout(Weight::Good, "Allowed", &body);
    }
    let description = &explained.description;
    let Some(reason) = description.reason else {
        let body = html! {
            p { "Something in the request does not exist, or you may not know of it. To whoever sends it both look the same: " code { "404 Not Found" } "." }
            p { "Check the names for a slip. If they are right, ask an owner of the place for access." }
        };
        return callout(Weight::Danger, "Refused: not found", &body);
    };
    let place = place(explained);
    let (title, text) = words::told(reason, place);
    callout(
        Weight::Danger,
        &format!("Refused: {}", lower_first(title)),
        &html! {
            p { "With " (with) ", this request is refused. " (text) }
            @if let Some(missing) = &description.missing { p { "Missing: " strong { bdi { (missing) } } "." } }
            p.soft { "Sent for real, it answers: " q { (description.message) } }
        },
    )
}

/// What the first term that fails is about.
fn place(explained: &Explained) -> &str {
    let failing = explained
        .alternatives
        .iter()
        .flatten()
        .find(|term| !term.holds && term.reason == explained.description.reason);
    failing.and_then(|term| term.target.as_deref()).unwrap_or("")
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map(|first| first.to_lowercase().chain(characters).collect())
        .unwrap_or_default()
}

const fn basis(basis: Option<Basis>) -> &'static str {
    match basis {
        Some(Basis::Anonymous) => "Anybody may do it, even without a token.",
        Some(Basis::Live) => "Any credential in force is enough.",
        Some(Basis::Grants) => "Its approved permissions and its person's role cover it.",
        Some(Basis::Scopes) => "Its scopes and its person's role cover it.",
        Some(Basis::Session) => "Your own role covers it.",
        None => "",
    }
}

/// Every stage with how it went; none where the answer is hidden.
fn stops(explained: &Explained, sent: Sent) -> Option<Vec<Stop<'static>>> {
    let end = match (explained.allowed, explained.description.stage) {
        (true, _) => STAGES.len(),
        (false, Some(stage)) => STAGES.iter().position(|(word, _)| *word == stage)?,
        (false, None) => return None,
    };
    let asked = |word: &str| match (explained.basis, word) {
        (_, "live" | "mapped" | "limits") => true,
        (Some(Basis::Anonymous), "anonymous") => true,
        (Some(Basis::Anonymous | Basis::Live), _) | (_, "anonymous") => false,
        (_, "grant" | "selection") => matches!(sent, Sent::FineGrained | Sent::Unknown),
        (_, "policy" | "level") => sent != Sent::Session,
        _ => true,
    };
    let stop = |(index, (word, asks)): (usize, &(&'static str, &'static str))| {
        let outcome = match index {
            _ if index == end => Outcome::Stopped,
            _ if index < end && asked(word) => Outcome::Passed,
            _ => Outcome::Skipped,
        };
        Stop { word, asks, outcome }
    };
    Some(STAGES.iter().enumerate().map(stop).collect())
}

/// One click to where it can be mended.
fn mending(asked: &Asked, own: Option<&TokenView>, sent: Sent) -> Markup {
    let explained = &asked.explained;
    if explained.description.reason == Some("session.sudo_required") {
        let here = format!("/explain?request={}", encode(&asked.plain));
        let href = format!("/sessions/sudo?return_to={}", encode(&here));
        return html! { div.buttons { (link("Confirm that it is you", &href, Tone::Primary)) } };
    }
    match (sent, own) {
        (Sent::FineGrained, Some(view)) if !explained.allowed => edit(explained, view),
        (Sent::Session, _) if explained.allowed => {
            let made = explained
                .alternatives
                .iter()
                .find(|terms| terms.iter().all(|term| term.holds))
                .map(|terms| templates(terms, true))
                .unwrap_or_default();
            links(&made, "Make a token for just this", |template| {
                template.new_token()
            })
        }
        (Sent::Classic, Some(view)) if explained.description.reason == Some("scope.missing") => {
            let href = format!("/settings/tokens/{}", view.row.id);
            html! { div.buttons { (link("Edit the token's scopes", &href, Tone::Primary)) } }
        }
        (Sent::Unknown, _) if !explained.allowed => html! {
            p.soft { "Only the person who holds the token can edit it. Send them a link to this page: it answers them too." }
        },
        _ => html! {},
    }
}

fn edit(explained: &Explained, view: &TokenView) -> Markup {
    let id = view.row.id.0;
    let token = format!("/settings/personal-access-tokens/{id}");
    match explained.description.reason {
        Some("token.expired" | "policy.lifetime") => {
            let form = format!("{token}/regenerate");
            html! { div.buttons { (link("Regenerate the token", &form, Tone::Primary)) } }
        }
        Some("token.revoked") => {
            let new = "/settings/personal-access-tokens/new";
            html! { div.buttons { (link("Make a new token", new, Tone::Primary)) } }
        }
        Some("grant.inactive") if view.grants.iter().any(|grant| grant.is_pending()) => html! {
            p { "A request of this token is waiting for an owner's decision." }
            div.buttons { (link("See where it stands", &token, Tone::Primary)) }
        },
        _ => match nearest(&explained.alternatives) {
            Some(terms) => links(
                &templates(terms, false),
                "Edit the token with this filled in",
                |template| template.edit(id),
            ),
            None => html! {
                @if !explained.alternatives.is_empty() {
                    p { "Editing the token alone does not mend this: see below what else is missing." }
                }
            },
        },
    }
}

fn links(made: &[Template], label: &str, href: impl Fn(&Template) -> String) -> Markup {
    html! {
        @if !made.is_empty() {
            div.buttons {
                @for template in made {
                    @let text = if made.len() > 1 { format!("{label} at {}", template.owner) } else { label.to_owned() };
                    (link(&text, &href(template), Tone::Primary))
                }
            }
        }
    }
}

/// What the request takes, term by term.
fn needs(asked: &Asked, sent: Sent) -> Markup {
    let Some(operation) = asked.operation else {
        return html! {};
    };
    let mut facts = vec![(
        "Request",
        html! { (code::inline(operation.id)) " " code { (operation.method) " " (operation.path) } },
    )];
    if !operation.why.is_empty() {
        facts.push(("Why so", html! { (operation.why) }));
    }
    let kinds: Vec<&str> = [
        (operation.kinds.fine_grained, "fine-grained tokens"),
        (operation.kinds.classic, "classic tokens"),
        (operation.kinds.session, "people, signed in"),
    ]
    .into_iter()
    .filter_map(|(open, word)| open.then_some(word))
    .collect();
    facts.push((
        "Open to",
        html! { @if kinds.is_empty() { "nothing that exists here" } @else { (kinds.join(", ")) } },
    ));
    if sent == Sent::Classic && operation.kinds.classic {
        facts.push(("Scopes", html! { (describe_scopes(operation)) }));
    }
    if asked.explained.alternatives.is_empty() && matches!(operation.requirement, Requirement::AnyOf(_)) {
        facts.push(("Least role", html! { (describe_role(operation)) }));
    }
    let several = asked.explained.alternatives.len() > 1;
    let body = html! {
        div.stack {
            (list::facts(&facts))
            @for (index, terms) in asked.explained.alternatives.iter().enumerate() {
                @if several { h3 { @if index == 0 { "Either" } @else { "Or" } } }
                (list::rows(if several { "One way" } else { "Needed" }, &terms.iter().map(|one| term(one, sent)).collect::<Vec<_>>()))
            }
        }
    };
    part(
        &Part {
            title: "What it takes",
            ..Part::default()
        },
        &body,
    )
}

fn term(term: &TermAnswer, sent: Sent) -> list::Row {
    let title = permission(term.permission).map_or(term.permission, |known| known.title);
    let href = format!("/permissions/{}", term.permission);
    list::Row {
        title: html! {
            a href=(href) { (title) } ": " (term.level)
            @if let Some(target) = &term.target { " at " bdi { (target) } }
        },
        badges: match term.reason {
            None if term.holds => badge(Hue::Green, "Holds"),
            reason => badge(Hue::Red, words::lacking(reason.unwrap_or_default())),
        },
        meta: vec![html! {
            @if sent == Sent::Session { "Your role: at least " } @else { "And the person's role: at least " }
            (term.role)
        }],
        ..list::Row::default()
    }
}
