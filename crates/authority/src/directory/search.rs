//! Searching repositories by name, for people who look for one among many.

use super::reach::{Admitted, Owners, admit};
use super::repository::{Affiliations, Cut, RepositoryView, own_admitted, view};
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::Visibility;
use bailiwick_model::name::fold;
use bailiwick_store::account;
use bailiwick_store::repository::{self, RepositoryQuery};

/// Whose repositories are searched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SearchIn {
    /// Those that the caller has a role at.
    Own,
    /// Those of an account, by login.
    Account(String),
}

/// What is searched for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RepositorySearch {
    /// Part of `owner/name` or of the description; empty is everything.
    pub text: String,
    /// Only of this visibility.
    pub visibility: Option<Visibility>,
    /// The last pushed ones first, instead of by name.
    pub recent: bool,
    /// Which page.
    pub cut: Cut,
}

impl Authority {
    /// The repositories found, and how many there are in all.
    pub fn repositories_found(
        &self,
        permit: &Permit,
        within: &SearchIn,
        search: &RepositorySearch,
    ) -> Result<(Vec<RepositoryView>, usize), Fault> {
        self.read(permit, |tx| {
            let mut known = Owners::default();
            let mut found = match within {
                SearchIn::Own => {
                    let all = Affiliations {
                        owner: true,
                        collaborator: true,
                        organization_member: true,
                    };
                    own_admitted(tx, permit, &mut known, permit.person()?, all)?
                }
                SearchIn::Account(login) => {
                    let owner = account::by_login(tx, login)?.ok_or_else(Fault::not_found)?;
                    let query = RepositoryQuery {
                        owners: Some(vec![owner.id]),
                        visibility: search.visibility,
                        ..RepositoryQuery::default()
                    };
                    let rows = repository::list(tx, &query, &|_| true)?;
                    admit(tx, permit, &mut known, rows)?
                }
            };
            let text = fold(search.text.trim());
            found.retain(|one| matches(one, &text, search.visibility));
            if search.recent {
                found.sort_by_key(|one| {
                    let row = &one.repository.row;
                    std::cmp::Reverse((row.pushed_at.unwrap_or(row.created_at), row.id))
                });
            } else {
                found.sort_by_cached_key(|one| fold(&one.repository.full_name));
            }
            let all = found.len();
            let cut = found.into_iter().skip(search.cut.offset).take(search.cut.size);
            let views = cut
                .map(|one| view(tx, permit, &mut known, one))
                .collect::<Result<_, _>>()?;
            Ok((views, all))
        })
    }
}

fn matches(one: &Admitted, text: &str, visibility: Option<Visibility>) -> bool {
    let row = &one.repository.row;
    let described = || {
        let description = row.description.as_deref().unwrap_or("");
        description.to_lowercase().contains(text)
    };
    visibility.is_none_or(|wanted| wanted == row.visibility)
        && (text.is_empty() || fold(&one.repository.full_name).contains(text) || described())
}
