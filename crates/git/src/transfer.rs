//! The streaming services: clone, fetch, push and archives, each a process whose output is read as it comes.

use std::future::poll_fn;
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bailiwick_wire::pktline::{self, ProtocolVersion, Service};
use rustix::process::Signal;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::error::{Error, Result};
use crate::process::{OUTPUT_BYTES_MAX, STDERR_BYTES_MAX, kill_group};
use crate::receiving::Receiving;
use crate::repository::Repository;

/// How long a killed process may take to clear up before it is ended for good.
const GRACE: Duration = Duration::from_secs(2);

/// How the hook of a push finds the one who decides on it.
#[derive(Clone, Debug)]
pub struct Session {
    /// The socket of the [`HookListener`](crate::HookListener).
    pub socket: PathBuf,
    /// What [`HookListener::register`](crate::HookListener::register) was given.
    pub nonce: String,
}

/// A running service: read its output from here, then [`finish`](Self::finish) it. Dropping it kills it.
#[derive(Debug)]
pub struct Transfer {
    stdout: ChildStdout,
    handle: TransferHandle,
    ended: Option<JoinHandle<Result<TransferOutcome>>>,
}

/// Ends a transfer from elsewhere; clone it freely.
#[derive(Clone, Debug)]
pub struct TransferHandle {
    group: Arc<ProcessGroup>,
}

/// How a transfer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferOutcome {
    /// Git's exit code; nothing when a signal ended it.
    pub code: Option<i32>,
    /// Whether it was ended by [`TransferHandle::kill`], by being dropped, or by a broken input.
    pub killed: bool,
    /// The start of what git wrote to standard error.
    pub stderr: String,
}

impl TransferOutcome {
    /// Whether git ended well. For a push that says nothing about its refs: ask [`Repository::applied`].
    #[must_use]
    pub fn success(&self) -> bool {
        self.code == Some(0) && !self.killed
    }
}

#[derive(Debug)]
struct ProcessGroup {
    // The leader's id until it is reaped; after that the number may be another's.
    leader: Mutex<Option<u32>>,
    killed: Notify,
    was_killed: std::sync::atomic::AtomicBool,
}

impl ProcessGroup {
    fn lock(&self) -> MutexGuard<'_, Option<u32>> {
        self.leader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn signal(&self, signal: Signal) {
        if let Some(leader) = *self.lock() {
            kill_group(leader, signal);
        }
    }
}

impl TransferHandle {
    /// Ends the transfer, git's children included; refs that have moved stay moved.
    pub fn kill(&self) {
        self.group
            .was_killed
            .store(true, std::sync::atomic::Ordering::SeqCst);
        // First politely: git then removes its locks.
        self.group.signal(Signal::TERM);
        self.group.killed.notify_one();
    }
}

impl Transfer {
    /// A handle that can end it.
    #[must_use]
    pub fn handle(&self) -> TransferHandle {
        self.handle.clone()
    }

    /// Waits for its end; call it after the output was read to its end.
    pub async fn finish(mut self) -> Result<TransferOutcome> {
        let ended = self.ended.take().ok_or(Error::Corrupt("transfer ended twice"))?;
        // Whatever output is unread is no longer wanted, and must not keep git waiting.
        let mut rest = [0; 8 << 10];
        while self.stdout.read(&mut rest).await.is_ok_and(|read| read > 0) {}
        ended.await.map_err(|_| Error::Corrupt("transfer task ended"))?
    }

    /// Starts a prepared process with this input.
    fn start(
        mut command: Command,
        input: Option<Pin<Box<dyn AsyncRead + Send>>>,
        receiving: Option<Receiving>,
    ) -> Result<Self> {
        if input.is_some() {
            command.stdin(Stdio::piped());
        }
        let mut child = tokio::process::Command::from(command)
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child
            .stdout
            .take()
            .ok_or(Error::Corrupt("process without output"))?;
        let stderr = child.stderr.take();
        let stdin = child.stdin.take();
        let group = Arc::new(ProcessGroup {
            leader: Mutex::new(child.id()),
            killed: Notify::new(),
            was_killed: std::sync::atomic::AtomicBool::new(false),
        });
        let handle = TransferHandle { group };
        let feeding = stdin
            .zip(input)
            .map(|(stdin, input)| tokio::spawn(feed(stdin, input, handle.clone())));
        let ended = tokio::spawn(supervise(child, stderr, handle.clone(), feeding, receiving));
        Ok(Self {
            stdout,
            handle,
            ended: Some(ended),
        })
    }
}

impl AsyncRead for Transfer {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stdout).poll_read(cx, into)
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        if self.ended.is_some() {
            self.handle.kill();
        }
    }
}

/// Moves the client's bytes into git; a client that breaks off ends git, so that nothing half-received is worked on.
async fn feed(mut stdin: ChildStdin, mut input: Pin<Box<dyn AsyncRead + Send>>, handle: TransferHandle) {
    let mut buffer = vec![0; 64 << 10];
    loop {
        match input.read(&mut buffer).await {
            Ok(0) => break,
            Ok(read) => {
                if stdin
                    .write_all(buffer.get(..read).unwrap_or_default())
                    .await
                    .is_err()
                {
                    // Git has ended; its exit status tells why.
                    return;
                }
            }
            Err(_) => {
                handle.kill();
                return;
            }
        }
    }
    let _closed = stdin.shutdown().await;
}

/// Reaps the process, ends it for good when it was killed and lingers, and keeps the start of its standard error.
async fn supervise(
    mut child: Child,
    stderr: Option<ChildStderr>,
    handle: TransferHandle,
    feeding: Option<JoinHandle<()>>,
    receiving: Option<Receiving>,
) -> Result<TransferOutcome> {
    let errors = tokio::spawn(collect(stderr));
    let group = &handle.group;
    let status = {
        let mut waiting = pin!(reap(&mut child, group));
        tokio::select! {
            status = &mut waiting => status,
            () = group.killed.notified() => match tokio::time::timeout(GRACE, &mut waiting).await {
                Ok(status) => status,
                Err(_) => {
                    group.signal(Signal::KILL);
                    waiting.await
                }
            },
        }
    };
    if let Some(feeding) = feeding {
        feeding.abort();
    }
    // A grandchild that outlives git could hold the pipe open.
    let stderr = tokio::time::timeout(GRACE, errors).await;
    let stderr = stderr.ok().and_then(std::result::Result::ok).unwrap_or_default();
    if let Some(receiving) = receiving {
        // What cannot be removed now, the next push to this repository tries again.
        let _cleared = tokio::task::spawn_blocking(|| receiving.end()).await;
    }
    Ok(TransferOutcome {
        code: status?.code(),
        killed: group.was_killed.load(std::sync::atomic::Ordering::SeqCst),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
    })
}

/// Waits for the child and forgets its id in the same step, so that nobody signals a number that is no longer ours.
async fn reap(child: &mut Child, group: &ProcessGroup) -> std::io::Result<ExitStatus> {
    let mut waiting = pin!(child.wait());
    poll_fn(|cx| {
        let mut leader = group.lock();
        let polled = waiting.as_mut().poll(cx);
        if polled.is_ready() {
            *leader = None;
        }
        polled
    })
    .await
}

async fn collect(stderr: Option<ChildStderr>) -> Vec<u8> {
    let mut kept = Vec::new();
    if let Some(mut stderr) = stderr {
        let _unreadable = (&mut stderr)
            .take(STDERR_BYTES_MAX as u64)
            .read_to_end(&mut kept)
            .await;
        // Read on, or git would wait for room in the pipe.
        let _discarded = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
    }
    kept
}

impl Repository {
    /// The advertisement of a service (`info/refs`), whole: it is as long as the list of refs.
    pub async fn advertise(&self, service: Service, protocol: ProtocolVersion) -> Result<Vec<u8>> {
        let mut command = self.service(service, protocol);
        command.arg("--http-backend-info-refs").arg(self.directory());
        let mut body = match (service, protocol) {
            // Version 2 of fetching is announced without the header.
            (Service::UploadPack, ProtocolVersion::V2) => Vec::new(),
            _ => pktline::service_header(service),
        };
        let mut transfer = Transfer::start(command, None, None)?;
        let limit = OUTPUT_BYTES_MAX as u64;
        let read = (&mut transfer).take(limit + 1).read_to_end(&mut body).await?;
        if read as u64 > limit {
            return Err(Error::TooLarge {
                size_bytes: None,
                limit_bytes: limit,
            });
        }
        let outcome = transfer.finish().await?;
        if !outcome.success() {
            return Err(Error::Git {
                command: service.name(),
                code: outcome.code,
                stderr: outcome.stderr,
            });
        }
        Ok(body)
    }

    /// Serves one `git-upload-pack` request.
    pub fn upload_pack(
        &self,
        protocol: ProtocolVersion,
        input: impl AsyncRead + Send + 'static,
    ) -> Result<Transfer> {
        let mut command = self.service(Service::UploadPack, protocol);
        command.arg(self.directory());
        Transfer::start(command, Some(Box::pin(input)), None)
    }

    /// Serves one `git-receive-pack` request; its refs move only if the one registered for `session` agrees.
    pub fn receive_pack(
        &self,
        protocol: ProtocolVersion,
        input: impl AsyncRead + Send + 'static,
        session: &Session,
    ) -> Result<Transfer> {
        let mut command = self.service(Service::ReceivePack, protocol);
        command
            .arg(self.directory())
            .env(crate::hook::SOCKET_VARIABLE, &session.socket)
            .env(crate::hook::NONCE_VARIABLE, &session.nonce);
        Transfer::start(command, Some(Box::pin(input)), Some(Receiving::begin(self)?))
    }

    pub(crate) fn stream(&self, command: Command) -> Result<Transfer> {
        Transfer::start(command, None, None)
    }

    pub(crate) fn stream_with(
        &self,
        command: Command,
        input: impl AsyncRead + Send + 'static,
    ) -> Result<Transfer> {
        Transfer::start(command, Some(Box::pin(input)), None)
    }

    fn service(&self, service: Service, protocol: ProtocolVersion) -> Command {
        let git = &self.shared.git;
        let mut command = match service {
            Service::UploadPack => {
                let mut command = git.command(None, None, "upload-pack");
                command.arg("--strict");
                command
            }
            Service::ReceivePack => git.command(None, Some(&self.shared.hooks), "receive-pack"),
        };
        match (service, protocol) {
            (_, ProtocolVersion::V0) | (Service::ReceivePack, ProtocolVersion::V2) => {}
            (_, ProtocolVersion::V1) => drop(command.env("GIT_PROTOCOL", "version=1")),
            (Service::UploadPack, ProtocolVersion::V2) => drop(command.env("GIT_PROTOCOL", "version=2")),
        }
        command.arg("--stateless-rpc").current_dir(self.directory());
        command
    }
}
