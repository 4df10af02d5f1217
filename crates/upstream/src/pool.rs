//! Connections of one upstream that wait for their next exchange: the last one in is the first one out.

use crate::connection::Connection;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Waiting connections.
#[derive(Debug)]
pub(crate) struct Pool {
    idle: Mutex<Idle>,
    idle_max: usize,
    idle_for_max: Duration,
}

#[derive(Debug, Default)]
struct Idle {
    // INVARIANT: the oldest are at the front.
    connections: Vec<(Instant, Box<Connection>)>,
    // Whether somebody sweeps.
    swept: bool,
}

impl Pool {
    pub(crate) fn new(idle_max: usize, idle_for_max: Duration) -> Pool {
        Pool {
            idle: Mutex::default(),
            idle_max,
            idle_for_max,
        }
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_young(&self, since: Instant, now: Instant) -> bool {
        now.saturating_duration_since(since) <= self.idle_for_max
    }

    /// A connection that was quiet until now.
    pub(crate) fn take(&self) -> Option<Box<Connection>> {
        let now = Instant::now();
        loop {
            let (since, mut connection) = self.idle().connections.pop()?;
            // The last in is the youngest: when it is too old, so are the others.
            if !self.is_young(since, now) {
                self.clear();
                return None;
            }
            if connection.is_quiet() {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection whose exchange has ended cleanly. Whether somebody must begin to sweep.
    pub(crate) fn keep(&self, mut connection: Box<Connection>) -> bool {
        connection.rest();
        let now = Instant::now();
        let mut idle = self.idle();
        // At the most one sweep's worth of them is dropped at a time.
        if idle
            .connections
            .first()
            .is_some_and(|(since, _)| !self.is_young(*since, now))
        {
            idle.connections.retain(|(since, _)| self.is_young(*since, now));
        }
        if idle.connections.len() < self.idle_max {
            idle.connections.push((now, connection));
        }
        !idle.connections.is_empty() && !std::mem::replace(&mut idle.swept, true)
    }

    /// Closes those that waited for too long or were ended meanwhile. Whether any are left; if not, nobody sweeps.
    pub(crate) fn sweep(&self) -> bool {
        let now = Instant::now();
        let mut idle = self.idle();
        idle.connections
            .retain_mut(|(since, connection)| self.is_young(*since, now) && connection.is_quiet());
        idle.swept = !idle.connections.is_empty();
        idle.swept
    }

    /// Closes all, and waits for whoever can have them swept.
    pub(crate) fn give_up(&self) {
        *self.idle() = Idle::default();
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.idle().connections.len()
    }

    /// Closes those that wait, after a change of trust or address.
    pub(crate) fn clear(&self) {
        self.idle().connections.clear();
    }
}
