//! Reads objects by id through one `git cat-file --batch-command`, so that walking a path costs one process, and no
//! path or revision from a user is ever part of git's own syntax.

use std::fmt;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags};

use crate::Oid;
use crate::error::{Error, Result};
use crate::process::{Group, TIME_LIMIT, nonblocking, wait_ready};

/// The kind of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A commit.
    Commit,
    /// A tree.
    Tree,
    /// A blob.
    Blob,
    /// An annotated tag.
    Tag,
}

impl Kind {
    /// The word git and GitHub use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
            Self::Tag => "tag",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn parse(name: &[u8]) -> Option<Self> {
        match name {
            b"commit" => Some(Self::Commit),
            b"tree" => Some(Self::Tree),
            b"blob" => Some(Self::Blob),
            b"tag" => Some(Self::Tag),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An object as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its id.
    pub oid: Oid,
    /// Its kind.
    pub kind: Kind,
    /// Its bytes.
    pub data: Vec<u8>,
}

/// One running `cat-file`.
pub(crate) struct Reader {
    // Dropped, and with it killed, before the pipes would matter.
    _group: Group,
    stdin: ChildStdin,
    stdout: ChildStdout,
    buffer: Vec<u8>,
    at: usize,
}

/// The most a structured object (commit, tree, tag) may hold.
pub(crate) const STRUCTURE_BYTES_MAX: u64 = 64 << 20;

impl Reader {
    pub(crate) fn start(mut command: Command) -> Result<Self> {
        command
            .arg("--batch-command")
            .stdin(Stdio::piped())
            .stderr(Stdio::null());
        let mut group = Group(command.spawn()?);
        let stdin = group
            .0
            .stdin
            .take()
            .ok_or(Error::Corrupt("cat-file without input"))?;
        let stdout = group
            .0
            .stdout
            .take()
            .ok_or(Error::Corrupt("cat-file without output"))?;
        nonblocking(Some(stdout.as_fd()))?;
        Ok(Self {
            _group: group,
            stdin,
            stdout,
            buffer: Vec::new(),
            at: 0,
        })
    }

    /// The kind and size of an object; nothing when it is missing.
    pub(crate) fn info(&mut self, oid: Oid) -> Result<Option<(Kind, u64)>> {
        writeln!(self.stdin, "info {oid}")?;
        self.header(Instant::now() + TIME_LIMIT)
    }

    /// An object of at most `limit_bytes`; nothing when it is missing.
    pub(crate) fn read(&mut self, oid: Oid, limit_bytes: u64) -> Result<Option<Object>> {
        // Asked for its size first: a body that is too large would have to be read away.
        let Some((_, size)) = self.info(oid)? else {
            return Ok(None);
        };
        if size > limit_bytes {
            return Err(Error::TooLarge {
                size_bytes: Some(size),
                limit_bytes,
            });
        }
        writeln!(self.stdin, "contents {oid}")?;
        let deadline = Instant::now() + TIME_LIMIT;
        let Some((kind, size)) = self.header(deadline)? else {
            return Ok(None);
        };
        let length = usize::try_from(size).map_err(|_| Error::Corrupt("object size"))?;
        self.fill(length + 1, deadline)?;
        let data = self
            .buffer
            .get(self.at..self.at + length)
            .unwrap_or_default()
            .to_vec();
        self.take(length + 1);
        Ok(Some(Object { oid, kind, data }))
    }

    /// An object that must exist and be of this kind.
    pub(crate) fn expect(&mut self, oid: Oid, kind: Kind) -> Result<Vec<u8>> {
        match self.read(oid, STRUCTURE_BYTES_MAX)? {
            None => Err(Error::NotFound(kind.name())),
            Some(object) if object.kind == kind => Ok(object.data),
            Some(object) => Err(Error::WrongKind {
                expected: kind,
                found: object.kind,
            }),
        }
    }

    fn header(&mut self, deadline: Instant) -> Result<Option<(Kind, u64)>> {
        let mut searched = 0;
        let end = loop {
            let unread = self.buffer.get(self.at..).unwrap_or_default();
            if let Some(end) = unread
                .get(searched..)
                .unwrap_or_default()
                .iter()
                .position(|byte| *byte == b'\n')
            {
                break searched + end;
            }
            searched = unread.len();
            self.fill(searched + 1, deadline)?;
        };
        let line = self
            .buffer
            .get(self.at..self.at + end)
            .unwrap_or_default()
            .to_vec();
        self.take(end + 1);
        let mut words = line.split(|byte| *byte == b' ');
        match (words.next(), words.next(), words.next()) {
            (Some(_), Some(b"missing"), None) => Ok(None),
            (Some(_), Some(kind), Some(size)) => {
                let kind = Kind::parse(kind).ok_or(Error::Corrupt("cat-file kind"))?;
                let size = std::str::from_utf8(size).ok().and_then(|size| size.parse().ok());
                Ok(Some((kind, size.ok_or(Error::Corrupt("cat-file size"))?)))
            }
            _ => Err(Error::Corrupt("cat-file header")),
        }
    }

    /// Makes at least `length` unread bytes available.
    fn fill(&mut self, length: usize, deadline: Instant) -> Result<()> {
        let mut chunk = [0; 64 << 10];
        while self.buffer.len() - self.at < length {
            match self.stdout.read(&mut chunk) {
                Ok(0) => return Err(Error::Corrupt("cat-file ended")),
                Ok(read) => self
                    .buffer
                    .extend_from_slice(chunk.get(..read).unwrap_or_default()),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    wait_ready(&mut [PollFd::new(&self.stdout, PollFlags::IN)], deadline)?;
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn take(&mut self, length: usize) {
        self.at += length;
        if self.at >= self.buffer.len() {
            self.buffer.clear();
            self.at = 0;
        }
    }
}
