//! HTTP/1.1 for bare requests: a head and nothing behind it, which is most of what a gateway is asked. Whatever is anything
//! else (a body, half a head, an older version, an upgrade, what cannot be read) goes on with the library, on the same
//! connection and from the first byte of that request.
//!
//! The heads are read by the parser that the library reads them with. A bare request has no length, so there is nothing of
//! it that two readers could cut differently.

mod answer;
mod head;

use crate::connection::Activity;
use crate::message::{Received, Response};
use answer::{Terms, write};
use bailiwick_model::Timestamp;
use bytes::{Bytes, BytesMut};
use head::{BYTES_MAX, Bare};
use http::Method;
use std::cell::RefCell;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};

thread_local! {
    // Where heads lie, one behind the other: room of their own would be made and given back for each.
    static ROOM: RefCell<BytesMut> = RefCell::new(BytesMut::with_capacity(ROOM_BYTES));
}

/// Room for some heads. Whoever holds one of them holds on to all of it.
const ROOM_BYTES: usize = 4 << 10;

/// Serves the bare requests of a connection, the first of which has to come within some time. What was read of the first one
/// that is none, where there is one; otherwise the connection is over.
pub(crate) async fn converse<S, F>(
    stream: &mut S,
    activity: &Activity,
    closes: &AtomicBool,
    patience: Duration,
    now: &(dyn Fn() -> Timestamp + Sync),
    answer: impl Fn(Received) -> F,
) -> Option<Bytes>
where
    S: AsyncRead + AsyncWrite + Unpin,
    F: Future<Output = Response>,
{
    // SECURITY: a silent connection must not hold a slot for long, also behind its handshake.
    let first = std::future::poll_fn(|cx| poll_read(stream, closes, cx));
    let mut read = tokio::time::timeout(patience, first).await.ok()??;
    loop {
        if read.is_empty() {
            let next = std::future::poll_fn(|cx| poll_read(stream, closes, cx)).await;
            let Some(next) = next else {
                let _ = stream.shutdown().await;
                return None;
            };
            read = next;
        }
        // Not a head in whole, or not one of these.
        let Some(Bare { request, length }) = head::read(&read) else {
            return Some(read);
        };
        let _head = read.split_to(length);
        let bodiless = request.head.method == Method::HEAD;
        let mut running = Activity::begin(activity);
        let response = answer(request).await;
        let terms = Terms {
            bodiless,
            keeps: !closes.load(Ordering::Relaxed),
            now,
        };
        let written = write(stream, response, &terms, &mut running).await;
        drop(running);
        if written.is_err() || !terms.keeps {
            // The error of a connection that ends early concerns its client alone.
            let _ = stream.shutdown().await;
            return None;
        }
    }
}

/// What comes next. None at the client's end, or if the server closes while nothing is asked.
fn poll_read<S: AsyncRead + Unpin>(
    stream: &mut S,
    closes: &AtomicBool,
    cx: &mut Context<'_>,
) -> Poll<Option<Bytes>> {
    let mut room = [const { MaybeUninit::uninit() }; BYTES_MAX];
    let mut into = ReadBuf::uninit(&mut room);
    match Pin::new(stream).poll_read(cx, &mut into) {
        Poll::Ready(Ok(())) if !into.filled().is_empty() => Poll::Ready(Some(ROOM.with_borrow_mut(|room| {
            room.extend_from_slice(into.filled());
            room.split().freeze()
        }))),
        Poll::Ready(Ok(()) | Err(_)) => Poll::Ready(None),
        Poll::Pending if closes.load(Ordering::Relaxed) => Poll::Ready(None),
        Poll::Pending => Poll::Pending,
    }
}

#[cfg(test)]
pub(crate) mod tests;
