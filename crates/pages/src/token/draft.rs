//! What was typed into the form of a fine-grained token, kept whole so that it can be drawn again.

use super::told;
use crate::access::rights::{Reach, Rights, level};
use crate::errors::Errors;
use bailiwick_authority::levels::Slugs;
use bailiwick_authority::token::view::OwnerView;
use bailiwick_authority::token::{
    Expiry, GrantInput, MintInput, OwnerChoice, OwnerName, SelectionInput, TokenView,
};
use bailiwick_gate::Query;
use bailiwick_model::limit::{GRANTS_PER_TOKEN_MAX, TOKEN_LIFETIME_DAYS_DEFAULT};
use bailiwick_model::{Level, Timestamp, TokenKind};
use std::collections::BTreeMap;

/// The word before an enterprise's slug: no login holds a colon.
const ENTERPRISE: &str = "enterprise:";

/// The name under which a form speaks of an owner.
pub fn key_of(choice: &OwnerChoice) -> String {
    if choice.kind == "Enterprise" {
        format!("{ENTERPRISE}{}", choice.name)
    } else {
        choice.name.clone()
    }
}

/// The same of a grant that exists.
pub fn key_of_view(owner: &OwnerView) -> String {
    match owner {
        OwnerView::Account(_, login, _) => login.clone(),
        OwnerView::Enterprise(_, slug) => format!("{ENTERPRISE}{slug}"),
    }
}

/// What was chosen at one owner.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Block {
    /// `none`, `all` or `subset`; empty when nothing was chosen yet.
    pub selection: String,
    /// Full names of repositories.
    pub repositories: Vec<String>,
    /// What was searched among them.
    pub search: String,
    /// Why it is asked for.
    pub reason: String,
    /// Levels above none, by slug.
    pub levels: Slugs,
}

impl Block {
    /// As what a grant would hold.
    pub fn rights(&self) -> Rights {
        let mut permissions = self.levels.clone();
        if matches!(self.selection.as_str(), "all" | "subset") {
            permissions
                .entry(String::from("metadata"))
                .or_insert_with(|| Level::Read.word().to_owned());
        }
        Rights {
            permissions,
            reach: match self.selection.as_str() {
                "all" => Reach::All,
                "subset" => Reach::Only(self.repositories.clone()),
                _ => Reach::None,
            },
        }
    }
}

/// The whole form.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Draft {
    /// The name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Days, `custom` or `none`.
    pub expires_in: String,
    /// The day, for `custom`.
    pub expires_on: String,
    /// The owners chosen, by key.
    pub owners: Vec<String>,
    /// Who filled the form in first, if a link did: "a link from docs.example.org".
    pub linked: String,
    /// What was chosen at owners, chosen themselves or not.
    pub blocks: BTreeMap<String, Block>,
}

impl Draft {
    /// An empty form: the person's own account, 30 days.
    pub fn empty(choices: &[OwnerChoice]) -> Draft {
        let own = choices.iter().find(|choice| told::is_own(choice));
        Draft {
            expires_in: TOKEN_LIFETIME_DAYS_DEFAULT.to_string(),
            owners: own.into_iter().map(key_of).collect(),
            ..Draft::default()
        }
    }

    /// What a browser sent.
    pub fn read(form: &Query) -> Draft {
        let value = |name: &str| form.get(name).unwrap_or_default().to_owned();
        let mut draft = Draft {
            name: value("name"),
            // Browsers send line ends as CR LF, and the limit counts characters.
            description: value("description").replace("\r\n", "\n"),
            expires_in: value("expires_in"),
            expires_on: value("expires_on"),
            linked: value("linked"),
            ..Draft::default()
        };
        for (name, value) in form.pairs() {
            if name == "owner" {
                // One too many is refused later; more of them would only cost time.
                if draft.owners.len() <= GRANTS_PER_TOKEN_MAX && !draft.owners.contains(value) {
                    draft.owners.push(value.clone());
                }
                continue;
            }
            let Some((key, field)) = name.split_once('.') else {
                continue;
            };
            let block = draft.blocks.entry(key.to_owned()).or_default();
            match field {
                "selection" => block.selection.clone_from(value),
                "repositories" => block.repositories.push(value.clone()),
                "search" => block.search.clone_from(value),
                "reason" => block.reason = value.replace("\r\n", "\n"),
                _ => {
                    // Metadata comes with any other and is no choice of anybody, but its menu is sent.
                    if let Some(slug) = field.strip_prefix("permission.")
                        && slug != "metadata"
                        && level(value) > Level::None
                    {
                        block.levels.insert(slug.to_owned(), value.clone());
                    }
                }
            }
        }
        draft
    }

    /// What a token has now, with what is still asked for.
    pub fn of_token(view: &TokenView) -> Draft {
        let mut draft = Draft {
            name: view.row.name.clone(),
            description: view.row.description.clone().unwrap_or_default(),
            ..Draft::default()
        };
        for grant in &view.grants {
            let pending = grant.request.as_ref().filter(|_| grant.is_pending());
            let rights = match pending {
                Some(request) => Rights::asked(request),
                None if grant.row.active => Rights::held(grant),
                None => continue,
            };
            let (selection, repositories) = match rights.reach {
                Reach::None => ("none", Vec::new()),
                Reach::All => ("all", Vec::new()),
                Reach::Only(names) => ("subset", names),
            };
            let key = key_of_view(&grant.owner);
            draft.owners.push(key.clone());
            let mut levels = rights.permissions;
            levels.remove("metadata");
            let reason = pending.and_then(|request| request.row.reason.clone());
            draft.blocks.insert(
                key,
                Block {
                    selection: selection.to_owned(),
                    repositories,
                    reason: reason.unwrap_or_default(),
                    levels,
                    search: String::new(),
                },
            );
        }
        draft
    }

    /// Leaves the person's own account out where nothing was chosen there and another owner was: the form begins
    /// with it, and who chooses an organization means that one.
    pub fn settle(&mut self, own: &str) {
        let empty = self.block(own).rights().is_empty();
        if self.owners.len() > 1 && empty {
            self.owners.retain(|owner| owner != own);
        }
    }

    /// Shortens a default life that an owner would refuse.
    pub fn fit(&mut self, strictest: Option<(i64, &str)>, now: Timestamp) {
        let Some((max, _)) = strictest else { return };
        if self.expires_in.parse::<i64>().is_ok_and(|days| days > max) {
            match super::fields::PRESETS.iter().rev().find(|days| **days <= max) {
                Some(days) => self.expires_in = days.to_string(),
                None => {
                    self.expires_in = String::from("custom");
                    self.expires_on = super::fields::day(now.plus_days(max));
                }
            }
        }
    }

    /// Whether an owner is chosen.
    pub fn has(&self, key: &str) -> bool {
        self.owners.iter().any(|owner| owner == key)
    }

    /// What was chosen at an owner.
    pub fn block(&self, key: &str) -> Block {
        self.blocks.get(key).cloned().unwrap_or_default()
    }

    /// The grants that are asked for. `asks` tells whether an owner is given a reason.
    pub fn grants(&self) -> Vec<GrantInput> {
        // Where nothing was chosen, nothing is asked for: what is public needs no grant.
        self.owners
            .iter()
            .map(|key| (key, self.block(key)))
            .filter(|(_, block)| !block.rights().is_empty())
            .map(|(key, block)| {
                let rights = block.rights();
                let (owner, selection) = match key.strip_prefix(ENTERPRISE) {
                    Some(slug) => (OwnerName::Enterprise(slug.to_owned()), SelectionInput::None),
                    None => {
                        let selection = match rights.reach {
                            Reach::None => SelectionInput::None,
                            Reach::All => SelectionInput::All,
                            Reach::Only(names) => SelectionInput::Subset(names),
                        };
                        (OwnerName::Account(key.clone()), selection)
                    }
                };
                GrantInput {
                    owner,
                    selection,
                    permissions: rights.permissions,
                    reason: given(&block.reason),
                }
            })
            .collect()
    }

    /// For the authority.
    pub fn mint(&self, now: Timestamp) -> Result<MintInput, Errors> {
        if self.owners.len() > GRANTS_PER_TOKEN_MAX {
            let message = format!("A token reaches at most {GRANTS_PER_TOKEN_MAX} owners.");
            return Err(Errors::one("owner", &message));
        }
        Ok(MintInput {
            kind: TokenKind::FineGrained,
            name: self.name.trim().to_owned(),
            description: given(&self.description),
            expiry: expiry(&self.expires_in, &self.expires_on, now)?,
            scopes: Vec::new(),
            grants: self.grants(),
        })
    }
}

/// A text, unless there is nothing in it.
pub fn given(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}

/// When a token shall end, as the two fields say it. A day means this hour of that day, as presets do.
pub fn expiry(preset: &str, day: &str, now: Timestamp) -> Result<Expiry, Errors> {
    match preset {
        "none" => Ok(Expiry::Never),
        "custom" => {
            let clock = now.rfc3339();
            let clock = clock.get(10..).unwrap_or_default();
            Timestamp::parse(&format!("{}{clock}", day.trim()))
                .map(Expiry::At)
                .ok_or_else(|| Errors::one("expires_on", "Choose the day on which the token ends."))
        }
        days => days
            .parse()
            .map(Expiry::Days)
            .map_err(|_| Errors::one("expires_in", "Choose how long the token lives.")),
    }
}
