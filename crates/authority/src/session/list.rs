//! The person's own sessions: the list of them, and ending one or all others.

use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::SessionId;
use bailiwick_store::{SessionRow, session};

impl Authority {
    /// The person's live sessions, newest first.
    pub fn session_list(&self, permit: &Permit) -> Result<Vec<SessionRow>, Fault> {
        let person = permit.person()?;
        // So that the list tells of the last half minute too.
        self.touch_flush();
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

    /// Ends every session of the person but the one that asks; tells how many.
    pub fn session_end_others(&self, permit: Permit) -> Result<usize, Fault> {
        let person = permit.person()?;
        let own = permit.session().ok_or_else(Fault::not_found)?;
        self.act(permit, |act, permit| {
            let ended = session::revoke_others(act.tx, person, own, permit.now())?;
            act.action("user.logout");
            act.note("sessions_ended", ended.len());
            Ok(ended.len())
        })
    }
}
