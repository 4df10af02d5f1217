//! Gitea's directory, read with an administrator's token: owners by its administration, everything below the bound ones
//! by its ordinary API.

use super::pages::{Id, Reader};
use bailiwick_authority::Fault;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::upstream::synchronise::Scope;
use bailiwick_authority::upstream::synchronise::snapshot::{
    CollaboratorThere, MemberThere, OwnerThere, People, PersonThere, RepositoryThere, Seen, Snapshot,
    TeamThere,
};
use bailiwick_authority::upstream::synchronise::state::Progress;
use bailiwick_gate::encode;
use bailiwick_model::{OrganizationRole, OwnerKind, RepositoryRole, Visibility};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

#[derive(Deserialize)]
struct Organization {
    id: Id,
    // Older versions know only the second one, newer ones send both.
    name: Option<String>,
    username: Option<String>,
    visibility: Option<String>,
}

#[derive(Deserialize, Clone)]
struct User {
    id: Id,
    login: String,
    visibility: Option<String>,
    #[serde(default)]
    active: Option<bool>,
    #[serde(default)]
    prohibit_login: Option<bool>,
}

#[derive(Deserialize)]
struct RepositoryJson {
    id: Id,
    name: String,
    owner: Named,
    private: Option<bool>,
    #[serde(default)]
    internal: bool,
    archived: bool,
    default_branch: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    id: Id,
    login: String,
}

#[derive(Deserialize)]
struct Team {
    id: Id,
    name: String,
    permission: String,
    includes_all_repositories: bool,
    #[serde(default)]
    units_map: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Permission {
    permission: String,
}

/// An owner that is bound.
struct Owner {
    there: OwnerThere,
    public: bool,
}

/// Reads what is bound.
pub async fn read(upstream: &Upstream, scope: &Scope, progress: &Mutex<Progress>) -> Result<Snapshot, Fault> {
    let token = upstream
        .reveal("token")
        .ok_or_else(|| crate::fault::no_credential(upstream, "administrator's token"))?;
    let authorization = zeroize::Zeroizing::new(format!("token {token}"));
    let reader = Reader::new(upstream, &authorization, "application/json", progress)?;
    let users: Vec<User> = reader.list("/admin/users", |one: &User| one.id).await?;
    reader.count(|progress| progress.persons = users.len() as u64);
    let owners = owners(&reader, scope, &users).await?;
    let mut snapshot = Snapshot::default();
    let linked: BTreeMap<Id, User> = users
        .into_iter()
        .filter(|user| scope.has_person(&user.id.text(), &user.login))
        .map(|user| (user.id, user))
        .collect();
    let mut people = People {
        persons: linked.values().map(person).collect(),
        ..People::default()
    };
    for owner in owners {
        below(&reader, &owner, &linked, &mut people, &mut snapshot).await?;
        reader.count(|progress| progress.owners += 1);
        snapshot.owners.push(owner.there);
    }
    alone(&reader, scope, &mut snapshot).await?;
    snapshot.people = Some(people);
    Ok(snapshot)
}

fn person(user: &User) -> PersonThere {
    PersonThere {
        key: user.id.text(),
        login: user.login.clone(),
        // SECURITY: who is not said to be active is not.
        active: user.active == Some(true) && user.prohibit_login == Some(false),
    }
}

/// The bound owners: organizations and users are told apart by where they are listed.
async fn owners(reader: &Reader<'_>, scope: &Scope, users: &[User]) -> Result<Vec<Owner>, Fault> {
    let listed: Vec<Organization> = reader.list("/admin/orgs", |one: &Organization| one.id).await?;
    let organizations = listed.into_iter().filter_map(|one| {
        let public = one.visibility.as_deref() == Some("public");
        let login = one.name.or(one.username)?;
        Some((one.id, login, OwnerKind::Organization, public))
    });
    let users = users.iter().map(|one| {
        let public = one.visibility.as_deref() == Some("public");
        (one.id, one.login.clone(), OwnerKind::User, public)
    });
    Ok(organizations
        .chain(users)
        .filter(|(id, login, ..)| scope.has_owner(&id.text(), login))
        .map(|(id, login, kind, public)| Owner {
            public,
            there: OwnerThere {
                key: id.text(),
                login,
                kind: Some(kind),
                // Members have what their teams have, and nothing of their own.
                base_role: (kind == OwnerKind::Organization).then_some(RepositoryRole::None),
            },
        })
        .collect())
}

/// Everything below one owner.
async fn below(
    reader: &Reader<'_>,
    owner: &Owner,
    linked: &BTreeMap<Id, User>,
    people: &mut People,
    snapshot: &mut Snapshot,
) -> Result<(), Fault> {
    let login = encode(&owner.there.login);
    let organization = owner.there.kind == Some(OwnerKind::Organization);
    let base = if organization {
        format!("/orgs/{login}")
    } else {
        format!("/users/{login}")
    };
    let listed: Vec<RepositoryJson> = reader
        .list(&format!("{base}/repos"), |one: &RepositoryJson| one.id)
        .await?;
    // A user's list may hold what the user only works at.
    let own: Vec<RepositoryJson> = listed
        .into_iter()
        .filter(|one| one.owner.id.text() == owner.there.key)
        .collect();
    for one in &own {
        collaborators(reader, one, linked, people).await?;
        reader.count(|progress| progress.repositories += 1);
    }
    if organization {
        let keys: Vec<String> = own.iter().map(|one| one.id.text()).collect();
        members(reader, owner, &base, &keys, people).await?;
    }
    snapshot
        .repositories
        .extend(own.into_iter().map(|one| repository(one, owner.public)));
    Ok(())
}

fn repository(one: RepositoryJson, owner_is_public: bool) -> RepositoryThere {
    let visibility = match (one.private, one.internal) {
        (Some(true), _) => Seen::By(Visibility::Private),
        (Some(false), true) => Seen::By(Visibility::Internal),
        // What belongs to somebody whom not everybody may see is seen by no more than they are.
        (Some(false), false) if owner_is_public => Seen::By(Visibility::Public),
        (Some(false), false) | (None, _) => Seen::Unknown,
    };
    RepositoryThere {
        key: one.id.text(),
        owner: one.owner.id.text(),
        owner_login: one.owner.login,
        name: one.name,
        visibility,
        archived: Some(one.archived),
        default_branch: one.default_branch.filter(|branch| !branch.is_empty()),
    }
}

/// The roles of linked persons who were let in one by one.
async fn collaborators(
    reader: &Reader<'_>,
    one: &RepositoryJson,
    linked: &BTreeMap<Id, User>,
    people: &mut People,
) -> Result<(), Fault> {
    let base = format!(
        "/repos/{}/{}/collaborators",
        encode(&one.owner.login),
        encode(&one.name)
    );
    let listed: Vec<Named> = reader.list(&base, |one: &Named| one.id).await?;
    for user in listed {
        let role = if linked.contains_key(&user.id) {
            let target = format!("{base}/{}/permission", encode(&user.login));
            let found: Option<Permission> = reader.find(&target).await?;
            found.map_or(RepositoryRole::None, |found| role(&found.permission))
        } else {
            // Counted, and not taken over.
            RepositoryRole::Read
        };
        people.collaborators.push(CollaboratorThere {
            repository: one.id.text(),
            person: user.id.text(),
            role,
        });
    }
    Ok(())
}

/// Members and teams of an organization. Its owners are whoever is in a team of owners.
async fn members(
    reader: &Reader<'_>,
    owner: &Owner,
    base: &str,
    repositories: &[String],
    people: &mut People,
) -> Result<(), Fault> {
    let members: Vec<Named> = reader
        .list(&format!("{base}/members"), |one: &Named| one.id)
        .await?;
    let teams: Vec<Team> = reader.list(&format!("{base}/teams"), |one: &Team| one.id).await?;
    let mut owners: BTreeSet<Id> = BTreeSet::new();
    for team in teams {
        let id = team.id.text();
        let inside: Vec<Named> = reader
            .list(&format!("/teams/{id}/members"), |one: &Named| one.id)
            .await?;
        if team.permission == "owner" {
            owners.extend(inside.iter().map(|one| one.id));
        }
        let keys = if team.includes_all_repositories {
            repositories.to_vec()
        } else {
            let listed: Vec<RepositoryJson> = reader
                .list(&format!("/teams/{id}/repos"), |one: &RepositoryJson| one.id)
                .await?;
            listed.into_iter().map(|one| one.id.text()).collect()
        };
        let role = team_role(&team);
        people.teams.push(TeamThere {
            key: id,
            owner: owner.there.key.clone(),
            name: team.name,
            parent: None,
            secret: false,
            members: inside.into_iter().map(|one| one.id.text()).collect(),
            repositories: keys.into_iter().map(|key| (key, role)).collect(),
        });
        reader.count(|progress| progress.teams += 1);
    }
    people.members.extend(members.into_iter().map(|one| MemberThere {
        owner: owner.there.key.clone(),
        person: one.id.text(),
        role: if owners.contains(&one.id) {
            OrganizationRole::Owner
        } else {
            OrganizationRole::Member
        },
    }));
    Ok(())
}

/// What a team may do with code. The upstream asks for each other unit itself, of the person.
fn team_role(team: &Team) -> RepositoryRole {
    match role(&team.permission) {
        RepositoryRole::Admin => RepositoryRole::Admin,
        _ => team
            .units_map
            .get("repo.code")
            .map_or(RepositoryRole::None, |word| role(word).min(RepositoryRole::Write)),
    }
}

/// A word that is not known gives nothing.
fn role(word: &str) -> RepositoryRole {
    match word {
        "owner" | "admin" => RepositoryRole::Admin,
        "write" => RepositoryRole::Write,
        "read" => RepositoryRole::Read,
        _ => RepositoryRole::None,
    }
}

/// Repositories that are bound without their owner.
async fn alone(reader: &Reader<'_>, scope: &Scope, snapshot: &mut Snapshot) -> Result<(), Fault> {
    let known: BTreeSet<String> = snapshot.repositories.iter().map(|one| one.key.clone()).collect();
    for (key, name) in &scope.repositories {
        let target = match (key, name.split_once('/')) {
            (Some(key), _) if known.contains(key) => continue,
            (Some(key), _) => format!("/repositories/{}", encode(key)),
            (None, Some((owner, name))) => format!("/repos/{}/{}", encode(owner), encode(name)),
            (None, None) => continue,
        };
        let found: Option<RepositoryJson> = reader.find(&target).await?;
        if let Some(found) = found
            && !known.contains(&found.id.text())
        {
            // Whether its owner can be seen by everybody was not asked.
            snapshot.repositories.push(repository(found, false));
            reader.count(|progress| progress.repositories += 1);
        }
    }
    Ok(())
}
