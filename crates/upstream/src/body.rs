//! Reading an answer's body off its connection, and what becomes of the connection afterwards.

use crate::chunk::{Chunks, Found};
use crate::client::Client;
use crate::connection::Connection;
use crate::head::Framing;
use crate::send::Sending;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Sleep;

/// A body being read.
#[derive(Debug)]
pub(crate) struct Reading {
    // `None` once the body has ended or broken.
    source: Option<Source>,
    framing: Left,
    // Bytes that may still come before the limit.
    allowed: u64,
    patience: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

#[derive(Debug)]
struct Source {
    connection: Box<Connection>,
    client: Arc<Client>,
    keeps: bool,
    sending: Option<Box<Sending>>,
}

#[derive(Debug)]
enum Left {
    Length(u64),
    Chunks(Chunks),
    UntilClose,
    Nothing,
}

impl Reading {
    pub(crate) fn new(
        connection: Box<Connection>,
        client: Arc<Client>,
        framing: Framing,
        keeps: bool,
        sending: Option<Box<Sending>>,
    ) -> Reading {
        let limits = client.limits();
        let mut reading = Reading {
            allowed: limits.answer_bytes_max,
            patience: limits.idle_for_max,
            waiting: None,
            framing: match framing {
                Framing::Nothing => Left::Nothing,
                Framing::Length(length) => Left::Length(length),
                Framing::Chunked => Left::Chunks(Chunks::Size),
                Framing::UntilClose => Left::UntilClose,
            },
            source: Some(Source {
                connection,
                client,
                keeps,
                sending,
            }),
        };
        if framing == Framing::Nothing {
            reading.end();
        }
        reading
    }

    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.framing, Left::Nothing | Left::Length(0))
    }

    pub(crate) fn size_hint(&self) -> SizeHint {
        match self.framing {
            Left::Nothing => SizeHint::with_exact(0),
            Left::Length(length) => SizeHint::with_exact(length),
            Left::Chunks(_) | Left::UntilClose => SizeHint::new(),
        }
    }

    /// Everything, if the length is known and it has all come.
    pub(crate) fn at_hand(&mut self) -> Option<Bytes> {
        let Left::Length(length) = self.framing else {
            return None;
        };
        let source = self.source.as_mut()?;
        let length = usize::try_from(length).ok()?;
        if source.connection.buffer.len() < length || self.allowed < length as u64 {
            return None;
        }
        let bytes = source.connection.buffer.split_to(length).freeze();
        self.framing = Left::Nothing;
        self.end();
        Some(bytes)
    }

    /// The exchange has ended cleanly: the connection may serve another one.
    fn end(&mut self) {
        self.waiting = None;
        self.framing = Left::Nothing;
        let Some(source) = self.source.take() else { return };
        // SECURITY: bytes behind the answer belong to nothing that was asked. They would be taken for the answer to
        // the next caller's question.
        if !source.keeps || !source.connection.buffer.is_empty() {
            return;
        }
        let connection = match source.sending {
            None => Some(source.connection),
            Some(sending) => sending.rejoin(*source.connection).map(Box::new),
        };
        if let Some(connection) = connection {
            source.client.keep(connection);
        }
    }

    pub(crate) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        loop {
            if matches!(self.framing, Left::Nothing) {
                self.end();
                return Poll::Ready(None);
            }
            let Some(source) = &mut self.source else {
                return Poll::Ready(None);
            };
            // SECURITY: a request that broke off on the caller's side is not left half-sent on an open connection.
            if let Some(sending) = &mut source.sending
                && sending.poll_broken(cx)
            {
                return self.broken("the request's body ended early");
            }
            match step(&mut self.framing, &mut source.connection) {
                Ok(Step::Data(bytes)) => {
                    self.waiting = None;
                    let Some(left) = self.allowed.checked_sub(bytes.len() as u64) else {
                        return self.broken("the upstream's answer is larger than the limit");
                    };
                    self.allowed = left;
                    if matches!(self.framing, Left::Length(0)) {
                        self.end();
                    }
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                Ok(Step::End(trailers)) => {
                    self.end();
                    return Poll::Ready(if trailers.is_empty() {
                        None
                    } else {
                        Some(Ok(Frame::trailers(trailers)))
                    });
                }
                Ok(Step::More) => {}
                Err(()) => return self.broken("the upstream's answer cannot be read"),
            }
            match source.connection.poll_fill(cx) {
                Poll::Ready(Ok(0)) => {
                    if matches!(self.framing, Left::UntilClose) {
                        self.framing = Left::Nothing;
                        continue;
                    }
                    return self.broken("the upstream's answer was cut off");
                }
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(_)) => return self.broken("the upstream's answer was cut off"),
                Poll::Pending => {
                    let patience = self.patience;
                    let waiting = self
                        .waiting
                        .get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
                    std::task::ready!(waiting.as_mut().poll(cx));
                    self.waiting = None;
                    // The head came early, and the request is still on its way.
                    if source.sending.as_mut().is_some_and(|sending| sending.moves()) {
                        continue;
                    }
                    return self.broken("the upstream's answer came too slowly");
                }
            }
        }
    }

    /// Ends with an error, and the connection with it.
    fn broken(&mut self, why: &'static str) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.source = None;
        self.waiting = None;
        self.framing = Left::Nothing;
        Poll::Ready(Some(Err(io::Error::other(why))))
    }
}

enum Step {
    Data(Bytes),
    End(http::HeaderMap),
    More,
}

fn step(framing: &mut Left, connection: &mut Connection) -> Result<Step, ()> {
    let buffer = &mut connection.buffer;
    match framing {
        Left::Nothing => Ok(Step::End(http::HeaderMap::new())),
        Left::Chunks(chunks) => Ok(match chunks.next(buffer).map_err(|_| ())? {
            Found::Data(bytes) => Step::Data(bytes),
            Found::End(trailers) => Step::End(trailers),
            Found::More => Step::More,
        }),
        Left::Length(_) | Left::UntilClose if buffer.is_empty() => Ok(Step::More),
        Left::UntilClose => Ok(Step::Data(buffer.split().freeze())),
        Left::Length(left) => {
            let take = usize::try_from(*left).unwrap_or(usize::MAX).min(buffer.len());
            *left -= take as u64;
            Ok(Step::Data(buffer.split_to(take).freeze()))
        }
    }
}
