//! One upstream's client: an exchange over a kept connection, tried once more only where that is safe.

use crate::address::Address;
use crate::answer::{Answer, AnswerBody};
use crate::body::Reading;
use crate::connection::Connection;
use crate::error::UpstreamError;
use crate::head::{self, Framing, Head, Outgoing, Sendable};
use crate::pool::{Pool, SWEEPS};
use crate::send::{OutgoingBody, Sending, exact};
use crate::trust::{Trust, TrustError};
use bytes::{Bytes, BytesMut};
use http::Method;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use rustls::ClientConfig;
use std::io;
use std::sync::{Arc, Weak};
use std::task::Poll;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::runtime::Handle;

/// Limits of an upstream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Longest time to connect, TLS included.
    pub connect_for_max: Duration,
    /// Longest wait for the answer's head, from when the request's whole body was sent or its sending began.
    pub answer_for_max: Duration,
    /// Longest time in which nothing of an answer's body comes.
    pub idle_for_max: Duration,
    /// The largest body of an answer, in bytes.
    pub answer_bytes_max: u64,
    /// Connections that wait for their next exchange at the most.
    pub idle_connections_max: usize,
    /// How long one waits at the most.
    pub keep_for_max: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connect_for_max: Duration::from_secs(5),
            answer_for_max: Duration::from_secs(60),
            idle_for_max: Duration::from_secs(60),
            answer_bytes_max: u64::MAX,
            idle_connections_max: 256,
            keep_for_max: Duration::from_secs(55),
        }
    }
}

/// The largest body that is sent in one go with its head. A larger one may not fit into what the connection holds, and
/// an upstream that answers without having read it would be waited for in vain.
const AT_ONCE_BYTES_MAX: usize = 16 << 10;
/// The most informational answers before the real one.
const INFORMATIONAL_MAX: usize = 8;

/// A client of one upstream. Shared; every exchange is one caller's alone.
#[derive(Debug)]
pub struct Client {
    address: Address,
    host: String,
    tls: Option<Arc<ClientConfig>>,
    limits: Limits,
    pool: Pool,
}

impl Client {
    /// A client of a server that is trusted so.
    pub fn new(address: Address, trust: &Trust, limits: Limits) -> Result<Client, TrustError> {
        let tls = address
            .is_tls()
            .then(|| trust.config().map(Arc::new))
            .transpose()?;
        Ok(Client {
            host: address.authority(),
            pool: Pool::new(limits.idle_connections_max),
            address,
            tls,
            limits,
        })
    }

    /// Where it leads.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Its limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Connections that wait for their next exchange.
    pub fn waiting(&self) -> usize {
        self.pool.waiting()
    }

    /// Closes the connections that wait.
    pub fn close_waiting(&self) {
        self.pool.clear();
    }

    /// Keeps a connection, and sees to it that it does not wait for longer than it may.
    pub(crate) fn keep(self: &Arc<Self>, connection: Box<Connection>) {
        if self.pool.keep(connection) {
            match Handle::try_current() {
                Ok(runtime) => {
                    let every = self.limits.keep_for_max / SWEEPS;
                    runtime.spawn(sweep(Arc::downgrade(self), every));
                }
                // Without a runtime nobody closes what waits for too long.
                Err(_) => self.pool.give_up(),
            }
        }
    }

    /// One exchange. Redirects are answers like others.
    pub async fn send(
        self: &Arc<Self>,
        request: &Outgoing<'_>,
        body: OutgoingBody,
    ) -> Result<Answer, UpstreamError> {
        let request = head::check(request)?;
        match body {
            // In boxes, so that requests without a body are no larger for it.
            OutgoingBody::Stream(body, length) => Box::pin(self.stream(request, body, length)).await,
            OutgoingBody::Nothing => self.whole(request, Framing::Nothing, &[]).await,
            OutgoingBody::Whole(bytes) if bytes.len() > AT_ONCE_BYTES_MAX => {
                let body = Full::new(bytes).map_err(|never| match never {}).boxed_unsync();
                Box::pin(self.stream(request, body, None)).await
            }
            OutgoingBody::Whole(bytes) => {
                let framing = Framing::Length(bytes.len() as u64);
                self.whole(request, framing, &bytes).await
            }
        }
    }

    fn head(&self, request: Sendable<'_>, framing: Framing, out: &mut BytesMut) {
        head::write(request, self.address.prefix(), &self.host, framing, out);
    }

    /// A waiting connection, or a new one; and whether it had waited.
    async fn connection(&self, fresh: bool) -> Result<(Box<Connection>, bool), UpstreamError> {
        if !fresh && let Some(connection) = self.pool.take() {
            return Ok((connection, true));
        }
        let opened = Connection::open(&self.address, self.tls.as_ref(), self.limits.connect_for_max);
        let opened = Box::pin(opened).await?;
        Ok((opened, false))
    }

    /// A request whose body is sent while its answer is waited for. Never tried twice: the body is gone.
    async fn stream(
        self: &Arc<Self>,
        request: Sendable<'_>,
        body: UnsyncBoxBody<Bytes, io::Error>,
        length: Option<u64>,
    ) -> Result<Answer, UpstreamError> {
        let length = length.or_else(|| exact(&body));
        let framing = length.map_or(Framing::Chunked, Framing::Length);
        let mut head = BytesMut::new();
        self.head(request, framing, &mut head);
        let (connection, half) = (*self.connection(false).await?.0).part();
        let sending = Sending::start(half, head, body, length);
        self.answer(request, Box::new(connection), Some(Box::new(sending)))
            .await
    }

    /// A request that is all there. A connection that had waited and ends before any answer was closed meanwhile:
    /// one more try, on a new one, where doing it twice is the same as doing it once.
    async fn whole(
        self: &Arc<Self>,
        request: Sendable<'_>,
        framing: Framing,
        body: &[u8],
    ) -> Result<Answer, UpstreamError> {
        // Requests that came together leave together: the upstream is woken once for all of them, and not for each.
        behind_others().await;
        let (connection, waited) = self.connection(false).await?;
        match self.try_whole(request, framing, body, connection).await {
            Err(UpstreamError::Reset(_)) if waited && is_safe(request.method()) => {
                let (connection, _) = self.connection(true).await?;
                Box::pin(self.try_whole(request, framing, body, connection)).await
            }
            done => done,
        }
    }

    async fn try_whole(
        self: &Arc<Self>,
        request: Sendable<'_>,
        framing: Framing,
        body: &[u8],
        mut connection: Box<Connection>,
    ) -> Result<Answer, UpstreamError> {
        connection.out.clear();
        self.head(request, framing, &mut connection.out);
        connection.out.extend_from_slice(body);
        let sent = connection.try_send().map_err(UpstreamError::Reset)?;
        if sent < connection.out.len() {
            self.send_rest(&mut connection, sent).await?;
        }
        connection.rest_of_sending();
        self.answer(request, connection, None).await
    }

    /// Sends what did not go at once, which begins there.
    async fn send_rest(&self, connection: &mut Connection, from: usize) -> Result<(), UpstreamError> {
        let Connection {
            wire, out, patience, ..
        } = connection;
        let sent = patience
            .within(self.limits.answer_for_max, async {
                wire.write_all(out.get(from..).unwrap_or_default()).await?;
                wire.flush().await
            })
            .await;
        sent.map_err(|_| UpstreamError::AnswerTimedOut)?
            .map_err(UpstreamError::Reset)
    }

    async fn answer(
        self: &Arc<Self>,
        request: Sendable<'_>,
        mut connection: Box<Connection>,
        mut sending: Option<Box<Sending>>,
    ) -> Result<Answer, UpstreamError> {
        let patience = self.limits.answer_for_max;
        let head = match &mut sending {
            None => {
                let mut waiting = std::mem::take(&mut connection.patience);
                let read = waiting
                    .within(patience, read_head(&mut connection, request.method()))
                    .await;
                connection.patience = waiting;
                read.map_err(|_| UpstreamError::AnswerTimedOut)??
            }
            Some(sending) => read_while_sending(&mut connection, request.method(), sending, patience).await?,
        };
        if let Framing::Length(length) = head.framing
            && length > self.limits.answer_bytes_max
        {
            return Err(UpstreamError::TooLarge);
        }
        // SECURITY: an upstream that answered before it had the whole body may not read the rest of it as a body. The
        // caller would have written the next request on this connection.
        let keeps = head.keeps && sending.as_mut().is_none_or(|sending| sending.is_done());
        let reading = Reading::new(connection, self.clone(), head.framing, keeps, sending);
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body: AnswerBody(reading),
        })
    }
}

/// Lets the tasks that can go on already do so first. The runtime's own yielding would ask the system for more of them
/// before, which is a call for each turn.
async fn behind_others() {
    let mut waited = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Closes what has waited for too long, until nothing waits or nobody needs the client any more.
async fn sweep(client: Weak<Client>, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        if !client.upgrade().is_some_and(|client| client.pool.sweep()) {
            return;
        }
    }
}

/// Waits for the head; the time runs while nothing is being sent any more.
async fn read_while_sending(
    connection: &mut Connection,
    method: &Method,
    sending: &mut Sending,
    patience: Duration,
) -> Result<Head, UpstreamError> {
    let head = read_head(connection, method);
    tokio::pin!(head);
    loop {
        tokio::select! {
            head = &mut head => return head,
            () = sending.broken() => return Err(UpstreamError::BodyBroken),
            () = tokio::time::sleep(patience) => {
                if !sending.moves() {
                    return Err(UpstreamError::AnswerTimedOut);
                }
            }
        }
    }
}

async fn read_head(connection: &mut Connection, method: &Method) -> Result<Head, UpstreamError> {
    for _ in 0..=INFORMATIONAL_MAX {
        let head = loop {
            if !connection.buffer.is_empty()
                && let Some(head) = head::read(&mut connection.buffer, method)?
            {
                break head;
            }
            match connection.fill().await {
                Ok(0) => {
                    let why = if connection.buffer.is_empty() {
                        "no answer"
                    } else {
                        "half a head"
                    };
                    let error = io::Error::new(io::ErrorKind::UnexpectedEof, why);
                    return Err(UpstreamError::Reset(error));
                }
                Ok(_) => {}
                Err(error) => return Err(UpstreamError::Reset(error)),
            }
        };
        if !head.status.is_informational() {
            return Ok(head);
        }
        // No upgrade is ever asked for, so none can be agreed to.
        if head.status == http::StatusCode::SWITCHING_PROTOCOLS {
            return Err(UpstreamError::Malformed("an upgrade that nobody asked for"));
        }
    }
    Err(UpstreamError::Malformed("too many informational answers"))
}

/// Methods whose repetition changes nothing (RFC 9110, section 9.2.1).
fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}
