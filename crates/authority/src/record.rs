//! Stage: record. One thread appends events in batches, so that many requests share one durable commit; whoever
//! must not answer before the record is durable waits for its receipt. Crowds of like reads are counted.

mod crowd;
mod pending;

use crate::fault::{Fault, FaultKind};
use crate::gather::{Credential, Gathered};
use crate::observe::Mark;
use crate::permit::{Caller, Permit, Refused};
use bailiwick_catalogue::Operation;
use bailiwick_decision::Reason;
use bailiwick_model::{Event, Outcome, Timestamp};
use bailiwick_store::{Store, audit};

use crowd::{Crowds, Take, Taken};
use pending::{Pending, Submission};
use smol_str::SmolStr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Events that wait for the recorder at the most; beyond that, whoever records waits.
const QUEUE_MAX: usize = 8192;
/// Events that wait before they are written, however short they have waited.
const BATCH_MAX: usize = 4096;
/// How long a crowd of reads that nobody waits for is counted before it is written.
const WINDOW: Duration = Duration::from_secs(1);
/// How long events that nobody waits for wait for company, so that few readers do not cost a commit each.
const LINGER: Duration = Duration::from_millis(50);

/// The log could not be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotRecorded;

impl From<NotRecorded> for Fault {
    fn from(_: NotRecorded) -> Fault {
        Fault::new(
            FaultKind::Unavailable,
            "audit.unavailable",
            "the audit log cannot be written at the moment",
        )
    }
}

/// Word that an event is durable.
#[derive(Debug)]
pub struct Receipt(oneshot::Receiver<()>);

impl Receipt {
    /// Waits until the event is durable.
    pub async fn durable(self) -> Result<(), NotRecorded> {
        self.0.await.map_err(|_| NotRecorded)
    }

    /// The same, on a thread that may block.
    pub fn durable_blocking(self) -> Result<(), NotRecorded> {
        self.0.blocking_recv().map_err(|_| NotRecorded)
    }
}

/// The recorder's inbox.
#[derive(Debug)]
pub struct Recorder {
    // `None` once the recorder was told to stop.
    inbox: Option<SyncSender<Submission>>,
    crowds: Arc<Crowds>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Recorder {
    /// Starts the recording thread of a node.
    pub fn start(store: Store, node: String) -> std::io::Result<Recorder> {
        let (inbox, outbox) = sync_channel(QUEUE_MAX);
        let crowds = Arc::new(Crowds::default());
        let counted = crowds.clone();
        let thread = std::thread::Builder::new()
            .name(String::from("recorder"))
            .spawn(move || record_all(&store, &node, &outbox, &counted))?;
        Ok(Recorder {
            inbox: Some(inbox),
            crowds,
            thread: Some(thread),
        })
    }

    /// Records an event; the receipt tells when it is durable.
    pub fn durable(&self, event: Event) -> Receipt {
        let (sender, receiver) = oneshot::channel();
        self.submit(Submission::Event(Box::new(event), Some(sender)));
        Receipt(receiver)
    }

    /// Records an event that a crash may lose.
    pub fn soon(&self, event: Event) {
        self.submit(Submission::Event(Box::new(event), None));
    }

    /// Records an ordinary read, which a crash may lose too. What the witness says of the caller may be taken from it.
    pub(crate) fn read(&self, witness: &mut Witness, failed: Option<&'static str>, mark: Option<Mark>) {
        match self.crowds.take(witness, failed, mark) {
            Taken::Counted => {}
            Taken::First => self.submit(Submission::Crowd),
            Taken::Single(read) => self.submit(Submission::Read(read)),
        }
    }

    /// Whether the recording thread still runs.
    pub fn is_alive(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    fn submit(&self, submission: Submission) {
        let Some(inbox) = &self.inbox else { return };
        let urgent = matches!(submission, Submission::Event(_, Some(_)));
        match inbox.try_send(submission) {
            // A full queue slows its callers down; it never drops an event.
            Err(TrySendError::Full(submission)) => {
                self.hurry();
                let _ = inbox.send(submission);
            }
            // The dropped sender of the receipt tells whoever waits.
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
        }
        // INVARIANT: after it is in the queue, so that the recorder finds it there or does not linger.
        if urgent {
            self.hurry();
        }
    }

    /// Ends the recorder's lingering, or keeps it from beginning.
    fn hurry(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // Closing the inbox lets the thread write what is left and end.
        self.inbox = None;
        self.hurry();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn record_all(store: &Store, node: &str, outbox: &Receiver<Submission>, crowds: &Crowds) {
    let mut pending = Pending::default();
    // When the window in which reads are counted began.
    let mut since = Instant::now();
    loop {
        let idle = pending.is_empty() && !crowds.wait();
        let next = if idle {
            outbox.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else if pending.is_empty() {
            outbox.recv_timeout(WINDOW.saturating_sub(since.elapsed()))
        } else {
            outbox.recv_timeout(LINGER)
        };
        if idle {
            since = begin_window(crowds);
        }
        let ended = matches!(next, Err(RecvTimeoutError::Disconnected));
        next.into_iter().for_each(|submission| pending.take(submission));
        drain(outbox, &mut pending);
        let full = |pending: &Pending| pending.len() + crowds.len() >= BATCH_MAX;
        if !ended && !pending.is_awaited() && !full(&pending) {
            std::thread::park_timeout(LINGER);
            drain(outbox, &mut pending);
        }
        let waits = crowds.is_forming() && since.elapsed() < WINDOW;
        let take = if ended || full(&pending) {
            Take::All
        } else {
            Take::Due(Instant::now())
        };
        if waits && take != Take::All && !pending.is_awaited() {
            continue;
        }
        let counted = crowds.drain(take);
        if since.elapsed() >= WINDOW {
            since = begin_window(crowds);
        }
        write(store, node, std::mem::take(&mut pending), counted);
        if ended {
            return;
        }
    }
}

fn begin_window(crowds: &Crowds) -> Instant {
    crowds.begin_window();
    Instant::now()
}

fn write(store: &Store, node: &str, pending: Pending, counted: Vec<Event>) {
    let (events, receipts) = pending.into_parts(counted);
    if events.is_empty() {
        return;
    }
    let written = store.write(|tx| audit::append(tx, node, &events).map(|_| ()));
    match written {
        Ok(()) => {
            for receipt in receipts {
                let _ = receipt.send(());
            }
        }
        // Dropping the receipts refuses every request that waited: no record, no answer.
        Err(error) => tracing::error!(%error, lost = events.len(), "audit events could not be written"),
    }
}

/// Takes what waits in the queue, up to one batch.
fn drain(outbox: &Receiver<Submission>, pending: &mut Pending) {
    while pending.len() < BATCH_MAX
        && let Ok(next) = outbox.try_recv()
    {
        pending.take(next);
    }
}

/// What is needed to record the end of an allowed request after its permit is gone.
#[derive(Debug)]
pub struct Witness {
    pub(crate) operation: &'static Operation,
    pub(crate) gathered: Arc<Gathered>,
    pub(crate) caller: Caller,
    pub(crate) now: Timestamp,
    pub(crate) action: Option<&'static str>,
    pub(crate) bulk: bool,
}

impl Witness {
    /// What the decision rested on.
    pub fn gathered(&self) -> &Gathered {
        &self.gathered
    }

    /// The request's id.
    pub fn request_id(&self) -> &str {
        &self.caller.request_id
    }

    /// The same for the recorder; what the decision rested on stays to be told of.
    pub(crate) fn take(&mut self) -> Witness {
        Witness {
            operation: self.operation,
            gathered: self.gathered.clone(),
            caller: std::mem::take(&mut self.caller),
            now: self.now,
            action: self.action,
            bulk: self.bulk,
        }
    }

    /// Whether what is done makes something that can itself authenticate.
    pub fn plants(&self) -> bool {
        self.operation.plants
    }

    /// The same once more, for a thread of its own.
    pub fn again(&self) -> Witness {
        Witness {
            operation: self.operation,
            gathered: self.gathered.clone(),
            caller: self.caller.clone(),
            now: self.now,
            action: self.action,
            bulk: self.bulk,
        }
    }

    /// Only the head of an answer was asked for: nothing is downloaded, and it is a read like any other.
    pub fn asks_head(&mut self) {
        self.bulk = false;
    }

    /// Names what was done more exactly than the operation does: a fetch is not a clone.
    pub fn name(&mut self, action: &'static str) {
        self.action = Some(action);
    }
}

/// A request's id as text, `ABCD:123456:789ABC`, written by hand, since every request has one. The first ten digits are
/// the time, so that the log's index of ids grows at its end; the last six visit every number once before one repeats,
/// and do not count requests.
pub(crate) fn request_id(now: Timestamp, number: u64) -> SmolStr {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    const LAST: u64 = 0xFF_FFFF;
    // An odd multiplier is a permutation. A step of the time is 1.024 milliseconds.
    let mut left = (now.0.cast_unsigned() >> 10) << 24 | (number.wrapping_mul(0x9E37_79B9) & LAST);
    let mut text = *b"0000:000000:000000";
    for byte in text.iter_mut().rev() {
        if *byte != b':' {
            *byte = DIGITS.get((left & 0xF) as usize).copied().unwrap_or(b'0');
            left >>= 4;
        }
    }
    SmolStr::new(std::str::from_utf8(&text).unwrap_or_default())
}

/// The event of a request, before anything is said of how it went.
pub fn request_event(
    operation: Option<&'static Operation>,
    gathered: &Gathered,
    caller: &Caller,
    now: Timestamp,
) -> Event {
    let principal = gathered.principal_record();
    let token = gathered.token();
    let (repository, owner) = gathered.place();
    let enterprise = gathered
        .enterprise()
        .map(|enterprise| enterprise.id)
        .or_else(|| owner.and_then(|owner| owner.facts.enterprise));
    let mut data = serde_json::Map::new();
    if let Some(package) = &gathered.names.package {
        data.insert("package_type".into(), package.registry.package_type().into());
        data.insert("package".into(), package.name.normal.as_str().into());
        if let Some(version) = &package.version {
            data.insert("package_version".into(), version.as_str().into());
        }
    }
    let mut event = Event {
        at: now,
        action: operation.map_or_else(
            || String::from("api.request"),
            |operation| operation.action.to_owned(),
        ),
        operation_type: operation_type(operation),
        operation: operation.map(|operation| operation.id.to_owned()),
        actor: principal.and_then(|principal| principal.facts.id),
        actor_login: principal.map(|principal| principal.facts.login.clone()),
        user: None,
        token: token.map(|token| token.facts.id),
        hashed_token: token.map(|token| token.digest),
        access_type: match &gathered.credential {
            Credential::Anonymous | Credential::Unknown => None,
            Credential::Token(token, _) => Some(token.facts.kind.access_type()),
            Credential::Session(..) => Some(bailiwick_model::TokenKind::Session.access_type()),
        },
        owner: owner.map(|owner| owner.facts.id),
        owner_login: owner.map(|owner| owner.facts.login.clone()),
        enterprise,
        repository: repository.map(|repository| repository.facts.id),
        repository_name: repository.map(|repository| repository.full_name.clone()),
        address: caller.address.map(|address| address.to_string()),
        user_agent: caller.user_agent.as_deref().map(str::to_owned),
        request_id: Some(caller.request_id.to_string()),
        outcome: Outcome::Allowed,
        reason: String::from("allowed"),
        data,
    };
    if let Some(asked_by) = &caller.asked_by {
        asked_by.put(&mut event);
    }
    event
}

fn operation_type(operation: Option<&Operation>) -> &'static str {
    match operation {
        None => "access",
        Some(operation) if !operation.writes => "access",
        Some(operation) => match operation.method {
            "POST" => "create",
            "DELETE" => "remove",
            _ => "modify",
        },
    }
}

/// The event of a refusal.
pub fn refusal_event(refused: &Refused) -> Event {
    let mut event = request_event(refused.operation, &refused.gathered, &refused.caller, refused.now);
    event.outcome = Outcome::Refused;
    event.reason = refused.deny.reason.code().to_owned();
    event
        .data
        .insert("stage".into(), refused.deny.stage().word().into());
    // What was missing, and nothing that was not: a permission until the person's own role is asked about.
    match (refused.deny.missing, refused.deny.reason) {
        (None, _) | (Some(_), Reason::RepositoryArchived) => {}
        (Some(missing), Reason::RoleTooLow) => {
            let word = crate::describe::role_word(missing.role);
            event.data.insert("missing_role".into(), word.into());
        }
        (Some(missing), _) => {
            let slug = crate::levels::slug(missing.permission);
            event.data.insert("missing_permission".into(), slug.into());
            event
                .data
                .insert("missing_level".into(), missing.level.word().into());
        }
    }
    event
}

/// The event of an allowed request at its end.
pub(crate) fn outcome_event(witness: &Witness) -> Event {
    let mut event = request_event(
        Some(witness.operation),
        &witness.gathered,
        &witness.caller,
        witness.now,
    );
    if let Some(action) = witness.action {
        action.clone_into(&mut event.action);
    }
    event
}

/// The event of an allowed request.
pub fn permit_event(permit: &Permit) -> Event {
    request_event(
        Some(permit.operation()),
        permit.gathered(),
        permit.caller(),
        permit.now(),
    )
}

#[cfg(test)]
mod tests;
