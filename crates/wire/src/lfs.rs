//! Git LFS documents (batch API and locking API, git-lfs `docs/api`): what clients send, checked, and ids of objects.
//! Answers are written by the surface, which knows its own addresses.

use core::fmt;
use serde::{Deserialize, Deserializer};

/// The media type of every LFS document.
pub const MEDIA_TYPE: &str = "application/vnd.git-lfs+json";

/// The id of an LFS object: the SHA-256 of its bytes as 64 lower-case hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct LfsOid(String);

/// The text is not 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnLfsOid;

impl LfsOid {
    /// Reads an id. Upper case is refused: one object has one name.
    pub fn parse(text: &str) -> Result<LfsOid, NotAnLfsOid> {
        let good = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if good {
            Ok(LfsOid(text.to_owned()))
        } else {
            Err(NotAnLfsOid)
        }
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first two pairs of digits: the two levels of directories that objects lie in.
    pub fn fan_out(&self) -> (&str, &str) {
        (
            self.0.get(..2).unwrap_or_default(),
            self.0.get(2..4).unwrap_or_default(),
        )
    }

    /// Whether this is the name of that SHA-256.
    pub fn is_digest(&self, digest: &[u8]) -> bool {
        let mut text = String::with_capacity(64);
        for byte in digest {
            text.push_str(&format!("{byte:02x}"));
        }
        text == self.0
    }
}

impl fmt::Display for LfsOid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// One object of a batch, as the client wrote it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct BatchObject {
    /// Its id, unchecked: a bad one is an error of that object alone.
    pub oid: String,
    /// Its size in bytes.
    pub size: i64,
}

impl BatchObject {
    /// The id and the size, if both can be, up to a largest size.
    pub fn checked(&self, size_max: u64) -> Result<(LfsOid, u64), ObjectFault> {
        let oid = LfsOid::parse(&self.oid).map_err(|_| ObjectFault::Oid)?;
        let size = u64::try_from(self.size).map_err(|_| ObjectFault::Size)?;
        if size > size_max {
            Err(ObjectFault::TooLarge(size_max))
        } else {
            Ok((oid, size))
        }
    }
}

/// Why one object of a batch cannot be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ObjectFault {
    /// The id is not 64 lower-case hexadecimal digits.
    Oid,
    /// The size is negative.
    Size,
    /// The size is above this limit.
    TooLarge(u64),
}

impl fmt::Display for ObjectFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ObjectFault::Oid => out.write_str("the oid is not 64 lower-case hexadecimal digits"),
            ObjectFault::Size => out.write_str("the size is negative"),
            ObjectFault::TooLarge(limit) => write!(out, "the object is larger than {limit} bytes"),
        }
    }
}

/// A ref as clients name it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct RefName {
    /// `refs/heads/main`.
    pub name: String,
}

/// A batch.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Batch {
    /// `download` or `upload`; the router has looked at it.
    pub operation: String,
    /// The ways of transfer that the client knows; nothing means basic.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub transfers: Vec<String>,
    /// The objects.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub objects: Vec<BatchObject>,
    /// How objects are named; nothing means `sha256`.
    pub hash_algo: Option<String>,
    /// The ref that the client is on.
    pub r#ref: Option<RefName>,
}

impl Batch {
    /// Whether the client can take what is offered here: the basic transfer.
    pub fn takes_basic(&self) -> bool {
        self.transfers.is_empty() || self.transfers.iter().any(|name| name == "basic")
    }

    /// Whether objects are named as they are here.
    pub fn is_sha256(&self) -> bool {
        self.hash_algo.as_deref().is_none_or(|name| name == "sha256")
    }
}

/// A request for a lock.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct LockRequest {
    /// The path, unchecked.
    pub path: String,
    /// The ref that the client is on.
    pub r#ref: Option<RefName>,
}

/// A request to give a lock up.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
pub struct UnlockRequest {
    /// Whether somebody else's lock is meant.
    #[serde(default)]
    pub force: bool,
}

/// A request for the locks as the client's own and others'.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
pub struct VerifyLocksRequest {
    /// Where to go on.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many at the most.
    #[serde(default)]
    pub limit: Option<i64>,
    /// The ref that the client is on.
    #[serde(default)]
    pub r#ref: Option<RefName>,
}

/// Some clients write `null` for an empty list.
fn null_is_empty<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<T>>::deserialize(from)?.unwrap_or_default())
}

/// Why a path cannot be locked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PathFault {
    /// Empty or longer than the limit.
    Length,
    /// Absolute, with `.`, `..` or an empty segment, or with a backslash.
    Ambiguous,
    /// A control character.
    Control,
}

impl fmt::Display for PathFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            PathFault::Length => "the path is empty or too long",
            PathFault::Ambiguous => "the path is not a plain path below the root of the repository",
            PathFault::Control => "the path contains a control character",
        })
    }
}

/// Checks a path that is to be locked: one file has one name.
pub fn check_lock_path(path: &str, bytes_max: usize) -> Result<(), PathFault> {
    if path.is_empty() || path.len() > bytes_max {
        return Err(PathFault::Length);
    }
    if path.chars().any(char::is_control) {
        return Err(PathFault::Control);
    }
    let doubtful = |segment: &str| matches!(segment, "" | "." | "..");
    if path.contains('\\') || path.split('/').any(doubtful) {
        return Err(PathFault::Ambiguous);
    }
    Ok(())
}
