//! The server's side of a push's decision: a socket on which hooks ask, and a register of the pushes that may.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bailiwick_wire::pktline::{self, Packet};
use bailiwick_wire::push::{COMMAND_LIST_BYTES_MAX, parse_command};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::hook::DECISION_TIME_LIMIT;
use crate::refs::RefUpdate;
use crate::repository::{Quarantine, Repository};

/// How long a hook may take to say what it asks.
const ASK_TIME_LIMIT: Duration = Duration::from_secs(30);

/// Listens for hooks until it is dropped.
#[derive(Debug)]
pub struct HookListener {
    path: PathBuf,
    register: Arc<Register>,
    accepting: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Register(Mutex<HashMap<String, Waiting>>);

#[derive(Debug)]
struct Waiting {
    repository: Repository,
    proposal: oneshot::Sender<(PushProposal, oneshot::Sender<Verdict>)>,
}

/// What git is about to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushProposal {
    /// The refs that would move, as the hook was told.
    pub updates: Vec<RefUpdate>,
    /// The objects received with the push; nothing when it brought none.
    pub quarantine: Option<Quarantine>,
}

/// The answer to a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The refs may move.
    Accept,
    /// They may not; the client is shown this.
    Reject(String),
}

/// Why no proposal came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookFault {
    /// The listener is gone, the hook said nonsense, or the push was asked about twice.
    Closed,
    /// The hook is gone, or too much time went by; git refuses the push.
    NotTaken,
}

/// A push that was registered. Dropping it refuses the push.
#[derive(Debug)]
pub struct PendingPush {
    nonce: String,
    register: Arc<Register>,
    proposal: Option<oneshot::Receiver<(PushProposal, oneshot::Sender<Verdict>)>>,
    verdict: Option<oneshot::Sender<Verdict>>,
}

impl Register {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HookListener {
    /// Listens at `path`, replacing what a former process left there; only our own user can connect.
    pub fn bind(path: &Path) -> io::Result<Self> {
        let directory = path
            .parent()
            .ok_or_else(|| io::Error::other("the socket has no directory"))?;
        let stage = directory.join(".hook-socket");
        if stage.exists() {
            fs::remove_dir_all(&stage)?;
        }
        // SECURITY: made inside a closed directory and moved, so that it is never open to others for a moment.
        fs::DirBuilder::new().mode(0o700).create(&stage)?;
        let staged = stage.join("s");
        let listener = UnixListener::bind(&staged)?;
        fs::set_permissions(&staged, fs::Permissions::from_mode(0o600))?;
        fs::rename(&staged, path)?;
        fs::remove_dir(&stage)?;
        let register = Arc::new(Register::default());
        let accepting = tokio::spawn(accept(listener, Arc::clone(&register)));
        Ok(Self {
            path: path.to_owned(),
            register,
            accepting,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Expects one question about a push to `repository` by whoever knows `nonce`, a fresh secret of 128 bits or more.
    #[must_use]
    pub fn register(&self, nonce: &str, repository: &Repository) -> PendingPush {
        let (sender, receiver) = oneshot::channel();
        let waiting = Waiting {
            repository: repository.clone(),
            proposal: sender,
        };
        // A nonce used twice ends the former registration, which refuses that push.
        self.register.lock().insert(nonce.to_owned(), waiting);
        PendingPush {
            nonce: nonce.to_owned(),
            register: Arc::clone(&self.register),
            proposal: Some(receiver),
            verdict: None,
        }
    }
}

impl Drop for HookListener {
    fn drop(&mut self) {
        self.accepting.abort();
        let _gone = fs::remove_file(&self.path);
    }
}

impl PendingPush {
    /// Waits for the hook to ask. A push that git itself refuses never asks: wait for the transfer's end beside it.
    pub async fn wait(&mut self) -> Result<PushProposal, HookFault> {
        let receiver = self.proposal.as_mut().ok_or(HookFault::Closed)?;
        let (proposal, verdict) = receiver.await.map_err(|_| HookFault::Closed)?;
        self.proposal = None;
        self.verdict = Some(verdict);
        Ok(proposal)
    }

    /// Answers; an error says that nobody was there to hear it, and that git refuses the push.
    pub fn answer(mut self, verdict: Verdict) -> Result<(), HookFault> {
        let sender = self.verdict.take().ok_or(HookFault::Closed)?;
        sender.send(verdict).map_err(|_| HookFault::NotTaken)
    }
}

impl Drop for PendingPush {
    fn drop(&mut self) {
        self.proposal = None;
        let mut register = self.register.lock();
        // Not a later registration under the same nonce.
        if register
            .get(&self.nonce)
            .is_some_and(|waiting| waiting.proposal.is_closed())
        {
            register.remove(&self.nonce);
        }
    }
}

async fn accept(listener: UnixListener, register: Arc<Register>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(serve(stream, Arc::clone(&register)))),
            // Out of descriptors, most likely: give others time to end.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Hears one hook and answers it; closing the socket without an answer refuses.
async fn serve(mut stream: UnixStream, register: Arc<Register>) {
    let Ok(Some(request)) = tokio::time::timeout(ASK_TIME_LIMIT, read_request(&mut stream)).await else {
        return;
    };
    let Some(waiting) = register.lock().remove(&request.nonce) else {
        return;
    };
    let Some(proposal) = request.proposal(&waiting.repository) else {
        return;
    };
    let (sender, receiver) = oneshot::channel();
    if waiting.proposal.send((proposal, sender)).is_err() {
        return;
    }
    let mut scratch = [0];
    let verdict = tokio::select! {
        // The hook was killed with its push: the decider learns that nobody takes the answer.
        _ = stream.read(&mut scratch) => return,
        verdict = tokio::time::timeout(DECISION_TIME_LIMIT, receiver) => verdict,
    };
    let answer = match verdict {
        Ok(Ok(Verdict::Accept)) => Vec::from(*b"ok"),
        Ok(Ok(Verdict::Reject(message))) => {
            let message: String = message
                .chars()
                .take(4000)
                .filter(|c| *c == '\n' || !c.is_control())
                .collect();
            format!("no {message}").into_bytes()
        }
        Ok(Err(_)) | Err(_) => return,
    };
    let mut packet = Vec::new();
    if pktline::encode(&answer, &mut packet).is_ok() {
        let _gone = stream.write_all(&packet).await;
    }
}

struct Request {
    nonce: String,
    quarantine: Option<PathBuf>,
    updates: Vec<RefUpdate>,
}

impl Request {
    fn proposal(self, repository: &Repository) -> Option<PushProposal> {
        let quarantine = match self.quarantine {
            Some(directory) => Some(Quarantine::of(repository, &directory).ok()?),
            None => None,
        };
        Some(PushProposal {
            updates: self.updates,
            quarantine,
        })
    }

    fn line(&mut self, line: &[u8]) -> Option<()> {
        if let Some(nonce) = line.strip_prefix(b"nonce ") {
            self.nonce = String::from_utf8(nonce.to_vec()).ok()?;
        } else if let Some(path) = line.strip_prefix(b"quarantine ") {
            self.quarantine = Some(PathBuf::from(std::ffi::OsStr::from_bytes(path)));
        } else {
            let update = line.strip_prefix(b"update ")?;
            self.updates.push(parse_command(update).ok()?.into());
        }
        Some(())
    }
}

/// Everything up to the flush; nothing when it makes no sense.
async fn read_request(stream: &mut UnixStream) -> Option<Request> {
    let mut request = Request {
        nonce: String::new(),
        quarantine: None,
        updates: Vec::new(),
    };
    let mut buffer = Vec::new();
    let (mut at, mut total) = (0, 0);
    loop {
        while let Some((packet, length)) = pktline::decode(buffer.get(at..)?).ok()? {
            at += length;
            match packet {
                Packet::Data(line) => request.line(line)?,
                Packet::Flush => return (!request.updates.is_empty()).then_some(request),
                Packet::Delimiter | Packet::ResponseEnd => return None,
            }
        }
        buffer.drain(..at);
        at = 0;
        let read = stream.read_buf(&mut buffer).await.ok()?;
        total += read;
        if read == 0 || total > 2 * COMMAND_LIST_BYTES_MAX {
            return None;
        }
    }
}

impl fmt::Display for HookFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "the push was not asked about",
            Self::NotTaken => "the hook is gone",
        })
    }
}

impl std::error::Error for HookFault {}
