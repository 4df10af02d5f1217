//! Sign-ins that wait for a second factor. They open nothing: no look-up of a credential reads this table.

use crate::record::record;
use crate::{Result, Tx, values};
use bailiwick_model::{AccountId, Digest, Timestamp};

record! {
    /// A sign-in whose password was right.
    pub struct PendingSignInRow in "pending_sign_in" {
        /// The digest of its secret.
        pub digest: Digest,
        /// The person.
        pub user_id: AccountId,
        /// When the password was given.
        pub created_at: Timestamp,
        /// Until when the second factor may be given.
        pub expires_at: Timestamp,
    }
}

/// Adds one.
pub fn insert(tx: &mut Tx<'_>, row: &PendingSignInRow) -> Result<()> {
    row.insert_row(tx)
}

/// The one of a digest that has not expired.
pub fn live(tx: &mut Tx<'_>, digest: &Digest, now: Timestamp) -> Result<Option<PendingSignInRow>> {
    PendingSignInRow::find(
        tx,
        "pending_sign_in WHERE digest = $1 AND expires_at > $2",
        values![digest, now],
    )
}

/// Removes one, as it became a session; tells whether it was there.
pub fn remove(tx: &mut Tx<'_>, digest: &Digest) -> Result<bool> {
    let count = tx.execute("DELETE FROM pending_sign_in WHERE digest = $1", values![digest])?;
    Ok(count > 0)
}

/// Removes all of a person, as when the password changes.
pub fn remove_all(tx: &mut Tx<'_>, user: AccountId) -> Result<u64> {
    tx.execute("DELETE FROM pending_sign_in WHERE user_id = $1", values![user])
}

/// Removes those that expired by an instant.
pub fn prune(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64> {
    tx.execute("DELETE FROM pending_sign_in WHERE expires_at <= $1", values![now])
}
