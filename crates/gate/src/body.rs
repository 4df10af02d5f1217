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
    match body {
        Incoming::Read(bytes) => Ok(bytes),
        Incoming::Streaming(body) => read_body(body, limit).await,
    }
}

/// Reads what a client sends to its end, up to a limit and within a minute.
// SECURITY: whoever waits for a body is busy, so no limit of idle connections ends it.
pub async fn read_body(body: Body, limit: usize) -> Result<Bytes, Fault> {
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

#[cfg(test)]
mod tests {
    use super::read_body;
    use crate::reply::streamed;
    use std::time::Duration;
    use tokio::io::AsyncWriteExt as _;
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let (mut feed, source) = tokio::io::duplex(64);
        feed.write_all(b"abc").await.unwrap();
        let begun = Instant::now();
        let read = read_body(streamed(source), 100).await;
        assert_eq!(read.map_err(|fault| fault.code), Err("body.too_slow"));
        assert_eq!(begun.elapsed().as_secs(), 60);
        drop(feed);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_comes_whole_and_within_its_limit() {
        for (limit, expected) in [(6, Ok("abcdef")), (5, Err("body.too_large"))] {
            let (mut feed, source) = tokio::io::duplex(64);
            tokio::spawn(async move {
                feed.write_all(b"abc").await.unwrap();
                tokio::time::sleep(Duration::from_secs(50)).await;
                feed.write_all(b"def").await.unwrap();
            });
            let read = read_body(streamed(source), limit).await;
            assert_eq!(read.map_err(|fault| fault.code), expected.map(bytes::Bytes::from));
        }
    }
}
