//! What an upstream says of its directory at one time, in our words. Whoever reads it hands over all of what is bound,
//! or nothing: what is not in a snapshot is not there.

use bailiwick_model::name::fold;
use bailiwick_model::{OrganizationRole, OwnerKind, RepositoryRole, Visibility};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an upstream says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Snapshot {
    /// Owners that are bound here, as far as they are there.
    pub owners: Vec<OwnerThere>,
    /// Their repositories, and repositories that are bound on their own.
    pub repositories: Vec<RepositoryThere>,
    /// Who may do what; `None` where the upstream knows no persons, so that this is kept here.
    pub people: Option<People>,
    /// What could not be said in our words.
    pub skipped: Vec<Conflict>,
    /// What is bound and could not be read by itself, while the rest could: nothing there changes, and what is known of
    /// it grows old.
    pub unread: Vec<UnreadThere>,
}

/// An owner, or a repository that is bound on its own, which could not be read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct UnreadThere {
    /// Its immutable id, where that is known here.
    pub key: Option<String>,
    /// Its login, or its `owner/name`.
    pub name: String,
    /// A stable code.
    pub code: &'static str,
    /// Why, and what to do about it.
    pub message: String,
}

impl UnreadThere {
    /// Whether it is what is bound under a key, or under a name until its key is known.
    pub fn is(&self, key: Option<&String>, name: &str) -> bool {
        match (key, &self.key) {
            (Some(known), Some(key)) => known == key,
            _ => fold(&self.name) == fold(name),
        }
    }
}

/// An organization or a user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnerThere {
    /// Its immutable id.
    pub key: String,
    /// Its login.
    pub login: String,
    /// What it is; `None` where the upstream does not tell these apart.
    pub kind: Option<OwnerKind>,
    /// What every member may do at its private repositories; `None` where that is kept here.
    pub base_role: Option<RepositoryRole>,
}

/// A repository.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RepositoryThere {
    /// Its immutable id.
    pub key: String,
    /// The immutable id of its owner.
    pub owner: String,
    /// The login of its owner.
    pub owner_login: String,
    /// Its name.
    pub name: String,
    /// Who may see it.
    pub visibility: Seen,
    /// Whether it is read-only; `None` where that is kept here.
    pub archived: Option<bool>,
    /// Its default branch, where it has one.
    pub default_branch: Option<String>,
}

/// Who may see a repository.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seen {
    /// As the upstream says.
    By(Visibility),
    /// The upstream says nothing that can be understood.
    Unknown,
    /// The upstream knows no such thing: it is kept here.
    KeptHere,
}

/// Who may do what.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct People {
    /// The persons, at least all who are linked here.
    pub persons: Vec<PersonThere>,
    /// Who belongs to which owner.
    pub members: Vec<MemberThere>,
    /// Teams of the owners.
    pub teams: Vec<TeamThere>,
    /// Who has a role at which repository.
    pub collaborators: Vec<CollaboratorThere>,
    /// Memberships, places in teams and roles that a reader has left out already, of persons who are not linked.
    pub unlinked: usize,
}

/// A person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonThere {
    /// Their immutable id.
    pub key: String,
    /// Their login.
    pub login: String,
    /// Whether they may act there.
    pub active: bool,
}

/// A membership.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberThere {
    /// The owner's id.
    pub owner: String,
    /// The person's id.
    pub person: String,
    /// What they are.
    pub role: OrganizationRole,
}

/// A team.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TeamThere {
    /// Its immutable id.
    pub key: String,
    /// The owner's id.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// The id of the team above.
    pub parent: Option<String>,
    /// Whether only its members see it.
    pub secret: bool,
    /// Ids of its members.
    pub members: Vec<String>,
    /// Ids of its repositories, with its role at each.
    pub repositories: Vec<(String, RepositoryRole)>,
}

/// A role at a repository.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CollaboratorThere {
    /// The repository's id.
    pub repository: String,
    /// The person's id.
    pub person: String,
    /// Their role.
    pub role: RepositoryRole,
}

/// Something that could not be taken over, and was left out.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Conflict {
    /// A stable code.
    pub code: String,
    /// What it is about, as the upstream calls it.
    pub thing: String,
    /// What to do about it.
    pub message: String,
}

impl Conflict {
    /// A conflict about a thing.
    pub fn new(code: &str, thing: impl Into<String>, message: impl Into<String>) -> Conflict {
        Conflict {
            code: code.to_owned(),
            thing: thing.into(),
            message: message.into(),
        }
    }
}

impl Snapshot {
    /// The snapshot with everything once and in the order of ids. Two different things under one id are a lie, or the
    /// directory changed while it was read: there is no snapshot then.
    pub fn whole(mut self) -> Result<Snapshot, Contradiction> {
        self.owners = once(self.owners, "owner", |one| one.key.clone())?;
        self.repositories = once(self.repositories, "repository", |one| one.key.clone())?;
        if let Some(people) = &mut self.people {
            let taken = std::mem::take(people);
            let mut teams = taken.teams;
            for team in &mut teams {
                team.members.sort();
                team.members.dedup();
                let roles = std::mem::take(&mut team.repositories);
                team.repositories = once(roles, "team's repository", |one| one.0.clone())?;
            }
            *people = People {
                unlinked: taken.unlinked,
                persons: once(taken.persons, "person", |one| one.key.clone())?,
                members: once(taken.members, "member", |one| {
                    (one.owner.clone(), one.person.clone())
                })?,
                teams: once(teams, "team", |one| one.key.clone())?,
                collaborators: once(taken.collaborators, "collaborator", |one| {
                    (one.repository.clone(), one.person.clone())
                })?,
            };
        }
        self.skipped.sort();
        self.skipped.dedup();
        self.unread.sort();
        self.unread.dedup();
        Ok(self)
    }
}

/// One id stands for two things.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Contradiction(pub &'static str);

fn once<T: PartialEq, K: Ord>(
    all: Vec<T>,
    what: &'static str,
    key: impl Fn(&T) -> K,
) -> Result<Vec<T>, Contradiction> {
    let mut found: BTreeMap<K, T> = BTreeMap::new();
    for one in all {
        let key = key(&one);
        match found.get(&key) {
            Some(other) if *other != one => return Err(Contradiction(what)),
            Some(_) => {}
            None => drop(found.insert(key, one)),
        }
    }
    Ok(found.into_values().collect())
}
