//! Names of refs: the rules of `git check-ref-format`, checked before a name reaches any git process.

use core::fmt;

/// The longest ref name accepted, in bytes.
pub const REF_NAME_BYTES_MAX: usize = 1024;

/// Why a ref name is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefNameFault {
    /// Longer than [`REF_NAME_BYTES_MAX`].
    TooLong,
    /// Not of the form `refs/<category>/<name>`.
    NotUnderRefs,
    /// An empty segment: a leading, trailing or doubled slash.
    EmptySegment,
    /// A segment that begins with a dot or ends with `.lock`, or a name that ends with a dot.
    DotOrLock,
    /// `..`, which git reads as a range.
    TwoDots,
    /// `@{`, which git reads as a reflog entry, or the name `@`.
    AtBrace,
    /// A control character, blank or one of `~ ^ : ? * [ \`.
    Forbidden,
    /// A branch whose short name begins with a dash or is `HEAD`.
    Reserved,
}

/// Checks a full ref name such as `refs/heads/main`.
pub fn check(name: &str) -> Result<(), RefNameFault> {
    if name.len() > REF_NAME_BYTES_MAX {
        return Err(RefNameFault::TooLong);
    }
    let rest = name.strip_prefix("refs/").ok_or(RefNameFault::NotUnderRefs)?;
    check_format(rest)?;
    if rest.contains('/') {
        Ok(())
    } else {
        Err(RefNameFault::NotUnderRefs)
    }
}

/// Checks the short name of a branch, as `git check-ref-format --branch` would.
pub fn check_branch(short: &str) -> Result<(), RefNameFault> {
    check_short(short, "refs/heads/")
}

/// Checks the short name of a tag.
pub fn check_tag(short: &str) -> Result<(), RefNameFault> {
    check_short(short, "refs/tags/")
}

fn check_short(short: &str, prefix: &str) -> Result<(), RefNameFault> {
    if short.len() + prefix.len() > REF_NAME_BYTES_MAX {
        return Err(RefNameFault::TooLong);
    }
    check_format(short)?;
    if short.starts_with('-') || short == "HEAD" {
        return Err(RefNameFault::Reserved);
    }
    Ok(())
}

fn check_format(name: &str) -> Result<(), RefNameFault> {
    let forbidden = |byte: u8| {
        byte <= b' ' || byte == 0x7f || matches!(byte, b'~' | b'^' | b':' | b'?' | b'*' | b'[' | b'\\')
    };
    if name.bytes().any(forbidden) {
        return Err(RefNameFault::Forbidden);
    }
    if name.contains("..") {
        return Err(RefNameFault::TwoDots);
    }
    if name == "@" || name.contains("@{") {
        return Err(RefNameFault::AtBrace);
    }
    if name.ends_with('.') {
        return Err(RefNameFault::DotOrLock);
    }
    for segment in name.split('/') {
        if segment.is_empty() {
            return Err(RefNameFault::EmptySegment);
        }
        if segment.starts_with('.') || segment.ends_with(".lock") {
            return Err(RefNameFault::DotOrLock);
        }
    }
    Ok(())
}

impl fmt::Display for RefNameFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "ref name is too long",
            Self::NotUnderRefs => "ref name is not of the form refs/category/name",
            Self::EmptySegment => "ref name has an empty segment",
            Self::DotOrLock => {
                "ref name has a segment that begins with a dot, ends with .lock, or ends with a dot"
            }
            Self::TwoDots => "ref name contains two dots",
            Self::AtBrace => "ref name contains @{ or is @",
            Self::Forbidden => "ref name contains a control character, a blank or one of ~ ^ : ? * [ \\",
            Self::Reserved => "branch name begins with a dash or is HEAD",
        })
    }
}

impl core::error::Error for RefNameFault {}
