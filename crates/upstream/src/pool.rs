//! Connections of one upstream that wait for their next exchange: the last one in is the first one out.

use crate::connection::Connection;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Sweeps in the time for which a connection may wait. How long one has waited is counted in them: a clock would be asked
/// twice for every exchange.
pub(crate) const SWEEPS: u32 = 4;

/// Waiting connections.
#[derive(Debug)]
pub(crate) struct Pool {
    idle: Mutex<Idle>,
    idle_max: usize,
}

#[derive(Debug, Default)]
struct Idle {
    // Each with the number of sweeps before it.
    connections: Vec<(u32, Box<Connection>)>,
    sweeps: u32,
    // Whether somebody sweeps.
    swept: bool,
}

impl Pool {
    pub(crate) fn new(idle_max: usize) -> Pool {
        Pool {
            idle: Mutex::default(),
            idle_max,
        }
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection that was quiet until now.
    pub(crate) fn take(&self) -> Option<Box<Connection>> {
        loop {
            let (_, mut connection) = self.idle().connections.pop()?;
            if connection.is_quiet() {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection whose exchange has ended cleanly. Whether somebody must begin to sweep.
    pub(crate) fn keep(&self, mut connection: Box<Connection>) -> bool {
        connection.rest();
        let mut idle = self.idle();
        if idle.connections.len() < self.idle_max {
            let sweeps = idle.sweeps;
            idle.connections.push((sweeps, connection));
        }
        !idle.connections.is_empty() && !std::mem::replace(&mut idle.swept, true)
    }

    /// Closes those that waited for as many sweeps as there are or were ended meanwhile. Whether any are left; if not,
    /// nobody sweeps.
    pub(crate) fn sweep(&self) -> bool {
        let mut idle = self.idle();
        idle.sweeps = idle.sweeps.wrapping_add(1);
        let sweeps = idle.sweeps;
        idle.connections
            .retain_mut(|(since, connection)| sweeps.wrapping_sub(*since) < SWEEPS && connection.is_quiet());
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
