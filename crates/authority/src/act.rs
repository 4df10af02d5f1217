//! Acting: a change and its audit event commit together or not at all.

use crate::Authority;
use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use crate::record::permit_event;
use bailiwick_model::Event;
use bailiwick_store::{Tx, audit};
use serde_json::Value;

/// A change in progress: its transaction and the event it will leave.
pub struct Act<'a, 'b> {
    /// The transaction.
    pub tx: &'a mut Tx<'b>,
    /// The event that will be appended; start from the request, add what matters.
    pub event: Event,
    /// Further events of the same change, in order, after the first.
    pub more: Vec<Event>,
}

impl Act<'_, '_> {
    /// Names the action in GitHub's words where it depends on what was asked.
    pub fn action(&mut self, action: &str) {
        action.clone_into(&mut self.event.action);
    }

    /// Adds a field to the event.
    pub fn note(&mut self, name: &str, value: impl Into<Value>) {
        self.event.data.insert(name.to_owned(), value.into());
    }

    /// A further event that shares the request of the first.
    pub fn another(&mut self, action: &str) -> &mut Event {
        let mut event = self.event.clone();
        action.clone_into(&mut event.action);
        event.data = serde_json::Map::new();
        self.more.push(event);
        self.last()
    }

    /// The event that was added last, or else the first.
    pub fn last(&mut self) -> &mut Event {
        match self.more.last_mut() {
            Some(event) => event,
            None => &mut self.event,
        }
    }
}

impl Authority {
    /// Does a change that was permitted: one transaction with the change and its events.
    pub fn act<T>(
        &self,
        permit: Permit,
        work: impl FnOnce(&mut Act<'_, '_>, &Permit) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        // SECURITY: a permit with an open condition is leave to receive, not to act.
        if permit.is_provisional() {
            return Err(Fault::new(
                FaultKind::Internal,
                "permit.provisional",
                "Server Error",
            ));
        }
        let event = permit_event(&permit);
        self.store.write(|tx| {
            let mut act = Act {
                tx,
                event,
                more: Vec::new(),
            };
            let value = work(&mut act, &permit)?;
            crate::session::extend_sudo(&mut act, &permit)?;
            let Act { tx, event, more } = act;
            let events: Vec<Event> = std::iter::once(event).chain(more).collect();
            audit::append(tx, &self.node, &events)?;
            Ok(value)
        })
    }

    /// Reads what was permitted, on one consistent snapshot.
    pub fn read<T>(
        &self,
        _permit: &Permit,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.store.read(work)
    }
}
