//! Uploads of blobs: begun, gone on with in pieces, finished, given up; and blobs taken over from another image. The
//! addresses that clients get are ours, good for the credential that began the upload, and for this image.

use super::extent::{self, Extent};
use super::{DIGEST, VERSION, errors};
use crate::exchange::{body_of, cut_off};
use crate::git::{Leased, Towards};
use crate::registry::passing::{Passing, upload_bytes_max};
use crate::registry::turn::Turn;
use crate::{blocking, fault};
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::upstream::place::{Location, upstream_of};
use bailiwick_authority::{Authority, Fault, FaultKind, PackageKey, Permit};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Body, Reply, StreamCall};
use bailiwick_model::RegistryKind;
use bailiwick_upstream::{Answer as Answered, Fields, HeaderValue, OutgoingBody, UpstreamError};
use bailiwick_wire::oci::{Call, Digest, Name, Start};
use bailiwick_wire::registry::PackageName;
use http::{Method, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Begins an upload, with a blob that is there already or with the whole of one.
pub async fn start(call: StreamCall, upstream: &Arc<Upstream>, name: &Name, start: Start) -> Answer {
    let StreamCall {
        authority,
        permit,
        request,
        body,
    } = call;
    let (permit, start) = match start {
        Start::Mount(digest, Some(from)) => {
            let (permit, readable) = source(&authority, permit, upstream, &from, &digest).await?;
            let start = if readable {
                Start::Mount(digest, Some(from))
            } else {
                // As a registry answers that does not have the blob there.
                Start::Session
            };
            (permit, start)
        }
        other => (permit, other),
    };
    let passing = Passing::new(authority, permit, request, upstream).await?;
    passing.begin().await?;
    let done = begun(&passing, name, start, body).await;
    passing.settled(done).await
}

async fn begun(passing: &Passing, name: &Name, start: Start, body: Body) -> Answer {
    // Nothing is stored under a name whose owner is not kept by its id.
    let bound = passing.permit().gathered().package.as_ref();
    if bound.is_none_or(|package| package.id.is_none()) {
        passing.package_begin().await?;
    }
    let (asked, whole) = match start {
        Start::Whole(digest) => (Start::Session, Some(digest)),
        other => (other, None),
    };
    let mounted = match &asked {
        Start::Mount(digest, _) => Some(digest.clone()),
        Start::Session | Start::Whole(_) => None,
    };
    let target = Call::UploadStart(asked)
        .target(name)
        .ok_or_else(Fault::not_found)?;
    let nothing = OutgoingBody::Whole(bytes::Bytes::new());
    let answer = passing.ask_by(Method::POST, target, nothing).await?;
    match (answer.status, mounted, whole) {
        (StatusCode::CREATED, Some(digest), _) => Ok(created(passing, name, &digest)),
        (StatusCode::ACCEPTED, _, None) => {
            if upload_bytes_max(&passing.upstream).is_some() {
                let session = session(passing, &answer)?;
                extent::note(&passing.upstream, &session, Some(0))?;
            }
            accepted(passing, name, &answer, StatusCode::ACCEPTED)
        }
        (StatusCode::ACCEPTED, _, Some(digest)) => {
            let session = session(passing, &answer)?;
            let piece = Piece {
                session,
                room: upload_bytes_max(&passing.upstream),
                counted: false,
            };
            finished(passing, name, piece, &digest, body).await
        }
        _ => refused(passing, answer).await,
    }
}

/// Goes on with an upload.
pub async fn go_on(call: StreamCall, upstream: &Arc<Upstream>, name: &Name, asked: &Call) -> Answer {
    let StreamCall {
        authority,
        permit,
        request,
        body,
    } = call;
    let writes = permit.operation().writes;
    let passing = Passing::new(authority, permit, request, upstream).await?;
    let (Call::UploadStatus(id) | Call::UploadChunk(id) | Call::UploadFinish(id, _) | Call::UploadCancel(id)) =
        asked
    else {
        return Err(Fault::not_found());
    };
    let opened = passing
        .authority
        .open_upload(passing.permit(), upstream.id, name.as_str(), id);
    let session = match opened {
        Ok(session) => session,
        Err(fault) => return unknown(&passing, fault).await,
    };
    if writes {
        passing.begin().await?;
    }
    let answer = match asked {
        Call::UploadFinish(_, _) | Call::UploadChunk(_) => next(&passing, name, (asked, session), body).await,
        Call::UploadCancel(_) => cancelled(&passing, session).await,
        _ => return status(&passing, name, session).await,
    };
    passing.settled(answer).await
}

/// An upload that this caller has not: the log knows why, the caller is told what it is told of one that never was.
async fn unknown(passing: &Passing, fault: Fault) -> Answer {
    let fault = passing.failed(fault).await;
    if fault.kind == FaultKind::NotFound {
        return Ok(errors::refusal(StatusCode::NOT_FOUND, "BLOB_UPLOAD_UNKNOWN"));
    }
    Err(fault)
}

async fn status(passing: &Passing, name: &Name, session: String) -> Answer {
    let answer = passing
        .ask_by(Method::GET, session, OutgoingBody::Nothing)
        .await?;
    if answer.status == StatusCode::NO_CONTENT {
        return accepted(passing, name, &answer, StatusCode::NO_CONTENT);
    }
    refused(passing, answer).await
}

/// A piece of a blob on its way into an upload.
struct Piece {
    /// The registry's own address of the upload.
    session: String,
    /// What the upload may still take, in bytes; no end where nothing is set.
    room: Option<u64>,
    /// Whether nothing but the answer to it tells how far the upload is then.
    counted: bool,
}

/// Takes the next piece of an upload, or its last.
// SECURITY: the settings bound a blob, in however many pieces it comes. One piece at a time, or two would each get the room
// that is left.
async fn next(passing: &Passing, name: &Name, (asked, session): (&Call, String), body: Body) -> Answer {
    let mut piece = Piece {
        session,
        room: None,
        counted: false,
    };
    let mut turn = None;
    if let Some(limit) = upload_bytes_max(&passing.upstream) {
        turn = Some(Turn::take_again(&passing.upstream, extent::path(&piece.session))?);
        let there = match extent::of(passing, &piece.session).await? {
            Ok(there) => there,
            Err(refusal) => return Ok(refusal),
        };
        // Kept no longer than it is so: of a piece that breaks off, nobody knows how much has come.
        extent::note(&passing.upstream, &piece.session, None)?;
        piece.room = Some(limit.saturating_sub(there.bytes()));
        piece.counted = matches!(there, Extent::Counted(_));
    }
    let answer = match asked {
        Call::UploadFinish(_, digest) => finished(passing, name, piece, digest, body).await,
        _ => chunk(passing, name, piece, body).await,
    };
    drop(turn);
    answer
}

async fn chunk(passing: &Passing, name: &Name, piece: Piece, body: Body) -> Answer {
    let (target, counted) = (piece.session.clone(), piece.counted);
    let answer = sent(passing, (Method::PATCH, target), piece, body).await?;
    if !matches!(answer.status, StatusCode::ACCEPTED | StatusCode::NO_CONTENT) {
        return refused(passing, answer).await;
    }
    let upstream = &passing.upstream;
    if let Some(limit) = upload_bytes_max(upstream) {
        let now = session(passing, &answer)?;
        match extent::length(&answer) {
            Some(bytes) if bytes > limit => return given_up(passing, now, too_large(limit)).await,
            Some(bytes) if counted => extent::note(upstream, &now, Some(bytes))?,
            None if counted => return given_up(passing, now, extent::untold(upstream)).await,
            Some(_) | None => {}
        }
    }
    accepted(passing, name, &answer, StatusCode::ACCEPTED)
}

async fn finished(passing: &Passing, name: &Name, piece: Piece, digest: &Digest, body: Body) -> Answer {
    let session = &piece.session;
    let mark = if session.contains('?') { '&' } else { '?' };
    let target = format!("{session}{mark}digest={}", digest.in_query());
    let answer = sent(passing, (Method::PUT, target), piece, body).await?;
    if answer.status != StatusCode::CREATED {
        return refused(passing, answer).await;
    }
    let said = answer.headers.get(DIGEST).map(HeaderValue::as_bytes);
    if said.is_some_and(|said| said != digest.as_str().as_bytes()) {
        let error = UpstreamError::Malformed("another digest than was sent");
        return Err(fault::of_error(&passing.upstream, &error));
    }
    Ok(created(passing, name, digest))
}

async fn cancelled(passing: &Passing, session: String) -> Answer {
    extent::note(&passing.upstream, &session, None)?;
    let answer = passing
        .ask_by(Method::DELETE, session, OutgoingBody::Nothing)
        .await?;
    if answer.status.is_success() {
        return Ok(Reply::no_content());
    }
    refused(passing, answer).await
}

/// Sends a body on, for as long as the upload is allowed and has room.
async fn sent(
    passing: &Passing,
    (method, target): (Method, String),
    piece: Piece,
    body: Body,
) -> Result<Answered, Fault> {
    let lease = Arc::new(passing.authority.transfer_begin(passing.permit())?);
    let request = &passing.request;
    let room = piece.room.unwrap_or(u64::MAX);
    let larger = || too_large(upload_bytes_max(&passing.upstream).unwrap_or_default());
    let over = Arc::new(AtomicBool::new(false));
    let body = match body_of(&request.method, &request.headers, body).await? {
        OutgoingBody::Stream(_, Some(length)) if length > room => {
            return given_up(passing, piece.session, larger()).await;
        }
        OutgoingBody::Whole(bytes) if bytes.len() as u64 > room => {
            return given_up(passing, piece.session, larger()).await;
        }
        OutgoingBody::Stream(body, length) => {
            let over = over.clone();
            let body = Limited::new(body, usize::try_from(room).unwrap_or(usize::MAX));
            let body = Body::new(body.map_err(move |error| {
                over.fetch_or(error.is::<LengthLimitError>(), Ordering::Relaxed);
                std::io::Error::other(error)
            }));
            let guarded = Leased::new(body, lease.clone(), Towards::Upstream);
            OutgoingBody::Stream(guarded.boxed_unsync(), length)
        }
        OutgoingBody::Nothing => OutgoingBody::Whole(bytes::Bytes::new()),
        whole @ OutgoingBody::Whole(_) => whole,
    };
    passing.still().await?;
    let answer = passing.ask_by(method, target, body).await;
    if over.load(Ordering::Relaxed) {
        return given_up(passing, piece.session, larger()).await;
    }
    cut_off(&lease)?;
    answer
}

/// Ends an upload that cannot be kept within what the settings allow.
async fn given_up<T>(passing: &Passing, session: String, fault: Fault) -> Result<T, Fault> {
    // Whether it is gone there at once plays no part: it cannot be gone on with.
    let (headers, nothing) = (Fields::default(), OutgoingBody::Nothing);
    let _answer = passing
        .ask_with(Method::DELETE, session, &headers, nothing)
        .await?;
    Err(fault)
}

fn too_large(limit: u64) -> Fault {
    Fault::new(
        FaultKind::TooLarge,
        "registry.too_large",
        format!("a blob here has at most {limit} bytes; an administrator can change that"),
    )
}

/// Whether a blob may be taken over: whoever mounts it could read it from here on.
// SECURITY: decided as a download from there. A refusal is in the log, and nowhere else: the client is told what it is told
// of a blob that is not there.
async fn source(
    authority: &Arc<Authority>,
    permit: Permit,
    upstream: &Arc<Upstream>,
    from: &Name,
    digest: &Digest,
) -> Result<(Permit, bool), Fault> {
    let key = PackageKey {
        registry: RegistryKind::Oci,
        upstream: None,
        name: PackageName::plain(from.as_str()),
        version: Some(digest.to_string()),
    };
    let asking = authority.clone();
    let (permit, decided) = blocking(move || {
        let decided = asking.also_package(&permit, op::OCI_BLOB_GET, key);
        Ok((permit, decided))
    })
    .await?;
    let readable = match decided {
        Ok(there) if upstream_of(&there) == Some(Location::Of(upstream.id)) => {
            authority.check_fresh(upstream, &there)?;
            let mut witness = authority.witness(&there);
            if let Some(receipt) = authority.record_outcome(&mut witness, None) {
                receipt.durable().await?;
            }
            true
        }
        Ok(_) => false,
        Err(mut fault) => {
            let Some(refused) = fault.take_refused() else {
                return Err(fault);
            };
            if let Some(receipt) = authority.record_refusal(&refused) {
                receipt.durable().await?;
            }
            false
        }
    };
    Ok((permit, readable))
}

/// The registry's own address of an upload, below its base.
// SECURITY: an address elsewhere would be sent the blob, and perhaps the gateway's credential.
fn session(passing: &Passing, answer: &Answered) -> Result<String, Fault> {
    let location = answer
        .headers
        .get(header::LOCATION)
        .and_then(|value| value.to_str().ok());
    let address = passing.upstream.web()?.address();
    location
        .and_then(|location| address.below(location))
        .filter(|below| below.starts_with("/v2/") && !below.contains('#'))
        .map(str::to_owned)
        .ok_or_else(|| {
            let error = UpstreamError::Malformed("an upload without an address there");
            fault::of_error(&passing.upstream, &error)
        })
}

/// The upload goes on, at an address of ours.
fn accepted(passing: &Passing, name: &Name, answer: &Answered, status: StatusCode) -> Answer {
    let session = session(passing, answer)?;
    let id = passing
        .authority
        .seal_upload(passing.permit(), passing.upstream.id, name.as_str(), &session)?;
    let address = format!("{}/v2/{name}/blobs/uploads/{id}", passing.request.base_url);
    let mut reply = Reply::status(status).with(header::LOCATION, &address);
    if let Some(range) = extent::range(answer) {
        reply = reply.with(header::RANGE, &range);
    }
    Ok(reply.with(VERSION, "registry/2.0"))
}

fn created(passing: &Passing, name: &Name, digest: &Digest) -> Reply {
    let address = format!("{}/v2/{name}/blobs/{digest}", passing.request.base_url);
    Reply::status(StatusCode::CREATED)
        .with(header::LOCATION, &address)
        .with(DIGEST, digest.as_str())
        .with(VERSION, "registry/2.0")
}

/// Whatever was not expected: the registry's refusal in our words, or a fault.
pub async fn refused(passing: &Passing, answer: Answered) -> Answer {
    let reply = errors::told(&passing.upstream, passing.reply(answer).await?).await?;
    if reply.status.is_client_error() {
        return Ok(reply);
    }
    let error = UpstreamError::Malformed("an answer that fits no upload");
    Err(fault::of_error(&passing.upstream, &error))
}
