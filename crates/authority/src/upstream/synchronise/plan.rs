//! What must change here so that the directory is what the upstream says. Pure: the same state and the same snapshot
//! make the same plan, and once it is carried out the plan is empty.

mod owner;
mod people;
mod repository;
mod team;

use super::current::Current;
use super::snapshot::{Conflict, Snapshot};
use bailiwick_model::{AccountId, OrganizationRole, RepositoryId, RepositoryRole, TeamId, Visibility};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What must change.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plan {
    /// Owners that are called otherwise now.
    pub owners: Vec<OwnerChange>,
    /// Owners that are gone there; what was below them is removed, they themselves stay.
    pub owners_gone: Vec<AccountId>,
    /// Repositories that are not known here.
    pub created: Vec<RepositoryState>,
    /// Repositories that have changed; their owner has not.
    pub updated: Vec<(RepositoryId, RepositoryState)>,
    /// Repositories that belong to another owner now.
    pub transferred: Vec<(RepositoryId, RepositoryState)>,
    /// Repositories that are gone there.
    pub removed: Vec<RepositoryId>,
    /// Links that have changed.
    pub links: Vec<LinkChange>,
    /// Memberships that are new or have another role.
    pub members_set: Vec<(AccountId, AccountId, OrganizationRole)>,
    /// Memberships that have ended.
    pub members_removed: Vec<(AccountId, AccountId)>,
    /// Teams that are new.
    pub teams_created: Vec<TeamState>,
    /// Teams that have changed in any way.
    pub teams_updated: Vec<(TeamId, TeamState)>,
    /// Teams that are gone there.
    pub teams_removed: Vec<TeamId>,
    /// Roles that are new or another, by the repository's id there.
    pub collaborators_set: Vec<(String, AccountId, RepositoryRole)>,
    /// Roles that have ended.
    pub collaborators_removed: Vec<(RepositoryId, AccountId)>,
    /// What could not be taken over.
    pub conflicts: Vec<Conflict>,
    /// What is not taken over on purpose.
    pub ignored: Ignored,
    /// What could not be read: nothing about it changes.
    pub unread: Vec<Unread>,
}

/// What is bound and could not be read by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unread {
    /// What it is here.
    pub what: Bound,
    /// Its name there.
    pub name: String,
    /// Whether it was ever found there.
    pub known: bool,
    /// A stable code.
    pub code: &'static str,
    /// Why, and what to do about it.
    pub message: String,
}

/// What can be bound to an upstream.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// An owner, with everything below it.
    Owner(AccountId),
    /// A repository without its owner.
    Repository(RepositoryId),
}

/// How an owner is called now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnerChange {
    /// The owner.
    pub id: AccountId,
    /// Its id there.
    pub key: String,
    /// Its login there.
    pub upstream_name: String,
    /// Its new login here.
    pub login: Option<String>,
    /// What every member may do.
    pub base_role: RepositoryRole,
}

/// What a repository shall be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RepositoryState {
    /// Who owns it here.
    pub owner: AccountId,
    /// Its id there.
    pub key: String,
    /// Its owner and name there.
    pub upstream_name: String,
    /// Its name here.
    pub name: String,
    /// Who may see it.
    pub visibility: Visibility,
    /// Whether it is read-only.
    pub archived: bool,
    /// Its default branch; `None` keeps the one that is known.
    pub default_branch: Option<String>,
}

/// What a link shall be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkChange {
    /// Whose it is.
    pub account: AccountId,
    /// The id there.
    pub key: Option<String>,
    /// The login there.
    pub login: String,
    /// Whether the account there may be used.
    pub active: bool,
    /// Whether it is the upstream that took it away.
    pub lost: bool,
}

/// What a team shall be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TeamState {
    /// Its organization.
    pub owner: AccountId,
    /// Its id there.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Its name in paths.
    pub slug: String,
    /// The id there of the team above.
    pub parent: Option<String>,
    /// Whether only its members see it.
    pub secret: bool,
    /// Its members.
    pub members: BTreeSet<AccountId>,
    /// Its roles, by the repositories' ids there.
    pub repositories: BTreeMap<String, RepositoryRole>,
}

/// What is left alone, counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ignored {
    /// Memberships, places in teams and roles there of persons who are not linked here.
    pub unlinked: usize,
    /// Members here who are not linked, so that the upstream says nothing of them.
    pub kept_here: usize,
}

impl Plan {
    /// Whether nothing changes. Conflicts change nothing.
    pub fn is_empty(&self) -> bool {
        let changes = Plan {
            conflicts: Vec::new(),
            ignored: Ignored::default(),
            owners_gone: Vec::new(),
            unread: Vec::new(),
            ..self.clone()
        };
        changes == Plan::default()
    }
}

/// What is the same here and there.
pub(super) struct Matched {
    /// Owners here by their id there.
    owners: BTreeMap<String, AccountId>,
    /// Owners that could not be compared: nothing below them changes.
    alone: BTreeSet<AccountId>,
    /// Who is who: linked accounts by their id there.
    persons: BTreeMap<String, AccountId>,
    /// Repositories that stay, are changed or transferred, by their id there; of bound owners alone.
    kept: BTreeMap<String, Option<RepositoryId>>,
    /// Repositories that arrive without any role that was given before.
    bare: BTreeSet<RepositoryId>,
}

/// Compares. The snapshot must be whole.
pub fn plan(current: &Current, snapshot: &Snapshot) -> Plan {
    let mut plan = Plan {
        conflicts: snapshot.skipped.clone(),
        ..Plan::default()
    };
    let mut matched = Matched {
        owners: BTreeMap::new(),
        alone: BTreeSet::new(),
        persons: BTreeMap::new(),
        kept: BTreeMap::new(),
        bare: BTreeSet::new(),
    };
    owner::owners(current, snapshot, &mut matched, &mut plan);
    repository::repositories(current, snapshot, &mut matched, &mut plan);
    if let Some(people) = &snapshot.people {
        plan.ignored.unlinked = people.unlinked;
        people::links(current, people, &mut matched, &mut plan);
        let members = people::members(current, people, &matched, &mut plan);
        team::teams(current, people, &matched, &members, &mut plan);
        people::collaborators(current, people, &matched, &mut plan);
    }
    plan.conflicts.sort();
    plan.conflicts.dedup();
    plan
}
