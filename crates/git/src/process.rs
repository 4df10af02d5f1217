//! Runs one blocking git process to its end, within a time limit and an output limit, on the calling thread alone.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, Signal};

use crate::error::{Error, Result};

/// The most of standard error that is kept.
pub(crate) const STDERR_BYTES_MAX: usize = 16 << 10;
/// How long an ordinary git process may take.
pub(crate) const TIME_LIMIT: Duration = Duration::from_secs(60);
/// How much an ordinary git process may answer.
pub(crate) const OUTPUT_BYTES_MAX: usize = 64 << 20;

/// What happens to output above the limit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overflow {
    /// The call fails.
    Fail,
    /// The output ends there, and git is killed.
    Cut,
}

/// A prepared git process with its limits.
pub(crate) struct Run<'a> {
    pub(crate) name: &'static str,
    pub(crate) command: Command,
    pub(crate) input: &'a [u8],
    pub(crate) time_limit: Duration,
    pub(crate) output_bytes_max: usize,
    pub(crate) overflow: Overflow,
}

/// What a git process left behind.
pub(crate) struct Output {
    pub(crate) status: Option<ExitStatus>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    name: &'static str,
}

impl Output {
    pub(crate) fn code(&self) -> Option<i32> {
        self.status.and_then(|status| status.code())
    }

    /// The output of a process that succeeded.
    pub(crate) fn success(self) -> Result<Vec<u8>> {
        if self.status.is_none_or(|status| status.success()) {
            Ok(self.stdout)
        } else {
            Err(self.failure())
        }
    }

    /// The failure as an error.
    pub(crate) fn failure(&self) -> Error {
        Error::Git {
            command: self.name,
            code: self.code(),
            stderr: String::from_utf8_lossy(&self.stderr).into_owned(),
        }
    }
}

/// A child in its own process group, killed and reaped when dropped.
pub(crate) struct Group(pub(crate) Child);

impl Group {
    pub(crate) fn kill(&mut self) {
        // Not reaped yet, or try_wait would have said so: the id is still ours.
        if matches!(self.0.try_wait(), Ok(None)) {
            kill_group(self.0.id(), Signal::KILL);
            let _reaped = self.0.wait();
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Signals the whole group that a process leads; the caller knows that the leader is not reaped yet.
pub(crate) fn kill_group(leader: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
        // It may have ended meanwhile, which is what was wanted.
        let _gone = rustix::process::kill_process_group(pid, signal);
    }
}

impl Run<'_> {
    /// Runs to the end, whatever the exit status.
    pub(crate) fn output(mut self) -> Result<Output> {
        if !self.input.is_empty() {
            self.command.stdin(Stdio::piped());
        }
        let deadline = Instant::now() + self.time_limit;
        let mut group = Group(self.command.spawn()?);
        let mut output = Output {
            status: None,
            stdout: Vec::new(),
            stderr: Vec::new(),
            name: self.name,
        };
        if self.pump(&mut group, &mut output, deadline)? {
            output.status = Some(group.0.wait()?);
        } else {
            group.kill();
        }
        Ok(output)
    }

    /// Runs to the end and requires success.
    pub(crate) fn stdout(self) -> Result<Vec<u8>> {
        self.output()?.success()
    }

    /// Moves bytes until both outputs are closed; false when the output was cut.
    fn pump(&self, group: &mut Group, output: &mut Output, deadline: Instant) -> Result<bool> {
        let mut stdin = group.0.stdin.take();
        let mut stdout = group.0.stdout.take();
        let mut stderr = group.0.stderr.take();
        nonblocking(stdin.as_ref().map(AsFd::as_fd))?;
        nonblocking(stdout.as_ref().map(AsFd::as_fd))?;
        nonblocking(stderr.as_ref().map(AsFd::as_fd))?;
        let mut pending = self.input;
        while stdout.is_some() || stderr.is_some() {
            let mut fds = Vec::with_capacity(3);
            fds.extend(stdin.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::OUT)));
            fds.extend(stdout.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
            fds.extend(stderr.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
            wait_ready(&mut fds, deadline)?;
            drop(fds);
            if let Some(pipe) = &mut stdin
                && write_some(pipe, &mut pending)?
            {
                stdin = None;
            }
            if let Some(pipe) = &mut stdout {
                let limit = self.output_bytes_max.saturating_add(1);
                if read_some(pipe, &mut output.stdout, limit)? {
                    stdout = None;
                } else if output.stdout.len() > self.output_bytes_max {
                    if self.overflow == Overflow::Fail {
                        let limit_bytes = self.output_bytes_max as u64;
                        return Err(Error::TooLarge {
                            size_bytes: None,
                            limit_bytes,
                        });
                    }
                    output.stdout.truncate(self.output_bytes_max);
                    return Ok(false);
                }
            }
            if let Some(pipe) = &mut stderr
                && read_discarding(pipe, &mut output.stderr)?
            {
                stderr = None;
            }
        }
        Ok(true)
    }
}

/// Makes a pipe's end of ours non-blocking.
pub(crate) fn nonblocking(pipe: Option<BorrowedFd<'_>>) -> Result<()> {
    if let Some(pipe) = pipe {
        let flags = rustix::fs::fcntl_getfl(pipe)?;
        rustix::fs::fcntl_setfl(pipe, flags | rustix::fs::OFlags::NONBLOCK)?;
    }
    Ok(())
}

/// Waits until one of the pipes can move, or the deadline has passed.
pub(crate) fn wait_ready(fds: &mut [PollFd<'_>], deadline: Instant) -> Result<()> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(Error::TimedOut);
    }
    let timeout = Timespec {
        tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: left.subsec_nanos().into(),
    };
    match rustix::event::poll(fds, Some(&timeout)) {
        Ok(0) => Err(Error::TimedOut),
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Writes what fits; true when all is written or the other side has closed.
fn write_some(pipe: &mut impl Write, pending: &mut &[u8]) -> Result<bool> {
    while !pending.is_empty() {
        match pipe.write(pending) {
            Ok(written) => *pending = pending.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // Git ended without reading all; its exit status tells why.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(true),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(true)
}

/// Reads what is there, up to `limit` bytes in all; true at the end.
fn read_some(pipe: &mut impl Read, into: &mut Vec<u8>, limit: usize) -> Result<bool> {
    let mut chunk = [0; 64 << 10];
    while into.len() < limit {
        match pipe.read(&mut chunk) {
            Ok(0) => return Ok(true),
            Ok(length) => into.extend_from_slice(chunk.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(false)
}

/// Reads what is there and keeps only the start of it; true at the end.
fn read_discarding(pipe: &mut impl Read, into: &mut Vec<u8>) -> Result<bool> {
    let mut scratch = Vec::new();
    let ended = read_some(pipe, &mut scratch, STDERR_BYTES_MAX)?;
    let room = STDERR_BYTES_MAX.saturating_sub(into.len());
    into.extend(scratch.into_iter().take(room));
    Ok(ended)
}
