//! What the form of a fine-grained token needs to be drawn, loaded before anything is changed.

use super::draft::{Draft, key_of};
use super::told::{Told, dangers};
use crate::access::rights::Rights;
use crate::look::Markup;
use crate::look::summary::{Grant, summary};
use bailiwick_authority::access::OwnAsk;
use bailiwick_authority::token::{OwnerChoice, RepositoryChoices};
use bailiwick_authority::{Authority, Fault, Permit};
use bailiwick_model::TokenKind;
use std::collections::BTreeMap;

/// Repositories listed in a picker besides those that are ticked; the search finds the others.
const LISTED: usize = 100;
/// Owners whose fields are in the page before they are chosen, so that choosing one needs no other page.
const AHEAD: usize = 3;

/// The owners, their repositories, and what was asked of whom.
pub struct Desk {
    /// Every owner that concerns the person.
    pub choices: Vec<OwnerChoice>,
    /// Repositories by key of the owner: of the chosen ones, and of a few more.
    pub repositories: BTreeMap<String, RepositoryChoices>,
    /// What the person asked owners to allow.
    pub asks: Vec<OwnAsk>,
}

impl Desk {
    /// The owners alone.
    pub fn open(authority: &Authority, permit: &Permit) -> Result<Desk, Fault> {
        Ok(Desk {
            choices: authority.token_owners(permit)?,
            repositories: BTreeMap::new(),
            asks: authority
                .own_asks(permit)?
                .into_iter()
                .filter(|ask| ask.kind == TokenKind::FineGrained)
                .collect(),
        })
    }

    /// Loads the repositories that a draft needs in the page.
    pub fn lay_out(&mut self, authority: &Authority, permit: &Permit, draft: &Draft) -> Result<(), Fault> {
        let mut ahead = 0;
        for choice in &self.choices {
            let key = key_of(choice);
            let chosen = draft.has(&key);
            if !chosen {
                if choice.obstacle.is_some() || ahead >= AHEAD {
                    continue;
                }
                ahead += 1;
            }
            let found = if choice.kind == "Enterprise" {
                RepositoryChoices::default()
            } else {
                let block = draft.block(&key);
                let names: Vec<&str> = block.repositories.iter().map(String::as_str).collect();
                authority.token_repositories(permit, &choice.name, &names, &block.search, LISTED)?
            };
            self.repositories.insert(key, found);
        }
        Ok(())
    }

    /// How the summary calls an owner: its name, and what it is where two have the same.
    pub fn display(&self, choice: &OwnerChoice) -> String {
        let twice = self
            .choices
            .iter()
            .any(|other| other.kind != choice.kind && other.name.eq_ignore_ascii_case(&choice.name));
        if choice.kind == "Enterprise" && twice {
            format!("{} (enterprise)", choice.name)
        } else {
            choice.name.clone()
        }
    }

    /// The box that says what the token will be able to do.
    pub fn summary(&self, form: &str, draft: &Draft, until: &str) -> Markup {
        let rights: Vec<(String, Rights)> = draft
            .owners
            .iter()
            .map(|key| {
                let known = self.choices.iter().find(|choice| key_of(choice) == *key);
                let name = known.map_or_else(|| key.clone(), |choice| self.display(choice));
                (name, draft.block(key).rights())
            })
            .collect();
        let told: Vec<Told<'_>> = rights
            .iter()
            .map(|(name, rights)| Told::of(name, rights))
            .collect();
        let grants: Vec<Grant<'_>> = told.iter().map(Told::grant).collect();
        summary(
            form,
            &grants,
            until,
            &dangers(rights.iter().map(|(_, rights)| rights)),
        )
    }
}
