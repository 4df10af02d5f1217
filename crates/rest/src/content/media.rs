//! Which of GitHub's media types the caller accepts.

use bailiwick_gate::{Reply, Request};
use http::{HeaderName, header};

/// A form of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Media {
    /// JSON with everything in it.
    Json,
    /// The bytes themselves.
    Raw,
    /// JSON that is one object also for a directory.
    Object,
    /// The id alone.
    Sha,
    /// A difference as text.
    Diff,
    /// Commits as mails.
    Patch,
}

const FORM: HeaderName = HeaderName::from_static("x-github-media-type");

/// The form asked for; the first that is known counts.
pub(super) fn accepted(request: &Request) -> Media {
    let values = request
        .headers
        .get_all(header::ACCEPT)
        .filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .find_map(known)
        .unwrap_or(Media::Json)
}

/// `application/vnd.github[.v3].WORD[+json][; …]`.
fn known(one: &str) -> Option<Media> {
    let plain = one.split(';').next().unwrap_or_default().trim();
    let word = plain.strip_prefix("application/vnd.github.")?;
    let word = word.strip_prefix("v3.").unwrap_or(word);
    match word.split('+').next().unwrap_or_default() {
        "raw" => Some(Media::Raw),
        "object" => Some(Media::Object),
        "sha" => Some(Media::Sha),
        "diff" => Some(Media::Diff),
        "patch" => Some(Media::Patch),
        "json" | "v3" => Some(Media::Json),
        _ => None,
    }
}

/// The bytes themselves.
pub(super) fn raw(bytes: Vec<u8>) -> Reply {
    Reply::bytes(RAW, bytes).with(FORM, "github.v3; param=raw")
}

/// The content type of bytes whose kind nobody asked about.
pub(super) const RAW: &str = "application/vnd.github.raw; charset=utf-8";

/// An id alone.
pub(super) fn sha(oid: impl std::fmt::Display) -> Reply {
    Reply::bytes("application/vnd.github.sha; charset=utf-8", oid.to_string())
        .with(FORM, "github.v3; param=sha")
}

/// A difference as text.
pub(super) fn diff(bytes: Vec<u8>) -> Reply {
    Reply::bytes("application/vnd.github.diff; charset=utf-8", bytes).with(FORM, "github.v3; param=diff")
}

/// Commits as mails.
pub(super) fn patch(bytes: Vec<u8>) -> Reply {
    Reply::bytes("application/vnd.github.patch; charset=utf-8", bytes).with(FORM, "github.v3; param=patch")
}
