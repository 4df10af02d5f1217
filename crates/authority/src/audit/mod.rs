//! The audit log for those who may read it: search, export, retention.
//!
//! Whose events a log holds: an organization's those at its own resources, an enterprise's those of its
//! organizations, a person's own those that the person or one of its tokens caused.

pub mod count;
pub mod export;
pub mod prune;
mod query;

pub use query::{Asked, Include, Place, Search};

use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_catalogue::Target;
use bailiwick_model::{AccountId, EnterpriseId};
use bailiwick_store::audit::{self, Condition, Match, Query};
use bailiwick_store::token::{self, TokenQuery};
use bailiwick_store::{AccountKind, EventRow, Tx, account, enterprise};
use std::collections::{HashMap, HashSet};

/// Tokens of a person whose events are looked for besides the person's own.
const OWN_TOKENS_MAX: usize = 200;

/// An event as answers show it.
#[derive(Clone, Debug)]
pub struct EventView {
    /// What is stored.
    pub row: EventRow,
    /// Whether its owner is an organization.
    pub at_organization: bool,
    /// The slug of its enterprise.
    pub business: Option<String>,
    /// Whether something of it is not for the reader: from where somebody else acted.
    pub withheld: bool,
}

/// A page of a log.
#[derive(Clone, Debug)]
pub struct EventPage {
    /// The events in the chosen order.
    pub events: Vec<EventView>,
    /// Whether there are earlier ones in that order.
    pub before: bool,
    /// Whether there are later ones in that order.
    pub after: bool,
}

/// Whose log the operation reads.
// SECURITY: the one place that says which events a log may show; every search begins with it.
fn scope(tx: &mut Tx<'_>, permit: &Permit) -> Result<Condition, Fault> {
    if let Some(enterprise) = permit.gathered().enterprise() {
        return Ok(Condition::is(Match::Enterprise(enterprise.id)));
    }
    match permit.gathered().named(Target::Organization) {
        crate::Named::Account(owner) => Ok(Condition::is(Match::Owner(owner.facts.id))),
        crate::Named::Absent => own(tx, permit.person()?),
        _ => Err(Fault::not_found()),
    }
}

fn own(tx: &mut Tx<'_>, person: AccountId) -> Result<Condition, Fault> {
    let mut any = vec![Match::Actor(person)];
    any.extend(own_tokens(tx, person)?);
    Ok(Condition::any(any))
}

fn own_tokens(tx: &mut Tx<'_>, person: AccountId) -> Result<Vec<Match>, Fault> {
    let query = TokenQuery {
        owner: Some(person),
        ..TokenQuery::default()
    };
    let tokens = token::list(tx, &query)?;
    let newest = tokens.iter().rev().take(OWN_TOKENS_MAX);
    Ok(newest.map(|row| Match::Token(row.id)).collect())
}

/// The log in parts that have no event in common, each of which an index can follow on its own, with what else must
/// hold. Together they are what [`scope`] says.
fn parts(tx: &mut Tx<'_>, permit: &Permit, asked: &[Condition]) -> Result<Vec<Vec<Condition>>, Fault> {
    let whole = scope(tx, permit)?;
    let heads = match whole.any.split_first() {
        Some((Match::Actor(person), tokens)) => {
            let mut heads = vec![vec![Condition::is(Match::Actor(*person))]];
            // SECURITY: from where others acted is not told to a token's holder, so a search for an address must
            // not find it out either.
            if !tokens.is_empty() && !Search::asks_address(asked) {
                heads.push(vec![
                    Condition::any(tokens.to_vec()),
                    Condition::not(Match::Actor(*person)),
                ]);
            }
            heads
        }
        _ => vec![vec![whole]],
    };
    let with = |mut head: Vec<Condition>| {
        head.extend_from_slice(asked);
        head
    };
    Ok(heads.into_iter().map(with).collect())
}

impl Authority {
    /// A page of the log that the operation names.
    pub fn audit_search(&self, permit: &Permit, search: &Search) -> Result<EventPage, Fault> {
        let conditions = search.conditions()?;
        self.read(permit, |tx| {
            let backwards = search.before.is_some();
            // One more tells whether there are more.
            let limit = search.size.saturating_add(1);
            let mut rows = Vec::new();
            for all in parts(tx, permit, &conditions)? {
                let query = Query {
                    all,
                    after: search.after.map(Into::into),
                    before: search.before.map(Into::into),
                    ascending: search.ascending,
                    limit,
                };
                rows.extend(audit::search(tx, &query)?);
            }
            rows.sort_by_key(|row| row.cursor());
            if !search.ascending {
                rows.reverse();
            }
            // Of several parts the ones nearest to where the page begins.
            if backwards {
                rows.drain(..rows.len().saturating_sub(limit));
            }
            let more = rows.len() > search.size;
            if more && backwards {
                rows.remove(0);
            }
            rows.truncate(search.size);
            Ok(EventPage {
                events: views(tx, permit, rows)?,
                before: if backwards { more } else { search.after.is_some() },
                after: if backwards { true } else { more },
            })
        })
    }
}

impl Authority {
    /// One event of the log that the operation names.
    pub fn audit_event(&self, permit: &Permit, id: i64) -> Result<EventView, Fault> {
        self.read(permit, |tx| {
            let all = vec![Condition::is(Match::Id(id)), scope(tx, permit)?];
            let rows = audit::search(tx, &Query::new(all, 1))?;
            views(tx, permit, rows)?.pop().ok_or_else(Fault::not_found)
        })
    }
}

/// Events with the names that they hold only as ids.
fn views(tx: &mut Tx<'_>, permit: &Permit, rows: Vec<EventRow>) -> Result<Vec<EventView>, Fault> {
    let person = permit.actor();
    let at_owner = permit.owner().is_ok() || permit.gathered().enterprise().is_some();
    let mut ids: Vec<AccountId> = rows.iter().filter_map(|row| row.owner_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let organizations: HashSet<AccountId> = account::by_ids(tx, &ids)?
        .into_iter()
        .filter(|row| row.kind == AccountKind::Organization)
        .map(|row| row.id)
        .collect();
    let mut slugs: HashMap<EnterpriseId, Option<String>> = HashMap::new();
    let mut views = Vec::with_capacity(rows.len());
    for mut row in rows {
        // Who approved or ended a token is told to its holder; from where is not.
        let withheld = !at_owner && row.actor_id != person;
        if withheld {
            row.address = None;
            row.user_agent = None;
        }
        let business = match row.enterprise_id {
            None => None,
            Some(id) => match slugs.get(&id) {
                Some(slug) => slug.clone(),
                None => {
                    let slug = enterprise::by_id(tx, id)?.map(|found| found.slug);
                    slugs.insert(id, slug.clone());
                    slug
                }
            },
        };
        views.push(EventView {
            at_organization: row.owner_id.is_some_and(|id| organizations.contains(&id)),
            business,
            withheld,
            row,
        });
    }
    Ok(views)
}
