//! Sudo mode: the person at the keyboard proves again who they are; then each sensitive act resets the two hours.

use crate::Authority;
use crate::act::Act;
use crate::factor::{Proof, Purpose};
use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use bailiwick_model::Timestamp;
use bailiwick_model::limit::SUDO_SECONDS;
use bailiwick_store::{ChangeKey, SessionRow, account, session};

impl Authority {
    /// Puts the session into sudo mode after its person proved by password, code or passkey to be there.
    pub fn session_sudo(&self, permit: Permit, proof: Proof<'_>) -> Result<Timestamp, Fault> {
        let now = permit.now();
        let id = permit.session().ok_or_else(Fault::not_found)?;
        let person = permit.person()?;
        let key = format!("sudo\n{person}");
        self.throttle.attempt(&key, now)?;
        let mut verified = None;
        if let Proof::Password(secret) = proof {
            let row = self
                .store
                .read(|tx| account::by_id(tx, person))?
                .ok_or_else(Fault::not_found)?;
            let stored = row.password_hash.as_ref().map(|hash| hash.0.as_str());
            if !self.guess(&key, secret, stored)? {
                return Err(Fault::new(
                    FaultKind::Unauthorized,
                    "session.bad_password",
                    "wrong password",
                ));
            }
            verified = row.password_hash;
        }
        let until = self.act(permit, |act, permit| {
            let method = match proof {
                Proof::Password(_) => {
                    // It may have been changed while its hash was computed.
                    let present = account::by_id(act.tx, person)?.and_then(|row| row.password_hash);
                    if present != verified {
                        return Err(Fault::conflict(
                            "session.password_changed",
                            "the password has changed",
                        ));
                    }
                    "password"
                }
                Proof::Code(_) | Proof::Passkey(_) => {
                    self.prove(act, person, proof, &Purpose::Sudo(id), permit.now())?
                }
            };
            let row = session::by_id(act.tx, id)?.ok_or_else(Fault::not_found)?;
            let until = now.plus_seconds(SUDO_SECONDS);
            session::update(
                act.tx,
                &SessionRow {
                    sudo_until: until,
                    ..row
                },
            )?;
            act.tx.changed(ChangeKey::Session(id));
            act.action("user.sudo");
            act.note("method", method);
            Ok(until)
        })?;
        self.throttle.succeeded(&key);
        Ok(until)
    }
}

/// A sensitive act that succeeds resets the two hours, in its own transaction.
pub(crate) fn extend(act: &mut Act<'_, '_>, permit: &Permit) -> Result<(), Fault> {
    /// Not for every act of many in a row: a minute's difference is none.
    const GRAIN_SECONDS: i64 = 60;
    if !permit.operation().sudo {
        return Ok(());
    }
    let crate::Credential::Session(session, _) = &permit.gathered().credential else {
        return Ok(());
    };
    let now = permit.now();
    let until = now.plus_seconds(SUDO_SECONDS);
    if session.facts.sudo_until.plus_seconds(GRAIN_SECONDS) < until {
        bailiwick_store::session::extend_sudo(act.tx, session.facts.id, until, now)?;
    }
    Ok(())
}
