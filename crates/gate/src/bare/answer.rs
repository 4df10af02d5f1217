//! Writing an answer: its head with a length or in chunks, and its body as it comes.

use crate::connection::{Activity, Running};
use crate::joined::JOINED_BYTES_MAX;
use crate::message::Response;
use crate::reply::Body;
use bailiwick_model::Timestamp;
use bailiwick_upstream::{Fields, HeaderValue};
use bytes::{Buf, Bytes};
use http::{StatusCode, header};
use http_body::Body as _;
use hyper::ext::ReasonPhrase;
use std::cell::RefCell;
use std::io::{self, IoSlice, Write as _};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, UNIX_EPOCH};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

/// So many bytes together are sent before more is put to them.
const GATHERED_BYTES_MAX: usize = 32 << 10;

/// The last second of the year 9999.
const LAST_SECOND: i64 = 253_402_300_799;

/// How an answer is given.
pub(super) struct Terms<'a> {
    /// Whether only its head was asked for.
    pub(super) bodiless: bool,
    /// Whether another request may follow it.
    pub(super) keeps: bool,
    /// The time, for answers that do not tell theirs.
    pub(super) now: &'a (dyn Fn() -> Timestamp + Sync),
}

/// What comes before the headers, and the headers: an answer without its body, which two threads cannot look at.
struct Start {
    status: StatusCode,
    reason: Option<ReasonPhrase>,
    headers: Fields,
}

impl Start {
    /// An answer's, and its body.
    fn of(mut answer: Response) -> (Start, Body) {
        let start = Start {
            status: answer.status,
            reason: answer.extensions.remove(),
            headers: answer.headers,
        };
        (start, answer.body)
    }
}

/// How a client knows where the body ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Framing {
    /// There is none, whatever the headers say.
    Nothing,
    Length(u64),
    Chunked,
}

impl Framing {
    fn of(start: &Start, body: &Body, terms: &Terms<'_>) -> io::Result<Framing> {
        if start.status.is_informational() {
            return Err(io::Error::other("an informational answer answers nothing"));
        }
        if terms.bodiless || matches!(start.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
            return Ok(Framing::Nothing);
        }
        if let Some(length) = body.size_hint().exact() {
            return Ok(Framing::Length(length));
        }
        // What makes the body may know what the body does not.
        match start.headers.get(header::CONTENT_LENGTH) {
            None => Ok(Framing::Chunked),
            Some(value) => {
                let said = value.to_str().ok().and_then(|text| text.parse().ok());
                said.map(Framing::Length)
                    .ok_or_else(|| io::Error::other("a length that is no number"))
            }
        }
    }
}

thread_local! {
    // Where answers are written before they are sent: of a thread, not of each connection, so that it is in the
    // processor's cache.
    static ROOM: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    // The second that the last date was written for, and the date.
    static DATE: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) };
}

/// Writes an answer to its end. After an error the connection is of no more use.
pub(super) async fn write<S: AsyncWrite + Unpin>(
    stream: &mut S,
    response: Response,
    terms: &Terms<'_>,
    running: &mut Running<&Activity>,
) -> io::Result<()> {
    let (start, body) = Start::of(response);
    let framing = Framing::of(&start, &body, terms)?;
    let whole = match framing {
        Framing::Nothing => Ok(Bytes::new()),
        Framing::Length(_) => body.at_hand(),
        Framing::Chunked => Err(body),
    };
    match whole {
        Ok(mut whole) => {
            let begin = |cx: &mut Context<'_>| {
                Poll::Ready(ROOM.with_borrow_mut(|room| {
                    // SECURITY: what others were answered is in it before.
                    room.clear();
                    put_head(room, &start, framing, terms);
                    begin(Pin::new(&mut *stream), cx, room, &mut whole)
                }))
            };
            let head = std::future::poll_fn(begin).await?;
            running.turn(false);
            if head.is_empty() && whole.is_empty() {
                return stream.flush().await;
            }
            Box::pin(send(stream, &mut [head, whole], running)).await
        }
        Err(body) => {
            let mut head = Vec::with_capacity(JOINED_BYTES_MAX);
            put_head(&mut head, &start, framing, terms);
            Box::pin(pass(stream, head, body, framing, running)).await
        }
    }
}

/// Sends what the stream takes at once. The head that is left; of the body the rest stays where it is.
fn begin<S: AsyncWrite>(
    stream: Pin<&mut S>,
    cx: &mut Context<'_>,
    room: &mut Vec<u8>,
    whole: &mut Bytes,
) -> io::Result<Bytes> {
    let polled = if room.len() + whole.len() <= JOINED_BYTES_MAX {
        room.extend_from_slice(&std::mem::take(whole));
        stream.poll_write(cx, room)
    } else {
        stream.poll_write_vectored(cx, &[IoSlice::new(room), IoSlice::new(whole)])
    };
    let taken = match polled {
        Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
        Poll::Ready(Ok(taken)) => taken,
        Poll::Ready(Err(error)) => return Err(error),
        Poll::Pending => 0,
    };
    whole.advance(taken.saturating_sub(room.len()));
    Ok(room.get(taken..).map_or_else(Bytes::new, Bytes::copy_from_slice))
}

/// Sends pieces to their end. Whatever the client takes of them shows that it is there.
async fn send<S: AsyncWrite + Unpin>(
    stream: &mut S,
    pieces: &mut [Bytes],
    running: &mut Running<&Activity>,
) -> io::Result<()> {
    running.turn(false);
    for piece in pieces {
        while !piece.is_empty() {
            let taken = stream.write(piece).await?;
            if taken == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            piece.advance(taken);
            running.moved();
        }
    }
    // TLS may hold a part of it still, and nobody would look at it while the next piece is waited for.
    stream.flush().await
}

/// Passes a body on as it comes, behind its head. Where it breaks off, the client gets what there was of it and no end: an
/// answer that broke is not taken for one that never came.
async fn pass<S: AsyncWrite + Unpin>(
    stream: &mut S,
    head: Vec<u8>,
    body: Body,
    framing: Framing,
    running: &mut Running<&Activity>,
) -> io::Result<()> {
    let mut out = head;
    let passed = pieces(stream, &mut out, body, framing, running).await;
    send(stream, &mut [Bytes::from(out)], running).await?;
    passed
}

/// The pieces of a body. What is there at once leaves together, or is left in `out`.
async fn pieces<S: AsyncWrite + Unpin>(
    stream: &mut S,
    out: &mut Vec<u8>,
    mut body: Body,
    framing: Framing,
    running: &mut Running<&Activity>,
) -> io::Result<()> {
    let mut left = match framing {
        Framing::Length(length) => Some(length),
        Framing::Nothing | Framing::Chunked => None,
    };
    loop {
        running.turn(true);
        // Nothing to send: then there is time to wait.
        let waits = out.is_empty();
        let frame = std::future::poll_fn(|cx| match Pin::new(&mut body).poll_frame(cx) {
            Poll::Pending if !waits => Poll::Ready(Err(())),
            polled => polled.map(Ok),
        });
        let data = match frame.await {
            Err(()) => {
                let piece = Bytes::from(std::mem::take(out));
                send(stream, &mut [piece], running).await?;
                continue;
            }
            Ok(None) => break,
            // Trailers go to clients that say that they take them; these have not.
            Ok(Some(frame)) => frame?.into_data().unwrap_or_default(),
        };
        if data.is_empty() {
            continue;
        }
        match &mut left {
            // SECURITY: more than was announced would be read as the next answer.
            Some(left) => {
                *left = left
                    .checked_sub(data.len() as u64)
                    .ok_or_else(|| io::Error::other("more than was announced"))?;
            }
            None => put(out, format_args!("{:x}\r\n", data.len())),
        }
        let behind: &[u8] = if left.is_none() { b"\r\n" } else { b"" };
        if data.len() <= JOINED_BYTES_MAX && out.len() <= GATHERED_BYTES_MAX {
            out.extend_from_slice(&data);
            out.extend_from_slice(behind);
        } else {
            let before = Bytes::from(std::mem::replace(out, behind.to_vec()));
            send(stream, &mut [before, data], running).await?;
        }
    }
    match left {
        Some(0) => {}
        Some(_) => return Err(io::Error::other("less than was announced")),
        None => out.extend_from_slice(b"0\r\n\r\n"),
    }
    Ok(())
}

/// Puts the head of an answer behind what is there.
fn put_head(out: &mut Vec<u8>, start: &Start, framing: Framing, terms: &Terms<'_>) {
    if start.status == StatusCode::OK && start.reason.is_none() {
        out.extend_from_slice(b"HTTP/1.1 200 OK\r\n");
    } else {
        put(out, format_args!("HTTP/1.1 {} ", start.status.as_str()));
        let said = start.reason.as_ref().map(ReasonPhrase::as_bytes);
        let usual = start.status.canonical_reason().unwrap_or("<none>");
        out.extend_from_slice(said.unwrap_or(usual.as_bytes()));
        out.extend_from_slice(b"\r\n");
    }
    let mut dated = false;
    for (name, value) in &start.headers {
        // What is said of the connection and of the length is said here.
        if matches!(*name, header::CONNECTION | header::TRANSFER_ENCODING)
            || (*name == header::CONTENT_LENGTH && !terms.bodiless)
        {
            continue;
        }
        dated |= *name == header::DATE;
        // A header's value cannot hold a line end: its type does not let it.
        out.extend_from_slice(name.as_str().as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    match framing {
        Framing::Nothing => {}
        Framing::Length(length) => put_length(out, length),
        Framing::Chunked => out.extend_from_slice(b"transfer-encoding: chunked\r\n"),
    }
    if !terms.keeps {
        out.extend_from_slice(b"connection: close\r\n");
    }
    if !dated {
        put_date(out, (terms.now)());
    }
    out.extend_from_slice(b"\r\n");
}

/// The time, which is written once a second.
fn put_date(out: &mut Vec<u8>, now: Timestamp) {
    // As much as a date can say.
    let second = now.seconds().clamp(0, LAST_SECOND);
    DATE.with_borrow_mut(|(written, date)| {
        if *written != second {
            let since = Duration::from_secs(u64::try_from(second).unwrap_or_default());
            *date = httpdate::fmt_http_date(UNIX_EPOCH + since);
            *written = second;
        }
        put(out, format_args!("date: {date}\r\n"));
    });
}

/// A length, without the machinery of formatting.
fn put_length(out: &mut Vec<u8>, length: u64) {
    out.extend_from_slice(b"content-length: ");
    out.extend_from_slice(HeaderValue::from(length).as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// Written to memory, it cannot fail.
fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    let _infallible = out.write_fmt(text);
}

#[cfg(test)]
mod tests;
