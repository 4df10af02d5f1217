//! When tokens were last used and sessions last seen: collected in memory, written in batches, never on the way of
//! a request. A crash loses half a minute of it; no decision depends on it.

use crate::cache::Numbered;
use crate::{Caller, Credential};
use bailiwick_model::{SessionId, Timestamp, TokenId};
use bailiwick_store::session::Seen as SessionSeen;
use bailiwick_store::{Store, StoreError, session, token};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often what was collected is written, in seconds.
const FLUSH_SECONDS: u64 = 30;

#[derive(Debug, Default)]
struct Seen {
    tokens: Numbered<TokenId, Timestamp>,
    sessions: Numbered<SessionId, SessionSeen>,
}

/// What was used since it was last written, and the thread that writes it.
#[derive(Debug)]
pub(crate) struct LastUsed {
    seen: Arc<Mutex<Seen>>,
    store: Store,
    // Dropped to tell the thread to write what is left and end.
    stop: Option<Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl LastUsed {
    /// Starts the writing thread.
    pub(crate) fn start(store: Store) -> std::io::Result<LastUsed> {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (stop, stopped) = channel();
        let (theirs, to) = (seen.clone(), store.clone());
        let thread = std::thread::Builder::new()
            .name(String::from("last-used"))
            .spawn(move || write_all(&theirs, &to, &stopped))?;
        Ok(LastUsed {
            seen,
            store,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Notes that a credential was used, and of sessions by whom and from where.
    pub(crate) fn touch(&self, credential: &Credential, caller: &Caller, now: Timestamp) {
        match credential {
            Credential::Anonymous | Credential::Unknown => {}
            // Once in a second is exact enough.
            Credential::Token(token, _) => {
                if token.noted.use_at(now) {
                    self.lock().tokens.insert(token.facts.id, now);
                }
            }
            Credential::Session(session, _) => {
                let seen = SessionSeen {
                    at: now,
                    address: caller.address.map(|address| address.to_string()),
                    user_agent: caller.user_agent.as_deref().map(str::to_owned),
                };
                self.lock().sessions.insert(session.facts.id, seen);
            }
        }
    }

    /// Writes what was collected, now.
    pub(crate) fn flush(&self) {
        flush(&self.seen, &self.store);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl crate::Authority {
    /// Notes that a credential was used. In memory only.
    pub fn touch(&self, credential: &Credential, caller: &Caller, now: Timestamp) {
        self.last_used.touch(credential, caller, now);
    }

    /// Writes when credentials were last used, without waiting for the next batch.
    pub fn touch_flush(&self) {
        self.last_used.flush();
    }
}

impl Drop for LastUsed {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

fn write_all(seen: &Mutex<Seen>, store: &Store, stopped: &Receiver<()>) {
    loop {
        let wait = stopped.recv_timeout(Duration::from_secs(FLUSH_SECONDS));
        flush(seen, store);
        if wait != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

fn flush(seen: &Mutex<Seen>, store: &Store) {
    let Seen { tokens, sessions } = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
    if tokens.is_empty() && sessions.is_empty() {
        return;
    }
    let tokens: Vec<_> = tokens.into_iter().collect();
    let sessions: Vec<_> = sessions.into_iter().collect();
    let written: Result<(), StoreError> = store.write(|tx| {
        token::touch(tx, &tokens)?;
        session::touch(tx, &sessions)
    });
    if let Err(error) = written {
        tracing::warn!(%error, "when tokens were last used could not be written");
    }
}
