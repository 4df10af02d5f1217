//! Sessions of persons, in a browser or a terminal.

use crate::record::record;
use crate::{ChangeKey, Result, Tx, values};
use bailiwick_model::{AccountId, Digest, SessionId, Timestamp};

record! {
    /// A session.
    pub struct SessionRow in "session" {
        /// Its id; `insert` gives it.
        pub id: SessionId,
        /// The person.
        pub user_id: AccountId,
        /// The digest of its secret.
        pub digest: Digest,
        /// When it was opened.
        pub created_at: Timestamp,
        /// When it ends.
        pub expires_at: Timestamp,
        /// Until when it is in sudo mode.
        pub sudo_until: Timestamp,
        /// When it was last used, roughly.
        pub last_seen_at: Timestamp,
        /// Where it was opened from.
        pub address: Option<String>,
        /// What opened it.
        pub user_agent: Option<String>,
        /// When it was ended.
        pub revoked_at: Option<Timestamp>,
        /// From where it was last used, roughly.
        pub last_seen_address: Option<String>,
        /// What last used it, roughly.
        pub last_seen_user_agent: Option<String>,
    }
}

impl SessionRow {
    /// A session that is not in sudo mode.
    pub fn new(
        user_id: AccountId,
        digest: Digest,
        created_at: Timestamp,
        expires_at: Timestamp,
    ) -> SessionRow {
        SessionRow {
            id: SessionId(0),
            user_id,
            digest,
            created_at,
            expires_at,
            sudo_until: created_at,
            last_seen_at: created_at,
            address: None,
            user_agent: None,
            revoked_at: None,
            last_seen_address: None,
            last_seen_user_agent: None,
        }
    }
}

/// Adds a session under a new id.
pub fn insert(tx: &mut Tx<'_>, mut row: SessionRow) -> Result<SessionRow> {
    row.id = SessionId(tx.next_id("session")?);
    row.insert_row(tx)?;
    tx.changed(ChangeKey::Session(row.id));
    Ok(row)
}

/// Writes every field.
pub fn update(tx: &mut Tx<'_>, row: &SessionRow) -> Result<()> {
    tx.changed(ChangeKey::Session(row.id));
    row.update_row(tx)
}

/// The session of an id, ended or not.
pub fn by_id(tx: &mut Tx<'_>, id: SessionId) -> Result<Option<SessionRow>> {
    SessionRow::find(tx, "session WHERE id = $1", values![id])
}

/// The session of a digest, ended or not.
pub fn by_digest(tx: &mut Tx<'_>, digest: &Digest) -> Result<Option<SessionRow>> {
    SessionRow::find(tx, "session WHERE digest = $1", values![digest])
}

/// A user's sessions that are neither ended nor expired, newest first.
pub fn live(tx: &mut Tx<'_>, user: AccountId, now: Timestamp) -> Result<Vec<SessionRow>> {
    SessionRow::select(
        tx,
        "session WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY id DESC",
        values![user, now],
    )
}

/// Ends a session; tells whether it was open.
pub fn revoke(tx: &mut Tx<'_>, id: SessionId, now: Timestamp) -> Result<bool> {
    tx.changed(ChangeKey::Session(id));
    let count = tx.execute(
        "UPDATE session SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
        values![id, now],
    )?;
    Ok(count > 0)
}

/// Ends every session of a user and returns their ids.
pub fn revoke_all(tx: &mut Tx<'_>, user: AccountId, now: Timestamp) -> Result<Vec<SessionId>> {
    revoke_others(tx, user, SessionId(0), now)
}

/// Ends every session of a user but one and returns their ids.
pub fn revoke_others(
    tx: &mut Tx<'_>,
    user: AccountId,
    but: SessionId,
    now: Timestamp,
) -> Result<Vec<SessionId>> {
    let mut ended = Vec::new();
    for mut row in tx.query(
        "UPDATE session SET revoked_at = $2 WHERE user_id = $1 AND id <> $3 AND revoked_at IS NULL RETURNING id",
        values![user, now, but],
    )? {
        let id = row.get()?;
        tx.changed(ChangeKey::Session(id));
        ended.push(id);
    }
    Ok(ended)
}

/// A use of a session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// When.
    pub at: Timestamp,
    /// From where.
    pub address: Option<String>,
    /// By what.
    pub user_agent: Option<String>,
}

/// Notes when sessions were last seen, in one batch. No decision depends on it, so nothing is announced.
pub fn touch(tx: &mut Tx<'_>, seen: &[(SessionId, Seen)]) -> Result<()> {
    for (id, seen) in seen {
        tx.execute(
            "UPDATE session SET last_seen_at = $2, last_seen_address = $3, last_seen_user_agent = $4 \
             WHERE id = $1 AND last_seen_at < $2",
            values![id, seen.at, seen.address, seen.user_agent],
        )?;
    }
    Ok(())
}

/// Moves the end of a session's sudo mode, unless it is over. Tells whether it moved.
// SECURITY: never out of nothing: a session whose sudo mode has ended must be confirmed again.
pub fn extend_sudo(tx: &mut Tx<'_>, id: SessionId, until: Timestamp, now: Timestamp) -> Result<bool> {
    let count = tx.execute(
        "UPDATE session SET sudo_until = $2 \
         WHERE id = $1 AND sudo_until > $3 AND sudo_until < $2 AND revoked_at IS NULL",
        values![id, until, now],
    )?;
    if count > 0 {
        tx.changed(ChangeKey::Session(id));
    }
    Ok(count > 0)
}

/// Removes sessions that ended or expired before an instant.
pub fn prune(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64> {
    tx.execute(
        "DELETE FROM session WHERE expires_at < $1 OR revoked_at < $1",
        values![before],
    )
}
