//! Teams: a tree in each organization. Whoever is in a team has the roles of the teams above it, too.

use super::check;
use super::member::member;
use crate::Authority;
use crate::act::Act;
use crate::fault::Fault;
use crate::gather::{Named, OwnerRecord};
use crate::permit::Permit;
use bailiwick_catalogue::{Target, op};
use bailiwick_model::{AccountId, OrganizationRole, RepositoryRole, TeamId, name};
use bailiwick_store::{AccountRow, StoreError, TeamPrivacy, TeamRole, TeamRow, Tx, team};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

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

/// What a new team shall be.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TeamInput {
    /// Its name.
    pub name: Option<String>,
    /// What it is for; the inner `None` removes.
    pub description: Option<Option<String>>,
    /// Who may see it: `closed` or `secret`.
    pub privacy: Option<String>,
    /// The team above; the inner `None` is none.
    pub parent: Option<Option<TeamId>>,
    /// Members who maintain it; only for new teams.
    pub maintainers: Vec<String>,
    /// Repositories it may read, as `owner/name`; only for new teams.
    pub repositories: Vec<String>,
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

    /// Makes a team; a member who makes one maintains it.
    pub fn team_create(&self, permit: Permit, input: &TeamInput) -> Result<TeamView, Fault> {
        let owner = permit.owner_record()?.clone();
        self.act(permit, |act, permit| {
            let name = input.name.as_deref().unwrap_or("");
            let mut row = TeamRow::new(owner.facts.id, &slug(name)?, name, permit.now());
            apply(act.tx, &owner, &mut row, input)?;
            let row = team::insert(act.tx, row).map_err(slug_taken)?;
            for login in &input.maintainers {
                let user = member(act.tx, owner.facts.id, login)?.ok_or_else(|| {
                    Fault::invalid(
                        "Team",
                        "maintainers",
                        "invalid",
                        format!("{login} is no member of the organization"),
                    )
                })?;
                team::set_member(act.tx, row.id, user.id, TeamRole::Maintainer)?;
            }
            if let Some(id) = permit.actor()
                && permit.organization_role(&owner) >= OrganizationRole::Member
                && permit
                    .gathered()
                    .principal()
                    .is_some_and(|principal| principal.person)
            {
                team::set_member(act.tx, row.id, id, TeamRole::Maintainer)?;
            }
            for name in &input.repositories {
                give_first_role(act, permit, &owner, &row, name)?;
            }
            note_team(act, &owner, &row);
            view(act.tx, &owner, row)
        })
    }

    /// Edits a team.
    pub fn team_edit(&self, permit: Permit, key: &TeamKey, input: &TeamInput) -> Result<TeamView, Fault> {
        let owner = permit.owner_record()?.clone();
        self.act(permit, |act, permit| {
            let mut row = find(act.tx, permit, &owner, key)?;
            let before = row.clone();
            if let Some(name) = input.name.as_deref().filter(|name| *name != before.name) {
                row.slug = slug(name)?;
                name.clone_into(&mut row.name);
            }
            apply(act.tx, &owner, &mut row, input)?;
            row.updated_at = permit.now();
            team::update(act.tx, &row).map_err(slug_taken)?;
            if before.name != row.name {
                act.action("team.rename");
                act.note("old_name", before.name);
            } else if before.parent_id != row.parent_id {
                act.action("team.change_parent_team");
            } else if before.privacy != row.privacy {
                act.action("team.change_privacy");
            }
            note_team(act, &owner, &row);
            view(act.tx, &owner, row)
        })
    }

    /// Deletes a team and every team below it.
    pub fn team_delete(&self, permit: Permit, key: &TeamKey) -> Result<(), Fault> {
        let owner = permit.owner_record()?.clone();
        self.act(permit, |act, permit| {
            let row = find(act.tx, permit, &owner, key)?;
            let below = below(act.tx, row.id)?.len() - 1;
            team::delete(act.tx, row.id)?;
            note_team(act, &owner, &row);
            act.note("child_teams", below);
            Ok(())
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

fn slug(text: &str) -> Result<String, Fault> {
    check::line("Team", "name", text, check::LINE_CHARS_MAX)?;
    let slug = name::slug(text);
    if slug.is_empty() {
        return Err(Fault::invalid(
            "Team",
            "name",
            "missing_field",
            "needs a letter or digit",
        ));
    }
    Ok(slug)
}

fn slug_taken(error: StoreError) -> Fault {
    if error.is_conflict_of("team_organization_id_slug_key") {
        Fault::invalid(
            "Team",
            "name",
            "already_exists",
            "Name must be unique for this org",
        )
    } else {
        error.into()
    }
}

fn apply(tx: &mut Tx<'_>, owner: &OwnerRecord, row: &mut TeamRow, input: &TeamInput) -> Result<(), Fault> {
    if let Some(description) = &input.description {
        check::line(
            "Team",
            "description",
            description.as_deref().unwrap_or(""),
            check::DESCRIPTION_CHARS_MAX,
        )?;
        row.description = check::kept(description.as_deref());
    }
    if let Some(word) = &input.privacy {
        row.privacy = match word.as_str() {
            "closed" => TeamPrivacy::Closed,
            "secret" => TeamPrivacy::Secret,
            _ => {
                return Err(Fault::invalid(
                    "Team",
                    "privacy",
                    "invalid",
                    "use closed or secret",
                ));
            }
        };
    }
    if let Some(parent) = input.parent {
        if let Some(id) = parent {
            check_parent(tx, owner, row, id)?;
        }
        row.parent_id = parent;
    }
    let nested = row.parent_id.is_some() || (row.id.0 != 0 && !team::children(tx, row.id)?.is_empty());
    if nested && row.privacy == TeamPrivacy::Secret {
        return Err(Fault::invalid(
            "Team",
            "privacy",
            "invalid",
            "a secret team has no parent and no children",
        ));
    }
    Ok(())
}

fn check_parent(tx: &mut Tx<'_>, owner: &OwnerRecord, row: &TeamRow, id: TeamId) -> Result<(), Fault> {
    let invalid = |message: &str| Err(Fault::invalid("Team", "parent_team_id", "invalid", message));
    let Some(parent) = team::by_id(tx, id)?.filter(|parent| parent.organization_id == owner.facts.id) else {
        return invalid("no such team in the organization");
    };
    if parent.privacy == TeamPrivacy::Secret {
        return invalid("a secret team has no children");
    }
    if row.id.0 != 0 && team::is_below(tx, id, row.id)? {
        return invalid("a team cannot be below itself");
    }
    Ok(())
}

/// A new team's first repositories take what giving a team a role takes: the decision is asked for each.
fn give_first_role(
    act: &mut Act<'_, '_>,
    permit: &Permit,
    owner: &Arc<OwnerRecord>,
    row: &TeamRow,
    name: &str,
) -> Result<(), Fault> {
    let invalid = || {
        Fault::invalid(
            "Team",
            "repo_names",
            "invalid",
            format!("{name} cannot be given to the team"),
        )
    };
    let bare = match name.split_once('/') {
        None => name,
        Some((login, bare)) if login.eq_ignore_ascii_case(&owner.facts.login) => bare,
        Some(_) => return Err(invalid()),
    };
    let record = crate::load::repository_of(act.tx, &owner.facts, bare)?.ok_or_else(invalid)?;
    let id = record.facts.id;
    let targets = [
        (Target::Organization, Named::Account(owner.clone())),
        (
            Target::Repository,
            Named::Repository(Arc::new(record), owner.clone()),
        ),
    ];
    if !permit.would(op::TEAMS_ADD_OR_UPDATE_REPO_PERMISSIONS_IN_ORG, &targets) {
        return Err(invalid());
    }
    Ok(team::set_repository(act.tx, row.id, id, RepositoryRole::Read)?)
}

/// The event's field about a team.
pub(crate) fn note_team(act: &mut Act<'_, '_>, owner: &OwnerRecord, row: &TeamRow) {
    act.note("team", format!("{}/{}", owner.facts.login, row.slug));
}
