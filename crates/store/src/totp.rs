//! Time-based one-time passwords of persons: the sealed seed, and the last step a code was taken for.

use crate::column::Secret;
use crate::record::record;
use crate::{Result, Tx, values};
use bailiwick_model::{AccountId, Timestamp};

record! {
    /// A person's authenticator app.
    pub struct TotpRow in "totp" {
        /// The person.
        pub user_id: AccountId,
        /// The sealed seed.
        pub seed: Secret,
        /// The last step whose code was taken; no code counts twice.
        pub last_step: i64,
        /// When it was enabled.
        pub created_at: Timestamp,
        /// When a code of it was last taken.
        pub last_used_at: Option<Timestamp>,
    }
}

/// Enables it. A person that has one already is told as `false`, and nothing is written.
pub fn insert(tx: &mut Tx<'_>, row: &TotpRow) -> Result<bool> {
    if get(tx, row.user_id)?.is_some() {
        return Ok(false);
    }
    row.insert_row(tx)?;
    Ok(true)
}

/// A person's.
pub fn get(tx: &mut Tx<'_>, user: AccountId) -> Result<Option<TotpRow>> {
    TotpRow::find(tx, "totp WHERE user_id = $1", values![user])
}

/// Takes the code of a step. False when that step or a later one was taken before, and then nothing is written.
pub fn take(tx: &mut Tx<'_>, user: AccountId, step: i64, now: Timestamp) -> Result<bool> {
    let count = tx.execute(
        "UPDATE totp SET last_step = $2, last_used_at = $3 WHERE user_id = $1 AND last_step < $2",
        values![user, step, now],
    )?;
    Ok(count > 0)
}

/// Disables it; tells whether there was one.
pub fn remove(tx: &mut Tx<'_>, user: AccountId) -> Result<bool> {
    Ok(tx.execute("DELETE FROM totp WHERE user_id = $1", values![user])? > 0)
}
