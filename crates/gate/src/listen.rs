//! Stage: the listener and its limits. Bytes become a request here, or are refused before anything looks at them.

use crate::bare::{self, Receive};
use crate::beside::Beside;
use crate::connection::{Activity, Addresses, Counted, Glance, Running};
use crate::joined::Joined;
use crate::pipeline::Gate;
use crate::reply::Body;
use crate::tls::{Tls, speaks_http2};
use bailiwick_upstream::{Fields, Plain};
use bytes::Bytes;
use http::{HeaderName, Request, Response, header};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

/// Limits of the listener.
#[derive(Clone, Copy, Debug)]
pub struct ListenSettings {
    /// Connections at one time; further ones wait in the system's queue.
    pub connections_max: usize,
    /// Connections of one address (of IPv6: of one network) at one time; further ones are closed at once. 0 is unlimited.
    pub connections_per_address_max: usize,
    /// Longest time that a connection without a running request, or whose client takes nothing of an answer, stays
    /// open, in seconds.
    pub idle_seconds_max: u64,
    /// Longest wait for a request's head, in seconds.
    pub head_seconds_max: u64,
    /// Longest time that running requests get at shutdown, in seconds.
    pub shutdown_seconds_max: u64,
}

impl Default for ListenSettings {
    fn default() -> ListenSettings {
        ListenSettings {
            connections_max: 4096,
            connections_per_address_max: 1024,
            idle_seconds_max: 120,
            head_seconds_max: 30,
            shutdown_seconds_max: 10,
        }
    }
}

/// Serves a listener until `stop` resolves, then lets running requests end. With `tls` nothing is answered without it.
pub async fn serve_listener(
    gate: Arc<Gate>,
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    settings: ListenSettings,
    stop: impl Future<Output = ()>,
) {
    let slots = Arc::new(Semaphore::new(settings.connections_max));
    let addresses = Arc::new(Addresses::default());
    let desk = Arc::new(Desk::new(gate, tls, settings));
    let (closing, open) = watch::channel(());
    tokio::pin!(stop);
    loop {
        let slot = tokio::select! {
            () = &mut stop => break,
            slot = slots.clone().acquire_owned() => slot,
        };
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, mut peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, for one: wait for some to close instead of spinning.
                tracing::warn!(%error, "accept failed");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // Through an IPv6 socket IPv4 addresses come in another form.
        peer.set_ip(peer.ip().to_canonical());
        // SECURITY: one address must not hold every slot. A trusted proxy holds those of all its clients.
        let max = if desk.gate.is_proxy(peer.ip()) || desk.gate.is_asker(peer.ip()) {
            0
        } else {
            settings.connections_per_address_max
        };
        let Some(place) = addresses.enter(peer.ip(), max) else {
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (desk, closing) = (desk.clone(), open.clone());
        desk.gate.metrics().connection(true);
        tokio::spawn(async move {
            desk.serve(stream, peer, closing).await;
            desk.gate.metrics().connection(false);
            drop((slot, place));
        });
    }
    drop((listener, open));
    let _ = closing.send(());
    tokio::select! {
        () = closing.closed() => {}
        () = tokio::time::sleep(Duration::from_secs(settings.shutdown_seconds_max)) => {}
    }
}

/// What every connection of a listener needs.
struct Desk {
    gate: Arc<Gate>,
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
    tls: Option<Arc<Tls>>,
    settings: ListenSettings,
}

/// Changes when the server closes, and is held by whom it has to wait for.
type Closing = watch::Receiver<()>;

/// The version of HTTP that a connection speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Speaks {
    Http1,
    Http2,
}

impl Desk {
    fn new(gate: Arc<Gate>, tls: Option<Arc<Tls>>, settings: ListenSettings) -> Desk {
        let mut http1 = http1::Builder::new();
        http1
            .timer(Glance)
            .header_read_timeout(Duration::from_secs(settings.head_seconds_max))
            .max_buf_size(bailiwick_model::limit::HEADER_BYTES_MAX)
            .max_headers(bailiwick_model::limit::HEADERS_MAX)
            .half_close(true);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .max_header_list_size(bailiwick_model::limit::HEADER_BYTES_MAX as u32)
            .max_concurrent_streams(128)
            .keep_alive_interval(Duration::from_secs(30));
        Desk {
            gate,
            http1,
            http2,
            tls,
            settings,
        }
    }

    /// One connection, from its first byte to its end.
    async fn serve(&self, stream: TcpStream, peer: SocketAddr, closing: Closing) {
        // SECURITY: the library waits for the first bytes without a limit of its own; a silent connection must not
        // hold a slot for ever, neither before its handshake nor after it.
        let patience = Duration::from_secs(self.settings.head_seconds_max);
        let Some(tls) = &self.tls else {
            let mut closes = closing.clone();
            let begun = tokio::select! {
                begun = tokio::time::timeout(patience, begun(&stream)) => begun,
                // Nothing was asked on it that a server that closes would have to answer.
                _ = closes.changed() => return,
            };
            if let Ok(Some(speaks)) = begun {
                self.talk(Plain::new(stream), speaks, peer, closing).await;
            }
            return;
        };
        // In a box, so that connections without TLS are no larger for it.
        Box::pin(async move {
            let Ok(Some(stream)) = tokio::time::timeout(patience, tls.open(stream)).await else {
                return;
            };
            // What was agreed on in the handshake is what is spoken.
            let speaks = if speaks_http2(&stream) {
                Speaks::Http2
            } else {
                Speaks::Http1
            };
            self.talk(stream, speaks, peer, closing).await;
        })
        .await;
    }

    /// Answers what is asked on a connection.
    async fn talk<S>(&self, mut stream: S, speaks: Speaks, peer: SocketAddr, closing: Closing)
    where
        S: Receive + Send + 'static,
    {
        // In boxes, so that what asks bare requests alone is no larger for the rest.
        match speaks {
            Speaks::Http1 => {
                if let Some(read) = self.bare(&mut stream, peer, closing.clone()).await {
                    let stream = Joined::new(stream, read);
                    Box::pin(self.http1(stream, peer, closing)).await;
                }
            }
            Speaks::Http2 => Box::pin(self.http2(stream, peer, closing)).await,
        }
    }

    /// When a connection has been idle for too long. In its own time limits HTTP/1 is looked at when this looks.
    async fn idle(&self, activity: &Activity) {
        let idle = Duration::from_secs(self.settings.idle_seconds_max);
        let often = Duration::from_secs(self.settings.head_seconds_max) / 4;
        activity.idle_for(idle, often).await;
    }

    /// Answers bare requests, up to the first that is none. What was read of that one.
    async fn bare<S>(&self, stream: &mut S, peer: SocketAddr, closing: Closing) -> Option<Bytes>
    where
        S: Receive + Send,
    {
        let (activity, closes) = (Activity::default(), AtomicBool::new(false));
        let answer = |request| self.gate.answer(Some(peer.ip()), request);
        let now = || self.gate.authority.now();
        let patience = Duration::from_secs(self.settings.head_seconds_max);
        let conversation = pin!(bare::converse(stream, &activity, &closes, patience, &now, answer));
        let shut = |_: Pin<&mut _>| closes.store(true, Ordering::Relaxed);
        lasting(conversation, shut, closing, self.idle(&activity))
            .await
            .flatten()
    }

    /// Answers what is asked in HTTP/1.
    async fn http1<S>(&self, stream: Joined<S>, peer: SocketAddr, closing: Closing)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let activity = Arc::new(Activity::default());
        let service = service_fn(|request| {
            let running = Activity::begin(activity.clone());
            answer(&self.gate, running, peer, request)
        });
        let connection = self.http1.serve_connection(TokioIo::new(stream), service);
        graceful(connection, closing, self.idle(&activity)).await;
    }

    /// The same in HTTP/2, which has no limit of its own for connections that ask nothing.
    async fn http2<S>(&self, stream: S, peer: SocketAddr, closing: Closing)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let activity = Arc::new(Activity::default());
        // Requests run in tasks of their own, which can outlive the connection's.
        let (gate, counted) = (self.gate.clone(), activity.clone());
        let service = service_fn(move |request| {
            // Here and not in the task, which may run after the next look at whether the connection is idle.
            let (gate, running) = (gate.clone(), Activity::begin(counted.clone()));
            async move { answer(&gate, running, peer, request).await }
        });
        let stream = Joined::new(stream, Bytes::new());
        let connection = self.http2.serve_connection(TokioIo::new(stream), service);
        graceful(connection, closing, self.idle(&activity)).await;
    }
}

/// A connection of the library's until its end.
async fn graceful<C: GracefulConnection>(connection: C, closing: Closing, idle: impl Future<Output = ()>) {
    lasting(pin!(connection), C::graceful_shutdown, closing, idle).await;
}

/// A connection until its end, or until it is idle for too long: then there is nothing to be had of it. When the server
/// closes, it is shut, and ends with what it is busy with.
// Pinned by whoever has it: passed here, it would take its room twice.
async fn lasting<C: Future>(
    mut connection: Pin<&mut C>,
    shut: impl Fn(Pin<&mut C>),
    mut closing: Closing,
    idle: impl Future<Output = ()>,
) -> Option<C::Output> {
    // Held to the end, not only until it changes.
    let mut closes = Beside::new(closing.changed());
    let mut idles = Beside::new(idle);
    std::future::poll_fn(|cx| {
        if closes.poll(cx).is_ready() {
            shut(connection.as_mut());
        }
        // Before the look at its idleness, which what has just come ends; and with it, since its own time limits are
        // looked at whenever it is. The error of a connection that ends early concerns its client alone.
        if let Poll::Ready(end) = connection.as_mut().poll(cx) {
            return Poll::Ready(Some(end));
        }
        idles.poll(cx).map(|()| None)
    })
    .await
}

/// Waits until enough has come to tell the version of HTTP: the whole preface of HTTP/2, or a byte that is not
/// part of it. None if the client closes before.
async fn begun(stream: &TcpStream) -> Option<Speaks> {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let mut first = [0_u8; PREFACE.len()];
    loop {
        let Ok(count) = stream.peek(&mut first).await else {
            return None;
        };
        let come = first.get(..count).unwrap_or_default();
        if come.is_empty() {
            return None;
        }
        if !PREFACE.starts_with(come) {
            return Some(Speaks::Http1);
        }
        if come.len() == PREFACE.len() {
            return Some(Speaks::Http2);
        }
        // Part of the preface: peeking again would answer at once with the same bytes.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn answer(
    gate: &Gate,
    running: Running,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Counted>, Infallible> {
    let answer = gate.answer(Some(peer.ip()), request.map(Body::incoming)).await;
    Ok(Response::from(answer).map(|body| running.until_sent(body)))
}

/// What makes a head ambiguous, so that two readers could cut the stream at different places.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeadError {
    /// Both lengths, two lengths, or an unknown coding.
    Framing,
    /// The target is too long.
    TooLong,
    /// A method override or an internal header from outside.
    Override,
}

/// Whether a header asks a server to read the request as another one.
fn overrides(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "x-http-method-override"
            | "x-http-method"
            | "x-method-override"
            | "x-original-url"
            | "x-rewrite-url"
            | "x-original-uri"
    )
}

/// Checks what the HTTP library leaves to us.
pub fn check_head(headers: &Fields, target_bytes: usize) -> Result<(), HeadError> {
    if target_bytes > bailiwick_model::limit::TARGET_BYTES_MAX {
        return Err(HeadError::TooLong);
    }
    let (mut lengths, mut codings, mut hosts) = (0, 0, 0);
    let (mut coded, mut overridden) = (false, false);
    for (name, value) in headers {
        if *name == header::HOST {
            hosts += 1;
        } else if *name == header::CONTENT_LENGTH {
            lengths += 1;
        } else if *name == header::TRANSFER_ENCODING {
            codings += 1;
            // SECURITY: a coding that is not undone here would be undone by another reader.
            coded |= value != "chunked";
        } else {
            overridden |= overrides(name);
        }
    }
    if lengths > 1 || codings > 1 || (lengths > 0 && codings > 0) || hosts > 1 || coded {
        return Err(HeadError::Framing);
    }
    if overridden {
        return Err(HeadError::Override);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
