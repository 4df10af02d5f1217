//! Words about owners, errors and grants that several pages of tokens share.

use super::danger::danger;
use super::draft::Draft;
use crate::access::rights::{Reach, Rights, level, title};
use crate::errors::Errors;
use crate::look::permission::level_text;
use crate::look::summary::{self, Held};
use crate::look::{Markup, html};
use bailiwick_authority::token::{OwnerChoice, TokenView};
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_catalogue::permission;
use bailiwick_model::{RequestState, Timestamp};

/// Whether an owner is the person's own account.
pub fn is_own(choice: &OwnerChoice) -> bool {
    choice.kind == "User" && choice.all
}

/// The errors of the form of a token, each at the field that it is about.
pub fn errors(fault: Fault, draft: &Draft) -> Result<Errors, Fault> {
    if fault.kind != FaultKind::Invalid || fault.errors.is_empty() {
        return Errors::of(fault);
    }
    let mut errors = Errors::none();
    for error in &fault.errors {
        let message = error.message.as_deref().unwrap_or(error.code);
        errors.push(
            &field(&error.field, draft),
            &sentence(&error.field, message, draft),
        );
    }
    Ok(errors)
}

fn field(name: &str, draft: &Draft) -> String {
    let last = if draft.expires_in == "custom" {
        "expires_on"
    } else {
        "expires_in"
    };
    match name {
        "expires_in" | "expires_at" => last.to_owned(),
        "grants" => String::from("owner"),
        "base" => String::new(),
        _ => grant_field(name, draft).unwrap_or_else(|| name.to_owned()),
    }
}

/// `grants[1].permissions.issues` at the second owner chosen.
fn grant_field(name: &str, draft: &Draft) -> Option<String> {
    let (place, rest) = name.strip_prefix("grants[")?.split_once("].")?;
    let key = draft.owners.get(place.parse::<usize>().ok()?)?;
    Some(match rest {
        "owner" | "enterprise" => String::from("owner"),
        "repository_selection" => format!("{key}.selection"),
        other => match other.strip_prefix("permissions.") {
            Some(slug) => format!("{key}.permission.{slug}"),
            None => format!("{key}.{other}"),
        },
    })
}

/// A message as people read it beside the field.
fn sentence(field: &str, message: &str, draft: &Draft) -> String {
    let subject = match field.rsplit('.').next().unwrap_or(field) {
        "name" => "The name ",
        "description" => "The description ",
        "expires_in" | "expires_at" => "The expiration ",
        "reason" => "The reason ",
        _ => "This ",
    };
    let message = message.replace('`', "");
    let text = if ["is ", "must ", "holds ", "has ", "cannot "]
        .iter()
        .any(|verb| message.starts_with(verb))
    {
        format!("{subject}{message}")
    } else {
        message
    };
    // A sentence that begins with a login keeps it as it is written.
    let begins = text.split(' ').next().unwrap_or_default();
    let mut letters = text.chars();
    let mut text: String = match letters.next() {
        Some(first) if !draft.owners.iter().any(|owner| owner == begins) => {
            first.to_uppercase().chain(letters).collect()
        }
        _ => text,
    };
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

/// Rights for the summary: owner, repositories, permissions without the mandatory one.
pub struct Told<'a> {
    owner: &'a str,
    reach: &'a Reach,
    names: Vec<&'a str>,
    held: Vec<Held<'a>>,
}

impl<'a> Told<'a> {
    /// Of rights at an owner.
    pub fn of(owner: &'a str, rights: &'a Rights) -> Told<'a> {
        let names = match &rights.reach {
            Reach::Only(names) => names.iter().map(String::as_str).collect(),
            Reach::None | Reach::All => Vec::new(),
        };
        Told {
            owner,
            reach: &rights.reach,
            names,
            held: rights
                .permissions
                .iter()
                .filter(|(slug, _)| *slug != "metadata")
                .filter_map(|(slug, word)| {
                    let known = permission(slug)?;
                    Some(Held {
                        kind: known.kind.word(),
                        title: known.title,
                        level: level(word),
                    })
                })
                .collect(),
        }
    }

    /// For the box.
    pub fn grant(&self) -> summary::Grant<'_> {
        summary::Grant {
            owner: self.owner,
            reach: match self.reach {
                Reach::None => summary::Reach::Public,
                Reach::All => summary::Reach::All,
                Reach::Only(_) => summary::Reach::Only(&self.names),
            },
            held: &self.held,
        }
    }
}

/// The warnings about rights, each once.
pub fn dangers<'a>(all: impl IntoIterator<Item = &'a Rights>) -> Vec<&'static str> {
    let mut warnings = Vec::new();
    for rights in all {
        for (slug, word) in &rights.permissions {
            if let Some((from, text)) = danger(slug)
                && level(word) >= from
                && !warnings.contains(&text)
            {
                warnings.push(text);
            }
        }
    }
    warnings
}

/// Rights in one line: "Contents read and write, Issues read-only; 2 repositories".
pub fn short(rights: &Rights) -> Markup {
    const SHOWN: usize = 3;
    let held: Vec<(&str, &str)> = rights
        .permissions
        .iter()
        .filter(|(slug, _)| *slug != "metadata")
        .map(|(slug, word)| (title(slug), level_text(level(word))))
        .collect();
    let words: Vec<String> = held
        .iter()
        .take(SHOWN)
        .map(|(title, level)| format!("{title} {}", level.to_lowercase()))
        .collect();
    html! {
        @if held.is_empty() { "Metadata only" } @else { (words.join(", ")) }
        @if held.len() > SHOWN { " and " (held.len() - SHOWN) " more" }
        @match rights.reach { Reach::None => {}, _ => { "; " (rights.reach.text().to_lowercase()) } }
    }
}

/// Where a token stands, as its holder should read it: one whose every grant was denied or ended does nothing,
/// whatever its own row says.
pub fn state(view: &TokenView, now: Timestamp) -> crate::look::badge::State {
    use crate::look::badge::State;
    match view.state(now) {
        "pending" => State::Pending,
        "expired" => State::Expired,
        "revoked" => State::Revoked,
        _ if view.grants.is_empty() || view.grants.iter().any(|grant| grant.row.active) => State::Active,
        _ if view.grants.iter().any(|grant| {
            grant
                .request
                .as_ref()
                .is_some_and(|request| request.row.state == RequestState::Denied)
        }) =>
        {
            State::Denied
        }
        _ if view.grants.iter().any(|grant| grant.row.revoked_at.is_some()) => State::Revoked,
        _ => State::Active,
    }
}

/// The name of a grant's owner, its place as a link, and whether it is an organization.
pub fn owner_name(owner: &bailiwick_authority::token::view::OwnerView) -> (&str, String, bool) {
    use bailiwick_authority::token::view::OwnerView;
    match owner {
        OwnerView::Account(_, login, kind) => (login, format!("/{login}"), *kind == "Organization"),
        OwnerView::Enterprise(_, slug) => (slug, format!("/enterprises/{slug}"), true),
    }
}
