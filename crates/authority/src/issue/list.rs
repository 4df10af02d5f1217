//! Reading issues: one, those of a repository, and those of every repository that the caller may see.

use super::viewing::Viewing;
use super::{IssueView, found, place, require_issues};
use crate::Authority;
use crate::directory::reach::Owners;
use crate::fault::Fault;
use crate::permit::Permit;
use crate::records;
use crate::token::RepositoryName;
use bailiwick_catalogue::perm;
use bailiwick_model::name::fold;
use bailiwick_model::{AccountId, Level, OrganizationRole, RepositoryId, RepositoryRole, Timestamp};
use bailiwick_store::issue::{self, Assigned, IssueQuery};
use bailiwick_store::repository::{self, RepositoryQuery};
use bailiwick_store::{RepositoryRow, Tx, account};
use std::collections::BTreeMap;
use std::sync::Arc;

pub use bailiwick_store::issue::IssueOrder;

/// Whom the issues of a list are assigned to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AssignedTo {
    /// The account of a login.
    Login(String),
    /// Anybody.
    Anybody,
    /// Nobody.
    Nobody,
}

/// Which issues to list, in what order, and which part of them.
#[derive(Clone, Debug)]
pub struct IssueList {
    /// `open` or `closed`; `None` is both.
    pub state: Option<&'static str>,
    /// With every one of these labels.
    pub labels: Vec<String>,
    /// Assigned so.
    pub assigned: Option<AssignedTo>,
    /// Opened by the account of this login.
    pub creator: Option<String>,
    /// Edited at or after this instant.
    pub since: Option<Timestamp>,
    /// By what to sort.
    pub order: IssueOrder,
    /// Smallest first.
    pub ascending: bool,
    /// Skip so many.
    pub offset: usize,
    /// Return at most so many.
    pub size: usize,
}

/// What the caller has to do with the issues of a list over many repositories.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Involved {
    /// They are assigned to the caller.
    Assigned,
    /// The caller opened them.
    Created,
    /// Nothing: all of them.
    All,
}

/// Over which repositories such a list goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// All that the caller may see.
    Visible,
    /// Those that the caller owns or has a role at.
    OwnedAndMember,
    /// Those of the organization that the path names.
    Organization,
}

impl IssueList {
    fn query(&self) -> IssueQuery {
        IssueQuery {
            state: self.state.map(str::to_owned),
            labels: self.labels.iter().map(|name| fold(name)).collect(),
            assigned: None,
            creator: None,
            since: self.since,
            order: self.order,
            ascending: self.ascending,
            offset: self.offset,
            // One more tells whether more follow.
            limit: self.size.saturating_add(1),
        }
    }
}

fn cut<T>(mut rows: Vec<T>, size: usize) -> (Vec<T>, bool) {
    let more = rows.len() > size;
    rows.truncate(size);
    (rows, more)
}

impl Authority {
    /// The issue of a number.
    pub fn issue(&self, permit: &Permit, number: i64) -> Result<IssueView, Fault> {
        require_issues(permit)?;
        let place = place(permit)?;
        self.read(permit, |tx| {
            let row = found(tx, permit, number)?;
            Viewing::default().issue(tx, permit, &place, row)
        })
    }

    /// Issues of the permitted repository, and whether more follow.
    pub fn issues(&self, permit: &Permit, list: &IssueList) -> Result<(Vec<IssueView>, bool), Fault> {
        require_issues(permit)?;
        let place = place(permit)?;
        self.read(permit, |tx| {
            let mut query = list.query();
            query.assigned = match &list.assigned {
                None => None,
                Some(AssignedTo::Anybody) => Some(Assigned::Anybody),
                Some(AssignedTo::Nobody) => Some(Assigned::Nobody),
                Some(AssignedTo::Login(login)) => Some(Assigned::To(known(tx, "assignee", login)?)),
            };
            query.creator = match &list.creator {
                None => None,
                Some(login) => Some(known(tx, "creator", login)?),
            };
            let rows = issue::list(tx, place.row.id, &query)?;
            let (rows, more) = cut(rows, list.size);
            let mut viewing = Viewing::default();
            let views = rows
                .into_iter()
                .map(|row| viewing.issue(tx, permit, &place, row))
                .collect::<Result<_, _>>()?;
            Ok((views, more))
        })
    }

    /// Issues of every repository within reach whose issues the caller may read, and whether more follow.
    pub fn issues_across(
        &self,
        permit: &Permit,
        reach: Reach,
        involved: Involved,
        list: &IssueList,
    ) -> Result<(Vec<IssueView>, bool), Fault> {
        let person = permit.person()?;
        self.read(permit, |tx| {
            let places = places(tx, permit, person, reach, involved)?;
            let ids: Vec<RepositoryId> = places.keys().copied().collect();
            let mut query = list.query();
            match involved {
                Involved::Assigned => query.assigned = Some(Assigned::To(person)),
                Involved::Created => query.creator = Some(person),
                Involved::All => {}
            }
            let (rows, more) = cut(issue::list_across(tx, &ids, &query)?, list.size);
            let mut viewing = Viewing::default();
            let mut views = Vec::with_capacity(rows.len());
            for row in rows {
                if let Some(place) = places.get(&row.repository_id) {
                    views.push(viewing.issue(tx, permit, place, row)?);
                }
            }
            Ok((views, more))
        })
    }
}

/// The account of a login in a query; one that does not exist is the caller's mistake, as at GitHub.
fn known(tx: &mut Tx<'_>, field: &str, login: &str) -> Result<AccountId, Fault> {
    let found = account::by_login(tx, login)?;
    found
        .map(|row| row.id)
        .ok_or_else(|| Fault::invalid(super::RESOURCE, field, "invalid", "is not an account"))
}

/// The repositories that such a list may show.
// SECURITY: the decision's filter is asked for each one; a candidate that it does not admit never reaches the query.
fn places(
    tx: &mut Tx<'_>,
    permit: &Permit,
    person: AccountId,
    reach: Reach,
    involved: Involved,
) -> Result<BTreeMap<RepositoryId, Arc<RepositoryName>>, Fault> {
    let filter = permit.filter(perm::ISSUES, Level::Read);
    let mut owners = Owners::default();
    let mut places = BTreeMap::new();
    for row in candidates(tx, permit, person, reach, involved)? {
        if !row.has_issues || (reach == Reach::OwnedAndMember && !has_role(permit, &row)) {
            continue;
        }
        let Some(owner) = owners.get(tx, row.owner_id)? else {
            continue;
        };
        let record = records::repository_record(row, &owner.facts);
        if filter.admits(&record.facts, &owner.facts) {
            let place = RepositoryName {
                row: record.row,
                owner: owner.row.clone(),
            };
            places.insert(place.row.id, Arc::new(place));
        }
    }
    Ok(places)
}

fn candidates(
    tx: &mut Tx<'_>,
    permit: &Permit,
    person: AccountId,
    reach: Reach,
    involved: Involved,
) -> Result<Vec<RepositoryRow>, Fault> {
    if reach == Reach::Organization {
        return in_accounts(tx, vec![permit.owner()?.id]);
    }
    let ids = match involved {
        Involved::Assigned => issue::repositories_assigned(tx, person)?,
        Involved::Created => issue::repositories_created(tx, person)?,
        Involved::All => {
            let principal = permit.gathered().principal();
            let accounts = principal.into_iter().flat_map(|facts| {
                let organizations = facts.organizations.iter().map(|(organization, _)| *organization);
                organizations.chain(facts.id)
            });
            let mut rows = in_accounts(tx, accounts.collect())?;
            let ids = principal.map(|facts| facts.repositories.iter().map(|(id, _)| *id).collect());
            rows.extend(of_ids(tx, ids.unwrap_or_default())?);
            return Ok(rows);
        }
    };
    of_ids(tx, ids)
}

fn in_accounts(tx: &mut Tx<'_>, owners: Vec<AccountId>) -> Result<Vec<RepositoryRow>, Fault> {
    let query = RepositoryQuery {
        owners: Some(owners),
        ..RepositoryQuery::default()
    };
    Ok(repository::list(tx, &query, &|_| true)?)
}

fn of_ids(tx: &mut Tx<'_>, ids: Vec<RepositoryId>) -> Result<Vec<RepositoryRow>, Fault> {
    let query = RepositoryQuery {
        ids: Some(ids),
        ..RepositoryQuery::default()
    };
    Ok(repository::list(tx, &query, &|_| true)?)
}

fn has_role(permit: &Permit, row: &RepositoryRow) -> bool {
    permit.gathered().principal().is_some_and(|principal| {
        principal.id == Some(row.owner_id)
            || principal.organization(row.owner_id) > OrganizationRole::None
            || principal.repository(row.id) > RepositoryRole::None
    })
}
