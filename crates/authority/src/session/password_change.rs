//! Changing one's own password.

use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::SessionId;
use bailiwick_store::{account, pending_sign_in, session};

impl Authority {
    /// Changes the person's password: needs the old one, ends every other session and every sign-in under way.
    /// Tells how many sessions were ended.
    pub fn password_change(&self, permit: Permit, old: &str, new: &str) -> Result<usize, Fault> {
        let now = permit.now();
        let person = permit.person()?;
        let own = permit.session().unwrap_or(SessionId(0));
        // The same count as in sudo mode: both ask whether somebody at an open session knows the password.
        let key = format!("sudo\n{person}");
        self.throttle.attempt(&key, now)?;
        let before = self
            .store
            .read(|tx| account::by_id(tx, person))?
            .ok_or_else(Fault::not_found)?;
        let stored = before.password_hash.as_ref().map(|hash| hash.0.as_str());
        if !self.guess(&key, old, stored)? {
            return Err(Fault::invalid("User", "old_password", "custom", "is wrong"));
        }
        self.throttle.succeeded(&key);
        if old == new {
            return Err(Fault::invalid(
                "User",
                "password",
                "custom",
                "is the one you have",
            ));
        }
        let hash = self.hash_password(new, &before.login)?;
        self.act(permit, |act, _| {
            let mut row = account::by_id(act.tx, person)?.ok_or_else(Fault::not_found)?;
            if row.password_hash != before.password_hash {
                let message = "the password has changed meanwhile: sign in again";
                return Err(Fault::conflict("session.password_changed", message));
            }
            row.password_hash = Some(hash);
            row.updated_at = now;
            account::update(act.tx, &row)?;
            pending_sign_in::remove_all(act.tx, person)?;
            let ended = session::revoke_others(act.tx, person, own, now)?;
            act.action("user.change_password");
            act.note("sessions_ended", ended.len());
            Ok(ended.len())
        })
    }
}
