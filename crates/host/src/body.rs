//! A request body as a reader: decompressed as it comes, bounded in size, in growth and in waiting.

use bailiwick_authority::transfer::Pulse;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_gate::{Body, Fields};
use bailiwick_model::limit::{INFLATE_BYTES_FREE, INFLATE_RATIO_MAX, TRANSFER_IDLE_SECONDS_MAX};
use bytes::Bytes;
use flate2::write::GzDecoder;
use http::header;
use http_body::Body as _;
use std::fmt;
use std::future::Future;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::{Instant, Sleep};

/// Compressed bytes that are decompressed at one time: they may become a thousand times as many.
const INFLATE_STEP_BYTES: usize = 1024;

/// Why a body could not be read to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BodyFault {
    /// It is larger than this many bytes.
    TooLarge(u64),
    /// It grows beyond all reason when it is decompressed.
    Bomb,
    /// It is not the gzip that it says it is, or ends inside.
    Compression,
    /// Nothing came for too long.
    TooSlow,
    /// The client broke off.
    Broken,
}

impl BodyFault {
    /// The fault that an error of a [`BodyReader`] stands for.
    pub fn of(error: &io::Error) -> BodyFault {
        let known = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<BodyFault>());
        known.copied().unwrap_or(BodyFault::Broken)
    }

    /// What the client is told.
    pub fn fault(self) -> Fault {
        let (kind, code) = match self {
            BodyFault::TooLarge(_) => (FaultKind::TooLarge, "body.too_large"),
            BodyFault::Bomb => (FaultKind::TooLarge, "body.bomb"),
            BodyFault::Compression => (FaultKind::BadRequest, "body.compression"),
            BodyFault::TooSlow => (FaultKind::BadRequest, "body.too_slow"),
            BodyFault::Broken => (FaultKind::BadRequest, "body.broken"),
        };
        Fault::new(kind, code, self.to_string())
    }
}

impl fmt::Display for BodyFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BodyFault::TooLarge(limit) => write!(out, "the body is larger than {limit} bytes"),
            BodyFault::Bomb => out.write_str("the body grows too much when it is decompressed"),
            BodyFault::Compression => out.write_str("the body is not valid gzip"),
            BodyFault::TooSlow => out.write_str("the body came too slowly"),
            BodyFault::Broken => out.write_str("the body ended early"),
        }
    }
}

impl std::error::Error for BodyFault {}

impl From<BodyFault> for io::Error {
    fn from(fault: BodyFault) -> io::Error {
        io::Error::other(fault)
    }
}

/// The reader.
pub struct BodyReader {
    body: Body,
    // Compressed bytes that are not decompressed yet.
    compressed: Bytes,
    // Bytes that are not read yet.
    plain: Bytes,
    inflater: Option<GzDecoder<Vec<u8>>>,
    ended: bool,
    limit_bytes: u64,
    came_bytes: u64,
    gave_bytes: u64,
    idle: Pin<Box<Sleep>>,
    pulse: Option<Pulse>,
    stopped: Arc<OnceLock<BodyFault>>,
}

impl BodyReader {
    /// Reads a body of at most `limit_bytes`, decompressed where its headers say gzip.
    pub fn new(body: Body, headers: &Fields, limit_bytes: u64) -> Result<BodyReader, Fault> {
        let unknown = || {
            let message = "the content encoding is not known here: use gzip or none";
            Fault::new(FaultKind::BadRequest, "body.encoding", message)
        };
        let mut encodings = headers.get_all(header::CONTENT_ENCODING);
        let inflater = match (encodings.next().map(|value| value.as_bytes()), encodings.next()) {
            (None | Some(b"identity"), None) => None,
            (Some(b"gzip" | b"x-gzip"), None) => Some(GzDecoder::new(Vec::new())),
            (_, _) => return Err(unknown()),
        };
        Ok(BodyReader {
            body,
            compressed: Bytes::new(),
            plain: Bytes::new(),
            inflater,
            ended: false,
            limit_bytes,
            came_bytes: 0,
            gave_bytes: 0,
            idle: Box::pin(tokio::time::sleep(idle_limit())),
            pulse: None,
            stopped: Arc::default(),
        })
    }

    /// Tells a transfer of every piece that comes.
    pub fn beats(&mut self, pulse: Pulse) {
        self.pulse = Some(pulse);
    }

    /// Where it will be written why the body ended early, should it: git is ended then and cannot tell.
    pub fn stopped(&self) -> Arc<OnceLock<BodyFault>> {
        self.stopped.clone()
    }

    /// Decompresses a little, so that memory stays bounded whatever the ratio.
    fn inflate(&mut self) -> Result<(), BodyFault> {
        let Some(inflater) = &mut self.inflater else {
            self.plain = std::mem::take(&mut self.compressed);
            return Ok(());
        };
        let step = self
            .compressed
            .split_to(self.compressed.len().min(INFLATE_STEP_BYTES));
        inflater.write_all(&step).map_err(|_| BodyFault::Compression)?;
        self.plain = Bytes::from(std::mem::take(inflater.get_mut()));
        Ok(())
    }

    /// The last bytes of a compressed body, and its check sum.
    fn end(&mut self) -> Result<(), BodyFault> {
        self.ended = true;
        if let Some(inflater) = self.inflater.take() {
            self.plain = Bytes::from(inflater.finish().map_err(|_| BodyFault::Compression)?);
        }
        Ok(())
    }

    fn count(&mut self) -> Result<(), BodyFault> {
        self.gave_bytes = self.gave_bytes.saturating_add(self.plain.len() as u64);
        if self.gave_bytes > self.limit_bytes {
            return Err(BodyFault::TooLarge(self.limit_bytes));
        }
        let fair = self
            .came_bytes
            .saturating_mul(INFLATE_RATIO_MAX)
            .saturating_add(INFLATE_BYTES_FREE);
        if self.gave_bytes > fair {
            Err(BodyFault::Bomb)
        } else {
            Ok(())
        }
    }

    /// Brings `plain` to hold something, or to the end.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BodyFault>> {
        while self.plain.is_empty() && !self.ended {
            if !self.compressed.is_empty() {
                self.inflate()?;
                self.count()?;
                continue;
            }
            let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
                ready!(self.idle.as_mut().poll(cx));
                return Poll::Ready(Err(BodyFault::TooSlow));
            };
            self.idle.as_mut().reset(Instant::now() + idle_limit());
            if let Some(pulse) = &self.pulse {
                pulse.beat();
            }
            match frame {
                None => {
                    self.end()?;
                    self.count()?;
                }
                Some(Err(_)) => return Poll::Ready(Err(BodyFault::Broken)),
                // Trailers say nothing here.
                Some(Ok(frame)) => {
                    if let Ok(bytes) = frame.into_data() {
                        self.came_bytes = self.came_bytes.saturating_add(bytes.len() as u64);
                        self.compressed = bytes;
                    }
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for BodyReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Err(fault) = ready!(self.poll_fill(cx)) {
            return Poll::Ready(Err((*self.stopped.get_or_init(|| fault)).into()));
        }
        let step = self.plain.len().min(into.remaining());
        let bytes = self.plain.split_to(step);
        into.put_slice(&bytes);
        Poll::Ready(Ok(()))
    }
}

const fn idle_limit() -> Duration {
    Duration::from_secs(TRANSFER_IDLE_SECONDS_MAX)
}

#[cfg(test)]
mod tests;
