//! What registries of npm and Python answer, as callers are told: documents read whole, files as they come, and refusals
//! in words of this server.

use super::passing::{Passing, leased, unconditional};
use crate::{blocking, fault};
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Fault, FaultKind, PackageKey, Permit};
use bailiwick_gate::{Answer, Reply, Request};
use bailiwick_upstream::{Answer as Answered, HeaderValue, OutgoingBody, UpstreamError};
use bailiwick_wire::registry::Asks;
use bytes::Bytes;
use http::{Method, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::sync::Arc;

/// The largest document that is led home, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 64 << 20;
/// Who may keep an answer, and for how long.
// SECURITY: whatever a registry says. A cache on the way would answer others with what this caller may see.
const KEPT: &str = "private, max-age=0, must-revalidate";

/// What of the answer with a file is passed on.
fn is_of_file(name: &header::HeaderName) -> bool {
    matches!(
        *name,
        header::CONTENT_LENGTH
            | header::CONTENT_RANGE
            | header::ACCEPT_RANGES
            | header::ETAG
            | header::LAST_MODIFIED
    )
}

/// Makes a request one for a document that is read here: in no coding, and whole.
pub fn for_document(request: &mut Request) {
    unconditional(request);
    request.headers.remove(header::ACCEPT_ENCODING);
}

/// Makes a request one for a file as it lies there.
pub fn for_file(request: &mut Request) {
    request.headers.remove(header::ACCEPT_ENCODING);
    request
        .headers
        .insert(header::ACCEPT, HeaderValue::from_static("*/*"));
}

/// Makes a request one that brings a body of a type.
// SECURITY: of the body as it was read here, whatever type or coding the caller names.
pub fn bringing(request: &mut Request, content_type: HeaderValue) {
    for_document(request);
    request.headers.remove(header::CONTENT_ENCODING);
    request.headers.remove(header::USER_AGENT);
    request.headers.insert(header::CONTENT_TYPE, content_type);
}

/// Asks for a document, and reads it.
pub async fn document(passing: &Passing, target: String) -> Result<(Bytes, Option<HeaderValue>), Fault> {
    let answer = passing.ask_by(Method::GET, target, OutgoingBody::Nothing).await?;
    check(&passing.upstream, answer.status)?;
    let kind = answer.headers.get(header::CONTENT_TYPE).cloned();
    if answer.headers.contains_key(header::CONTENT_ENCODING) {
        let error = UpstreamError::Malformed("a coding that was not asked for");
        return Err(fault::of_error(&passing.upstream, &error));
    }
    let bytes = match Limited::new(answer.body, DOCUMENT_BYTES_MAX).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) => {
            let error = if error.is::<LengthLimitError>() {
                UpstreamError::TooLarge
            } else {
                UpstreamError::Malformed("a document that ends early")
            };
            return Err(fault::of_error(&passing.upstream, &error));
        }
    };
    Ok((bytes, kind))
}

/// A document of ours as the caller gets it.
pub fn told(content_type: &'static str, bytes: impl Into<Bytes>) -> Reply {
    Reply::bytes(content_type, bytes)
        .with(header::CACHE_CONTROL, KEPT)
        .with(header::VARY, "accept, authorization")
}

/// Asks for a file, which is passed on as it comes.
pub async fn file(passing: &Passing, target: String) -> Answer {
    let (answer, lease) = passing.download(target).await?;
    // What the caller has already, and what is none of its ranges.
    let passes = matches!(
        answer.status,
        StatusCode::NOT_MODIFIED | StatusCode::RANGE_NOT_SATISFIABLE | StatusCode::PRECONDITION_FAILED
    );
    if !passes {
        check(&passing.upstream, answer.status)?;
    }
    let mut reply = leased(passing.reply(answer).await?, lease);
    reply.headers.retain(is_of_file);
    // SECURITY: never as a page: what somebody published would run under this server's address.
    Ok(reply
        .with(header::CONTENT_TYPE, "application/octet-stream")
        .with(header::CACHE_CONTROL, KEPT)
        .with(header::VARY, "authorization"))
}

/// Asks for a change of what was recorded, and tells whether the registry made it.
pub async fn changed(passing: &Passing, target: String, body: OutgoingBody) -> Result<Answered, Fault> {
    let answer = passing.ask(target, body).await?;
    check(&passing.upstream, answer.status)?;
    Ok(answer)
}

/// Refuses what is no answer to what was asked.
pub fn check(upstream: &Upstream, status: StatusCode) -> Result<(), Fault> {
    if status.is_success() {
        return Ok(());
    }
    let name = &upstream.name;
    Err(match status {
        // An index that has no such project sends clients elsewhere, to whoever has taken the name there.
        StatusCode::NOT_FOUND | StatusCode::GONE => Fault::new(
            FaultKind::NotFound,
            "registry.not_there",
            format!("the registry {name} has no such package, version or file"),
        ),
        StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => fault::credential_refused(upstream),
        StatusCode::CONFLICT => Fault::conflict(
            "registry.conflict",
            format!("the registry {name} says that this already exists, or has changed meanwhile"),
        ),
        StatusCode::PAYLOAD_TOO_LARGE => Fault::new(
            FaultKind::TooLarge,
            "registry.too_large",
            format!("this is more than the registry {name} takes"),
        ),
        status if status.is_client_error() => Fault::new(
            FaultKind::BadRequest,
            "registry.refused",
            format!(
                "the registry {name} does not take this: it answers {}",
                status.as_u16()
            ),
        ),
        status => Fault::new(
            FaultKind::BadGateway,
            "registry.failed",
            format!("the registry {name} does not answer as one: {}", status.as_u16()),
        ),
    })
}

/// The package that was decided on.
pub fn package(permit: &Permit) -> Result<PackageKey, Fault> {
    let package = permit.gathered().names.package.clone();
    package.ok_or_else(Fault::not_found)
}

/// Decides, for the same caller, what a request turned out to be, and goes on with that.
pub async fn decided(passing: Passing, asks: Asks, package: PackageKey) -> Result<Passing, Fault> {
    let operation = bailiwick_catalogue::by_id(asks.id()).ok_or_else(Fault::not_found)?;
    let index = operation.index;
    let passing = Arc::new(passing);
    let asking = passing.clone();
    let permit = blocking(move || asking.authority.also_package(asking.permit(), index, package)).await?;
    let passing = Arc::into_inner(passing)
        .ok_or_else(|| Fault::internal("registry.decided", "a request is still being decided"))?;
    Passing::new(passing.authority, permit, passing.request, &passing.upstream).await
}

/// A body that says two things, or not what its address says.
pub fn unfit(code: &'static str, message: &str) -> Fault {
    Fault::new(FaultKind::BadRequest, code, message)
}
