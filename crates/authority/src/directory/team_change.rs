//! Making, editing and deleting teams.

use super::check;
use super::member::member;
use super::team::{TeamKey, TeamView, below, find, note_team, view};
use crate::Authority;
use crate::act::Act;
use crate::fault::Fault;
use crate::gather::{Named, OwnerRecord};
use crate::permit::Permit;
use bailiwick_catalogue::{Target, op};
use bailiwick_model::{OrganizationRole, RepositoryRole, TeamId, name};
use bailiwick_store::{StoreError, TeamPrivacy, TeamRole, TeamRow, Tx, team};
use std::sync::Arc;

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
    let record = crate::records::repository_of(act.tx, &owner.facts, bare)?.ok_or_else(invalid)?;
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
