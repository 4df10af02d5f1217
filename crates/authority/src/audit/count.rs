//! A log counted over time, for a chart.

use super::{Search, parts};
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::Timestamp;
use bailiwick_store::audit;

/// Spans that one question may ask for: more than any page can draw.
const SPANS_MAX: i64 = 400;

/// How many events of each outcome fall into a span of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Count {
    /// When the span begins.
    pub from: Timestamp,
    /// Those that were allowed.
    pub allowed: u64,
    /// Those that were refused.
    pub refused: u64,
    /// Those that failed.
    pub failed: u64,
}

impl Authority {
    /// The events of the log that the operation names and the search finds, counted in spans of `step` microseconds
    /// from one instant up to another. The search's own page plays no part.
    pub fn audit_counts(
        &self,
        permit: &Permit,
        search: &Search,
        from: Timestamp,
        to: Timestamp,
        step: i64,
    ) -> Result<Vec<Count>, Fault> {
        let conditions = search.conditions()?;
        let length = to.0.saturating_sub(from.0);
        let spans = if step > 0 && length > 0 {
            length.saturating_sub(1) / step + 1
        } else {
            0
        };
        if spans > SPANS_MAX {
            let message = format!("is too short (at most {SPANS_MAX} spans are counted)");
            return Err(Fault::invalid("AuditLog", "step", "invalid", message));
        }
        let spans = usize::try_from(spans).unwrap_or_default();
        if spans == 0 {
            return Ok(Vec::new());
        }
        self.read(permit, |tx| {
            let mut counts: Vec<Count> = (0_i64..)
                .take(spans)
                .map(|number| Count {
                    from: Timestamp(from.0.saturating_add(number.saturating_mul(step))),
                    allowed: 0,
                    refused: 0,
                    failed: 0,
                })
                .collect();
            for all in parts(tx, permit, &conditions)? {
                let part = audit::count(tx, &all, from, step, spans)?;
                for (count, more) in counts.iter_mut().zip(part) {
                    count.allowed = count.allowed.saturating_add(more.allowed);
                    count.refused = count.refused.saturating_add(more.refused);
                    count.failed = count.failed.saturating_add(more.failed);
                }
            }
            Ok(counts)
        })
    }
}
