//! Which repositories of a resource owner a person may choose for a grant.

use super::target::may_select;
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::Visibility;
use bailiwick_store::repository::{self, RepositoryQuery};

/// One repository to choose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RepositoryChoice {
    /// `owner/name`.
    pub name: String,
    /// Who can see it.
    pub visibility: Visibility,
    /// Whether it is among those that were chosen.
    pub chosen: bool,
}

/// A part of an owner's repositories.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RepositoryChoices {
    /// Those that were chosen, then others that match.
    pub listed: Vec<RepositoryChoice>,
    /// How many there are in all.
    pub total: usize,
}

impl Authority {
    /// The repositories of an owner that the person may choose: all of `chosen`, then up to `limit` others whose
    /// name holds `search`. An owner that does not exist has none.
    pub fn token_repositories(
        &self,
        permit: &Permit,
        owner: &str,
        chosen: &[&str],
        search: &str,
        limit: usize,
    ) -> Result<RepositoryChoices, Fault> {
        let principal = permit.gathered().principal().ok_or_else(Fault::not_found)?;
        self.read(permit, |tx| {
            let Some(owner) = crate::records::owner_by_login(tx, owner)? else {
                return Ok(RepositoryChoices::default());
            };
            let query = RepositoryQuery {
                owners: Some(vec![owner.facts.id]),
                ..RepositoryQuery::default()
            };
            let mut rows = repository::list(tx, &query, &|row| may_select(principal, row, &owner.facts))?;
            rows.sort_by(|one, other| one.folded.cmp(&other.folded));
            let total = rows.len();
            let search = search.trim().to_lowercase();
            let words: Vec<&str> = search.split_whitespace().collect();
            let (mut first, mut others) = (Vec::new(), Vec::new());
            for row in rows {
                let name = format!("{}/{}", owner.facts.login, row.name);
                let visibility = row.visibility;
                if chosen.iter().any(|chosen| is_named(chosen, &name, &row.name)) {
                    first.push(RepositoryChoice {
                        name,
                        visibility,
                        chosen: true,
                    });
                } else if others.len() < limit && words.iter().all(|word| name.to_lowercase().contains(word))
                {
                    others.push(RepositoryChoice {
                        name,
                        visibility,
                        chosen: false,
                    });
                }
            }
            first.append(&mut others);
            Ok(RepositoryChoices { listed: first, total })
        })
    }
}

fn is_named(chosen: &str, full: &str, bare: &str) -> bool {
    chosen.eq_ignore_ascii_case(full) || chosen.eq_ignore_ascii_case(bare)
}
