//! Short-lived credentials that an upstream gave out, by what they are for. In memory alone, and gone with the
//! credential that they were asked for with.

use bailiwick_model::Timestamp;
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

/// Slots at the most; beyond that, those that nobody holds are forgotten.
const SLOTS_MAX: usize = 20_000;

impl Minted {
    /// The slot of a shape of requests.
    pub fn slot(&self, shape: &str) -> Slot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= SLOTS_MAX {
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        match slots.get(shape) {
            Some(slot) => slot.clone(),
            None => slots.entry(shape.to_owned()).or_default().clone(),
        }
    }
}
