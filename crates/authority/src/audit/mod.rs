//! The audit log for those who may read it: search, export, retention.
//!
//! Whose events a log holds: an organization's those at its own resources, an enterprise's those of its
//! organizations, a person's own those that the person or one of its tokens caused.

pub mod export;
pub mod prune;
mod query;

pub use query::{Include, Place, Search};

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
    let query = TokenQuery {
        owner: Some(person),
        ..TokenQuery::default()
    };
    let mut any = vec![Match::Actor(person)];
    let tokens = token::list(tx, &query)?;
    any.extend(
        tokens
            .iter()
            .rev()
            .take(OWN_TOKENS_MAX)
            .map(|row| Match::Token(row.id)),
    );
    Ok(Condition::any(any))
}

impl Authority {
    /// A page of the log that the operation names.
    pub fn audit_search(&self, permit: &Permit, search: &Search) -> Result<EventPage, Fault> {
        let conditions = search.conditions()?;
        self.read(permit, |tx| {
            let mut all = vec![scope(tx, permit)?];
            all.extend(conditions);
            let query = Query {
                all,
                after: search.after.map(Into::into),
                before: search.before.map(Into::into),
                ascending: search.ascending,
                // One more tells whether there are more.
                limit: search.size.saturating_add(1),
            };
            let mut rows = audit::search(tx, &query)?;
            let more = rows.len() > search.size;
            let backwards = search.before.is_some();
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
        if !at_owner && row.actor_id != person {
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
            row,
        });
    }
    Ok(views)
}
