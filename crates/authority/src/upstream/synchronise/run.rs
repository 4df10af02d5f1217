//! One synchronisation: begun under a lease, so that one node does it at a time; read by whoever knows the upstream;
//! then compared and carried out in one transaction. Only a whole success moves the time of the facts.

use super::apply::{Doing, apply};
use super::ask::Ask;
use super::guard::Removals;
use super::load::{Scope, current};
use super::plan::{Plan, plan};
use super::snapshot::Snapshot;
use super::state::{Changes, Failed, Progress, Stand, Synchronisation};
use crate::Authority;
use crate::act::Act;
use crate::fault::{Fault, FaultKind};
use crate::upstream::Upstream;
use bailiwick_model::{Event, Outcome, RepositoryId, Timestamp, UpstreamId};
use bailiwick_store::{Tx, UpstreamRow, audit, synchronise, upstream};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How long a node may be silent before another one takes over, in seconds.
const LEASE_SECONDS: i64 = 120;

/// A synchronisation that has begun.
#[derive(Debug)]
pub struct Work {
    /// The upstream.
    pub upstream: Arc<Upstream>,
    /// What to look for there.
    pub scope: Scope,
    /// When the reading began: the facts are as old as that.
    pub began_at: Timestamp,
    /// What is wanted.
    pub ask: Ask,
    holder: String,
}

impl Authority {
    /// Begins; `None` while another node is at it. Blocking.
    pub fn synchronise_begin(&self, id: UpstreamId) -> Result<Option<Work>, Fault> {
        let upstream = self.upstream(id)?;
        if upstream.settings.facts_seconds_max.is_none() {
            return Err(kept_here());
        }
        let now = self.now();
        let mut nonce = [0_u8; 8];
        self.random.fill(&mut nonce);
        let holder = format!("{}/{:016x}", self.node, u64::from_be_bytes(nonce));
        let begun = self.store.write(|tx| {
            if !synchronise::lease(tx, id, &holder, now, now.plus_seconds(LEASE_SECONDS))? {
                return Ok::<_, Fault>(None);
            }
            let state = state_of(tx, id)?.begun(now);
            synchronise::set_state(tx, id, &state.text())?;
            let current = current(tx, id, &Snapshot::default())?;
            Ok(Some(Scope::of(&current)))
        })?;
        let Some(scope) = begun else { return Ok(None) };
        Ok(Some(Work {
            upstream,
            scope,
            began_at: now,
            // Taken last: what is not begun stays wanted.
            ask: self.asks.take(id),
            holder,
        }))
    }

    /// Notes how far the reading is, and keeps the lease. Blocking.
    pub fn synchronise_progress(&self, work: &Work, progress: Progress) -> Result<(), Fault> {
        let (id, now) = (work.upstream.id, self.now());
        self.store.write(|tx| {
            if !synchronise::lease(tx, id, &work.holder, now, now.plus_seconds(LEASE_SECONDS))? {
                return Err(overtaken());
            }
            let mut state = state_of(tx, id)?;
            state.progress = progress;
            Ok(synchronise::set_state(tx, id, &state.text())?)
        })
    }

    /// Whether a snapshot would take anything away: then it is looked for a second time before it is believed.
    /// Blocking.
    pub fn synchronise_removes(&self, work: &Work, snapshot: &Snapshot) -> Result<bool, Fault> {
        let id = work.upstream.id;
        self.store.read(|tx| {
            let current = current(tx, id, snapshot)?;
            let removals = Removals::of(&plan(&current, snapshot), &current);
            Ok(removals.total() > 0)
        })
    }

    /// Carries out what the upstream said. What the second look did not miss as well is not removed: there is no
    /// success then. Blocking.
    pub fn synchronise_finish(
        &self,
        work: &Work,
        first: &Snapshot,
        second: Option<&Snapshot>,
        progress: Progress,
    ) -> Result<Synchronisation, Fault> {
        let (id, now) = (work.upstream.id, self.now());
        let (state, gone) = self.store.write(|tx| {
            // INVARIANT: asked in the transaction: who has lost the lease writes nothing.
            if !synchronise::holds(tx, id, &work.holder)? {
                return Err(overtaken());
            }
            live(tx, id)?;
            let mut before = state_of(tx, id)?;
            before.progress = progress;
            let said = second.unwrap_or(first);
            let current = current(tx, id, said)?;
            let plan = plan(&current, said);
            let removals = Removals::of(&plan, &current);
            if removals.total() > 0 && !second.is_some_and(|_| missed_twice(&current, first, &plan)) {
                return Err(moving());
            }
            let confirmed = work.ask.confirmed.is_some_and(|count| removals.total() <= count);
            let (state, events) = if removals.are_many(&current) && !confirmed {
                self.stop(work, &before, &plan, removals, now)
            } else {
                self.carry_out(tx, work, &before, &plan, &current, now)?
            };
            synchronise::set_state(tx, id, &state.text())?;
            if state.state == Stand::Done {
                synchronise::synchronised(tx, id, work.began_at)?;
            }
            if !events.is_empty() {
                audit::append(tx, &self.node, &events)?;
            }
            synchronise::release(tx, id, &work.holder)?;
            let gone = if state.state == Stand::Done {
                plan.removed
            } else {
                Vec::new()
            };
            Ok((state, gone))
        })?;
        for repository in gone {
            self.forget_directory(repository);
        }
        Ok(state)
    }

    /// How it stands, if the upstream does not want to be asked yet. Blocking.
    pub fn synchronise_held(&self, id: UpstreamId) -> Result<Option<Synchronisation>, Fault> {
        let now = self.now();
        let state = self.store.read(|tx| state_of(tx, id))?;
        Ok(Some(state).filter(|state| state.not_before.is_some_and(|at| now < at)))
    }

    /// Notes that it failed, and why; `not_before` is when the upstream wants to be asked again. Blocking.
    pub fn synchronise_fail(
        &self,
        work: &Work,
        fault: &Fault,
        not_before: Option<Timestamp>,
    ) -> Result<Synchronisation, Fault> {
        let (id, now) = (work.upstream.id, self.now());
        self.store.write(|tx| {
            if !synchronise::holds(tx, id, &work.holder)? {
                return Err(overtaken());
            }
            let before = state_of(tx, id)?;
            let first = before.last() != Stand::Failed;
            let mut state = before.ended(Stand::Failed, now);
            state.failures = state.failures.saturating_add(1);
            state.not_before = not_before;
            state.error = Some(Failed {
                code: fault.code.to_owned(),
                message: fault.message.clone(),
            });
            if first {
                let mut event = event(&work.upstream.name, "upstream.synchronise", now);
                event.outcome = Outcome::Failed;
                fault.code.clone_into(&mut event.reason);
                audit::append(tx, &self.node, &[event])?;
            }
            synchronise::set_state(tx, id, &state.text())?;
            synchronise::release(tx, id, &work.holder)?;
            Ok(state)
        })
    }

    fn carry_out(
        &self,
        tx: &mut Tx<'_>,
        work: &Work,
        before: &Synchronisation,
        plan: &Plan,
        current: &super::current::Current,
        now: Timestamp,
    ) -> Result<(Synchronisation, Vec<Event>), Fault> {
        let read_at = live(tx, work.upstream.id)?.synchronised_at;
        let mut state = before.clone().ended(Stand::Done, now).with_left_out(plan);
        state = state.with_unread(plan, read_at);
        state.changes = Changes::of(plan);
        let mut act = Act {
            tx,
            event: event(&work.upstream.name, "upstream.synchronise", now),
            more: Vec::new(),
        };
        let doing = Doing {
            id: work.upstream.id,
            name: &work.upstream.name,
            now,
            before: current,
        };
        apply(&mut act, &doing, plan)?;
        act.note("changes", json(&state.changes));
        act.note("conflicts", state.conflicts_total);
        if !state.unread.is_empty() {
            let names: Vec<&str> = state.unread.iter().map(|one| one.name.as_str()).collect();
            act.note("unread", names);
        }
        if let Some(confirmed) = work.ask.confirmed {
            act.note("removals_confirmed", confirmed);
        }
        let Act { event, more, .. } = act;
        // A round that finds everything as it was is no event.
        let silent = plan.is_empty() && before.last() == Stand::Done && before.unread == state.unread;
        let events = if silent {
            Vec::new()
        } else {
            std::iter::once(event).chain(more).collect()
        };
        Ok((state, events))
    }

    fn stop(
        &self,
        work: &Work,
        before: &Synchronisation,
        plan: &Plan,
        removals: Removals,
        now: Timestamp,
    ) -> (Synchronisation, Vec<Event>) {
        let name = &work.upstream.name;
        tracing::error!(
            upstream = name,
            removals = removals.total(),
            "a synchronisation would remove many at once; it waits for an administrator"
        );
        let known = before.last() == Stand::Stopped && before.removals == Some(removals);
        let mut state = before.clone().ended(Stand::Stopped, now).with_left_out(plan);
        state.removals = Some(removals);
        let mut event = event(name, "upstream.synchronise", now);
        event.outcome = Outcome::Refused;
        String::from("upstream.many_removals").clone_into(&mut event.reason);
        event.data.insert("removals".into(), json(&removals));
        (state, if known { Vec::new() } else { vec![event] })
    }
}

/// Whether everything that a plan takes away was missed by an earlier look, too. A list that moves while its pages are
/// read skips what is there.
fn missed_twice(current: &super::current::Current, first: &Snapshot, plan: &Plan) -> bool {
    let earlier = super::plan::plan(current, first);
    let repositories = |plan: &Plan| -> BTreeSet<RepositoryId> {
        let moved = plan.transferred.iter().map(|(id, _)| *id);
        moved.chain(plan.removed.iter().copied()).collect()
    };
    let ended = |plan: &Plan| -> BTreeSet<_> {
        let inactive = plan.links.iter().filter(|change| !change.active);
        inactive.map(|change| change.account).collect()
    };
    fn within<T: PartialEq>(some: &[T], all: &[T]) -> bool {
        some.iter().all(|one| all.contains(one))
    }
    repositories(plan).is_subset(&repositories(&earlier))
        && ended(plan).is_subset(&ended(&earlier))
        && within(&plan.owners_gone, &earlier.owners_gone)
        && within(&plan.members_removed, &earlier.members_removed)
        && within(&plan.teams_removed, &earlier.teams_removed)
        && within(&plan.collaborators_removed, &earlier.collaborators_removed)
}

fn live(tx: &mut Tx<'_>, id: UpstreamId) -> Result<UpstreamRow, Fault> {
    upstream::by_id(tx, id)?
        .filter(|row| row.deleted_at.is_none())
        .ok_or_else(Fault::not_found)
}

pub(super) fn state_of(tx: &mut Tx<'_>, id: UpstreamId) -> Result<Synchronisation, Fault> {
    let row = live(tx, id)?;
    Ok(Synchronisation::read(row.synchronisation.as_deref()))
}

fn json(value: &impl serde::Serialize) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// The event of a synchronisation: nobody acts.
fn event(upstream: &str, action: &str, now: Timestamp) -> Event {
    let mut event = Event::of_nobody(now, action, "modify", "");
    event.data.insert("upstream".into(), upstream.into());
    event
}

pub(super) fn kept_here() -> Fault {
    Fault::conflict(
        "upstream.kept_here",
        "the directory of this upstream is kept here: set facts_seconds_max to synchronise it",
    )
}

fn overtaken() -> Fault {
    Fault::new(
        FaultKind::Unavailable,
        "upstream.overtaken",
        "another node has taken over this synchronisation",
    )
}

fn moving() -> Fault {
    Fault::new(
        FaultKind::BadGateway,
        "upstream.changed_while_read",
        "the upstream's directory changed while it was read; it is read again with the next round",
    )
}
