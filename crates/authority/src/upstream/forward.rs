//! Passing a permitted request on: nothing of its conditions may be open, a change is on record before the upstream
//! hears of it, and what the upstream made of it is recorded after.

use super::Upstream;
use super::synchronise::plan::Bound;
use crate::Authority;
use crate::Witness;
use crate::fault::{Fault, FaultKind};
use crate::gather::Named;
use crate::permit::Permit;
use crate::push::note_updates;
use crate::record::{Receipt, permit_event, request_event};
use bailiwick_catalogue::Target;
use bailiwick_git::RefUpdate;
use bailiwick_model::{Event, Outcome, UpstreamId};
use serde_json::Value;

/// A permit of which no condition is open: leave to pass the request on.
#[derive(Debug)]
pub struct Cleared(Permit);

impl Cleared {
    /// Of a permit that was confirmed.
    pub(crate) fn new(confirmed: Permit) -> Cleared {
        Cleared(confirmed)
    }

    /// The permit.
    pub fn permit(&self) -> &Permit {
        &self.0
    }

    /// The permit, for what acts on it.
    pub fn into_permit(self) -> Permit {
        self.0
    }
}

/// What a request is about, as far as it can be bound.
fn bound(permit: &Permit) -> Vec<Bound> {
    let mut all = Vec::new();
    for target in Target::ALL {
        match permit.gathered().named(target) {
            Named::Repository(repository, _) => {
                all.push(Bound::Repository(repository.row.id));
                all.push(Bound::Owner(repository.row.owner_id));
            }
            Named::Account(account) => all.push(Bound::Owner(account.row.id)),
            Named::Absent | Named::Missing | Named::Enterprise(_) => {}
        }
    }
    all
}

/// The upstreams where what a request is about lives.
fn homes(permit: &Permit) -> impl Iterator<Item = UpstreamId> {
    Target::ALL.into_iter().flat_map(|target| {
        let (repository, owner) = match permit.gathered().named(target) {
            Named::Repository(repository, owner) => (repository.row.upstream_id, owner.row.upstream_id),
            Named::Account(owner) => (None, owner.row.upstream_id),
            Named::Absent | Named::Missing | Named::Enterprise(_) => (None, None),
        };
        repository.into_iter().chain(owner)
    })
}

impl Authority {
    /// Clears a permit for an upstream. `workflow` tells whether a workflow file may be touched: who cannot tell says
    /// yes. Decides again where that was open; blocking then.
    pub fn clear(&self, permit: Permit, upstream: &Upstream, workflow: bool) -> Result<Cleared, Fault> {
        self.check_fresh(upstream, &permit)?;
        if permit.is_provisional() {
            return Ok(Cleared(self.confirm(permit, workflow)?));
        }
        Ok(Cleared(permit))
    }

    /// Refuses what is decided on facts that are older than their bound.
    pub fn check_fresh(&self, upstream: &Upstream, permit: &Permit) -> Result<(), Fault> {
        // SECURITY: what could not be read by itself grows old by itself, however fresh the rest is.
        let stale_at = |there: &Upstream| {
            // Where facts may be of any age the clock need not be asked.
            if there.settings.facts_seconds_max.is_none() {
                return false;
            }
            let now = self.now();
            let stale = |what| there.is_stale_at(what, now);
            there.is_stale(now) || (!there.unread.is_empty() && bound(permit).into_iter().any(stale))
        };
        let mut stale = stale_at(upstream);
        // SECURITY: a registry knows nobody. Who may do what with its packages is known from where their owner lives.
        if upstream.kind.registry().is_some() {
            for home in homes(permit) {
                stale |= self.upstreams()?.get(home).is_none_or(|home| stale_at(home));
            }
        }
        if stale {
            return Err(Fault::new(
                FaultKind::Unavailable,
                "upstream.facts_stale",
                "what is known of this upstream's people and repositories is too old to decide on: its \
                 synchronisation has stopped",
            ));
        }
        Ok(())
    }

    /// Records, durably, that a change is passed on. The answer is the upstream's.
    pub fn forward_begin(&self, cleared: &Cleared, upstream: &Upstream) -> Receipt {
        let mut event = permit_event(&cleared.0);
        String::from("forwarded").clone_into(&mut event.reason);
        event.data.insert("upstream".into(), upstream.name.clone().into());
        self.recorder.durable(event)
    }

    /// The same for a push, with its updates.
    pub fn forward_push_begin(
        &self,
        cleared: &Cleared,
        upstream: &Upstream,
        updates: &[RefUpdate],
    ) -> Receipt {
        let mut event = permit_event(&cleared.0);
        String::from("forwarded").clone_into(&mut event.reason);
        event.data.insert("upstream".into(), upstream.name.clone().into());
        event.data.insert("transport_protocol_name".into(), "http".into());
        note_updates(&mut event, "refs", updates);
        self.recorder.durable(event)
    }

    /// Records the refs of a push which the upstream did not move, or of which nobody knows.
    pub fn forward_push_missed(
        &self,
        witness: &Witness,
        upstream: &Upstream,
        refs: &[String],
        (outcome, code): (Outcome, &str),
    ) -> Receipt {
        let mut event = self.forwarded(witness, upstream, outcome, code);
        let listed: Vec<Value> = refs.iter().take(100).map(|name| name.as_str().into()).collect();
        event.data.insert("refs_not_moved".into(), Value::Array(listed));
        self.recorder.durable(event)
    }

    /// Records that a request which was allowed is refused at the gateway, before the upstream hears of it.
    pub fn forward_refused(&self, witness: &Witness, upstream: &Upstream, code: &str) -> Receipt {
        let event = self.forwarded(witness, upstream, Outcome::Refused, code);
        self.recorder.durable(event)
    }

    fn forwarded(&self, witness: &Witness, upstream: &Upstream, outcome: Outcome, code: &str) -> Event {
        let mut event = request_event(
            Some(witness.operation),
            &witness.gathered,
            &witness.caller,
            self.now(),
        );
        event.outcome = outcome;
        code.clone_into(&mut event.reason);
        event.data.insert("upstream".into(), upstream.name.clone().into());
        event
    }

    /// Records that a change which was passed on was not made, or that nobody knows.
    pub fn forward_failed(
        &self,
        witness: &Witness,
        upstream: &Upstream,
        code: &str,
        status: Option<u16>,
    ) -> Receipt {
        let mut event = self.forwarded(witness, upstream, Outcome::Failed, code);
        if let Some(status) = status {
            event.data.insert("upstream_status".into(), status.into());
        }
        self.recorder.durable(event)
    }
}
