//! Reading repositories: one, and lists of them. Every list is cut down by the decision's own filter.

use super::reach::{Admitted, Owners, admit, admitted};
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use crate::token::RepositoryName;
use bailiwick_model::{AccountId, RepositoryId, RepositoryRole, Timestamp, Visibility};
use bailiwick_store::issue::{self, IssueQuery};
use bailiwick_store::repository::{self, RepositoryQuery};
use bailiwick_store::{
    AccountKind, AccountRow, RepositoryRow, TeamRow, Tx, account, collaborator, membership, team,
};
use std::collections::BTreeMap;

/// A repository as a caller sees it.
#[derive(Clone, Debug)]
pub struct RepositoryView {
    /// What is stored.
    pub row: RepositoryRow,
    /// Who owns it.
    pub owner: AccountRow,
    /// The caller's own role; `None` for a visitor.
    pub role: Option<RepositoryRole>,
    /// Open issues.
    pub open_issues: i64,
    /// Forks that the caller may see.
    pub forks: i64,
    /// What it was forked from, if the caller may see that.
    pub parent: Option<RepositoryName>,
}

/// A cut through a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cut {
    /// Skip so many.
    pub offset: usize,
    /// Return at most so many.
    pub size: usize,
}

/// By what repositories are sorted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum RepositorySort {
    /// By when they were created.
    Created,
    /// By when they were last edited.
    Updated,
    /// By when something was last pushed.
    Pushed,
    /// By owner and name.
    #[default]
    FullName,
}

/// Which repositories of an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum RepositoryKind {
    /// All of them.
    #[default]
    All,
    /// Public ones.
    Public,
    /// Private and internal ones.
    Private,
    /// Internal ones.
    Internal,
    /// Forks.
    Forks,
    /// All but forks.
    Sources,
    /// Those of others where the account has a role.
    Member,
}

/// How the caller stands to a repository.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Affiliations {
    /// Its own.
    pub owner: bool,
    /// Where it is a collaborator.
    pub collaborator: bool,
    /// Those of its organizations.
    pub organization_member: bool,
}

/// Which repositories to list, and in what order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RepositoryList {
    /// Of which kind.
    pub kind: RepositoryKind,
    /// Edited at or after this instant.
    pub since: Option<Timestamp>,
    /// Edited at or before this instant.
    pub before: Option<Timestamp>,
    /// By what.
    pub sort: RepositorySort,
    /// In which direction.
    pub ascending: bool,
    /// Which page.
    pub cut: Cut,
}

impl Authority {
    /// The repository that the path names.
    pub fn repository(&self, permit: &Permit) -> Result<RepositoryView, Fault> {
        let (record, owner) = permit.repository_record()?;
        let one = Admitted {
            repository: record.clone(),
            owner: owner.clone(),
        };
        self.read(permit, |tx| view(tx, permit, &mut Owners::default(), one))
    }

    /// The repositories of whoever acts.
    pub fn own_repositories(
        &self,
        permit: &Permit,
        affiliations: Affiliations,
        list: &RepositoryList,
    ) -> Result<(Vec<RepositoryView>, bool), Fault> {
        let id = permit.person()?;
        self.read(permit, |tx| {
            let mut known = Owners::default();
            let found = own_admitted(tx, permit, &mut known, id, affiliations)?;
            page(tx, permit, &mut known, found, list)
        })
    }

    /// The repositories of an account.
    pub fn repositories_of(
        &self,
        permit: &Permit,
        login: &str,
        list: &RepositoryList,
    ) -> Result<(Vec<RepositoryView>, bool), Fault> {
        self.read(permit, |tx| {
            let owner = account::by_login(tx, login)?.ok_or_else(Fault::not_found)?;
            let rows = if list.kind == RepositoryKind::Member && owner.kind == AccountKind::User {
                collaborator::repositories(tx, owner.id, &|_| true)?
            } else {
                let query = RepositoryQuery {
                    owners: Some(vec![owner.id]),
                    ..RepositoryQuery::default()
                };
                repository::list(tx, &query, &|_| true)?
            };
            let mut known = Owners::default();
            let found = admit(tx, permit, &mut known, rows)?;
            page(tx, permit, &mut known, found, list)
        })
    }

    /// Public repositories in the order of ids, after one; and whether more follow.
    pub fn public_repositories(
        &self,
        permit: &Permit,
        since: RepositoryId,
        size: usize,
    ) -> Result<(Vec<RepositoryView>, bool), Fault> {
        self.read(permit, |tx| {
            let query = RepositoryQuery {
                visibility: Some(Visibility::Public),
                after: Some(since),
                ..RepositoryQuery::default()
            };
            let mut known = Owners::default();
            let mut found = admitted(tx, permit, &mut known, &query)?;
            let more = found.len() > size;
            found.truncate(size);
            let views = found
                .into_iter()
                .map(|one| view(tx, permit, &mut known, one))
                .collect::<Result<_, _>>()?;
            Ok((views, more))
        })
    }

    /// The forks of the repository that the path names.
    pub fn forks(
        &self,
        permit: &Permit,
        list: &RepositoryList,
    ) -> Result<(Vec<RepositoryView>, bool), Fault> {
        let of = permit.repository()?.id;
        self.read(permit, |tx| {
            let query = RepositoryQuery {
                fork_of: Some(of),
                ..RepositoryQuery::default()
            };
            let mut known = Owners::default();
            let found = admitted(tx, permit, &mut known, &query)?;
            page(tx, permit, &mut known, found, list)
        })
    }

    /// The teams with a role at the repository that the path names, each with its role.
    pub fn repository_teams(
        &self,
        permit: &Permit,
    ) -> Result<Vec<(TeamRow, RepositoryRole, Option<TeamRow>)>, Fault> {
        let (record, owner) = permit.repository_record()?;
        let (id, organization) = (record.facts.id, owner.facts.id);
        self.read(permit, |tx| {
            let mut found = Vec::new();
            for (row, role) in team::of_repository(tx, id)? {
                if row.organization_id != organization {
                    continue;
                }
                let parent = match row.parent_id {
                    Some(parent) => team::by_id(tx, parent)?,
                    None => None,
                };
                found.push((row, role, parent));
            }
            Ok(found)
        })
    }
}

/// The repositories that an account, the caller's own, has a role at and may be shown.
pub(crate) fn own_admitted(
    tx: &mut Tx<'_>,
    permit: &Permit,
    known: &mut Owners,
    id: AccountId,
    affiliations: Affiliations,
) -> Result<Vec<Admitted>, Fault> {
    let mut owners = Vec::new();
    if affiliations.owner {
        owners.push(id);
    }
    if affiliations.organization_member {
        owners.extend(
            membership::of_user(tx, id)?
                .into_iter()
                .map(|(_, organization)| organization.id),
        );
        owners.extend(account::by_id(tx, id)?.and_then(|row| row.owner_id));
    }
    let mut rows = Vec::new();
    if !owners.is_empty() {
        let query = RepositoryQuery {
            owners: Some(owners),
            ..RepositoryQuery::default()
        };
        rows.extend(repository::list(tx, &query, &|_| true)?);
    }
    if affiliations.collaborator {
        rows.extend(collaborator::repositories(tx, id, &|_| true)?);
    }
    // What is shown is what the caller has a role at, not what everybody may read.
    let found = admit(tx, permit, known, unique(rows))?;
    Ok(found.into_iter().filter(|one| has_role(permit, one)).collect())
}

fn has_role(permit: &Permit, one: &Admitted) -> bool {
    let Some(principal) = permit.gathered().principal() else {
        return false;
    };
    let facts = &one.repository.facts;
    let member = principal.organization(facts.owner) > bailiwick_model::OrganizationRole::None;
    let own = principal.id == Some(facts.owner);
    own || member || principal.repository(facts.id) > RepositoryRole::None
}

fn unique(rows: Vec<RepositoryRow>) -> Vec<RepositoryRow> {
    rows.into_iter()
        .map(|row| (row.id, row))
        .collect::<BTreeMap<_, _>>()
        .into_values()
        .collect()
}

/// Filters, sorts and cuts, and looks the details of what is left up.
fn page(
    tx: &mut Tx<'_>,
    permit: &Permit,
    known: &mut Owners,
    mut found: Vec<Admitted>,
    list: &RepositoryList,
) -> Result<(Vec<RepositoryView>, bool), Fault> {
    found.retain(|one| wanted(&one.repository.row, list));
    found.sort_by(|one, other| {
        let (left, right) = (&one.repository.row, &other.repository.row);
        let name = |one: &Admitted| one.repository.full_name.to_ascii_lowercase();
        let order = match list.sort {
            RepositorySort::Created => left.created_at.cmp(&right.created_at),
            RepositorySort::Updated => left.updated_at.cmp(&right.updated_at),
            RepositorySort::Pushed => left
                .pushed_at
                .unwrap_or(left.created_at)
                .cmp(&right.pushed_at.unwrap_or(right.created_at)),
            RepositorySort::FullName => name(one).cmp(&name(other)),
        };
        let order = order.then(left.id.cmp(&right.id));
        if list.ascending { order } else { order.reverse() }
    });
    let more = found.len() > list.cut.offset.saturating_add(list.cut.size);
    let cut = found.into_iter().skip(list.cut.offset).take(list.cut.size);
    let views = cut
        .map(|one| view(tx, permit, known, one))
        .collect::<Result<_, _>>()?;
    Ok((views, more))
}

fn wanted(row: &RepositoryRow, list: &RepositoryList) -> bool {
    let kind = match list.kind {
        RepositoryKind::All | RepositoryKind::Member => true,
        RepositoryKind::Public => row.visibility == Visibility::Public,
        RepositoryKind::Private => row.visibility != Visibility::Public,
        RepositoryKind::Internal => row.visibility == Visibility::Internal,
        RepositoryKind::Forks => row.fork_of.is_some(),
        RepositoryKind::Sources => row.fork_of.is_none(),
    };
    kind && list.since.is_none_or(|since| row.updated_at >= since)
        && list.before.is_none_or(|before| row.updated_at <= before)
}

/// One repository with its details.
pub(crate) fn view(
    tx: &mut Tx<'_>,
    permit: &Permit,
    known: &mut Owners,
    one: Admitted,
) -> Result<RepositoryView, Fault> {
    let row = one.repository.row.clone();
    let open = IssueQuery {
        state: Some(String::from("open")),
        ..IssueQuery::default()
    };
    let open_issues = issue::count(tx, row.id, &open)?;
    let forks = RepositoryQuery {
        fork_of: Some(row.id),
        ..RepositoryQuery::default()
    };
    let forks = i64::try_from(admitted(tx, permit, known, &forks)?.len()).unwrap_or(i64::MAX);
    let parent = match row.fork_of {
        Some(id) => parent(tx, permit, known, id)?,
        None => None,
    };
    let role = permit.repository_role(&one.repository, &one.owner);
    Ok(RepositoryView {
        row,
        owner: one.owner.row.clone(),
        role,
        open_issues,
        forks,
        parent,
    })
}

fn parent(
    tx: &mut Tx<'_>,
    permit: &Permit,
    known: &mut Owners,
    id: RepositoryId,
) -> Result<Option<RepositoryName>, Fault> {
    let row = repository::by_id(tx, id)?.filter(|row| row.deleted_at.is_none());
    let found = admit(tx, permit, known, row.into_iter().collect())?;
    Ok(found.into_iter().next().map(|one| RepositoryName {
        row: one.repository.row.clone(),
        owner: one.owner.row.clone(),
    }))
}

/// A repository that was just made or changed, as its maker sees it. The permit's facts are those before the
/// change, so that the role is looked up anew.
pub(crate) fn view_of(tx: &mut Tx<'_>, permit: &Permit, row: RepositoryRow) -> Result<RepositoryView, Fault> {
    let owner = crate::records::owner(tx, row.owner_id)?.ok_or_else(Fault::not_found)?;
    let record = crate::records::repository_record(row.clone(), &owner.facts);
    let role = match permit.actor() {
        Some(id) => crate::records::principal(tx, id)?.map(|principal| {
            bailiwick_decision::effective::repository_role(&principal.facts, &record.facts, &owner.facts)
        }),
        None => None,
    };
    let known = &mut Owners::default();
    let one = Admitted {
        repository: std::sync::Arc::new(record),
        owner: std::sync::Arc::new(owner),
    };
    Ok(RepositoryView {
        role,
        ..view(tx, permit, known, one)?
    })
}
