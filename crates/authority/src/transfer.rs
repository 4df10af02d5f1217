//! Transfers that outlast their decision: clones, pushes, archives, LFS objects. Each is registered, decided again
//! whenever facts change, and ended when it would no longer be allowed.

use crate::fault::{Fault, FaultKind};
use crate::permit::{Permit, Refused};
use crate::record::{Witness, refusal_event};
use crate::{Authority, Gathered};
use bailiwick_git::TransferHandle;
use bailiwick_model::TokenId;
use bailiwick_model::limit::{
    TRANSFER_IDLE_SECONDS_MAX, TRANSFER_RECHECK_SECONDS, TRANSFER_SILENT_SECONDS_MAX, TRANSFERS_MAX,
};
use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The transfers that run on this node.
#[derive(Debug, Default)]
pub struct Transfers {
    running: Mutex<HashMap<u64, Arc<Running>>>,
    serial: AtomicU64,
    ended: AtomicU64,
}

/// One running transfer.
#[derive(Debug)]
struct Running {
    token: Option<TokenId>,
    revoked: watch::Sender<bool>,
    // The reason code, written before it is marked as revoked.
    why: OnceLock<&'static str>,
    handle: Mutex<Option<TransferHandle>>,
    began: Instant,
    // Milliseconds since `began` at which something last moved.
    moved_at: AtomicU64,
    // Whether the next step is the server's own: then a client that waits is not idle.
    working: AtomicBool,
}

impl Running {
    /// Ends it; tells whether it ran until now.
    fn end(&self, why: &'static str) -> bool {
        // Whoever comes second keeps the first one's reason.
        let _already = self.why.set(why);
        // INVARIANT: marked before the process is ended, so that the end of its output is never taken for success.
        let first = !self.revoked.send_replace(true);
        if let Some(handle) = self
            .handle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
        {
            handle.kill();
        }
        first
    }

    fn moved(&self, working: bool) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.moved_at.store(now, Ordering::Relaxed);
        self.working.store(working, Ordering::Relaxed);
    }

    fn is_stuck(&self) -> bool {
        let limit = match self.working.load(Ordering::Relaxed) {
            true => TRANSFER_SILENT_SECONDS_MAX,
            false => TRANSFER_IDLE_SECONDS_MAX,
        };
        let moved_at = Duration::from_millis(self.moved_at.load(Ordering::Relaxed));
        self.began.elapsed().saturating_sub(moved_at) > Duration::from_secs(limit)
    }
}

/// A running transfer's place in the register; dropping it is the end of the transfer.
#[derive(Debug)]
pub struct Lease {
    id: u64,
    running: Arc<Running>,
    transfers: Arc<Transfers>,
    watching: JoinHandle<()>,
}

impl Lease {
    /// Names the process that ends with the lease.
    pub fn holds(&self, handle: TransferHandle) {
        if self.is_revoked() {
            handle.kill();
        }
        *self.running.handle.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle);
        // A revocation between the look and the lock has found no handle.
        if let Some(why) = self.why() {
            self.running.end(why);
        }
    }

    /// Why the transfer may no longer run, as a stable code; nothing while it may.
    pub fn why(&self) -> Option<&'static str> {
        self.running.why.get().copied().filter(|_| self.is_revoked())
    }

    /// The answer to a transfer that may no longer run.
    pub fn fault(&self) -> Fault {
        no_longer(self.why().unwrap_or("transfer.ended"))
    }

    /// Whether the transfer may no longer run.
    pub fn is_revoked(&self) -> bool {
        *self.running.revoked.borrow()
    }

    /// What notes that bytes have come or gone, wherever that happens.
    pub fn pulse(&self) -> Pulse {
        Pulse(self.running.clone())
    }

    /// Resolves when the transfer may no longer run.
    pub fn revoked(&self) -> impl Future<Output = ()> + Send + 'static + use<> {
        let mut watching = self.running.revoked.subscribe();
        // The sender lives as long as somebody could revoke; without one there is nothing to wait for.
        async move {
            if watching.wait_for(|revoked| *revoked).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// A reader that breaks off with an error once the transfer may no longer run.
    pub fn guard<R: AsyncRead + Unpin>(self, reader: R) -> Leased<R> {
        let revoked = Box::pin(self.revoked());
        Leased {
            reader,
            revoked,
            lease: self,
        }
    }
}

/// Notes that a transfer goes on, so that it is not taken for stuck.
#[derive(Clone, Debug)]
pub struct Pulse(Arc<Running>);

impl Pulse {
    /// Something has moved, and the next step is the server's.
    pub fn beat(&self) {
        self.0.moved(true);
    }

    /// Something was handed to the client, who has to take it now.
    pub fn handed(&self) {
        self.0.moved(false);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.watching.abort();
        self.transfers
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.id);
    }
}

/// What a transfer hands out, for as long as it may.
pub struct Leased<R> {
    reader: R,
    revoked: Pin<Box<dyn Future<Output = ()> + Send>>,
    lease: Lease,
}

impl<R> Leased<R> {
    /// The reader, without its guard.
    pub fn into_inner(self) -> R {
        self.reader
    }

    /// Its lease.
    pub fn lease(&self) -> &Lease {
        &self.lease
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Leased<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let ended = || {
            io::Error::new(
                io::ErrorKind::PermissionDenied,
                "the transfer is no longer allowed",
            )
        };
        if self.revoked.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(ended()));
        }
        let before = into.filled().len();
        let polled = Pin::new(&mut self.reader).poll_read(cx, into);
        match &polled {
            Poll::Pending => self.lease.running.moved(true),
            // From here on the client has to take what was read.
            Poll::Ready(_) => self.lease.running.moved(into.filled().len() == before),
        }
        // The end of the output may be the revocation's own doing.
        if polled.is_ready() && self.lease.is_revoked() {
            return Poll::Ready(Err(ended()));
        }
        polled
    }
}

impl Authority {
    /// Registers a transfer that was permitted. Call it inside the runtime.
    pub fn transfer_begin(self: &Arc<Self>, permit: &Permit) -> Result<Lease, Fault> {
        let running = Arc::new(Running {
            token: permit.gathered().token().map(|token| token.facts.id),
            revoked: watch::Sender::new(false),
            why: OnceLock::new(),
            handle: Mutex::new(None),
            began: Instant::now(),
            moved_at: AtomicU64::new(0),
            working: AtomicBool::new(true),
        });
        // Subscribed before it is registered: a change in between is seen by the watch.
        let mut changes = self.cache.subscribe();
        changes.mark_changed();
        let id = self.transfers.serial.fetch_add(1, Ordering::Relaxed);
        {
            let mut all = self
                .transfers
                .running
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if all.len() >= TRANSFERS_MAX {
                let message = "too many transfers are under way: try again in a minute";
                return Err(Fault::new(FaultKind::Unavailable, "transfer.busy", message));
            }
            all.insert(id, running.clone());
        }
        let watching = tokio::spawn(watch(
            self.clone(),
            self.witness(permit),
            running.clone(),
            changes,
        ));
        Ok(Lease {
            id,
            running,
            transfers: self.transfers.clone(),
            watching,
        })
    }

    /// Ends at once every transfer that runs with one of these tokens, and tells how many there were.
    pub fn transfers_end(&self, tokens: &[TokenId]) -> usize {
        let all = self
            .transfers
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let of_them = all
            .values()
            .filter(|running| running.token.is_some_and(|token| tokens.contains(&token)));
        let ended = of_them.filter(|running| running.end("transfer.ended")).count();
        self.transfers.ended.fetch_add(ended as u64, Ordering::Relaxed);
        ended
    }

    /// How many transfers run with one of these tokens.
    pub fn transfers_of(&self, tokens: &[TokenId]) -> usize {
        let all = self
            .transfers
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        all.values()
            .filter(|running| running.token.is_some_and(|token| tokens.contains(&token)))
            .count()
    }

    /// How many transfers run, and how many were ended before their time since the start.
    pub fn transfers_count(&self) -> (usize, u64) {
        let all = self
            .transfers
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        (all.len(), self.transfers.ended.load(Ordering::Relaxed))
    }

    /// Whether what was permitted before its body came would be permitted now that it has. Blocking.
    // SECURITY: whoever holds a body back would hold a permit past the revocation of its token.
    pub fn still_permitted(&self, witness: &Witness) -> Result<(), Fault> {
        still(self.refused_now(witness))
    }

    /// The same by what is in memory; `None` where that does not tell.
    pub fn still_permitted_warm(&self, witness: &Witness) -> Option<Result<(), Fault>> {
        let found = self.found_warm(witness)?;
        Some(still(self.refused_by(witness, found)))
    }

    fn found_warm(&self, witness: &Witness) -> Option<Gathered> {
        let before = &witness.gathered;
        self.gather_warm(&before.presented, Some(witness.operation), &before.names)
    }

    /// The refusal of what was permitted, if it would be refused now. Blocking.
    fn refused_now(&self, witness: &Witness) -> Option<Box<Refused>> {
        let before = &witness.gathered;
        // SECURITY: facts that cannot be loaded permit nothing.
        let found = self.found_warm(witness).unwrap_or_else(|| {
            self.gather(&before.presented, Some(witness.operation), &before.names)
                .unwrap_or_default()
        });
        self.refused_by(witness, found)
    }

    /// The refusal by these facts of what was permitted.
    fn refused_by(&self, witness: &Witness, found: Gathered) -> Option<Box<Refused>> {
        let before = &witness.gathered;
        let operation = Some(witness.operation);
        let same = found.repository().map(|row| row.id) == before.repository().map(|row| row.id);
        let gathered = if same { found } else { Gathered::default() };
        let gathered = Gathered {
            conditions: before.conditions,
            ..gathered
        };
        crate::permit::decide(operation, gathered, witness.caller.clone(), self.now()).err()
    }
}

fn still(refused: Option<Box<Refused>>) -> Result<(), Fault> {
    refused.map_or(Ok(()), |refused| Err(no_longer(refused.deny.reason.code())))
}

fn no_longer(why: &'static str) -> Fault {
    Fault::forbidden(why, "this is no longer allowed")
}

/// Decides again after each change and now and then, until the lease is dropped or must end.
async fn watch(
    authority: Arc<Authority>,
    witness: Witness,
    running: Arc<Running>,
    mut changes: watch::Receiver<u64>,
) {
    let witness = Arc::new(witness);
    let pause = Duration::from_secs(TRANSFER_RECHECK_SECONDS);
    loop {
        // Which of the two it was plays no part: both are a reason to look.
        let _changed_or_not = tokio::time::timeout(pause, changes.changed()).await;
        if running.is_stuck() {
            running.end("transfer.idle");
            authority.transfers.ended.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let (asked, about) = (authority.clone(), witness.clone());
        let decided = tokio::task::spawn_blocking(move || asked.refused_now(&about)).await;
        match decided {
            Ok(None) => {}
            Ok(Some(refused)) => {
                if running.end(refused.deny.reason.code()) {
                    authority.transfers.ended.fetch_add(1, Ordering::Relaxed);
                }
                // A change that was cut off is recorded by whoever made it; of a read, this is the only word.
                if !witness.operation.writes {
                    authority.recorder.soon(cut_off_event(&refused, &witness));
                }
                return;
            }
            // The decision itself broke: that permits nothing.
            Err(_) => {
                running.end("facts.unavailable");
                return;
            }
        }
    }
}

/// The event of a transfer that was ended: the request as it was, and why it would be refused now.
fn cut_off_event(refused: &Refused, witness: &Witness) -> bailiwick_model::Event {
    let now = refusal_event(refused);
    let mut event = crate::record::request_event(
        Some(witness.operation),
        &witness.gathered,
        &witness.caller,
        refused.now,
    );
    event.outcome = now.outcome;
    event.reason = now.reason;
    event.data = now.data;
    event.data.insert("transfer".into(), "cut off".into());
    event
}
