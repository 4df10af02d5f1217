//! Whether this node can serve: the database answers in time and the recorder runs.

use crate::Authority;
use crate::fault::{Fault, FaultKind};
use bailiwick_store::{StoreError, audit};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long the database may take, in milliseconds.
const DATABASE_MILLISECONDS_MAX: u64 = 1000;

/// The question that is put to the database, one at a time: probes must not pile up threads on one that hangs.
#[derive(Debug, Default)]
pub(crate) struct Probe {
    turn: Mutex<()>,
    running: Arc<AtomicBool>,
}

impl Authority {
    /// Whether this node can serve.
    pub fn ready(&self) -> Result<(), Fault> {
        let unready = |code, message| Err(Fault::new(FaultKind::Unavailable, code, message));
        if !self.recorder.is_alive() {
            return unready("ready.recorder", "the audit log is not written");
        }
        match self.database_answers() {
            Some(true) => Ok(()),
            Some(false) => unready("ready.database", "the database does not answer"),
            None => unready("ready.database", "the database does not answer in time"),
        }
    }

    /// Asks the database for one row; `None` if it does not answer in time.
    fn database_answers(&self) -> Option<bool> {
        let _turn = self.probe.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if self.probe.running.swap(true, Ordering::AcqRel) {
            // An earlier question is still without an answer.
            return None;
        }
        let (sender, receiver) = sync_channel(1);
        let (store, running) = (self.store.clone(), self.probe.running.clone());
        let thread = std::thread::Builder::new()
            .name(String::from("ready"))
            .spawn(move || {
                let answer = store.read(|tx| audit::heads(tx).map(|_| ()));
                running.store(false, Ordering::Release);
                let _late = sender.send(answer.map_err(|_: StoreError| ()));
            });
        if thread.is_err() {
            self.probe.running.store(false, Ordering::Release);
            return Some(false);
        }
        let wait = Duration::from_millis(DATABASE_MILLISECONDS_MAX);
        receiver.recv_timeout(wait).ok().map(|answer| answer.is_ok())
    }
}
