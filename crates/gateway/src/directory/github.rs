//! GitHub's directory, read as the App: where it is installed, and there, with a token of each installation that can do
//! nothing but read, everything below the bound owners.

mod below;
mod limit;
mod persons;
mod session;
mod words;

use super::Unreadable;
use super::pages::Id;
use crate::github::{Permissions, app_claim, within};
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::upstream::synchronise::Scope;
use bailiwick_authority::upstream::synchronise::snapshot::{
    Conflict, OwnerThere, People, RepositoryThere, Snapshot, UnreadThere,
};
use bailiwick_authority::upstream::synchronise::state::Progress;
use bailiwick_authority::{Authority, Fault};
use bailiwick_model::name::fold;
use bailiwick_model::{OwnerKind, RepositoryRole};
use http::StatusCode;
use session::{Reading, Session, enough_at};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use words::{Installation, Organization, Repository, Token};

/// What cannot be read.
pub enum Missed {
    /// What one installation reaches; the others are read.
    Here {
        /// A stable code.
        code: &'static str,
        /// Why, and what to do about it.
        message: String,
    },
    /// Anything.
    All(Unreadable),
}

impl From<Fault> for Missed {
    fn from(fault: Fault) -> Missed {
        Missed::All(fault.into())
    }
}

/// Reads what is bound.
pub async fn read(
    authority: &Authority,
    upstream: &Upstream,
    scope: &Scope,
    progress: &Mutex<Progress>,
) -> Result<Snapshot, Unreadable> {
    let reading = Reading {
        authority,
        upstream,
        progress,
    };
    let claim = app_claim(upstream, authority.now())?;
    let app = reading.of_app(&claim)?;
    let listed = app
        .list::<Vec<Installation>>("/app/installations", |one| one.id)
        .await;
    let installations = match listed {
        Ok(all) => all,
        Err(Missed::All(unreadable)) => return Err(unreadable),
        Err(Missed::Here { code, message }) => return Err(fault_of(code, message).into()),
    };
    let mut whole = Whole {
        scope,
        installations,
        sessions: BTreeMap::new(),
        snapshot: Snapshot::default(),
        people: People::default(),
        seen: BTreeMap::new(),
    };
    for (key, name, _) in &scope.owners {
        if let Some((code, message)) = here(whole.owner(&app, key.as_ref(), name).await)? {
            whole.unread(key.as_ref(), name, code, message);
        }
        reading.count(|progress| progress.owners += 1);
    }
    for (key, name) in &scope.repositories {
        if let Some((code, message)) = here(whole.alone(&app, key.as_ref(), name).await)? {
            whole.unread(key.as_ref(), name, code, message);
        }
    }
    whole.people().await
}

/// What is missed by itself; anything else ends the reading.
fn here(done: Result<(), Missed>) -> Result<Option<(&'static str, String)>, Unreadable> {
    match done {
        Ok(()) => Ok(None),
        Err(Missed::Here { code, message }) => Ok(Some((code, message))),
        Err(Missed::All(unreadable)) => Err(unreadable),
    }
}

fn fault_of(code: &'static str, message: String) -> Fault {
    Fault::new(bailiwick_authority::FaultKind::BadGateway, code, message)
}

/// What was read so far.
struct Whole<'a> {
    scope: &'a Scope,
    installations: Vec<Installation>,
    /// Sessions of installations, by the account's folded login.
    sessions: BTreeMap<String, Arc<Session<'a>>>,
    snapshot: Snapshot,
    people: People,
    /// Linked persons who were met, with their logins.
    seen: BTreeMap<Id, String>,
}

impl<'a> Whole<'a> {
    fn unread(&mut self, key: Option<&String>, name: &str, code: &'static str, message: String) {
        self.snapshot.unread.push(UnreadThere {
            key: key.cloned(),
            name: name.to_owned(),
            code,
            message,
        });
    }

    /// Everything below one owner that is bound.
    async fn owner(&mut self, app: &Session<'a>, key: Option<&String>, name: &str) -> Result<(), Missed> {
        let upstream = app.reading().upstream;
        let found = self.installations.iter().find(|one| {
            one.account.as_ref().is_some_and(|account| match key {
                Some(key) => account.id.text() == *key,
                None => account
                    .login
                    .as_deref()
                    .is_some_and(|login| fold(login) == fold(name)),
            })
        });
        let owner = found.and_then(|one| {
            let account = one.account.as_ref()?;
            let (login, kind) = account.owner()?;
            Some((account.id, login.to_owned(), kind))
        });
        let Some((id, login, kind)) = owner else {
            return Err(not_installed(upstream, name));
        };
        let session = self.session(app, &login, kind == OwnerKind::Organization).await?;
        let mut there = OwnerThere {
            key: id.text(),
            login: login.clone(),
            kind: Some(kind),
            base_role: None,
        };
        let mut skipped = None;
        if kind == OwnerKind::Organization {
            let (role, unknown) = base_role(&session, &login, id).await?;
            there.base_role = Some(role);
            skipped = unknown;
        }
        let below = below::read(&session, self.scope, id, &there).await?;
        self.seen.extend(below.seen);
        self.people.members.extend(below.people.members);
        self.people.teams.extend(below.people.teams);
        self.people.collaborators.extend(below.people.collaborators);
        self.people.unlinked += below.people.unlinked;
        self.snapshot.repositories.extend(below.repositories);
        self.snapshot.skipped.extend(skipped);
        self.snapshot.owners.push(there);
        Ok(())
    }

    /// A repository that is bound without its owner. Who may do what there is kept here.
    async fn alone(&mut self, app: &Session<'a>, key: Option<&String>, name: &str) -> Result<(), Missed> {
        let known = |key: &String| self.snapshot.repositories.iter().any(|one| one.key == *key);
        if key.is_some_and(known) {
            return Ok(());
        }
        let Some((owner, repository)) = name.split_once('/') else {
            return Ok(());
        };
        let session = self.session(app, owner, false).await?;
        let encode = bailiwick_gate::encode;
        let target = match key {
            Some(key) => format!("/repositories/{}", encode(key)),
            None => format!("/repos/{}/{}", encode(owner), encode(repository)),
        };
        let found: Option<Repository> = session.find(&target).await?;
        session.reading().count(|progress| progress.repositories += 1);
        let known =
            |there: &RepositoryThere| self.snapshot.repositories.iter().any(|one| one.key == there.key);
        let found = found.map(Repository::there).filter(|there| !known(there));
        self.snapshot.repositories.extend(found);
        Ok(())
    }

    /// The session of the installation at an account.
    async fn session(
        &mut self,
        app: &Session<'a>,
        login: &str,
        people: bool,
    ) -> Result<Arc<Session<'a>>, Missed> {
        let upstream = app.reading().upstream;
        let folded = fold(login);
        let found = self.installations.iter().find(|one| {
            let login = one.account.as_ref().and_then(|account| account.login.as_deref());
            login.is_some_and(|login| fold(login) == folded)
        });
        let installation = found.ok_or_else(|| not_installed(upstream, login))?;
        if installation.suspended_at.as_ref().is_some_and(|at| !at.is_null()) {
            return Err(Missed::Here {
                code: "upstream.suspended",
                message: format!(
                    "the App is suspended at {login} of the upstream {}: an owner there can take that back; until then \
                     nothing changes here, and what is known of it grows old",
                    upstream.name
                ),
            });
        }
        let wanted: &[&str] = if people {
            &["metadata", "members"]
        } else {
            &["metadata"]
        };
        // SECURITY: without it, GitHub lists only who shows their membership, as if all others had left.
        if let Some(lacking) = wanted.iter().find(|permission| !installation.reads(permission)) {
            return Err(Missed::Here {
                code: "upstream.app_lacks",
                message: format!(
                    "the App's installation at {login} of the upstream {} lacks {lacking}: read, without which its \
                     directory cannot be read",
                    upstream.name
                ),
            });
        }
        if let Some(session) = self.sessions.get(&folded) {
            return Ok(session.clone());
        }
        let session = Arc::new(open(app, installation, login).await?);
        self.sessions.insert(folded, session.clone());
        Ok(session)
    }

    /// With the persons who are linked, of whom GitHub is asked one by one where they were not met.
    async fn people(mut self) -> Result<Snapshot, Unreadable> {
        // Without a session there is nobody to ask, and nobody of whom anything was read.
        if self.sessions.is_empty() {
            return Ok(self.snapshot);
        }
        let sessions: Vec<Arc<Session<'a>>> = self.sessions.values().cloned().collect();
        self.people.persons = persons::read(&sessions, self.scope, &self.seen).await?;
        self.snapshot.people = Some(self.people);
        Ok(self.snapshot)
    }
}

/// A session with a token that an installation gives: for everything that it reaches, to read it.
async fn open<'a>(
    app: &Session<'a>,
    installation: &Installation,
    login: &str,
) -> Result<Session<'a>, Missed> {
    let reading = app.reading();
    let upstream = reading.upstream;
    if let Some(until) = reading.closed_until(login).await {
        return Err(enough_at(upstream, login, until));
    }
    let held = ["metadata", "members", "organization_administration"];
    let permissions: Permissions = held
        .into_iter()
        .filter(|permission| installation.reads(permission))
        .map(|permission| (permission, "read"))
        .collect();
    let body = serde_json::json!({"permissions": permissions}).to_string();
    let target = format!("/app/installations/{}/access_tokens", installation.id.text());
    let token: Token = match app.create(&target, body).await? {
        Ok(token) => token,
        Err(StatusCode::UNAUTHORIZED) => return Err(crate::fault::credential_refused(upstream).into()),
        // Suspended, removed, or narrowed since it was listed.
        Err(status) if status.is_client_error() => return Err(not_installed(upstream, login)),
        Err(status) => {
            let message = format!(
                "the upstream {} answers {} at {target}",
                upstream.name,
                status.as_u16()
            );
            return Err(fault_of("upstream.unexpected", message).into());
        }
    };
    // SECURITY: a server that cannot narrow would hand the whole power of the App to a reader.
    if token.token.is_empty() || !within(&token.permissions, &permissions) {
        return Err(Missed::Here {
            code: "upstream.not_narrowed",
            message: format!(
                "the upstream {} gave a token for {login} that does more than read; it is not used",
                upstream.name
            ),
        });
    }
    Ok(app.sibling(&token.token, login)?)
}

/// What every member of an organization may do at its repositories.
async fn base_role(
    session: &Session<'_>,
    login: &str,
    id: Id,
) -> Result<(RepositoryRole, Option<Conflict>), Missed> {
    let target = format!("/orgs/{}", bailiwick_gate::encode(login));
    let found: Option<Organization> = session.find(&target).await?;
    let Some(found) = found.filter(|found| found.id == id) else {
        return Err(session.moved(&target));
    };
    Ok(match found.default_repository_permission {
        Some(word) => (words::role(&word), None),
        // SECURITY: what is not told gives nothing.
        None => {
            let message = "what every member may do there is not told: give the App the organization permission \
                           Administration: read; until then members have what teams and roles give them";
            let conflict = Conflict::new("owner.base_role_unknown", login, message);
            (RepositoryRole::None, Some(conflict))
        }
    })
}

fn not_installed(upstream: &Upstream, name: &str) -> Missed {
    Missed::Here {
        code: "upstream.not_installed",
        message: format!(
            "the App is not installed at {name} of the upstream {}: an owner there can install it, or unbind it here if \
             it is gone; until then nothing changes here, and what is known of it grows old",
            upstream.name
        ),
    }
}
