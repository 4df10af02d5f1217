//! What lies below one owner: what the installation reaches, and who may do what there.

use super::Missed;
use super::session::Session;
use super::words::{Collaborator, Named, Repositories, Repository, Team};
use crate::directory::pages::Id;
use bailiwick_authority::upstream::synchronise::Scope;
use bailiwick_authority::upstream::synchronise::snapshot::{
    CollaboratorThere, MemberThere, OwnerThere, People, RepositoryThere, TeamThere,
};
use bailiwick_gate::encode;
use bailiwick_model::{OrganizationRole, OwnerKind};
use std::collections::{BTreeMap, BTreeSet};

/// What was read below an owner.
#[derive(Default)]
pub struct Below {
    pub repositories: Vec<RepositoryThere>,
    /// Of whoever is linked; the others are counted.
    pub people: People,
    /// Linked persons who were met, with their logins.
    pub seen: BTreeMap<Id, String>,
}

/// Reads what lies below an owner.
pub async fn read(session: &Session<'_>, scope: &Scope, id: Id, owner: &OwnerThere) -> Result<Below, Missed> {
    let mut below = Below::default();
    let listed = session
        .list::<Repositories>("/installation/repositories", |one: &Repository| one.id)
        .await?;
    // SECURITY: what an installation says of somebody else's repositories is not that owner's word.
    let own: Vec<Repository> = listed.into_iter().filter(|one| one.owner.id == id).collect();
    if owner.kind == Some(OwnerKind::Organization) {
        members(session, scope, owner, &mut below).await?;
        let keys: BTreeSet<Id> = own.iter().map(|one| one.id).collect();
        teams(session, scope, owner, &keys, &mut below).await?;
    }
    for one in own {
        collaborators(session, scope, id, &one, &mut below).await?;
        session.reading().count(|progress| progress.repositories += 1);
        below.repositories.push(one.there());
    }
    Ok(below)
}

impl Below {
    /// Whether somebody who was met is linked; the others are counted and forgotten.
    fn meets(&mut self, scope: &Scope, id: Id, login: &str) -> bool {
        let linked = scope.has_person(&id.text(), login);
        if linked {
            self.seen.insert(id, login.to_owned());
        } else {
            self.people.unlinked += 1;
        }
        linked
    }
}

/// Members, each asked for with what they are: the list itself does not tell.
async fn members(
    session: &Session<'_>,
    scope: &Scope,
    owner: &OwnerThere,
    below: &mut Below,
) -> Result<(), Missed> {
    let mut met = BTreeSet::new();
    for (word, role) in [
        ("admin", OrganizationRole::Owner),
        ("member", OrganizationRole::Member),
    ] {
        let target = format!("/orgs/{}/members?role={word}", encode(&owner.login));
        for one in session.list::<Vec<Named>>(&target, |one| one.id).await? {
            // Whose role changed in between is in both: what they are is asked for with the next round.
            if !met.insert(one.id) {
                return Err(session.moved(&target));
            }
            if below.meets(scope, one.id, &one.login) {
                below.people.members.push(MemberThere {
                    owner: owner.key.clone(),
                    person: one.id.text(),
                    role,
                });
            }
        }
    }
    session
        .reading()
        .count(|progress| progress.persons += met.len() as u64);
    Ok(())
}

/// Teams. Whoever is in a team below another one is listed in both, and has what both have.
async fn teams(
    session: &Session<'_>,
    scope: &Scope,
    owner: &OwnerThere,
    own: &BTreeSet<Id>,
    below: &mut Below,
) -> Result<(), Missed> {
    let base = format!("/orgs/{}/teams", encode(&owner.login));
    for team in session.list::<Vec<Team>>(&base, |one| one.id).await? {
        let target = format!("{base}/{}", encode(&team.slug));
        let inside = session
            .list::<Vec<Named>>(&format!("{target}/members"), |one| one.id)
            .await?;
        let reached = session
            .list::<Vec<Repository>>(&format!("{target}/repos"), |one| one.id)
            .await?;
        let members = inside
            .iter()
            .filter(|one| below.meets(scope, one.id, &one.login))
            .map(|one| one.id.text())
            .collect();
        below.people.teams.push(TeamThere {
            key: team.id.text(),
            owner: owner.key.clone(),
            name: team.name,
            parent: team.parent.map(|parent| parent.id.text()),
            secret: team.privacy.as_deref() == Some("secret"),
            members,
            repositories: reached
                .iter()
                .filter(|one| own.contains(&one.id))
                .map(|one| (one.id.text(), one.role.role()))
                .collect(),
        });
        session.reading().count(|progress| progress.teams += 1);
    }
    Ok(())
}

/// Who was let in one by one. What a person has by the organization or a team as well is told with it, as it is now.
async fn collaborators(
    session: &Session<'_>,
    scope: &Scope,
    owner: Id,
    one: &Repository,
    below: &mut Below,
) -> Result<(), Missed> {
    let target = format!(
        "/repos/{}/{}/collaborators?affiliation=direct",
        encode(&one.owner.login),
        encode(&one.name)
    );
    let listed = session.list::<Vec<Collaborator>>(&target, |one| one.id).await?;
    for person in listed.into_iter().filter(|person| person.id != owner) {
        if below.meets(scope, person.id, &person.login) {
            below.people.collaborators.push(CollaboratorThere {
                repository: one.id.text(),
                person: person.id.text(),
                role: person.role.role(),
            });
        }
    }
    Ok(())
}
