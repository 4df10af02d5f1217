//! Counting the log over time: how many events of each outcome fall into equal spans.

use super::Condition;
use super::search::add;
use crate::filter::Filter;
use crate::{Result, Tx, values};
use bailiwick_model::Timestamp;

/// How many events of each outcome a span holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Count {
    /// Those that were allowed.
    pub allowed: u64,
    /// Those that were refused.
    pub refused: u64,
    /// Those that failed.
    pub failed: u64,
}

/// Counts the events for which all of this holds in `spans` equal spans of `step` microseconds each, the first one
/// from an instant on. One count for each span, in order.
pub fn count(
    tx: &mut Tx<'_>,
    all: &[Condition],
    from: Timestamp,
    step: i64,
    spans: usize,
) -> Result<Vec<Count>> {
    let mut filter = Filter::new("1 = 1");
    for condition in all {
        // The bounds of a span must be what the index is searched by, not the bounds of the whole: a sign keeps
        // those from it on both engines.
        add(&mut filter, condition, "+at");
    }
    let within = "AND at >= CAST(? AS BIGINT) + n * CAST(? AS BIGINT) \
                  AND at < CAST(? AS BIGINT) + (n + 1) * CAST(? AS BIGINT)";
    let tail = filter.tail("audit_event", within, values![from, step, from, step]);
    let mut values = filter.values().to_vec();
    values.extend_from_slice(values![spans]);
    let last = values.len();
    // Each outcome is written twice, as a word: both engines then see that the index of what was not allowed holds
    // all of it. What is left of the total was allowed.
    let sql = format!(
        "WITH RECURSIVE span (n) AS (SELECT CAST(0 AS BIGINT) UNION ALL \
         SELECT n + 1 FROM span WHERE n + 1 < CAST(${last} AS BIGINT)) \
         SELECT n, (SELECT COUNT(*) FROM {tail}), \
         (SELECT COUNT(*) FROM {tail} AND outcome = 'refused' AND outcome <> 'allowed'), \
         (SELECT COUNT(*) FROM {tail} AND outcome = 'failed' AND outcome <> 'allowed') \
         FROM span ORDER BY n"
    );
    let mut counts = Vec::with_capacity(spans);
    for mut row in tx.query(&sql, &values)? {
        let _number = row.int()?;
        let (total, refused, failed) = (row.int()?, row.int()?, row.int()?);
        counts.push(Count {
            allowed: total.saturating_sub(refused + failed).unsigned_abs(),
            refused: refused.unsigned_abs(),
            failed: failed.unsigned_abs(),
        });
    }
    Ok(counts)
}
