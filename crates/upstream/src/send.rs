//! The request's half of an exchange: written at once when it is whole, beside the answer when it streams.

use crate::connection::{Connection, Wire};
use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncWrite, AsyncWriteExt, WriteHalf};
use tokio::task::JoinHandle;

/// Bytes that are written, and counted, at one time.
const PIECE_BYTES: usize = 64 << 10;

/// The body of a request.
pub enum OutgoingBody {
    /// None, and no length either: GET, HEAD, DELETE without a body.
    Nothing,
    /// All of it.
    Whole(Bytes),
    /// A stream, with its length where that is known.
    Stream(UnsyncBoxBody<Bytes, io::Error>, Option<u64>),
}

impl std::fmt::Debug for OutgoingBody {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            OutgoingBody::Nothing => out.write_str("Nothing"),
            OutgoingBody::Whole(bytes) => write!(out, "Whole({} bytes)", bytes.len()),
            OutgoingBody::Stream(_, length) => write!(out, "Stream({length:?})"),
        }
    }
}

/// Why a streaming body did not reach its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stopped {
    /// The caller's side broke.
    Caller,
    /// The upstream took no more.
    Upstream,
}

/// A streaming body on its way, in a task of its own. Dropped, it is broken off.
#[derive(Debug)]
pub(crate) struct Sending {
    // How much was sent when somebody last looked, and by now.
    seen: u64,
    sent: Arc<AtomicU64>,
    task: JoinHandle<Result<WriteHalf<Wire>, Stopped>>,
    ended: Option<Result<WriteHalf<Wire>, Stopped>>,
}

impl Sending {
    pub(crate) fn start(
        half: WriteHalf<Wire>,
        head: BytesMut,
        body: UnsyncBoxBody<Bytes, io::Error>,
        length: Option<u64>,
    ) -> Sending {
        let sent = Arc::new(AtomicU64::new(0));
        Sending {
            seen: 0,
            sent: sent.clone(),
            task: tokio::spawn(stream(half, head, body, length, sent)),
            ended: None,
        }
    }

    fn poll_ended(&mut self, cx: &mut Context<'_>) {
        if self.ended.is_none()
            && let Poll::Ready(ended) = Pin::new(&mut self.task).poll(cx)
        {
            // A body that panics is the caller's.
            self.ended = Some(ended.unwrap_or(Err(Stopped::Caller)));
        }
    }

    /// Whether the caller's side broke off.
    pub(crate) fn poll_broken(&mut self, cx: &mut Context<'_>) -> bool {
        self.poll_ended(cx);
        matches!(self.ended, Some(Err(Stopped::Caller)))
    }

    /// Resolves when the caller's side has broken off, and never otherwise.
    pub(crate) async fn broken(&mut self) {
        std::future::poll_fn(|cx| {
            if self.poll_broken(cx) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    /// Whether anything was sent since the last look.
    pub(crate) fn moves(&mut self) -> bool {
        let sent = self.sent.load(Ordering::Relaxed);
        let moves = sent != self.seen;
        self.seen = sent;
        moves
    }

    /// Whether everything was sent by now.
    pub(crate) fn is_done(&mut self) -> bool {
        let look = tokio::task::unconstrained(std::future::poll_fn(|cx| {
            self.poll_ended(cx);
            Poll::Ready(())
        }));
        let _ = std::pin::pin!(look).poll(&mut Context::from_waker(std::task::Waker::noop()));
        matches!(self.ended, Some(Ok(_)))
    }

    /// The whole connection again, if everything was sent.
    pub(crate) fn rejoin(mut self, connection: Connection) -> Option<Connection> {
        self.is_done();
        match self.ended.take() {
            Some(Ok(half)) => connection.join(half),
            Some(Err(_)) | None => None,
        }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Writes a head and a streaming body. Gives the half back when everything was sent.
async fn stream(
    mut half: WriteHalf<Wire>,
    head: BytesMut,
    mut body: UnsyncBoxBody<Bytes, io::Error>,
    length: Option<u64>,
    counted: Arc<AtomicU64>,
) -> Result<WriteHalf<Wire>, Stopped> {
    let upstream = |_: io::Error| Stopped::Upstream;
    half.write_all(&head).await.map_err(upstream)?;
    // TLS holds back what did not fit: it must not wait there for a body that waits for the answer.
    half.flush().await.map_err(upstream)?;
    let mut sent = 0_u64;
    // A body that knows its length has ended with its last byte: whoever brings it may tell so much later.
    while !body.is_end_stream()
        && let Some(frame) = body.frame().await
    {
        let frame = frame.map_err(|_| Stopped::Caller)?;
        // Trailers of a request are left out: nothing was decided on them.
        let Ok(data) = frame.into_data() else { continue };
        if data.is_empty() {
            continue;
        }
        let mut done = sent;
        sent = sent.saturating_add(data.len() as u64);
        // SECURITY: more than was announced would be read as the next request.
        if length.is_some_and(|length| sent > length) {
            return Err(Stopped::Caller);
        }
        // In pieces: a slow upstream that takes one after the other is seen to move.
        for piece in data.chunks(PIECE_BYTES) {
            match length {
                Some(_) => half.write_all(piece).await,
                None => chunk(&mut half, piece).await,
            }
            .map_err(upstream)?;
            done += piece.len() as u64;
            counted.store(done, Ordering::Relaxed);
        }
        half.flush().await.map_err(upstream)?;
    }
    match length {
        Some(length) if sent < length => return Err(Stopped::Caller),
        Some(_) => {}
        None => half.write_all(b"0\r\n\r\n").await.map_err(upstream)?,
    }
    half.flush().await.map_err(upstream)?;
    Ok(half)
}

async fn chunk(half: &mut (impl AsyncWrite + Unpin), data: &[u8]) -> io::Result<()> {
    let size = format!("{:x}\r\n", data.len());
    // One write for small pieces: each is a packet of its own otherwise.
    if data.len() <= 16 << 10 {
        let mut all = Vec::with_capacity(size.len() + data.len() + 2);
        all.extend_from_slice(size.as_bytes());
        all.extend_from_slice(data);
        all.extend_from_slice(b"\r\n");
        return half.write_all(&all).await;
    }
    half.write_all(size.as_bytes()).await?;
    half.write_all(data).await?;
    half.write_all(b"\r\n").await
}

/// The exact length of a body, where it is known.
pub(crate) fn exact(body: &UnsyncBoxBody<Bytes, io::Error>) -> Option<u64> {
    body.size_hint().exact()
}
