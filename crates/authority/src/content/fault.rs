//! What the repository says, as faults. Texts of git itself go to the log, never to a caller.

use crate::fault::{Fault, FaultKind};
use bailiwick_git::Error;

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        match error {
            Error::NotFound(_) | Error::WrongKind { .. } => Fault::not_found(),
            Error::Invalid(why) => Fault::new(FaultKind::Invalid, "git.invalid", why),
            Error::TooLarge { .. } => too_large("Blob", "data"),
            Error::StaleRef(name) => Fault::conflict(
                "git.stale_ref",
                format!("{name} was moved meanwhile; read it and try again"),
            ),
            Error::StaleBlob(_) => Fault::conflict("git.stale_blob", "the file was changed meanwhile"),
            Error::TimedOut => Fault::new(
                FaultKind::Unavailable,
                "git.timeout",
                "Server Error: Sorry, this took too long",
            ),
            Error::Git {
                command,
                code,
                stderr,
            } => Fault::internal("git", format!("git {command} ended with {code:?}: {stderr}")),
            error @ (Error::Corrupt(_) | Error::Io(_)) => Fault::internal("git", error),
        }
    }
}

/// GitHub's answer about what is too large for the API.
pub(crate) fn too_large(resource: &'static str, field: &str) -> Fault {
    let message = "The requested blob is too large to fetch via the API, but you can always clone the repository via Git.";
    Fault::forbidden("git.too_large", message).with(resource, field, "too_large", "")
}
