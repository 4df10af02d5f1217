//! Verifying a chain: every event's hash, every link, no gap, and the head it must end at.

use super::EventRow;
use crate::{Result, StoreError, Tx, values};
use bailiwick_model::Digest;

/// Events read at a time.
const BATCH: usize = 500;

/// Where a node's chain ends, and where it begins after pruning.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// The node.
    pub node: String,
    /// The position of its last event.
    pub position: i64,
    /// The hash of its last event. Kept elsewhere, it shows later whether the log was rewritten.
    pub hash: Digest,
    /// The position of the last event that was pruned, zero if none was.
    pub anchor_position: i64,
    /// Its hash.
    pub anchor_hash: Digest,
}

/// What is wrong at the first broken place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The event that should be there is missing.
    Missing,
    /// The event does not follow from the one before it.
    Link,
    /// The event's content does not give its hash.
    Content,
    /// The events end elsewhere than the head says: some were cut off or added.
    Head,
}

/// The first broken place of a chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Break {
    /// The position.
    pub position: i64,
    /// What is wrong there.
    pub fault: Fault,
}

/// What verifying found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verified {
    /// Events that were checked and are sound.
    pub events: i64,
    /// The first broken place, if any.
    pub broken: Option<Break>,
}

/// The heads of all nodes.
pub fn heads(tx: &mut Tx<'_>) -> Result<Vec<Head>> {
    tx.query(
        "SELECT node, position, hash, anchor_position, anchor_hash FROM audit_head ORDER BY node",
        &[],
    )?
    .iter_mut()
    .map(|row| {
        Ok(Head {
            node: row.get()?,
            position: row.get()?,
            hash: row.get()?,
            anchor_position: row.get()?,
            anchor_hash: row.get()?,
        })
    })
    .collect()
}

/// Checks a node's chain from a position on (or from its first event, if that comes later) to its head.
pub fn verify(tx: &mut Tx<'_>, node: &str, from: i64) -> Result<Verified> {
    let head = heads(tx)?.into_iter().find(|head| head.node == node);
    let Some(head) = head else {
        let stray = tx
            .one(
                "SELECT MIN(position) FROM audit_event WHERE node = $1",
                values![node],
            )?
            .opt_int()?;
        let broken = stray.map(|position| Break {
            position,
            fault: Fault::Head,
        });
        return Ok(Verified { events: 0, broken });
    };
    let mut last = from.max(head.anchor_position + 1) - 1;
    let mut hash = match start(tx, &head, last)? {
        Some(hash) => hash,
        None => {
            let broken = Some(Break {
                position: last,
                fault: Fault::Missing,
            });
            return Ok(Verified { events: 0, broken });
        }
    };
    let mut events = 0;
    loop {
        let rows = batch(tx, node, last)?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let fault = match row {
                // What cannot be read was changed by somebody else.
                Err(StoreError::Shape { .. }) => Some((last + 1, Fault::Content)),
                Err(error) => return Err(error),
                Ok(row) => {
                    let found = check(&row, last, hash).map(|fault| (last + 1, fault));
                    hash = row.hash;
                    found
                }
            };
            if let Some((position, fault)) = fault {
                return Ok(Verified {
                    events,
                    broken: Some(Break { position, fault }),
                });
            }
            last += 1;
            events += 1;
        }
    }
    let sound = last == head.position && hash == head.hash;
    let broken = if sound {
        None
    } else {
        Some(Break {
            position: last + 1,
            fault: Fault::Head,
        })
    };
    Ok(Verified { events, broken })
}

fn check(row: &EventRow, last: i64, hash: Digest) -> Option<Fault> {
    if row.position != last + 1 {
        Some(Fault::Missing)
    } else if row.computed_hash() != row.hash {
        Some(Fault::Content)
    } else if row.prev_hash != hash {
        Some(Fault::Link)
    } else {
        None
    }
}

/// The hash that the event after `last` must name as the one before it.
fn start(tx: &mut Tx<'_>, head: &Head, last: i64) -> Result<Option<Digest>> {
    if last == head.anchor_position {
        return Ok(Some(head.anchor_hash));
    }
    tx.optional(
        "SELECT hash FROM audit_event WHERE node = $1 AND position = $2",
        values![head.node, last],
    )?
    .map(|mut row| row.get())
    .transpose()
}

fn batch(tx: &mut Tx<'_>, node: &str, last: i64) -> Result<Vec<Result<EventRow>>> {
    let sql = format!(
        "SELECT {} FROM audit_event WHERE node = $1 AND position > $2 ORDER BY position LIMIT $3",
        EventRow::COLUMNS
    );
    Ok(tx
        .query(&sql, values![node, last, BATCH])?
        .iter_mut()
        .map(EventRow::read)
        .collect())
}
