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
use bailiwick_upstream::Plain;
use bytes::Bytes;
use head::{BYTES_MAX, Bare};
use http::Method;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::task::coop;
use tokio_rustls::server::TlsStream;

/// A connection whose bytes are looked at where they were read.
pub(crate) trait Receive: AsyncRead + AsyncWrite + Unpin {
    /// Reads once, and hands over what came: nothing at the end.
    fn poll_receive<T>(
        &mut self,
        cx: &mut Context<'_>,
        room: &mut [MaybeUninit<u8>],
        take: impl FnOnce(&[u8]) -> T,
    ) -> Poll<io::Result<T>> {
        let mut into = ReadBuf::uninit(room);
        ready!(Pin::new(self).poll_read(cx, &mut into))?;
        Poll::Ready(Ok(take(into.filled())))
    }
}

impl Receive for Plain {
    fn poll_receive<T>(
        &mut self,
        cx: &mut Context<'_>,
        room: &mut [MaybeUninit<u8>],
        take: impl FnOnce(&[u8]) -> T,
    ) -> Poll<io::Result<T>> {
        Plain::poll_receive(self, cx, room, take)
    }
}

impl Receive for TlsStream<TcpStream> {}

/// What comes next on a connection.
enum Come {
    /// A bare request, and what lies behind it.
    Bare(Received, Bytes),
    /// Something else.
    Other(Bytes),
    /// Nothing more.
    End,
}

impl Come {
    /// What these bytes are; of what is none of ours, or lies behind, `rest` gives what begins there.
    fn of(bytes: &[u8], rest: impl FnOnce(usize) -> Bytes) -> Come {
        if bytes.is_empty() {
            return Come::End;
        }
        match head::read(bytes) {
            Some(Bare { request, length }) => Come::Bare(request, rest(length)),
            // Not a head in whole, or not one of these.
            None => Come::Other(rest(0)),
        }
    }

    /// The same where they were read.
    fn there(bytes: &[u8]) -> Come {
        Come::of(bytes, |from| {
            Bytes::copy_from_slice(bytes.get(from..).unwrap_or_default())
        })
    }
}

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
    S: Receive,
    F: Future<Output = Response>,
{
    // SECURITY: a silent connection must not hold a slot for long, also behind its handshake.
    let first = std::future::poll_fn(|cx| poll_come(stream, closes, cx));
    let mut come = tokio::time::timeout(patience, first).await.ok()?;
    loop {
        let (request, behind) = match come {
            Come::Bare(request, behind) => (request, behind),
            Come::Other(read) => return Some(read),
            Come::End => {
                let _ = stream.shutdown().await;
                return None;
            }
        };
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
        come = if behind.is_empty() {
            std::future::poll_fn(|cx| poll_come(stream, closes, cx)).await
        } else {
            Come::of(&behind, |from| behind.slice(from..))
        };
    }
}

/// What comes next: the end also if the server closes while nothing is asked.
fn poll_come<S: Receive>(stream: &mut S, closes: &AtomicBool, cx: &mut Context<'_>) -> Poll<Come> {
    // SECURITY: a client that always has more to ask does not keep the others from being answered. What it has sent already
    // is bounded by its answers, which take turns to be sent.
    let turn = ready!(coop::poll_proceed(cx));
    let mut room = [const { MaybeUninit::uninit() }; BYTES_MAX];
    let come = match stream.poll_receive(cx, &mut room, Come::there) {
        Poll::Ready(come) => come.unwrap_or(Come::End),
        Poll::Pending if closes.load(Ordering::Relaxed) => Come::End,
        Poll::Pending => return Poll::Pending,
    };
    turn.made_progress();
    Poll::Ready(come)
}

#[cfg(test)]
pub(crate) mod tests;
