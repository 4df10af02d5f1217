//! One connection to an upstream, plain or TLS, with what was read of it and not yet used.

use crate::address::Address;
use crate::error::UpstreamError;
use crate::patience::Patience;
use crate::plain::Plain;
use bytes::BytesMut;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf, ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Bytes that are read at one time.
const READ_BYTES: usize = 64 << 10;
/// The buffer's first size: most answers fit.
const FIRST_BYTES: usize = 4 << 10;

/// The stream of a connection.
#[derive(Debug)]
pub(crate) enum Wire {
    Plain(Plain),
    Tls(Box<TlsStream<TcpStream>>),
    /// The reading half, while the other one streams a body.
    Half(ReadHalf<Wire>),
}

/// A connection.
pub(crate) struct Connection {
    pub(crate) wire: Wire,
    pub(crate) buffer: BytesMut,
    /// Where a request is written before it is sent.
    pub(crate) out: BytesMut,
    pub(crate) patience: Patience,
    // Whether the buffer was ever larger than at first.
    grown: bool,
}

impl fmt::Debug for Connection {
    // SECURITY: what was read may be anybody's secret.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Connection({} bytes read)", self.buffer.len())
    }
}

impl Connection {
    /// Opens one, within a time.
    pub(crate) async fn open(
        address: &Address,
        tls: Option<&Arc<ClientConfig>>,
        within: Duration,
    ) -> Result<Box<Connection>, UpstreamError> {
        let opened = tokio::time::timeout(within, async {
            let stream = TcpStream::connect((address.host(), address.port()))
                .await
                .map_err(UpstreamError::Unreachable)?;
            let _ = stream.set_nodelay(true);
            let Some(config) = tls else {
                return Ok(Wire::Plain(Plain::new(stream)));
            };
            let name = ServerName::try_from(address.host().to_owned())
                .map_err(|error| UpstreamError::Tls(io::Error::other(error)))?;
            let stream = TlsConnector::from(config.clone())
                .connect(name, stream)
                .await
                .map_err(UpstreamError::Tls)?;
            Ok(Wire::Tls(Box::new(stream)))
        });
        let wire = opened.await.map_err(|_| UpstreamError::ConnectTimedOut)??;
        Ok(Box::new(Connection {
            wire,
            buffer: BytesMut::new(),
            out: BytesMut::new(),
            patience: Patience::default(),
            grown: false,
        }))
    }

    /// Parts it: the reading half stays, the writing half streams a body.
    pub(crate) fn part(self) -> (Connection, WriteHalf<Wire>) {
        let (read, write) = tokio::io::split(self.wire);
        let connection = Connection {
            wire: Wire::Half(read),
            ..self
        };
        (connection, write)
    }

    /// Puts the halves together again.
    pub(crate) fn join(self, write: WriteHalf<Wire>) -> Option<Connection> {
        match self.wire {
            Wire::Half(read) if read.is_pair_of(&write) => Some(Connection {
                wire: read.unsplit(write),
                ..self
            }),
            Wire::Half(_) | Wire::Plain(_) | Wire::Tls(_) => None,
        }
    }

    /// Reads more into the buffer; zero is the end.
    pub(crate) async fn fill(&mut self) -> io::Result<usize> {
        if self.buffer.is_empty() {
            // The room of the last answer, if nobody holds a part of it any more.
            self.buffer.reserve(FIRST_BYTES);
        } else {
            self.grow(READ_BYTES);
        }
        self.wire.read_buf(&mut self.buffer).await
    }

    /// The same, as a poll.
    pub(crate) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        // New room only when the old one is used up: a piece that is kept holds on to all of its room, and an answer
        // that comes byte by byte would hold a whole room for each.
        if self.buffer.capacity() - self.buffer.len() < FIRST_BYTES {
            self.grow(READ_BYTES / 2);
        }
        read_once(Pin::new(&mut self.wire), cx, &mut self.buffer)
    }

    fn grow(&mut self, room: usize) {
        self.grown = true;
        self.buffer.reserve(room);
    }

    /// Sends as much of what is to be sent as goes at once. How much that was; where TLS lies between, nothing goes so.
    pub(crate) fn try_send(&self) -> io::Result<usize> {
        let Wire::Plain(stream) = &self.wire else {
            return Ok(0);
        };
        match stream.try_send(&self.out) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            sent => sent,
        }
    }

    /// Gives back what is more than the next exchange is likely to need.
    pub(crate) fn rest(&mut self) {
        if std::mem::take(&mut self.grown) {
            self.buffer = BytesMut::new();
        }
    }

    /// The same of what was sent: an answer may take long to come, and is not to hold on to a large question.
    pub(crate) fn rest_of_sending(&mut self) {
        self.out.clear();
        if self.out.capacity() > FIRST_BYTES {
            self.out = BytesMut::new();
        }
    }

    /// Whether nothing has come on it while nobody asked: an end, or an answer to no question, makes it useless.
    pub(crate) fn is_quiet(&mut self) -> bool {
        if !self.buffer.is_empty() {
            return false;
        }
        let mut byte = [0_u8; 1];
        if let Wire::Plain(stream) = &self.wire {
            // Asks nothing of the task's budget, and leaves nobody to be woken.
            let read = stream.try_read(&mut byte);
            return read.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock);
        }
        // SECURITY: without this a task that has worked for long is told "not now" whatever is there, and what came
        // unasked would be taken for the next answer.
        let read = tokio::task::unconstrained(self.wire.read(&mut byte));
        let mut cx = Context::from_waker(std::task::Waker::noop());
        std::pin::pin!(read).poll(&mut cx).is_pending()
    }
}

/// Nobody writes to a reading half.
fn elsewhere() -> io::Error {
    io::Error::other("the writing half is elsewhere")
}

/// Reads once into the spare room of a buffer.
fn read_once(wire: Pin<&mut Wire>, cx: &mut Context<'_>, buffer: &mut BytesMut) -> Poll<io::Result<usize>> {
    let mut read = std::pin::pin!(wire.get_mut().read_buf(buffer));
    // A read that is not ready has taken nothing: dropping it loses no bytes.
    read.as_mut().poll(cx)
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Wire::Plain(stream) => Pin::new(stream).poll_read(cx, into),
            Wire::Tls(stream) => Pin::new(stream).poll_read(cx, into),
            Wire::Half(half) => Pin::new(half).poll_read(cx, into),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Wire::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Wire::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
            Wire::Half(_) => Poll::Ready(Err(elsewhere())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Wire::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Wire::Tls(stream) => Pin::new(stream).poll_flush(cx),
            Wire::Half(_) => Poll::Ready(Err(elsewhere())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Wire::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Wire::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
            Wire::Half(_) => Poll::Ready(Err(elsewhere())),
        }
    }
}
