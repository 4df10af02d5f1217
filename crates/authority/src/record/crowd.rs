//! Crowds of like reads: counted where they are made, so that the thousandth of a second costs neither an allocation nor
//! a word to the recorder, which takes what was counted when it writes: the first of a sort with its next batch, and what
//! goes on after it once in a while.

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
use std::time::{Duration, Instant};

/// From so many reads in one window on, like ones are counted instead of written out.
const CROWD: usize = 64;
/// Sorts of reads that are counted at one time; those beyond are written out.
const SORTS_MAX: usize = 4096;
/// How long a sort that is in the log already is counted before its next event. One that pauses is not waited for.
const AGAIN: Duration = Duration::from_secs(10);
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
    address: Option<IpAddr>,
    user_agent: Option<Arc<str>>,
    asked_by: Option<Arc<AskedBy>>,
    // In a box, since few reads have any of it: the table is looked into for every read, and what is small is near.
    rare: Option<Box<Rare>>,
}

/// What few reads have.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Rare {
    package: Option<PackageKey>,
    failed: Option<&'static str>,
    mark: Option<Box<Mark>>,
}

impl Likeness {
    /// What an observed one says besides.
    fn mark(self) -> Option<Box<Mark>> {
        self.rare?.mark
    }
}

/// Reads of one sort.
#[derive(Debug)]
struct Crowd {
    // Those that are not in the log yet.
    waiting: Option<Waiting>,
    // When its last event was written.
    written: Option<Instant>,
}

#[derive(Debug)]
struct Waiting {
    // In a box, like what is rare.
    first: Box<First>,
    count: u64,
    last: Timestamp,
}

/// The first read of those that wait.
#[derive(Debug)]
struct First {
    read: Read,
    // How many there were when the recorder looked, at the most once in a window.
    looked: Option<(Instant, u64)>,
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
    // Reads in this window, the sorts that are known, and those of them that wait for the log.
    reads: AtomicUsize,
    sorts: AtomicUsize,
    waiting: AtomicUsize,
}

/// What the recorder takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Take {
    /// What is due at this instant.
    Due(Instant),
    /// All there is, and no sort is known any more.
    All,
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
            return Taken::Single(Box::new(read(witness, likeness.mark())));
        };
        let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(crowd) = part.get_mut(&likeness) {
            if let Some(waiting) = &mut crowd.waiting {
                waiting.count += 1;
                waiting.last = witness.now;
                return Taken::Counted;
            }
            crowd.waiting = Some(Waiting::of(read(witness, likeness.mark())));
            self.waiting.fetch_add(1, Ordering::Relaxed);
            return Taken::First;
        }
        if self.sorts.load(Ordering::Relaxed) >= SORTS_MAX {
            return Taken::Single(Box::new(read(witness, likeness.mark())));
        }
        self.sorts.fetch_add(1, Ordering::Relaxed);
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let mark = likeness.rare.as_ref().and_then(|rare| rare.mark.clone());
        let crowd = Crowd {
            waiting: Some(Waiting::of(read(witness, mark))),
            written: None,
        };
        part.insert(likeness, crowd);
        Taken::First
    }

    /// How many sorts are known: at the most so many events there will be.
    pub(super) fn len(&self) -> usize {
        self.sorts.load(Ordering::Relaxed)
    }

    /// Whether anything is not in the log yet.
    pub(super) fn wait(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    /// Whether so much was read in this window that waiting for more saves writing.
    pub(super) fn is_forming(&self) -> bool {
        self.reads.load(Ordering::Relaxed) > CROWD
    }

    /// A new window begins: its first reads are written out.
    pub(super) fn begin_window(&self) {
        self.reads.store(0, Ordering::Relaxed);
    }

    /// Takes what was counted, as events in the order of their first reads.
    pub(super) fn drain(&self, take: Take) -> Vec<Event> {
        // Nothing is written out and no room is made under the locks, for which requests wait.
        let mut taken = Vec::with_capacity(self.len());
        for part in &self.parts {
            let had = taken.len();
            let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
            let before = part.len();
            part.retain(|_, crowd| {
                taken.extend(crowd.taken(take));
                crowd.is_kept(take)
            });
            self.waiting.fetch_sub(taken.len() - had, Ordering::Relaxed);
            self.sorts.fetch_sub(before - part.len(), Ordering::Relaxed);
        }
        let mut events: Vec<Event> = taken.into_iter().map(Waiting::event).collect();
        events.sort_by_key(|event: &Event| event.at);
        events
    }
}

impl Crowd {
    /// What waits, if it is due.
    fn taken(&mut self, take: Take) -> Option<Waiting> {
        let waiting = self.waiting.as_mut()?;
        if let Take::Due(now) = take {
            let due = self.written.is_none_or(|at| now.duration_since(at) >= AGAIN);
            if !due && !waiting.pauses(now) {
                return None;
            }
            self.written = Some(now);
        }
        self.waiting.take()
    }

    /// Whether what comes next is known to be the same.
    fn is_kept(&self, take: Take) -> bool {
        let recent = |now: Instant| self.written.is_some_and(|at| now.duration_since(at) < AGAIN);
        self.waiting.is_some() || matches!(take, Take::Due(now) if recent(now))
    }
}

impl Waiting {
    fn of(read: Read) -> Waiting {
        Waiting {
            last: read.witness.now,
            first: Box::new(First { read, looked: None }),
            count: 1,
        }
    }

    /// Whether none came for a window.
    fn pauses(&mut self, now: Instant) -> bool {
        match self.first.looked {
            Some((at, _)) if now.duration_since(at) < super::WINDOW => false,
            Some((_, seen)) if seen == self.count => true,
            _ => {
                self.first.looked = Some((now, self.count));
                false
            }
        }
    }

    fn event(self) -> Event {
        let mut event = self.first.read.event();
        if self.count > 1 {
            event.data.insert("count".into(), self.count.into());
            event.data.insert("last_at".into(), self.last.rfc3339().into());
        }
        event
    }
}

fn likeness(witness: &Witness, failed: Option<&'static str>, mark: Option<Box<Mark>>) -> Likeness {
    let gathered: &Gathered = &witness.gathered;
    let holder = match &gathered.credential {
        Credential::Anonymous | Credential::Unknown => (false, 0),
        Credential::Token(token, _) => (false, token.facts.id.0),
        Credential::Session(session, _) => (true, session.facts.id.0),
    };
    let (repository, owner) = gathered.place();
    let package = &gathered.names.package;
    let is_rare = package.is_some() || failed.is_some() || mark.is_some();
    let rare = || Rare {
        package: package.clone(),
        failed,
        mark,
    };
    Likeness {
        holder,
        operation: witness.operation.index,
        owner: owner.map(|owner| owner.facts.id),
        repository: repository.map(|repository| repository.facts.id),
        address: witness.caller.address,
        user_agent: witness.caller.user_agent.clone(),
        asked_by: witness.caller.asked_by.clone(),
        rare: is_rare.then(|| Box::new(rare())),
    }
}
