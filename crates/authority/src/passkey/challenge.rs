//! Challenges that wait for an answer: in memory, bounded, each for one purpose, one answer and a short time.

use crate::factor::Purpose;
use bailiwick_model::Timestamp;
use bailiwick_model::limit::{CHALLENGE_SECONDS, CHALLENGES_MAX};
use passki::{AuthenticationState, RegistrationState};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

/// What the answer is checked against.
#[derive(Clone, Debug)]
pub(crate) enum Ceremony {
    /// A new passkey.
    Register(RegistrationState),
    /// A use of one.
    Authenticate(AuthenticationState),
}

struct Waiting {
    order: u64,
    purpose: Purpose,
    ceremony: Ceremony,
    until: Timestamp,
}

#[derive(Default)]
struct Inner {
    next: u64,
    by_challenge: HashMap<String, Waiting>,
    by_order: BTreeMap<u64, String>,
}

/// Challenges by their text.
#[derive(Default)]
pub(crate) struct Challenges(Mutex<Inner>);

impl std::fmt::Debug for Challenges {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Challenges")
    }
}

impl Challenges {
    /// Keeps a challenge. When there are too many, the oldest goes.
    pub(crate) fn keep(&self, challenge: &str, purpose: Purpose, ceremony: Ceremony, now: Timestamp) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((_, oldest)) = inner.by_order.first_key_value() {
            let over = inner
                .by_challenge
                .get(oldest)
                .is_none_or(|waiting| now >= waiting.until);
            if !over && inner.by_order.len() < CHALLENGES_MAX {
                break;
            }
            if let Some((_, oldest)) = inner.by_order.pop_first() {
                inner.by_challenge.remove(&oldest);
            }
        }
        let order = inner.next;
        inner.next += 1;
        let waiting = Waiting {
            order,
            purpose,
            ceremony,
            until: now.plus_seconds(CHALLENGE_SECONDS),
        };
        inner.by_order.insert(order, challenge.to_owned());
        inner.by_challenge.insert(challenge.to_owned(), waiting);
    }

    /// Takes a challenge: whatever comes of its answer, it is used.
    // SECURITY: also when it was made for something else, so that an answer cannot be tried at every door.
    pub(crate) fn take(&self, challenge: &str, purpose: &Purpose, now: Timestamp) -> Option<Ceremony> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = inner.by_challenge.remove(challenge)?;
        inner.by_order.remove(&waiting.order);
        (waiting.purpose == *purpose && now < waiting.until).then_some(waiting.ceremony)
    }
}
