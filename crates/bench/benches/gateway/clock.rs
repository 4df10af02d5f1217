//! The clock of the machine, for stores that a benchmark fills itself.

use crate::Outcome;
use bailiwick_model::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

/// The present instant: the tokens must live while the real program serves them.
#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark of the real program is its own composition root"
)]
pub fn now() -> Outcome<Timestamp> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(Timestamp(i64::try_from(since.as_micros())?))
}
