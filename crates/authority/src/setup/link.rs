//! The set-up link: a secret for one use within minutes, that only whoever sees the server's console knows.

use super::{check_login, exists, exists_already, insert};
use crate::Authority;
use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use crate::session::SignedIn;
use bailiwick_model::limit::SETUP_SECONDS;
use bailiwick_model::{Digest, Timestamp};
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

/// The link's digest and end. In memory: a restart makes another.
#[derive(Debug, Default)]
pub(crate) struct Link(Mutex<Option<(Digest, Timestamp)>>);

impl Link {
    fn get(&self) -> Option<(Digest, Timestamp)> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, link: Option<(Digest, Timestamp)>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = link;
    }
}

/// What the console shows.
pub struct SetupLink {
    /// The secret.
    pub secret: Zeroizing<String>,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for SetupLink {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "SetupLink(until {})", self.expires_at.rfc3339())
    }
}

fn over() -> Fault {
    let message = "the set-up link is over: restart the server for a new one";
    Fault::new(FaultKind::Gone, "setup.over", message)
}

impl Authority {
    /// A new link in place of any former; `None` when somebody administers the installation.
    pub fn setup_begin(&self) -> Result<Option<SetupLink>, Fault> {
        if self.store.read(exists)? {
            return Ok(None);
        }
        let secret = self.random_text::<32>();
        let expires_at = self.now().plus_seconds(SETUP_SECONDS);
        self.setup.set(Some((Digest::of(secret.as_bytes()), expires_at)));
        Ok(Some(SetupLink { secret, expires_at }))
    }

    /// Whether there is a link to use. Tells nothing of its secret.
    pub fn setup_open(&self, permit: &Permit) -> Result<(), Fault> {
        let (_, expires_at) = self.setup.get().ok_or_else(Fault::not_found)?;
        if self.read(permit, exists)? {
            return Err(Fault::not_found());
        }
        if permit.now() >= expires_at {
            return Err(over());
        }
        Ok(())
    }

    /// Makes the first administrator and signs them in. The link is used up by success, not by a typing error.
    pub fn setup_administrator(
        &self,
        permit: Permit,
        secret: &str,
        login: &str,
        password: &str,
    ) -> Result<SignedIn, Fault> {
        let now = permit.now();
        let (digest, expires_at) = self.setup.get().ok_or_else(Fault::not_found)?;
        // Digests of 256 random bits: how long comparing them takes tells nothing of use.
        if Digest::of(secret.as_bytes()) != digest {
            return Err(Fault::not_found());
        }
        if now >= expires_at {
            return Err(over());
        }
        check_login(login)?;
        let hash = self.hash_password(password, login)?;
        let session = self.act(permit, |act, permit| {
            // SECURITY: in the transaction of the insert: of two that hold the link, the second is refused.
            if exists(act.tx)? {
                return Err(exists_already());
            }
            let row = insert(act.tx, login, hash.0, now)?;
            let session = self.open_session(act, permit, &row)?;
            act.event.user = Some(row.login.clone());
            act.event.reason = String::from("setup");
            act.action("user.create");
            act.note("site_administrator", true);
            let event = act.another("user.login");
            event.user = None;
            event.actor = Some(row.id);
            event.actor_login = Some(row.login);
            Ok(session)
        })?;
        self.setup.set(None);
        Ok(session)
    }
}
