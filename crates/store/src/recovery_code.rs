//! Recovery codes of persons: digests, each good for one sign-in.

use crate::{Result, Tx, values};
use bailiwick_model::{AccountId, Digest, Timestamp};

/// Replaces a person's codes, used or not.
pub fn replace(tx: &mut Tx<'_>, user: AccountId, digests: &[Digest], now: Timestamp) -> Result<()> {
    remove_all(tx, user)?;
    for digest in digests {
        tx.execute(
            "INSERT INTO recovery_code (user_id, digest, created_at) VALUES ($1, $2, $3)",
            values![user, digest, now],
        )?;
    }
    Ok(())
}

/// Uses a code up. False when it is none of the person's, or was used before.
pub fn take(tx: &mut Tx<'_>, user: AccountId, digest: &Digest, now: Timestamp) -> Result<bool> {
    let count = tx.execute(
        "UPDATE recovery_code SET used_at = $3 WHERE user_id = $1 AND digest = $2 AND used_at IS NULL",
        values![user, digest, now],
    )?;
    Ok(count > 0)
}

/// How many codes are left, and when they were made; `None` when there never were any.
pub fn left(tx: &mut Tx<'_>, user: AccountId) -> Result<(i64, Option<Timestamp>)> {
    let mut row = tx.one(
        "SELECT COUNT(*) - COUNT(used_at), MAX(created_at) FROM recovery_code WHERE user_id = $1",
        values![user],
    )?;
    Ok((row.int()?, row.get()?))
}

/// Removes a person's codes.
pub fn remove_all(tx: &mut Tx<'_>, user: AccountId) -> Result<u64> {
    tx.execute("DELETE FROM recovery_code WHERE user_id = $1", values![user])
}
