//! Who is in a team.

use super::member::member;
use super::team::{TeamKey, below, find, note_team};
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::OrganizationRole;
use bailiwick_store::{AccountRow, TeamRole, TeamRow, account, membership, team};
use std::collections::BTreeMap;

/// Somebody's place in a team.
#[derive(Clone, Debug)]
pub struct TeamMembershipView {
    /// The team.
    pub team: TeamRow,
    /// Who.
    pub user: AccountRow,
    /// What they are there.
    pub role: TeamRole,
}

impl Authority {
    /// The members of a team, those of teams below included; with a role only those who have it.
    pub fn team_members(
        &self,
        permit: &Permit,
        key: &TeamKey,
        role: Option<TeamRole>,
    ) -> Result<Vec<AccountRow>, Fault> {
        let owner = permit.owner_record()?.clone();
        self.read(permit, |tx| {
            let row = find(tx, permit, &owner, key)?;
            let mut found = BTreeMap::new();
            for id in below(tx, row.id)? {
                for (held, user) in team::members(tx, id)? {
                    // Members of a team below are members of this one, and maintain it only by a role of their own.
                    let held = if id == row.id { held } else { TeamRole::Member };
                    found.entry(user.id).or_insert((held, user));
                }
            }
            let found = found.into_values();
            Ok(found
                .filter(|(held, _)| role.is_none_or(|role| role == *held))
                .map(|(_, user)| user)
                .collect())
        })
    }

    /// Somebody's place in a team; none is not found.
    pub fn team_membership(
        &self,
        permit: &Permit,
        key: &TeamKey,
        login: &str,
    ) -> Result<TeamMembershipView, Fault> {
        let owner = permit.owner_record()?.clone();
        self.read(permit, |tx| {
            let team = find(tx, permit, &owner, key)?;
            let user = account::by_login(tx, login)?.ok_or_else(Fault::not_found)?;
            let mut role = team::member(tx, team.id, user.id)?;
            for id in below(tx, team.id)? {
                if role.is_none() && team::member(tx, id, user.id)?.is_some() {
                    role = Some(TeamRole::Member);
                }
            }
            Ok(TeamMembershipView {
                role: role.ok_or_else(Fault::not_found)?,
                team,
                user,
            })
        })
    }

    /// Puts a member of the organization into a team or changes what they are there.
    pub fn team_membership_set(
        &self,
        permit: Permit,
        key: &TeamKey,
        login: &str,
        role: TeamRole,
    ) -> Result<TeamMembershipView, Fault> {
        let owner = permit.owner_record()?.clone();
        self.act(permit, |act, permit| {
            let team = find(act.tx, permit, &owner, key)?;
            let user = member(act.tx, owner.facts.id, login)?.ok_or_else(|| {
                let message = "is no member of the organization: add the membership first";
                Fault::invalid("TeamMember", "username", "unprocessable", message)
            })?;
            // Owners maintain every team, as at GitHub.
            let owns = membership::get(act.tx, owner.facts.id, user.id)?
                .is_some_and(|row| row.role == OrganizationRole::Owner);
            let role = if owns { TeamRole::Maintainer } else { role };
            if team::member(act.tx, team.id, user.id)?.is_some() {
                act.action(match role {
                    TeamRole::Maintainer => "team.promote_maintainer",
                    TeamRole::Member => "team.demote_maintainer",
                });
            }
            team::set_member(act.tx, team.id, user.id, role)?;
            note_team(act, &owner, &team);
            act.event.user = Some(user.login.clone());
            Ok(TeamMembershipView { team, user, role })
        })
    }

    /// Takes somebody out of a team.
    pub fn team_membership_remove(&self, permit: Permit, key: &TeamKey, login: &str) -> Result<(), Fault> {
        let owner = permit.owner_record()?.clone();
        self.act(permit, |act, permit| {
            let team = find(act.tx, permit, &owner, key)?;
            let user = account::by_login(act.tx, login)?.ok_or_else(Fault::not_found)?;
            if !team::remove_member(act.tx, team.id, user.id)? {
                return Err(Fault::not_found());
            }
            note_team(act, &owner, &team);
            act.event.user = Some(user.login);
            Ok(())
        })
    }
}
