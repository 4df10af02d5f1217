//! Appending and pruning: the only two ways the log changes.

use super::{EventRow, genesis};
use crate::{Result, StoreError, Tx, values};
use bailiwick_model::{Digest, Event, Timestamp};

/// Appends events to a node's chain in the transaction of what they tell of, and returns their positions.
pub fn append(tx: &mut Tx<'_>, node: &str, events: &[Event]) -> Result<std::ops::Range<i64>> {
    let count = i64::try_from(events.len()).map_err(|_| StoreError::shape("fewer events"))?;
    let head = tx.optional(
        "SELECT position, hash FROM audit_head WHERE node = $1",
        values![node],
    )?;
    let (mut position, mut hash): (i64, Digest) = match head {
        Some(mut row) => (row.get()?, row.get()?),
        None => (0, genesis()),
    };
    let first = position + 1;
    if events.is_empty() {
        return Ok(first..first);
    }
    let ids = tx.next_ids("audit_event", count)?;
    for (event, id) in events.iter().zip(ids..) {
        position += 1;
        let (values, next) = EventRow::chained(event, id, node, position, hash);
        EventRow::insert_values(tx, &values)?;
        hash = next;
    }
    tx.execute(
        "INSERT INTO audit_head (node, position, hash, anchor_position, anchor_hash) VALUES ($1, $2, $3, 0, $4) \
         ON CONFLICT (node) DO UPDATE SET position = $2, hash = $3",
        values![node, position, hash, genesis()],
    )?;
    Ok(first..position + 1)
}

/// Removes the events of every node up to its first one that is not older than an instant, and keeps the hash of
/// the last one removed, so that the rest still verifies. Returns how many went.
pub fn prune(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64> {
    let nodes = tx.query("SELECT node, position FROM audit_head", &[])?;
    let mut removed = 0;
    for mut row in nodes {
        let (node, head) = (row.text()?, row.int()?);
        // Only a whole prefix goes: an event with an early time behind a later one waits for it.
        let kept = tx
            .one(
                "SELECT MIN(position) FROM audit_event WHERE node = $1 AND at >= $2",
                values![node, before],
            )?
            .opt_int()?;
        removed += prune_node(tx, &node, kept.map_or(head, |kept| kept - 1))?;
    }
    Ok(removed)
}

fn prune_node(tx: &mut Tx<'_>, node: &str, last: i64) -> Result<u64> {
    let Some(mut row) = tx.optional(
        "SELECT hash FROM audit_event WHERE node = $1 AND position = $2",
        values![node, last],
    )?
    else {
        return Ok(0);
    };
    let anchor: Digest = row.get()?;
    tx.execute(
        "INSERT INTO audit_prune (node, position) VALUES ($1, $2)",
        values![node, last],
    )?;
    let removed = tx.execute(
        "DELETE FROM audit_event WHERE node = $1 AND position <= $2",
        values![node, last],
    )?;
    tx.execute("DELETE FROM audit_prune WHERE node = $1", values![node])?;
    tx.execute(
        "UPDATE audit_head SET anchor_position = $2, anchor_hash = $3 WHERE node = $1",
        values![node, last, anchor],
    )?;
    Ok(removed)
}
