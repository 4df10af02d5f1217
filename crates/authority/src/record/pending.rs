//! What waits for the recorder's next commit: events in their order, and of a crowd of like reads one for all.

use super::{Receipt, Witness, request_event};
use crate::gather::{Credential, Named};
use crate::observe::Mark;
use bailiwick_catalogue::{OperationIndex, Target};
use bailiwick_model::{AccountId, Event, Outcome, RepositoryId, Timestamp};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::oneshot;

/// From so many waiting reads on, like ones are counted instead of written out.
const CROWD: usize = 64;

/// An ordinary read: what it was, and how it ended.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) witness: Witness,
    pub(crate) failed: Option<&'static str>,
    /// What an observed one says besides.
    pub(crate) mark: Option<Box<Mark>>,
}

/// What is handed to the recorder.
#[derive(Debug)]
pub(super) enum Submission {
    Event(Box<Event>, Option<oneshot::Sender<()>>),
    Read(Box<Read>),
}

/// What makes two reads alike: everything that their events say, but when and under which id.
#[derive(PartialEq, Eq, Hash)]
struct Likeness {
    holder: (bool, i64),
    operation: OperationIndex,
    owner: Option<AccountId>,
    repository: Option<RepositoryId>,
    address: Option<IpAddr>,
    user_agent: Option<Arc<str>>,
    failed: Option<&'static str>,
    mark: Option<Box<Mark>>,
}

enum Waiting {
    Event(Box<Event>),
    Read(Box<Read>, u64, Timestamp),
}

/// What waits.
#[derive(Default)]
pub(super) struct Pending {
    waiting: Vec<Waiting>,
    receipts: Vec<oneshot::Sender<()>>,
    // Where the first of each sort of reads stands.
    like: HashMap<Likeness, usize>,
    reads: usize,
}

impl Pending {
    pub(super) fn take(&mut self, submission: Submission) {
        match submission {
            Submission::Event(event, receipt) => {
                self.waiting.push(Waiting::Event(event));
                self.receipts.extend(receipt);
            }
            Submission::Read(read) => self.take_read(read),
        }
    }

    fn take_read(&mut self, mut read: Box<Read>) {
        self.reads += 1;
        let at = read.witness.now;
        if self.reads > CROWD {
            let likeness = likeness(&mut read);
            if let Some(Waiting::Read(_, count, last)) = self
                .like
                .get(&likeness)
                .and_then(|place| self.waiting.get_mut(*place))
            {
                *count += 1;
                *last = at;
                return;
            }
            read.witness.caller.user_agent.clone_from(&likeness.user_agent);
            self.like.insert(likeness, self.waiting.len());
        }
        self.waiting.push(Waiting::Read(read, 1, at));
    }

    /// How many events there will be.
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether somebody waits for a receipt.
    pub(super) fn is_awaited(&self) -> bool {
        !self.receipts.is_empty()
    }

    /// Whether waiting longer would save writing.
    pub(super) fn is_crowd(&self) -> bool {
        self.reads > CROWD
    }

    /// The events in their order, and whoever waits for them.
    pub(super) fn into_parts(self) -> (Vec<Event>, Vec<oneshot::Sender<()>>) {
        let events = self.waiting.into_iter().map(|one| match one {
            Waiting::Event(event) => *event,
            Waiting::Read(read, count, last) => event_of(*read, count, last),
        });
        (events.collect(), self.receipts)
    }
}

/// A receipt and its other end.
pub(super) fn receipt() -> (oneshot::Sender<()>, Receipt) {
    let (sender, receiver) = oneshot::channel();
    (sender, Receipt(receiver))
}

fn likeness(read: &mut Read) -> Likeness {
    let witness = &mut read.witness;
    let gathered = &witness.gathered;
    let holder = match &gathered.credential {
        Credential::Anonymous | Credential::Unknown => (false, 0),
        Credential::Token(token, _) => (false, token.facts.id.0),
        Credential::Session(session, _) => (true, session.facts.id.0),
    };
    let (repository, owner) = match (
        gathered.named(Target::Repository),
        gathered.named(Target::Organization),
    ) {
        (Named::Repository(repository, owner), _) => (Some(repository.facts.id), Some(owner.facts.id)),
        (_, Named::Account(owner)) => (None, Some(owner.facts.id)),
        _ => (None, None),
    };
    Likeness {
        holder,
        operation: witness.operation.index,
        owner,
        repository,
        address: witness.caller.address,
        user_agent: witness.caller.user_agent.take(),
        failed: read.failed,
        mark: read.mark.clone(),
    }
}

fn event_of(read: Read, count: u64, last: Timestamp) -> Event {
    let witness = &read.witness;
    let mut event = request_event(
        Some(witness.operation),
        &witness.gathered,
        &witness.caller,
        witness.now,
    );
    String::from("api.request").clone_into(&mut event.action);
    if let Some(code) = read.failed {
        event.outcome = Outcome::Failed;
        code.clone_into(&mut event.reason);
    }
    if let Some(mark) = &read.mark {
        mark.put(&mut event);
    }
    if count > 1 {
        event.data.insert("count".into(), count.into());
        event.data.insert("last_at".into(), last.rfc3339().into());
    }
    event
}
