//! Pushes that were begun and whose outcome is not recorded yet. What a crash leaves here, start-up closes.

use crate::record::record;
use crate::{Result, Tx, values};
use bailiwick_model::{RepositoryId, Timestamp};

record! {
    /// A push that is under way.
    pub struct PushIntentRow in "push_intent" {
        /// Its id; `insert` gives it.
        pub id: i64,
        /// The node that receives it.
        pub node: String,
        /// The repository.
        pub repository_id: RepositoryId,
        /// The request, under which the log holds who pushes.
        pub request_id: String,
        /// The updates asked for, a JSON list of `{ref, before, after}`.
        pub refs: String,
        /// When it began.
        pub started_at: Timestamp,
    }
}

/// Notes a push under a new id.
pub fn insert(tx: &mut Tx<'_>, mut row: PushIntentRow) -> Result<PushIntentRow> {
    row.id = tx.next_id("push_intent")?;
    row.insert_row(tx)?;
    Ok(row)
}

/// Closes a push; tells whether it was open.
pub fn delete(tx: &mut Tx<'_>, id: i64) -> Result<bool> {
    Ok(tx.execute("DELETE FROM push_intent WHERE id = $1", values![id])? > 0)
}

/// The open pushes of a node, oldest first.
pub fn of_node(tx: &mut Tx<'_>, node: &str) -> Result<Vec<PushIntentRow>> {
    PushIntentRow::select(tx, "push_intent WHERE node = $1 ORDER BY id", values![node])
}
