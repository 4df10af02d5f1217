//! Transfer: the repository leaves one owner, with every grant, team and collaboration there, and arrives at another.

use super::create::{check_row, conflict};
use super::edit::live;
use super::repository::{RepositoryView, view_of};
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use crate::upstream::disk::{must_be_hosted, owner_must_be_hosted};
use bailiwick_model::{OrganizationRole, OwnerKind, RepositoryRole, TeamId, Visibility};
use bailiwick_store::{collaborator, repository, team};

/// Where it goes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TransferInput {
    /// Its name there.
    pub new_name: Option<String>,
    /// Teams of the new owner that may read it.
    pub teams: Vec<TeamId>,
}

impl Authority {
    /// Transfers the repository that the path names to the account that the body names.
    pub fn repository_transfer(
        &self,
        permit: Permit,
        input: &TransferInput,
    ) -> Result<RepositoryView, Fault> {
        let (record, owner) = permit.repository_record()?;
        let (id, old) = (record.facts.id, owner.row.clone());
        let new = permit.destination_record()?.clone();
        if new.facts.id == old.id {
            return Err(Fault::invalid(
                "Repository",
                "new_owner",
                "invalid",
                "owns the repository already",
            ));
        }
        let by_member = permit.organization_role(&new) < OrganizationRole::Owner;
        self.act(permit, |act, permit| {
            let mut row = live(act.tx, id)?;
            must_be_hosted(&row, "transfer it there")?;
            owner_must_be_hosted(&new.row)?;
            row.owner_id = new.facts.id;
            if let Some(name) = &input.new_name {
                row.name.clone_from(name);
            }
            if row.visibility == Visibility::Internal && new.facts.enterprise != old.enterprise_id {
                // Internal is a word of the old enterprise. Elsewhere it must not open to anybody new.
                row.visibility = Visibility::Private;
            }
            row.updated_at = permit.now();
            check_row(&row)?;
            // INVARIANT: grants of the old owner, and the people it let in, do not follow; coming back later does
            // not revive them.
            repository::detach(act.tx, id)?;
            repository::update(act.tx, &row).map_err(conflict)?;
            for team in &input.teams {
                team::by_id(act.tx, *team)?
                    .filter(|row| {
                        row.organization_id == new.facts.id && new.facts.kind == OwnerKind::Organization
                    })
                    .ok_or_else(|| {
                        Fault::invalid(
                            "Repository",
                            "team_ids",
                            "invalid",
                            "no such team of the new owner",
                        )
                    })?;
                team::set_repository(act.tx, *team, id, RepositoryRole::Read)?;
            }
            if let (true, OwnerKind::Organization, Some(actor)) = (by_member, new.facts.kind, permit.actor())
            {
                collaborator::set(act.tx, id, actor, RepositoryRole::Admin, permit.now())?;
            }
            act.note("old_user", old.login.clone());
            act.note("new_owner", new.facts.login.clone());
            // The main event is the old owner's; the new one gets its own.
            let arrived = act.another("repo.transfer");
            arrived.owner = Some(new.facts.id);
            arrived.owner_login = Some(new.facts.login.clone());
            arrived.enterprise = new.facts.enterprise;
            arrived.repository_name = Some(format!("{}/{}", new.facts.login, row.name));
            arrived.data.insert("old_user".into(), old.login.clone().into());
            view_of(act.tx, permit, row)
        })
    }
}
