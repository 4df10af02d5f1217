//! The real time and real chance: the only place that asks the system for either.

use bailiwick_authority::{Clock, Random};
use bailiwick_model::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

/// The system's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the composition root supplies the time to everything else"
    )]
    fn now(&self) -> Timestamp {
        // A clock before 1970 counts as 1970: credentials are then not yet valid instead of valid again.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// The system's random bytes.
pub struct SystemRandom;

impl SystemRandom {
    /// Asks once at the start, so that a system without random bytes is an error and not a surprise later.
    pub fn new() -> std::io::Result<SystemRandom> {
        getrandom::fill(&mut [0_u8; 8]).map_err(|error| std::io::Error::other(error.to_string()))?;
        Ok(SystemRandom)
    }
}

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        // SECURITY: a secret must never be made of anything else, so without random bytes the process ends.
        if let Err(error) = getrandom::fill(bytes) {
            tracing::error!(%error, "the system gives no random bytes");
            std::process::abort();
        }
    }
}
