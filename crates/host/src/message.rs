//! What Git's two services have in common over HTTP: media types, versions, headers that forbid caching, faults.

use bailiwick_authority::{Fault, FaultKind};
use bailiwick_gate::{Body, Fields, Reply};
use bailiwick_git::{ProtocolVersion, Service};
use http::header;

/// The version that a client asks for: the highest one in its header that is known here. Words that are not known
/// are for other servers, as Git says; they never reach git.
pub fn protocol(headers: &Fields) -> ProtocolVersion {
    let Some(value) = headers.get("git-protocol") else {
        return ProtocolVersion::V0;
    };
    let rank = |version: &ProtocolVersion| match version {
        ProtocolVersion::V0 => 0,
        ProtocolVersion::V1 => 1,
        ProtocolVersion::V2 => 2,
    };
    let words = value.as_bytes().split(|byte| *byte == b':');
    let known = words.filter_map(|word| ProtocolVersion::parse(Some(word)).ok());
    known.max_by_key(rank).unwrap_or_default()
}

/// Refuses a body that is not a request of this service: what was permitted is that service alone.
pub fn check_content_type(headers: &Fields, service: Service) -> Result<(), Fault> {
    let expected = match service {
        Service::UploadPack => "application/x-git-upload-pack-request",
        Service::ReceivePack => "application/x-git-receive-pack-request",
    };
    let mut given = headers.get_all(header::CONTENT_TYPE);
    let one = given
        .next()
        .is_some_and(|value| value.as_bytes() == expected.as_bytes());
    if one && given.next().is_none() {
        return Ok(());
    }
    let message = format!("the content type must be {expected}");
    Err(Fault::new(FaultKind::BadRequest, "git.content_type", message))
}

/// An answer of a service.
pub fn reply(service: Service, advertisement: bool, body: Body) -> Reply {
    let content_type = match (service, advertisement) {
        (Service::UploadPack, true) => "application/x-git-upload-pack-advertisement",
        (Service::UploadPack, false) => "application/x-git-upload-pack-result",
        (Service::ReceivePack, true) => "application/x-git-receive-pack-advertisement",
        (Service::ReceivePack, false) => "application/x-git-receive-pack-result",
    };
    Reply::stream(content_type, body)
        .with(header::CACHE_CONTROL, "no-cache, max-age=0, must-revalidate")
        .with(header::EXPIRES, "Fri, 01 Jan 1980 00:00:00 GMT")
        .with(header::PRAGMA, "no-cache")
}

/// The fault of a request that git itself could not make sense of.
pub fn malformed(why: impl std::fmt::Display) -> Fault {
    Fault::new(
        FaultKind::BadRequest,
        "git.malformed",
        format!("malformed request: {why}"),
    )
}

/// A failure of git that is none of the client's.
pub fn git_fault(error: bailiwick_git::Error) -> Fault {
    let detail = match &error {
        bailiwick_git::Error::Git { stderr, .. } => format!("{error}: {stderr}"),
        _ => error.to_string(),
    };
    Fault::internal("git.failed", detail)
}
