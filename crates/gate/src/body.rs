//! Bodies: read whole within a limit and a time, or left to stream.

use crate::reply::Body;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_catalogue::Operation;
use bailiwick_model::limit;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};

/// A body that was read for the decision, or still streams.
pub(crate) enum Incoming {
    Read(Bytes),
    Streaming(Body),
}

/// Reads a body to its end, up to a limit.
pub(crate) async fn read(body: Incoming, limit: usize) -> Result<Bytes, Fault> {
    let body = match body {
        Incoming::Read(bytes) => return Ok(bytes),
        Incoming::Streaming(body) => body,
    };
    let deadline = std::time::Duration::from_secs(60);
    let collected = tokio::time::timeout(deadline, Limited::new(body, limit).collect()).await;
    match collected {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.downcast_ref::<LengthLimitError>().is_some() => Err(Fault::new(
            FaultKind::TooLarge,
            "body.too_large",
            format!("the body is larger than {limit} bytes"),
        )),
        Ok(Err(_)) => Err(Fault::new(
            FaultKind::BadRequest,
            "body.broken",
            "the body ended early",
        )),
        Err(_) => Err(Fault::new(
            FaultKind::BadRequest,
            "body.too_slow",
            "the body came too slowly",
        )),
    }
}

/// The largest body of an operation.
pub(crate) fn body_limit(operation: &Operation) -> usize {
    match operation.id {
        "repos/create-or-update-file-contents" | "git/create-blob" | "git/create-tree" => {
            limit::CONTENT_BODY_BYTES_MAX
        }
        _ => limit::JSON_BODY_BYTES_MAX,
    }
}
