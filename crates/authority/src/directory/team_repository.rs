//! The repositories that teams have roles at.

use super::reach::{Owners, admit};
use super::repository::{Cut, RepositoryView, view};
use super::team::{TeamKey, find, note_team, repository_roles};
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::RepositoryRole;
use bailiwick_store::team;

/// A repository with a team's role there.
#[derive(Clone, Debug)]
pub struct TeamRepositoryView {
    /// The repository.
    pub repository: RepositoryView,
    /// The team's role, those of the teams above included.
    pub role: RepositoryRole,
}

impl Authority {
    /// The repositories of a team that the caller may see.
    pub fn team_repositories(
        &self,
        permit: &Permit,
        key: &TeamKey,
        cut: Cut,
    ) -> Result<(Vec<TeamRepositoryView>, bool), Fault> {
        let owner = permit.owner_record()?.clone();
        self.read(permit, |tx| {
            let row = find(tx, permit, &owner, key)?;
            let mut roles = std::collections::BTreeMap::new();
            let mut rows = Vec::new();
            for (id, (repository, role)) in repository_roles(tx, &row)? {
                roles.insert(id, role);
                rows.push(repository);
            }
            let mut known = Owners::default();
            let found = admit(tx, permit, &mut known, rows)?;
            let more = found.len() > cut.offset.saturating_add(cut.size);
            let mut views = Vec::new();
            for one in found.into_iter().skip(cut.offset).take(cut.size) {
                let role = roles.get(&one.repository.facts.id).copied().unwrap_or_default();
                views.push(TeamRepositoryView {
                    repository: view(tx, permit, &mut known, one)?,
                    role,
                });
            }
            Ok((views, more))
        })
    }

    /// A team's role at the repository that the path names; none is not found.
    pub fn team_repository(&self, permit: &Permit, key: &TeamKey) -> Result<TeamRepositoryView, Fault> {
        let (owner, record) = (
            permit.owner_record()?.clone(),
            permit.repository_record()?.0.clone(),
        );
        self.read(permit, |tx| {
            let row = find(tx, permit, &owner, key)?;
            let role = repository_roles(tx, &row)?
                .remove(&record.facts.id)
                .map(|(_, role)| role);
            let role = role.ok_or_else(Fault::not_found)?;
            let mut known = Owners::default();
            let one = admit(tx, permit, &mut known, vec![record.row.clone()])?
                .into_iter()
                .next();
            let one = one.ok_or_else(Fault::not_found)?;
            Ok(TeamRepositoryView {
                repository: view(tx, permit, &mut known, one)?,
                role,
            })
        })
    }

    /// Gives a team a role at the repository that the path names.
    pub fn team_repository_set(
        &self,
        permit: Permit,
        key: &TeamKey,
        role: RepositoryRole,
    ) -> Result<(), Fault> {
        let (owner, record) = (
            permit.owner_record()?.clone(),
            permit.repository_record()?.0.clone(),
        );
        if role == RepositoryRole::None {
            let message = "use pull, triage, push, maintain or admin";
            return Err(Fault::invalid("Team", "permission", "invalid", message));
        }
        if record.facts.owner != owner.facts.id {
            let message = "a team has roles only at repositories of its organization";
            return Err(Fault::invalid("Team", "repository", "unprocessable", message));
        }
        self.act(permit, |act, permit| {
            let row = find(act.tx, permit, &owner, key)?;
            if let Some(before) = team::repository(act.tx, row.id, record.facts.id)? {
                act.action("team.update_repository_permission");
                act.note("old_permission", before.word());
            }
            team::set_repository(act.tx, row.id, record.facts.id, role)?;
            note_team(act, &owner, &row);
            act.note("permission", role.word());
            Ok(())
        })
    }

    /// Takes a team's role at the repository that the path names away.
    pub fn team_repository_remove(&self, permit: Permit, key: &TeamKey) -> Result<(), Fault> {
        let (owner, record) = (
            permit.owner_record()?.clone(),
            permit.repository_record()?.0.clone(),
        );
        self.act(permit, |act, permit| {
            let row = find(act.tx, permit, &owner, key)?;
            if !team::remove_repository(act.tx, row.id, record.facts.id)? {
                return Err(Fault::not_found());
            }
            note_team(act, &owner, &row);
            Ok(())
        })
    }
}
