//! Teams: a tree in each organization. Whoever is in a team has the roles of the teams above it, too.

use crate::Authority;
use crate::act::Act;
use crate::fault::Fault;
use crate::gather::OwnerRecord;
use crate::permit::Permit;
use bailiwick_catalogue::op;
use bailiwick_model::{AccountId, OrganizationRole, RepositoryRole, TeamId};
use bailiwick_store::{AccountRow, TeamPrivacy, TeamRow, Tx, team};
use std::collections::{BTreeMap, BTreeSet};

/// How a path names a team.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TeamKey {
    /// By its slug in the organization of the path.
    Slug(String),
    /// By its id.
    Id(TeamId),
}

/// A team with what belongs to it.
#[derive(Clone, Debug)]
pub struct TeamView {
    /// What is stored.
    pub row: TeamRow,
    /// The organization.
    pub organization: AccountRow,
    /// The team above.
    pub parent: Option<TeamRow>,
    /// Members, those of teams below included.
    pub members: i64,
    /// Repositories, those of teams above included.
    pub repositories: i64,
}

impl Authority {
    /// The teams of the organization that the path names, as far as the caller may see them.
    pub fn teams(&self, permit: &Permit) -> Result<Vec<TeamView>, Fault> {
        let owner = permit.owner_record()?.clone();
        self.read(permit, |tx| {
            let rows = team::list(tx, owner.facts.id)?;
            visible_views(tx, permit, &owner, rows)
        })
    }

    /// One team.
    pub fn team(&self, permit: &Permit, key: &TeamKey) -> Result<TeamView, Fault> {
        let owner = permit.owner_record()?.clone();
        self.read(permit, |tx| {
            let row = find(tx, permit, &owner, key)?;
            view(tx, &owner, row)
        })
    }

    /// The teams directly below a team.
    pub fn team_children(&self, permit: &Permit, key: &TeamKey) -> Result<Vec<TeamView>, Fault> {
        let owner = permit.owner_record()?.clone();
        self.read(permit, |tx| {
            let row = find(tx, permit, &owner, key)?;
            let rows = team::children(tx, row.id)?;
            visible_views(tx, permit, &owner, rows)
        })
    }

    /// The teams of whoever acts, in organizations where the credential may read members.
    pub fn own_teams(&self, permit: &Permit) -> Result<Vec<TeamView>, Fault> {
        let own = permit.person()?;
        self.read(permit, |tx| {
            let mut owners = super::reach::Owners::default();
            let mut found = Vec::new();
            for (row, _) in team::of_user(tx, own)? {
                if let Some(owner) = owners.get(tx, row.organization_id)?
                    && permit.organization_role(&owner) >= OrganizationRole::Member
                    && permit.reaches(&owner)
                    && (!permit.is_by_grants() || permit.would_at(op::TEAMS_LIST, &owner))
                {
                    found.push(view(tx, &owner, row)?);
                }
            }
            Ok(found)
        })
    }
}

/// The team that a path names. A secret team is there only for its members and the organization's owners.
pub(crate) fn find(
    tx: &mut Tx<'_>,
    permit: &Permit,
    owner: &OwnerRecord,
    key: &TeamKey,
) -> Result<TeamRow, Fault> {
    let row = match key {
        TeamKey::Slug(slug) => team::by_slug(tx, owner.facts.id, slug)?,
        // SECURITY: an id of another organization's team names nothing here.
        TeamKey::Id(id) => team::by_id(tx, *id)?.filter(|row| row.organization_id == owner.facts.id),
    };
    let row = row.ok_or_else(Fault::not_found)?;
    if is_visible(tx, permit, owner, &row)? {
        Ok(row)
    } else {
        Err(Fault::not_found())
    }
}

fn is_visible(tx: &mut Tx<'_>, permit: &Permit, owner: &OwnerRecord, row: &TeamRow) -> Result<bool, Fault> {
    if row.privacy == TeamPrivacy::Closed || permit.organization_role(owner) == OrganizationRole::Owner {
        return Ok(true);
    }
    match permit.actor() {
        Some(own) => Ok(team::member(tx, row.id, own)?.is_some()),
        None => Ok(false),
    }
}

fn visible_views(
    tx: &mut Tx<'_>,
    permit: &Permit,
    owner: &OwnerRecord,
    rows: Vec<TeamRow>,
) -> Result<Vec<TeamView>, Fault> {
    let mut found = Vec::new();
    for row in rows {
        if is_visible(tx, permit, owner, &row)? {
            found.push(view(tx, owner, row)?);
        }
    }
    Ok(found)
}

pub(crate) fn view(tx: &mut Tx<'_>, owner: &OwnerRecord, row: TeamRow) -> Result<TeamView, Fault> {
    let parent = match row.parent_id {
        Some(id) => team::by_id(tx, id)?,
        None => None,
    };
    let mut members: BTreeSet<AccountId> = BTreeSet::new();
    for id in below(tx, row.id)? {
        members.extend(team::members(tx, id)?.into_iter().map(|(_, user)| user.id));
    }
    let repositories = repository_roles(tx, &row)?.len();
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    Ok(TeamView {
        row,
        organization: owner.row.clone(),
        parent,
        members: count(members.len()),
        repositories: count(repositories),
    })
}

/// A team and every team below it, the team itself first.
pub(crate) fn below(tx: &mut Tx<'_>, id: TeamId) -> Result<Vec<TeamId>, Fault> {
    let mut all = vec![id];
    let mut next = vec![id];
    while let Some(id) = next.pop() {
        for child in team::children(tx, id)? {
            if !all.contains(&child.id) {
                all.push(child.id);
                next.push(child.id);
            }
        }
    }
    Ok(all)
}

/// A team and every team above it, the team itself first.
pub(crate) fn above(tx: &mut Tx<'_>, row: &TeamRow) -> Result<Vec<TeamId>, Fault> {
    let mut all = vec![row.id];
    let mut next = row.parent_id;
    while let Some(id) = next.filter(|id| !all.contains(id)) {
        all.push(id);
        next = team::by_id(tx, id)?.and_then(|row| row.parent_id);
    }
    Ok(all)
}

/// The repositories of a team and of those above it, each with the highest role.
pub(crate) fn repository_roles(
    tx: &mut Tx<'_>,
    row: &TeamRow,
) -> Result<BTreeMap<bailiwick_model::RepositoryId, (bailiwick_store::RepositoryRow, RepositoryRole)>, Fault>
{
    let mut found = BTreeMap::new();
    for id in above(tx, row)? {
        for (repository, role) in team::repositories(tx, id, &|found| found.owner_id == row.organization_id)?
        {
            let slot = found.entry(repository.id).or_insert((repository, role));
            slot.1 = slot.1.max(role);
        }
    }
    Ok(found)
}

/// The event's field about a team.
pub(crate) fn note_team(act: &mut Act<'_, '_>, owner: &OwnerRecord, row: &TeamRow) {
    act.note("team", format!("{}/{}", owner.facts.login, row.slug));
}
