//! What is here, read in one transaction.

use super::current::{Current, LinkHere, OwnerHere, RepositoryHere, TeamHere};
use super::snapshot::Snapshot;
use crate::fault::Fault;
use bailiwick_model::name::fold;
use bailiwick_model::{AccountId, OwnerKind, UpstreamId};
use bailiwick_store::{AccountKind, AccountRow, LinkBar, TeamPrivacy, Tx, account, synchronise, upstream};
use std::collections::{BTreeMap, BTreeSet};

/// What a reader looks for at the upstream: what is bound and who is linked.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scope {
    /// Owners: id there where it is known, login there, kind here.
    pub owners: Vec<(Option<String>, String, OwnerKind)>,
    /// Repositories that are bound without their owner: id there where it is known, `owner/name` there.
    pub repositories: Vec<(Option<String>, String)>,
    /// Persons who are linked: id there where it is known, login there.
    pub persons: Vec<(Option<String>, String)>,
}

impl Scope {
    /// What is bound.
    pub fn of(current: &Current) -> Scope {
        let alone = |owner: &AccountId| !current.owners.contains_key(owner);
        Scope {
            owners: current
                .owners
                .values()
                .map(|owner| (owner.key.clone(), owner.upstream_name.clone(), owner.kind))
                .collect(),
            repositories: current
                .repositories
                .values()
                .filter(|row| alone(&row.owner))
                .map(|row| (row.key.clone(), row.upstream_name.clone()))
                .collect(),
            persons: current
                .links
                .values()
                .map(|link| (link.key.clone(), link.login.clone()))
                .collect(),
        }
    }

    /// Whether an owner there is bound, by its id, or by its login until the id is known.
    pub fn has_owner(&self, key: &str, login: &str) -> bool {
        has(&self.owners, |owner| (&owner.0, &owner.1), key, login)
    }

    /// Whether a person there is linked.
    pub fn has_person(&self, key: &str, login: &str) -> bool {
        has(&self.persons, |person| (&person.0, &person.1), key, login)
    }
}

fn has<T>(all: &[T], parts: impl Fn(&T) -> (&Option<String>, &String), key: &str, login: &str) -> bool {
    all.iter().any(|one| match parts(one) {
        (Some(known), _) => known == key,
        (None, name) => fold(name) == fold(login),
    })
}

/// Reads what is bound to an upstream, with what a snapshot might clash with.
pub(super) fn current(tx: &mut Tx<'_>, id: UpstreamId, snapshot: &Snapshot) -> Result<Current, Fault> {
    let owners: BTreeMap<AccountId, OwnerHere> = synchronise::owners(tx, id)?
        .into_iter()
        .map(|row| (row.id, owner_here(row)))
        .collect();
    let mut current = Current {
        members: synchronise::members(tx, id)?
            .into_iter()
            .map(|(owner, person, role)| ((owner, person), role))
            .collect(),
        collaborators: synchronise::collaborators(tx, id)?
            .into_iter()
            .map(|(repository, person, role)| ((repository, person), role))
            .collect(),
        names_taken: synchronise::other_names(tx, id)?.into_iter().collect(),
        owners,
        ..Current::default()
    };
    for row in synchronise::repositories(tx, id)? {
        let here = RepositoryHere {
            owner: row.owner_id,
            key: row.upstream_key,
            upstream_name: row.upstream_name.unwrap_or_default(),
            name: row.name,
            visibility: row.visibility,
            archived: row.archived_at.is_some(),
            default_branch: row.default_branch,
        };
        current.repositories.insert(row.id, here);
    }
    links(tx, id, &mut current)?;
    teams(tx, id, &mut current)?;
    for there in &snapshot.owners {
        let other = account::by_login(tx, &there.login)?;
        if let Some(other) = other.filter(|row| !current.owners.contains_key(&row.id)) {
            current.logins_taken.insert(other.folded);
        }
    }
    Ok(current)
}

fn owner_here(row: AccountRow) -> OwnerHere {
    OwnerHere {
        key: row.upstream_key,
        upstream_name: row.upstream_name.unwrap_or_else(|| row.login.clone()),
        login: row.login,
        kind: match row.kind {
            AccountKind::Organization => OwnerKind::Organization,
            AccountKind::User | AccountKind::Service => OwnerKind::User,
        },
        base_role: row.base_role,
        in_enterprise: row.enterprise_id.is_some(),
    }
}

fn links(tx: &mut Tx<'_>, id: UpstreamId, current: &mut Current) -> Result<(), Fault> {
    let rows = upstream::links(tx, id)?;
    let ids: Vec<AccountId> = rows.iter().map(|row| row.account_id).collect();
    let persons: BTreeSet<AccountId> = account::by_ids(tx, &ids)?
        .into_iter()
        .filter(|row| row.kind == AccountKind::User && row.deleted_at.is_none())
        .map(|row| row.id)
        .collect();
    for row in rows {
        let here = LinkHere {
            lost: row.barred == Some(LinkBar::Upstream),
            person: persons.contains(&row.account_id),
            key: row.upstream_key,
            login: row.login,
            active: row.active,
        };
        current.links.insert(row.account_id, here);
    }
    Ok(())
}

fn teams(tx: &mut Tx<'_>, id: UpstreamId, current: &mut Current) -> Result<(), Fault> {
    for row in synchronise::teams(tx, id)? {
        match row.upstream_key.filter(|_| row.upstream_id == Some(id)) {
            Some(key) => {
                let here = TeamHere {
                    owner: row.organization_id,
                    key,
                    name: row.name,
                    slug: row.slug,
                    parent: row.parent_id,
                    secret: row.privacy == TeamPrivacy::Secret,
                    members: BTreeSet::new(),
                    repositories: BTreeMap::new(),
                };
                current.teams.insert(row.id, here);
            }
            None => drop(current.slugs_taken.insert((row.organization_id, row.slug))),
        }
    }
    for (team, person) in synchronise::team_members(tx, id)? {
        if let Some(team) = current.teams.get_mut(&team) {
            team.members.insert(person);
        }
    }
    for (team, repository, role) in synchronise::team_roles(tx, id)? {
        // One that is not bound here is none of the upstream's.
        if let Some(team) = current.teams.get_mut(&team) {
            team.repositories.insert(repository, role);
        }
    }
    Ok(())
}
