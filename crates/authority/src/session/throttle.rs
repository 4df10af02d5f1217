//! Guessing is slowed: after a few failed attempts under a key, further ones have to wait. In memory, for each node.

use crate::fault::{Fault, FaultKind};
use bailiwick_model::{Digest, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Failed attempts before further ones have to wait.
const ATTEMPTS_MAX: u32 = 5;
/// How long they have to wait, in seconds.
const WAIT_SECONDS: i64 = 900;
/// Entries before old ones are swept.
const SWEEP_AT: usize = 10_000;

/// Failed attempts by key.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<Attempts>);

#[derive(Debug, Default)]
struct Attempts {
    // SECURITY: by the digest: a key holds what somebody typed, as long as they like.
    by_key: HashMap<Digest, (u32, Timestamp)>,
    // Entries at the last sweep that stayed.
    stayed: usize,
}

impl Throttle {
    /// Counts an attempt before it is made, so that many at once cannot all pass the same count.
    pub(crate) fn attempt(&self, key: &str, now: Timestamp) -> Result<(), Fault> {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let attempts = &mut *guard;
        // Twice what stayed: where many attempts are young, not each one looks through all.
        if attempts.by_key.len() > SWEEP_AT.max(2 * attempts.stayed) {
            attempts
                .by_key
                .retain(|_, (_, last)| now < last.plus_seconds(WAIT_SECONDS));
            attempts.stayed = attempts.by_key.len();
        }
        let entry = attempts
            .by_key
            .entry(Digest::of(key.as_bytes()))
            .or_insert((0, now));
        if now >= entry.1.plus_seconds(WAIT_SECONDS) {
            entry.0 = 0;
        }
        if entry.0 >= ATTEMPTS_MAX {
            let message = "too many failed attempts: wait 15 minutes";
            return Err(Fault::new(FaultKind::TooMany, "session.throttled", message));
        }
        *entry = (entry.0 + 1, now);
        Ok(())
    }

    /// Forgets the attempts of a key, since the last one was right.
    pub(crate) fn succeeded(&self, key: &str) {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.by_key.remove(&Digest::of(key.as_bytes()));
    }

    /// Takes back an attempt that was counted and could not be made: nothing was guessed.
    pub(crate) fn not_made(&self, key: &str) {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = Digest::of(key.as_bytes());
        match attempts.by_key.get_mut(&key) {
            Some((count, _)) if *count > 1 => *count -= 1,
            Some(_) => {
                attempts.by_key.remove(&key);
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    //! Counting, waiting, forgetting.

    use super::{ATTEMPTS_MAX, SWEEP_AT, Throttle, WAIT_SECONDS};
    use bailiwick_model::Timestamp;

    const NOW: Timestamp = Timestamp(1_760_000_000_000_000);

    #[test]
    fn the_sixth_attempt_waits_a_quarter_of_an_hour() {
        let throttle = Throttle::default();
        for _ in 0..ATTEMPTS_MAX {
            assert!(throttle.attempt("a", NOW).is_ok());
        }
        let refused = throttle.attempt("a", NOW.plus_seconds(WAIT_SECONDS - 1));
        assert_eq!(refused.err().map(|fault| fault.code), Some("session.throttled"));
        assert!(throttle.attempt("b", NOW).is_ok(), "others need not wait");
        assert!(
            throttle.attempt("a", NOW.plus_seconds(WAIT_SECONDS)).is_ok(),
            "attempts while waiting do not count"
        );
    }

    #[test]
    fn success_forgets() {
        let throttle = Throttle::default();
        for _ in 0..20 {
            assert!(throttle.attempt("a", NOW).is_ok());
            throttle.succeeded("a");
        }
    }

    #[test]
    fn what_was_not_tried_does_not_count() {
        let throttle = Throttle::default();
        for _ in 0..20 {
            assert!(throttle.attempt("a", NOW).is_ok());
            throttle.not_made("a");
        }
        assert!(throttle.0.lock().unwrap().by_key.is_empty());
        for _ in 0..ATTEMPTS_MAX {
            assert!(throttle.attempt("a", NOW).is_ok());
        }
        throttle.not_made("a");
        assert!(throttle.attempt("a", NOW).is_ok());
        assert!(throttle.attempt("a", NOW).is_err());
    }

    #[test]
    fn keys_of_any_length_cost_the_same_and_old_ones_go() {
        let throttle = Throttle::default();
        for number in 0..=SWEEP_AT {
            let key = format!(
                "{number}{}",
                "a".repeat(if number % 1000 == 0 { 100_000 } else { 0 })
            );
            assert!(throttle.attempt(&key, NOW).is_ok());
        }
        let later = NOW.plus_seconds(WAIT_SECONDS);
        assert!(throttle.attempt("b", later).is_ok());
        assert_eq!(throttle.0.lock().unwrap().by_key.len(), 1);
    }
}
