//! Short-lived credentials that an upstream gave out, by what they are for. In memory alone, and gone with the
//! credential that they were asked for with.

use bailiwick_model::{AccountId, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// A credential or another answer of the upstream's, until an instant.
#[derive(Clone)]
pub struct Lent {
    /// What was given.
    pub text: Zeroizing<String>,
    /// Until when it is good.
    pub until: Timestamp,
}

impl std::fmt::Debug for Lent {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Lent(until {})", self.until.rfc3339())
    }
}

/// Where one is kept. Whoever holds the lock asks the upstream, and everybody else waits for the answer.
pub type Slot = Arc<tokio::sync::Mutex<Option<Lent>>>;

/// The slots of one upstream.
#[derive(Debug, Default)]
pub struct Minted(Mutex<HashMap<String, Slot>>);

/// Slots at the most; beyond that, those are forgotten that nobody holds and that can be asked for anew.
const SLOTS_MAX: usize = 20_000;

/// What a renewing keeps until it is stored: a refresh token that works once, and that nobody gives again.
// INVARIANT: only what could not be stored is in such a slot.
fn is_unsaved(shape: &str, slot: &Slot) -> bool {
    shape.starts_with(RENEWING) && slot.try_lock().is_ok_and(|kept| kept.is_some())
}

/// How shapes of renewings begin.
const RENEWING: &str = "renew/";

impl Minted {
    /// The slot in which an account's next credential waits for being stored.
    pub fn renewing(&self, account: AccountId) -> Slot {
        self.slot(&format!("{RENEWING}{account}"))
    }

    /// The slot of a shape of requests.
    pub fn slot(&self, shape: &str) -> Slot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= SLOTS_MAX {
            slots.retain(|shape, slot| Arc::strong_count(slot) > 1 || is_unsaved(shape, slot));
        }
        match slots.get(shape) {
            Some(slot) => slot.clone(),
            None => slots.entry(shape.to_owned()).or_default().clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Lent, Minted, SLOTS_MAX};
    use bailiwick_model::{AccountId, Timestamp};

    #[test]
    fn what_is_not_stored_yet_is_never_forgotten() {
        let minted = Minted::default();
        let lent = |text: &str| Lent {
            text: String::from(text).into(),
            until: Timestamp(0),
        };
        *minted.renewing(AccountId(7)).try_lock().unwrap() = Some(lent("unsaved"));
        // Renewed and stored.
        drop(minted.renewing(AccountId(8)));
        *minted.slot("app").try_lock().unwrap() = Some(lent("asked for anew"));
        let held = minted.slot("held");
        for number in 0..SLOTS_MAX {
            drop(minted.slot(&format!("shape/{number}")));
        }
        let kept = |slot: super::Slot| {
            slot.try_lock()
                .unwrap()
                .as_ref()
                .map(|lent| lent.text.to_string())
        };
        assert_eq!(kept(minted.renewing(AccountId(7))).as_deref(), Some("unsaved"));
        assert_eq!(kept(minted.slot("app")), None);
        assert!(std::sync::Arc::ptr_eq(&held, &minted.slot("held")));
        assert!(minted.0.lock().unwrap().len() < SLOTS_MAX);
    }
}
