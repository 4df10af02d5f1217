//! What a token will be able to do, in plain sentences. The server writes them first; the script rewrites them
//! as the form changes, by the same rules (`assets/app.js`, `summary`).

use super::icon::{Icon, icon};
use super::{Markup, html};
use bailiwick_model::Level;

/// How far a grant reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Reach<'a> {
    /// Public repositories only, to read.
    #[default]
    Public,
    /// Every repository of the owner.
    All,
    /// The repositories named.
    Only(&'a [&'a str]),
}

/// A permission held: its title, its level and its kind's word.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    /// `repository`, `organization`, `account` or `enterprise`.
    pub kind: &'a str,
    /// The title.
    pub title: &'a str,
    /// The level.
    pub level: Level,
}

/// What is granted at one owner.
#[derive(Clone, Copy, Debug, Default)]
pub struct Grant<'a> {
    /// The resource owner's login.
    pub owner: &'a str,
    /// Its repositories.
    pub reach: Reach<'a>,
    /// The permissions; mandatory ones are left out.
    pub held: &'a [Held<'a>],
}

/// `a`, `a and b`, `a, b and c`.
fn joined(words: &[String]) -> String {
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

fn place(kind: &str, grant: &Grant<'_>) -> String {
    match (kind, grant.reach) {
        ("repository", Reach::Public) => String::from("public repositories"),
        ("repository", Reach::All) => format!("all repositories of {}", grant.owner),
        ("repository", Reach::Only([])) => String::from("no repository yet"),
        ("repository", Reach::Only(names)) if names.len() <= 3 => {
            joined(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
        }
        ("repository", Reach::Only(names)) => format!("{} repositories of {}", names.len(), grant.owner),
        ("account", _) => String::from("your account"),
        (kind, _) => format!("the {kind} {}", grant.owner),
    }
}

/// One grant as a sentence: "Read issues of acme/site; nothing else."
pub fn sentence(grant: &Grant<'_>) -> String {
    let mut clauses = Vec::new();
    for kind in ["repository", "organization", "account", "enterprise"] {
        let mut verbs = Vec::new();
        for (level, verb) in [
            (Level::Read, "read"),
            (Level::Write, "read and write"),
            (Level::Admin, "administer"),
        ] {
            let nouns: Vec<String> = grant
                .held
                .iter()
                .filter(|held| held.kind == kind && held.level == level)
                .map(|held| held.title.to_lowercase())
                .collect();
            if !nouns.is_empty() {
                verbs.push(format!("{verb} {}", joined(&nouns)));
            }
        }
        if !verbs.is_empty() {
            clauses.push(format!("{} of {}", verbs.join(", "), place(kind, grant)));
        }
    }
    if clauses.is_empty() {
        return match grant.owner {
            "" => String::from("Read public resources; nothing else."),
            owner => format!("Nothing of {owner} beyond what is public."),
        };
    }
    let text = clauses.join("; ");
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}; nothing else.", letters.as_str())
}

/// The box: a sentence for each grant, when it ends, what is dangerous. `form` is the id of the form that the
/// script follows; empty for a token that exists.
pub fn summary(form: &str, grants: &[Grant<'_>], until: &str, dangers: &[&str]) -> Markup {
    let nothing = Grant::default();
    html! {
        section.summary data-summary=(form) aria-label="What this token can do" {
            h2 { (icon(Icon::Shield)) "What this token can do" }
            // Polite: it is read when the person pauses, not at each key.
            div aria-live="polite" {
                ul data-sentences {
                    @for grant in grants { li { bdi { (sentence(grant)) } } }
                    @if grants.is_empty() { li { (sentence(&nothing)) } }
                }
                p.until data-until { (until) }
                ul.dangers data-dangers hidden[dangers.is_empty()] {
                    @for danger in dangers { li { (icon(Icon::Warn)) span { (danger) } } }
                }
            }
        }
    }
}

/// The part of a form that belongs to one owner, for the script: shown while that owner is chosen.
pub fn of_owner(owner: &str, body: &Markup) -> Markup {
    html! { div.of-owner data-grant=(owner) { (body) } }
}
