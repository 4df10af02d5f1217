//! Who wants an upstream synchronised soon: an administrator, or the upstream itself by its hook. Kept in memory: what a
//! restart forgets is done with the next round anyway.

use bailiwick_model::UpstreamId;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;

/// What is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ask {
    /// Whether an administrator wants it, who does not wait for the hook's pace.
    pub at_once: bool,
    /// How many removals an administrator has confirmed.
    pub confirmed: Option<usize>,
}

/// What is wanted of whom.
#[derive(Debug, Default)]
pub(crate) struct Asks {
    waiting: Mutex<BTreeMap<UpstreamId, Ask>>,
    heard: Notify,
}

impl Asks {
    pub(crate) fn put(&self, id: UpstreamId, ask: Ask) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // However often it is wanted, it is done once.
        let slot = waiting.entry(id).or_default();
        slot.at_once |= ask.at_once;
        slot.confirmed = ask.confirmed.or(slot.confirmed);
        drop(waiting);
        self.heard.notify_one();
    }

    pub(crate) fn take(&self, id: UpstreamId) -> Ask {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.remove(&id).unwrap_or_default()
    }

    pub(crate) fn all(&self) -> BTreeMap<UpstreamId, Ask> {
        self.waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) async fn heard(&self) {
        self.heard.notified().await;
    }
}
