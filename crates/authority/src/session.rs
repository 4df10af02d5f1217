//! A person's sessions: signing in with a password, sudo mode, ending. Guessing is slowed per login and address.

use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use crate::{Authority, Credential, password};
use bailiwick_model::limit::{SESSION_SECONDS, SUDO_SECONDS};
use bailiwick_model::name::fold;
use bailiwick_model::{SessionId, Timestamp, TokenKind, TokenText};
use bailiwick_store::{AccountKind, ChangeKey, SessionRow, account, session};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Failed attempts before further ones have to wait.
const ATTEMPTS_MAX: u32 = 5;
/// How long they have to wait, in seconds.
const WAIT_SECONDS: i64 = 900;
/// Entries of the throttle before old ones are swept.
const THROTTLE_ENTRIES_MAX: usize = 10_000;

/// Failed attempts by key.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<String, (u32, Timestamp)>>);

impl Throttle {
    /// Counts an attempt before it is made, so that many at once cannot all pass the same count.
    fn attempt(&self, key: &str, now: Timestamp) -> Result<(), Fault> {
        self.check(key, now)?;
        self.failed(key, now);
        Ok(())
    }

    fn check(&self, key: &str, now: Timestamp) -> Result<(), Fault> {
        let attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match attempts.get(key) {
            Some((count, last)) if *count >= ATTEMPTS_MAX && now < last.plus_seconds(WAIT_SECONDS) => {
                let message = "too many failed attempts: wait 15 minutes";
                Err(Fault::new(FaultKind::TooMany, "session.throttled", message))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn failed(&self, key: &str, now: Timestamp) {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if attempts.len() > THROTTLE_ENTRIES_MAX {
            attempts.retain(|_, (_, last)| now < last.plus_seconds(WAIT_SECONDS));
        }
        let entry = attempts.entry(key.to_owned()).or_insert((0, now));
        if now >= entry.1.plus_seconds(WAIT_SECONDS) {
            entry.0 = 0;
        }
        *entry = (entry.0.saturating_add(1), now);
    }

    fn succeeded(&self, key: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

/// A new session and its text, shown once.
#[derive(Debug)]
pub struct SignedIn {
    /// What is stored.
    pub row: SessionRow,
    /// The person's login.
    pub login: String,
    /// The text.
    pub secret: TokenText,
}

impl Authority {
    /// Signs a person in. A wrong password and an unknown login answer alike, in words and in work.
    pub fn session_create(&self, permit: Permit, login: &str, secret: &str) -> Result<SignedIn, Fault> {
        let now = permit.now();
        let address = permit
            .caller()
            .address
            .map(|address| address.to_string())
            .unwrap_or_default();
        let key = format!("{}\n{address}", fold(login));
        self.throttle.attempt(&key, now)?;
        let found = self.store.read(|tx| account::by_login(tx, login))?;
        let stored = found
            .as_ref()
            .and_then(|row| row.password_hash.as_ref())
            .map(|hash| hash.0.as_str());
        let good = password::verify(secret, stored)?;
        let person = found.filter(|row| good && row.kind == AccountKind::User && row.is_active());
        let Some(person) = person else {
            return Err(Fault::new(
                FaultKind::Unauthorized,
                "session.bad_password",
                "wrong login or password",
            ));
        };
        self.throttle.succeeded(&key);
        let secret = self.new_secret(TokenKind::Session);
        let caller = permit.caller().clone();
        let row = self.act(permit, |act, _| {
            let mut row = SessionRow::new(person.id, secret.digest(), now, now.plus_seconds(SESSION_SECONDS));
            row.sudo_until = now.plus_seconds(SUDO_SECONDS);
            row.address = Some(address.clone());
            row.user_agent.clone_from(&caller.user_agent);
            let row = session::insert(act.tx, row)?;
            act.event.actor = Some(person.id);
            act.event.actor_login = Some(person.login.clone());
            act.action("user.login");
            Ok(row)
        })?;
        Ok(SignedIn {
            row,
            login: person.login,
            secret,
        })
    }

    /// Puts the session into sudo mode after its person gave the password again.
    pub fn session_sudo(&self, permit: Permit, secret: &str) -> Result<Timestamp, Fault> {
        let now = permit.now();
        let id = permit.session().ok_or_else(Fault::not_found)?;
        let person = permit.person()?;
        let key = format!("sudo\n{person}");
        self.throttle.attempt(&key, now)?;
        let row = self
            .store
            .read(|tx| account::by_id(tx, person))?
            .ok_or_else(Fault::not_found)?;
        if !password::verify(secret, row.password_hash.as_ref().map(|hash| hash.0.as_str()))? {
            return Err(Fault::new(
                FaultKind::Unauthorized,
                "session.bad_password",
                "wrong password",
            ));
        }
        self.throttle.succeeded(&key);
        let until = now.plus_seconds(SUDO_SECONDS);
        self.act(permit, |act, _| {
            let row = session::by_id(act.tx, id)?.ok_or_else(Fault::not_found)?;
            session::update(
                act.tx,
                &SessionRow {
                    sudo_until: until,
                    ..row
                },
            )?;
            act.tx.changed(ChangeKey::Session(id));
            act.action("user.sudo");
            Ok(until)
        })
    }

    /// The person's live sessions.
    pub fn session_list(&self, permit: &Permit) -> Result<Vec<SessionRow>, Fault> {
        let person = permit.person()?;
        self.read(permit, |tx| Ok(session::live(tx, person, permit.now())?))
    }

    /// Ends one of the person's sessions.
    pub fn session_end(&self, permit: Permit, id: SessionId) -> Result<(), Fault> {
        let person = permit.person()?;
        self.act(permit, |act, permit| {
            let row = session::by_id(act.tx, id)?
                .filter(|row| row.user_id == person)
                .ok_or_else(Fault::not_found)?;
            session::revoke(act.tx, row.id, permit.now())?;
            act.action("user.logout");
            act.note("session_id", row.id.0);
            Ok(())
        })
    }

    /// Makes a person in an installation, with a password. For setting up and for administrators.
    pub(crate) fn hash_password(&self, secret: &str, login: &str) -> Result<bailiwick_store::Secret, Fault> {
        password::check(secret, login)?;
        Ok(bailiwick_store::Secret(password::hash(secret, &*self.random)?))
    }
}

impl Permit {
    /// The session that the request was made with.
    pub fn session(&self) -> Option<SessionId> {
        match &self.gathered().credential {
            Credential::Session(session, _) => Some(session.facts.id),
            Credential::Anonymous | Credential::Unknown | Credential::Token(..) => None,
        }
    }
}
