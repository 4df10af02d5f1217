//! What can go wrong between a caller and a repository on disk.

use std::fmt;
use std::io;

use crate::reader::Kind;

/// The result of a call into this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call failed. Texts of git itself stay in the private half of [`Error::Git`]; do not show them to strangers.
#[derive(Debug)]
pub enum Error {
    /// The repository, ref, object or path is not there; says which.
    NotFound(&'static str),
    /// An argument is refused before git sees it; says why.
    Invalid(String),
    /// The object exists but is of another kind.
    WrongKind {
        /// What the caller needed.
        expected: Kind,
        /// What the object is.
        found: Kind,
    },
    /// The object or answer is larger than the caller's limit.
    TooLarge {
        /// Its size in bytes, where known.
        size_bytes: Option<u64>,
        /// The limit in bytes.
        limit_bytes: u64,
    },
    /// A ref is not where the caller expected it, or another writer holds it; nothing was changed.
    StaleRef(String),
    /// The file's current blob is not the one the caller expected (nothing: there is no such file).
    StaleBlob(Option<crate::Oid>),
    /// Git took longer than its limit and was killed.
    TimedOut,
    /// Git failed.
    Git {
        /// The subcommand.
        command: &'static str,
        /// Its exit code; nothing when a signal ended it.
        code: Option<i32>,
        /// The start of what it wrote to standard error.
        stderr: String,
    },
    /// What git or the disk answered makes no sense.
    Corrupt(&'static str),
    /// The operating system refused.
    Io(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound(what) => write!(f, "{what} not found"),
            Self::Invalid(why) => f.write_str(why),
            Self::WrongKind { expected, found } => write!(f, "object is a {found}, not a {expected}"),
            Self::TooLarge {
                size_bytes: Some(size),
                limit_bytes,
            } => {
                write!(f, "{size} bytes are above the limit of {limit_bytes}")
            }
            Self::TooLarge {
                size_bytes: None,
                limit_bytes,
            } => write!(f, "above the limit of {limit_bytes} bytes"),
            Self::StaleRef(name) => write!(f, "{name} is not at the expected commit"),
            Self::StaleBlob(Some(oid)) => write!(f, "the file is at {oid}"),
            Self::StaleBlob(None) => f.write_str("there is no such file"),
            Self::TimedOut => f.write_str("git took too long"),
            Self::Git { command, code, .. } => write!(f, "git {command} failed with {code:?}"),
            Self::Corrupt(what) => write!(f, "unexpected answer: {what}"),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<rustix::io::Errno> for Error {
    fn from(error: rustix::io::Errno) -> Self {
        Self::Io(error.into())
    }
}
