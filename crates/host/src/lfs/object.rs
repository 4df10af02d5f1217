//! LFS objects themselves: download with ranges, upload with its check sum, and the check after an upload.

use super::{document, parse, path_oid};
use crate::body::{BodyFault, BodyReader};
use crate::message::git_fault;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_gate::{Answer, AnswerFuture, Call, Fields, Reply, StreamCall, streamed};
use bailiwick_git::{Error, LfsReceived, LfsUpload};
use bailiwick_model::limit::LFS_OBJECT_BYTES_MAX;
use bailiwick_wire::lfs::BatchObject;
use http::{StatusCode, header};
use serde_json::json;
use std::io::SeekFrom;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

/// Bytes that are hashed and written at one time.
const WRITE_BYTES: usize = 256 << 10;

/// `GET info/lfs/objects/{oid}`.
pub fn download(call: StreamCall) -> AnswerFuture {
    Box::pin(async move {
        let oid = path_oid(&call.request)?;
        let repository = call.authority.repository_of(&call.permit)?;
        let found = blocking(move || repository.lfs_object(&oid).map_err(git_fault)).await?;
        let (file, size) = found.ok_or_else(Fault::not_found)?;
        let lease = call.authority.transfer_begin(&call.permit)?;
        let part = match range(&call.request.headers, size) {
            Range::Whole => None,
            Range::Part(from, to) => Some((from, to)),
            Range::Unsatisfiable => {
                let mut reply = Reply::status(StatusCode::RANGE_NOT_SATISFIABLE);
                reply = reply.with(header::CONTENT_RANGE, &format!("bytes */{size}"));
                return Ok(reply);
            }
        };
        let (from, length) = part.map_or((0, size), |(from, to)| (from, to - from + 1));
        let mut file = tokio::fs::File::from_std(file);
        let sought = file.seek(SeekFrom::Start(from)).await;
        sought.map_err(|error| Fault::internal("lfs.seek", error))?;
        let body = streamed(lease.guard(file).take(length));
        let reply = Reply::stream("application/octet-stream", body)
            .with(header::CONTENT_LENGTH, &length.to_string())
            .with(header::ACCEPT_RANGES, "bytes")
            .with(header::CACHE_CONTROL, "no-cache, max-age=0, must-revalidate");
        Ok(match part {
            None => reply,
            Some((from, to)) => Reply {
                status: StatusCode::PARTIAL_CONTENT,
                ..reply
            }
            .with(header::CONTENT_RANGE, &format!("bytes {from}-{to}/{size}")),
        })
    })
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Range {
    Whole,
    // First and last byte.
    Part(u64, u64),
    Unsatisfiable,
}

/// The one range that is asked for; several, or nonsense, are answered whole, as RFC 9110 allows.
fn range(headers: &Fields, size: u64) -> Range {
    let text = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let Some((from, to)) = text
        .and_then(|text| text.strip_prefix("bytes="))
        .and_then(|text| text.split_once('-'))
    else {
        return Range::Whole;
    };
    let number = |text: &str| {
        text.parse::<u64>()
            .ok()
            .filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let last = size.saturating_sub(1);
    match (number(from), number(to)) {
        (Some(from), Some(to)) if from <= to && from < size => Range::Part(from, to.min(last)),
        (Some(from), None) if to.is_empty() && from < size => Range::Part(from, last),
        (None, Some(suffix)) if from.is_empty() && suffix > 0 && size > 0 => {
            Range::Part(size.saturating_sub(suffix), last)
        }
        (Some(_), Some(_)) | (Some(_), None) if to.is_empty() || number(to).is_some() => Range::Unsatisfiable,
        _ => Range::Whole,
    }
}

/// `PUT info/lfs/objects/{oid}`.
pub fn upload(call: StreamCall) -> AnswerFuture {
    Box::pin(async move {
        let StreamCall {
            authority,
            permit,
            request,
            body,
        } = call;
        let oid = path_oid(&request)?;
        let repository = authority.repository_of(&permit)?;
        let mut body = BodyReader::new(body, &request.headers, LFS_OBJECT_BYTES_MAX)?;
        let lease = authority.transfer_begin(&permit)?;
        body.beats(lease.pulse());
        let named = oid.clone();
        let begun = blocking(move || {
            repository
                .lfs_receive(named, LFS_OBJECT_BYTES_MAX)
                .map_err(git_fault)
        })
        .await?;
        let received = tokio::select! {
            received = receive(&mut body, begun) => received?,
            () = lease.revoked() => return Err(lease.fault()),
        };
        blocking(move || authority.lfs_store(permit, &oid, received)).await?;
        Ok(Reply::status(StatusCode::OK))
    })
}

/// Takes the body to disk; memory holds one piece at a time.
async fn receive(body: &mut BodyReader, mut upload: LfsUpload) -> Result<LfsReceived, Fault> {
    let mut piece = Vec::with_capacity(WRITE_BYTES);
    loop {
        let read = (&mut *body)
            .take(WRITE_BYTES as u64)
            .read_to_end(&mut piece)
            .await;
        read.map_err(|error| BodyFault::of(&error).fault())?;
        if piece.is_empty() {
            return blocking(move || upload.finish().map_err(upload_fault)).await;
        }
        (upload, piece) = blocking(move || {
            upload.write(&piece).map_err(upload_fault)?;
            piece.clear();
            Ok((upload, piece))
        })
        .await?;
    }
}

fn upload_fault(error: Error) -> Fault {
    match error {
        Error::Invalid(message) => Fault::new(FaultKind::Invalid, "lfs.digest", message),
        Error::TooLarge { limit_bytes, .. } => BodyFault::TooLarge(limit_bytes).fault(),
        other => git_fault(other),
    }
}

/// `POST info/lfs/objects/{oid}/verify`.
pub fn verify(call: Call) -> Answer {
    let oid = path_oid(&call.request)?;
    let object: BatchObject = parse(&call.request)?;
    if object.oid != oid.as_str() {
        return Err(Fault::new(
            FaultKind::Invalid,
            "lfs.oid",
            "the body names another object than the path",
        ));
    }
    let repository = call.authority.repository_of(&call.permit)?;
    let size = repository
        .lfs_size(&oid)
        .map_err(git_fault)?
        .ok_or_else(Fault::not_found)?;
    if u64::try_from(object.size) != Ok(size) {
        let message = format!("the object has {size} bytes");
        return Err(Fault::new(FaultKind::Invalid, "lfs.size", message));
    }
    Ok(document(
        StatusCode::OK,
        &json!({"oid": oid.as_str(), "size": size}),
    ))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    bailiwick_gate::blocking("lfs.blocking", work).await
}

#[cfg(test)]
mod tests;
