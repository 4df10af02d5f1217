//! The persons who are linked: whether they are there, and what they are called.

use super::session::Session;
use super::words::Person;
use super::{Missed, fault_of};
use crate::directory::Unreadable;
use crate::directory::pages::Id;
use bailiwick_authority::upstream::Place;
use bailiwick_authority::upstream::synchronise::Scope;
use bailiwick_authority::upstream::synchronise::snapshot::PersonThere;
use bailiwick_gate::encode;
use bailiwick_model::name::fold;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Finds everybody who is linked. On github.com whoever was met in a list may act there; an Enterprise Server lists
/// whom it has suspended as well, so that each is asked for.
pub async fn read(
    sessions: &[Arc<Session<'_>>],
    scope: &Scope,
    seen: &BTreeMap<Id, String>,
) -> Result<Vec<PersonThere>, Unreadable> {
    let public = sessions.iter().any(|session| is_public(session));
    let mut all = Vec::new();
    for (key, login) in &scope.persons {
        let mut met = seen.iter().filter(|(id, name)| match key {
            Some(key) => id.text() == *key,
            None => fold(name) == fold(login),
        });
        if let (true, Some((id, login))) = (public, met.next()) {
            all.push(PersonThere {
                key: id.text(),
                login: login.clone(),
                active: true,
            });
            continue;
        }
        all.extend(ask(sessions, key.as_ref(), login).await?);
    }
    Ok(all)
}

fn is_public(session: &Session<'_>) -> bool {
    match &session.reading().upstream.place {
        Place::Server { web, .. } => web.address().host() == "github.com",
        Place::Directory(_) => false,
    }
}

/// Asks for one person with whichever installation still may.
async fn ask(
    sessions: &[Arc<Session<'_>>],
    key: Option<&String>,
    login: &str,
) -> Result<Option<PersonThere>, Unreadable> {
    let target = match key {
        Some(key) => format!("/user/{}", encode(key)),
        None => format!("/users/{}", encode(login)),
    };
    let mut last = None;
    for session in sessions {
        match session.find::<Person>(&target).await {
            Ok(found) => {
                session.reading().count(|progress| progress.persons += 1);
                return match found {
                    Some(found) if key.is_some_and(|key| found.id.text() != *key) => {
                        Err(fault_of("upstream.malformed", somebody_else(&target)).into())
                    }
                    found => Ok(found.and_then(person)),
                };
            }
            Err(Missed::Here { code, message }) => last = Some((code, message)),
            Err(Missed::All(unreadable)) => return Err(unreadable),
        }
    }
    let (code, message) = last.unwrap_or(("upstream.unexpected", String::from("nobody could be asked")));
    Err(fault_of(code, message).into())
}

fn somebody_else(target: &str) -> String {
    format!("what the upstream says at {target} is about somebody else")
}

/// Organizations and programs have logins, too.
fn person(found: Person) -> Option<PersonThere> {
    if found.kind.as_deref() != Some("User") {
        return None;
    }
    Some(PersonThere {
        key: found.id.text(),
        login: found.login,
        active: found.suspended_at.is_none_or(|at| at.is_null()),
    })
}
