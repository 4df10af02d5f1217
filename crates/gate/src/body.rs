//! Bodies: read whole within a limit and a time, or left to stream.

use crate::reply::Body;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_catalogue::Operation;
use bailiwick_model::limit;
use bytes::Bytes;
use http_body::Body as _;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::sync::{Semaphore, SemaphorePermit};

/// A body that was read for the decision, or still streams.
pub(crate) enum Incoming {
    Read(Bytes),
    Streaming(Body),
}

impl Incoming {
    /// Whether it is still to come.
    pub(crate) fn is_awaited(&self) -> bool {
        matches!(self, Incoming::Streaming(body) if !body.is_end_stream())
    }
}

/// KiB of large bodies that are being read at one time, over all connections.
const READING_KIB_MAX: usize = 256 << 10;
/// Bodies up to this many bytes are read without counting.
const UNCOUNTED_BYTES_MAX: u64 = 64 << 10;
// SECURITY: what is read before the decision is anybody's: many slow bodies on many streams must not fill the memory.
static READING: Semaphore = Semaphore::const_new(READING_KIB_MAX);

/// Room for a body of which only its announced length is known.
fn room(body: &Body, limit: usize) -> Result<Option<SemaphorePermit<'static>>, Fault> {
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    let expected = body.size_hint().upper().unwrap_or(limit).min(limit);
    if expected <= UNCOUNTED_BYTES_MAX {
        return Ok(None);
    }
    let kib = u32::try_from(expected.div_ceil(1024)).unwrap_or(u32::MAX);
    READING.try_acquire_many(kib).map(Some).map_err(|_| {
        Fault::new(
            FaultKind::Unavailable,
            "body.busy",
            "too many large bodies are being read at the moment: try again in a minute",
        )
    })
}

/// Reads a body to its end, up to a limit.
pub(crate) async fn read(body: Incoming, limit: usize) -> Result<Bytes, Fault> {
    let body = match body {
        Incoming::Read(bytes) => return Ok(bytes),
        Incoming::Streaming(body) => body,
    };
    let _room = room(&body, limit)?;
    let deadline = std::time::Duration::from_secs(60);
    // In a box, so that requests of which no body is read are no larger for it.
    let collected = tokio::time::timeout(deadline, Limited::new(body, limit).collect());
    let collected = Box::pin(collected).await;
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
