//! Crowds of like reads: counted where they are made, so that the thousandth of a second costs neither an allocation nor
//! a word to the recorder, which takes what was counted when it writes.

use super::{Outcome, Witness, request_event};
use crate::authorize::AskedBy;
use crate::gather::{Credential, Gathered};
use crate::names::PackageKey;
use crate::observe::Mark;
use bailiwick_catalogue::OperationIndex;
use bailiwick_model::{AccountId, Event, RepositoryId, Timestamp};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// From so many reads in one window on, like ones are counted instead of written out.
const CROWD: usize = 64;
/// Sorts of reads that are counted at one time; those beyond are written out.
const SORTS_MAX: usize = 4096;
/// Parts of the counts, so that workers seldom wait for each other.
const PARTS: usize = 16;

/// An ordinary read: what it was, and how it ended.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) witness: Witness,
    pub(crate) failed: Option<&'static str>,
    /// What an observed one says besides.
    pub(crate) mark: Option<Box<Mark>>,
}

impl Read {
    /// Its event.
    pub(super) fn event(self) -> Event {
        let witness = &self.witness;
        let mut event = request_event(
            Some(witness.operation),
            &witness.gathered,
            &witness.caller,
            witness.now,
        );
        String::from("api.request").clone_into(&mut event.action);
        if let Some(code) = self.failed {
            event.outcome = Outcome::Failed;
            code.clone_into(&mut event.reason);
        }
        if let Some(mark) = &self.mark {
            mark.put(&mut event);
        }
        event
    }
}

/// What makes two reads alike: everything that their events say, but when and under which id.
#[derive(PartialEq, Eq, Hash, Debug)]
struct Likeness {
    holder: (bool, i64),
    operation: OperationIndex,
    owner: Option<AccountId>,
    repository: Option<RepositoryId>,
    package: Option<PackageKey>,
    address: Option<IpAddr>,
    user_agent: Option<Arc<str>>,
    asked_by: Option<Arc<AskedBy>>,
    failed: Option<&'static str>,
    mark: Option<Box<Mark>>,
}

/// Reads of one sort.
#[derive(Debug)]
struct Crowd {
    first: Read,
    count: u64,
    last: Timestamp,
}

/// What became of a read.
pub(super) enum Taken {
    /// It was counted.
    Counted,
    /// It is the first of its sort, and the recorder may not know yet that anything waits.
    First,
    /// It is to be written out.
    Single(Box<Read>),
}

/// The counts since the recorder wrote last.
#[derive(Debug, Default)]
pub(super) struct Crowds {
    // SECURITY: callers choose their user agents, and could make a quick hash collide if they saw it. They see nothing of
    // it, and no part holds more than `SORTS_MAX`.
    parts: [Mutex<HashMap<Likeness, Crowd, foldhash::fast::RandomState>>; PARTS],
    // Reads in this window, and the sorts of them that are counted.
    reads: AtomicUsize,
    sorts: AtomicUsize,
}

impl Crowds {
    /// Counts a read, or says that it is to be written out.
    pub(super) fn take(
        &self,
        witness: &mut Witness,
        failed: Option<&'static str>,
        mark: Option<Mark>,
    ) -> Taken {
        let mark = mark.map(Box::new);
        let read = |witness: &mut Witness, mark| Read {
            witness: witness.take(),
            failed,
            mark,
        };
        if self.reads.fetch_add(1, Ordering::Relaxed) < CROWD {
            return Taken::Single(Box::new(read(witness, mark)));
        }
        let likeness = likeness(witness, failed, mark);
        let place = usize::try_from(likeness.holder.1).unwrap_or_default() % PARTS;
        let Some(part) = self.parts.get(place) else {
            return Taken::Single(Box::new(read(witness, likeness.mark)));
        };
        let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(crowd) = part.get_mut(&likeness) {
            crowd.count += 1;
            crowd.last = witness.now;
            return Taken::Counted;
        }
        if self.sorts.load(Ordering::Relaxed) >= SORTS_MAX {
            return Taken::Single(Box::new(read(witness, likeness.mark)));
        }
        self.sorts.fetch_add(1, Ordering::Relaxed);
        let crowd = Crowd {
            last: witness.now,
            first: read(witness, likeness.mark.clone()),
            count: 1,
        };
        part.insert(likeness, crowd);
        Taken::First
    }

    /// How many events there will be.
    pub(super) fn len(&self) -> usize {
        self.sorts.load(Ordering::Relaxed)
    }

    /// Whether so much was read in this window that waiting for more saves writing.
    pub(super) fn is_forming(&self) -> bool {
        self.reads.load(Ordering::Relaxed) > CROWD
    }

    /// Takes what was counted, as events in the order of their first reads; a new window begins.
    pub(super) fn drain(&self) -> Vec<Event> {
        self.reads.store(0, Ordering::Relaxed);
        let mut events = Vec::with_capacity(self.len());
        for part in &self.parts {
            let taken = std::mem::take(&mut *part.lock().unwrap_or_else(PoisonError::into_inner));
            self.sorts.fetch_sub(taken.len(), Ordering::Relaxed);
            events.extend(taken.into_values().map(event_of));
        }
        events.sort_by_key(|event: &Event| event.at);
        events
    }
}

fn event_of(crowd: Crowd) -> Event {
    let mut event = crowd.first.event();
    if crowd.count > 1 {
        event.data.insert("count".into(), crowd.count.into());
        event.data.insert("last_at".into(), crowd.last.rfc3339().into());
    }
    event
}

fn likeness(witness: &Witness, failed: Option<&'static str>, mark: Option<Box<Mark>>) -> Likeness {
    let gathered: &Gathered = &witness.gathered;
    let holder = match &gathered.credential {
        Credential::Anonymous | Credential::Unknown => (false, 0),
        Credential::Token(token, _) => (false, token.facts.id.0),
        Credential::Session(session, _) => (true, session.facts.id.0),
    };
    let (repository, owner) = gathered.place();
    Likeness {
        holder,
        operation: witness.operation.index,
        owner: owner.map(|owner| owner.facts.id),
        repository: repository.map(|repository| repository.facts.id),
        package: gathered.names.package.clone(),
        address: witness.caller.address,
        user_agent: witness.caller.user_agent.clone(),
        asked_by: witness.caller.asked_by.clone(),
        failed,
        mark,
    }
}
