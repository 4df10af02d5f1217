//! Forms opened by a link. A link can fill in a form; it can never choose what people must choose themselves:
//! `admin`, all repositories, no expiry.

use super::draft::{Block, Draft, key_of};
use super::told::is_own;
use crate::errors::Errors;
use crate::look::callout::{Weight, callout};
use crate::look::{Markup, html};
use bailiwick_authority::token::OwnerChoice;
use bailiwick_catalogue::{PermissionKind, permission};
use bailiwick_gate::Request;
use bailiwick_model::limit::{TOKEN_LIFETIME_DAYS_DEFAULT, TOKEN_LIFETIME_DAYS_MAX};
use bailiwick_model::{Level, Timestamp};
use http::header;

/// A form as a link fills it in.
pub struct Template {
    /// What it fills in.
    pub draft: Draft,
    /// What it names wrongly.
    pub errors: Errors,
    /// What it asked for and did not get.
    left_out: Vec<String>,
}

const PLAIN: [&str; 5] = ["name", "description", "target_name", "expires_in", "repositories"];

/// Reads a link's parameters; `None` when there are none.
pub fn read(request: &Request, choices: &[OwnerChoice], now: Timestamp) -> Option<Template> {
    let query = &request.query;
    let slugs: Vec<(&str, &str)> = query
        .pairs()
        .iter()
        .filter(|(name, _)| !PLAIN.contains(&name.as_str()) && name != "done")
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    if slugs.is_empty() && !PLAIN.iter().any(|name| query.get(name).is_some()) {
        return None;
    }
    let mut template = Template {
        draft: Draft::empty(choices),
        errors: Errors::none(),
        left_out: Vec::new(),
    };
    template.draft.linked = source(request);
    let value = |name: &str| query.get(name).unwrap_or_default().to_owned();
    template.draft.name = value("name");
    template.draft.description = value("description");
    template.expiry(query.get("expires_in"), now);
    let owner = template.owner(query.get("target_name"), choices);
    if let Some(choice) = owner {
        let block = template.block(&slugs, &query.list("repositories"), choice);
        template.draft.blocks.insert(key_of(choice), block);
    }
    Some(template)
}

impl Template {
    fn expiry(&mut self, asked: Option<&str>, now: Timestamp) {
        match asked {
            None => {}
            Some("none") => self.left_out.push(String::from(
                "No expiration. It is 30 days unless you choose otherwise.",
            )),
            Some(days) => match days.parse::<i64>() {
                Ok(days) if (1..=TOKEN_LIFETIME_DAYS_MAX).contains(&days) => {
                    if super::fields::PRESETS.contains(&days) {
                        self.draft.expires_in = days.to_string();
                    } else {
                        self.draft.expires_in = String::from("custom");
                        self.draft.expires_on = super::fields::day(now.plus_days(days));
                    }
                }
                _ => self.left_out.push(format!(
                    "An expiration that is no number of days from 1 to {TOKEN_LIFETIME_DAYS_MAX}. It is \
                     {TOKEN_LIFETIME_DAYS_DEFAULT} days unless you choose otherwise."
                )),
            },
        }
    }

    fn owner<'a>(&mut self, asked: Option<&str>, choices: &'a [OwnerChoice]) -> Option<&'a OwnerChoice> {
        let Some(asked) = asked.filter(|asked| !asked.is_empty()) else {
            return choices.iter().find(|choice| is_own(choice));
        };
        let found = choices
            .iter()
            .find(|choice| choice.name.eq_ignore_ascii_case(asked));
        self.draft.owners.clear();
        match found {
            None => {
                let message = format!("Cannot find the specified resource owner: {asked}");
                self.errors.push("owner", &message);
                None
            }
            Some(choice) => {
                match &choice.obstacle {
                    None => self.draft.owners.push(key_of(choice)),
                    Some((_, why)) => self.errors.push("owner", &format!("{}: {why}.", choice.name)),
                }
                Some(choice)
            }
        }
    }

    fn block(&mut self, slugs: &[(&str, &str)], repositories: &[&str], choice: &OwnerChoice) -> Block {
        let mut block = Block::default();
        let mut repository_permission = false;
        for (slug, word) in slugs {
            let Some(known) = permission(slug) else {
                self.left_out
                    .push(format!("{slug}, which is no permission here."));
                continue;
            };
            match Level::parse(word) {
                Some(Level::Admin) => self
                    .left_out
                    .push(format!("Admin of {}.", known.title.to_lowercase())),
                Some(level) if level > Level::Read && slug.ends_with("administration") => {
                    self.left_out.push(format!("{} with writing.", known.title))
                }
                Some(level) if known.offers(level) => {
                    repository_permission |= known.kind == PermissionKind::Repository;
                    if *slug != "metadata" {
                        block.levels.insert((*slug).to_owned(), level.word().to_owned());
                    }
                }
                _ => self
                    .left_out
                    .push(format!("{} at a level that it does not have.", known.title)),
            }
        }
        if repositories.contains(&"*") || repositories.contains(&"all") {
            self.left_out.push(String::from("All repositories."));
        }
        block.repositories = repositories
            .iter()
            .filter(|name| !matches!(**name, "*" | "all"))
            .map(|name| match name.contains('/') {
                true => (*name).to_owned(),
                false => format!("{}/{name}", choice.name),
            })
            .collect();
        // Repository permissions need repositories; which, a person chooses.
        if repository_permission || !block.repositories.is_empty() {
            block.selection = String::from("subset");
        }
        block
    }

    /// What to know before going on.
    pub fn notice(&self) -> Markup {
        callout(
            Weight::Info,
            &format!("This form was filled in by {}", self.draft.linked),
            &html! {
                p { "Check what it asks for before you generate the token. A link can never choose administration, all repositories or no expiration for you." }
                @if !self.left_out.is_empty() {
                    p { "It also asked for this, which is left for you to decide:" }
                    ul { @for one in &self.left_out { li { bdi { (one) } } } }
                }
            },
        )
    }
}

/// Where a link was, as far as the browser tells. A page of ours that only passed the visitor on says nothing.
fn source(request: &Request) -> String {
    let text = |name: header::HeaderName| {
        request
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .filter(|value| *value != "null")
    };
    let Some(from) = text(header::REFERER).or_else(|| text(header::ORIGIN)) else {
        return String::from("a link");
    };
    if let Some(path) = from.strip_prefix(request.base_url.as_ref()) {
        let passed_on = ["/login", "/sessions", "/setup"];
        return String::from(if passed_on.iter().any(|one| path.starts_with(one)) {
            "a link"
        } else {
            "a link on this server"
        });
    }
    let host = from
        .split_once("://")
        .map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default())
        .filter(|host| {
            !host.is_empty()
                && host.len() <= 253
                && host.bytes().all(|byte| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']')
                })
        });
    match host {
        Some(host) => format!("a link from {host}"),
        None => String::from("a link"),
    }
}
