//! A bounded pool of connections, handed out one per transaction.

use crate::{Result, StoreError};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Connections open at the same time.
const CONNECTIONS_MAX: usize = 16;
/// How long to wait for one.
const WAIT: Duration = Duration::from_secs(10);

struct State<T> {
    idle: Vec<T>,
    out: usize,
}

/// A pool of connections of one kind.
pub(super) struct Pool<T> {
    state: Mutex<State<T>>,
    returned: Condvar,
}

impl<T> Pool<T> {
    pub(super) const fn new() -> Pool<T> {
        Pool {
            state: Mutex::new(State {
                idle: Vec::new(),
                out: 0,
            }),
            returned: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An idle connection, or a new one, after waiting while all are out.
    pub(super) fn take(&self, open: impl FnOnce() -> Result<T>) -> Result<T> {
        let (mut state, timeout) = self
            .returned
            .wait_timeout_while(self.state(), WAIT, |state| state.out >= CONNECTIONS_MAX)
            .unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            return Err(StoreError::Busy);
        }
        state.out += 1;
        if let Some(connection) = state.idle.pop() {
            return Ok(connection);
        }
        drop(state);
        open().inspect_err(|_| self.give(None))
    }

    /// Takes a connection back; `None` when it was closed.
    pub(super) fn give(&self, connection: Option<T>) {
        let mut state = self.state();
        state.out = state.out.saturating_sub(1);
        state.idle.extend(connection);
        drop(state);
        self.returned.notify_one();
    }
}
