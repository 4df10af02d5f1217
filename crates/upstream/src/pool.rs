//! Connections of one upstream that wait for their next exchange: the last one in is the first one out.

use crate::connection::Connection;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Waiting connections.
#[derive(Debug)]
pub(crate) struct Pool {
    idle: Mutex<Vec<(Instant, Connection)>>,
    idle_max: usize,
    idle_for_max: Duration,
}

impl Pool {
    pub(crate) fn new(idle_max: usize, idle_for_max: Duration) -> Pool {
        Pool {
            idle: Mutex::default(),
            idle_max,
            idle_for_max,
        }
    }

    /// A connection that was quiet until now.
    pub(crate) fn take(&self) -> Option<Connection> {
        let now = Instant::now();
        loop {
            let (since, mut connection) = {
                let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
                idle.pop()?
            };
            // INVARIANT: the last in is the youngest: when it is too old, so are the others.
            if now.saturating_duration_since(since) > self.idle_for_max {
                self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
                return None;
            }
            if connection.is_quiet() {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection whose exchange has ended cleanly.
    pub(crate) fn keep(&self, connection: Connection) {
        let now = Instant::now();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // The oldest are at the front; at the most one sweep's worth of them is dropped at a time.
        if idle
            .first()
            .is_some_and(|(since, _)| now.saturating_duration_since(*since) > self.idle_for_max)
        {
            idle.retain(|(since, _)| now.saturating_duration_since(*since) <= self.idle_for_max);
        }
        if idle.len() < self.idle_max {
            idle.push((now, connection));
        }
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Closes those that wait, after a change of trust or address.
    pub(crate) fn clear(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
