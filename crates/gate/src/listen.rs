//! Stage: the listener and its limits. Bytes become a request here, or are refused before anything looks at them.

use crate::connection::{Activity, Addresses};
use crate::pipeline::Gate;
use crate::reply::Body;
use crate::tls::{Tls, speaks_http2};
use http::{HeaderMap, Request, Response, header};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

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
    let graceful = GracefulShutdown::new();
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
        let (desk, watcher) = (desk.clone(), graceful.watcher());
        desk.gate.metrics().connection(true);
        tokio::spawn(async move {
            desk.serve(stream, peer, watcher).await;
            desk.gate.metrics().connection(false);
            drop((slot, place));
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(Duration::from_secs(settings.shutdown_seconds_max)) => {}
    }
}

/// What every connection of a listener needs.
struct Desk {
    gate: Arc<Gate>,
    builder: Builder<TokioExecutor>,
    tls: Option<Arc<Tls>>,
    settings: ListenSettings,
}

impl Desk {
    fn new(gate: Arc<Gate>, tls: Option<Arc<Tls>>, settings: ListenSettings) -> Desk {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(settings.head_seconds_max))
            .max_buf_size(bailiwick_model::limit::HEADER_BYTES_MAX)
            .max_headers(bailiwick_model::limit::HEADERS_MAX)
            .half_close(true);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(bailiwick_model::limit::HEADER_BYTES_MAX as u32)
            .max_concurrent_streams(128)
            .keep_alive_interval(Duration::from_secs(30));
        Desk {
            gate,
            builder,
            tls,
            settings,
        }
    }

    /// One connection, from its first byte to its end.
    async fn serve(&self, stream: TcpStream, peer: SocketAddr, watcher: Watcher) {
        // SECURITY: the library waits for the first bytes without a limit of its own; a silent connection must not
        // hold a slot for ever, neither before its handshake nor after it.
        let patience = Duration::from_secs(self.settings.head_seconds_max);
        let Some(tls) = &self.tls else {
            if let Ok(true) = tokio::time::timeout(patience, has_begun(&stream)).await {
                self.talk(stream, self.builder.clone(), peer, watcher).await;
            }
            return;
        };
        // In a box, so that connections without TLS are no larger for it.
        Box::pin(async move {
            let Ok(Some(stream)) = tokio::time::timeout(patience, tls.open(stream)).await else {
                return;
            };
            // What was agreed on in the handshake is what is spoken.
            let builder = if speaks_http2(&stream) {
                self.builder.clone().http2_only()
            } else {
                self.builder.clone().http1_only()
            };
            self.talk(stream, builder, peer, watcher).await;
        })
        .await;
    }

    /// Answers what is asked on a connection.
    async fn talk<S>(&self, stream: S, builder: Builder<TokioExecutor>, peer: SocketAddr, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let activity = Arc::new(Activity::default());
        let (gate, counted) = (self.gate.clone(), activity.clone());
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let (gate, running) = (gate.clone(), counted.begin());
            async move {
                let answer = answer(&gate, peer, request).await;
                Ok::<_, Infallible>(answer.map(|body| running.until_sent(body)))
            }
        });
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
        tokio::select! {
            // The error of a connection that ends early concerns its client alone.
            _ended = watcher.watch(connection.into_owned()) => {}
            // HTTP/2 has no limit of its own for connections that ask nothing.
            () = activity.idle_for(Duration::from_secs(self.settings.idle_seconds_max)) => {}
        }
    }
}

/// Waits until enough has come to tell the version of HTTP: the whole preface of HTTP/2, or a byte that is not
/// part of it. False if the client closes before.
async fn has_begun(stream: &TcpStream) -> bool {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let mut first = [0_u8; PREFACE.len()];
    loop {
        let Ok(count) = stream.peek(&mut first).await else {
            return false;
        };
        let come = first.get(..count).unwrap_or_default();
        if come.is_empty() {
            return false;
        }
        if !PREFACE.starts_with(come) || come.len() == PREFACE.len() {
            return true;
        }
        // Part of the preface: peeking again would answer at once with the same bytes.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn answer(gate: &Arc<Gate>, peer: SocketAddr, request: Request<Incoming>) -> Response<Body> {
    gate.answer(Some(peer.ip()), request.map(Body::incoming)).await
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

/// Headers that ask a server to read the request as another one.
const OVERRIDES: [&str; 6] = [
    "x-http-method-override",
    "x-http-method",
    "x-method-override",
    "x-original-url",
    "x-rewrite-url",
    "x-original-uri",
];

/// Checks what the HTTP library leaves to us.
pub fn check_head(headers: &HeaderMap, target_bytes: usize) -> Result<(), HeadError> {
    if target_bytes > bailiwick_model::limit::TARGET_BYTES_MAX {
        return Err(HeadError::TooLong);
    }
    let lengths = headers.get_all(header::CONTENT_LENGTH).iter().count();
    let codings = headers.get_all(header::TRANSFER_ENCODING).iter().count();
    let hosts = headers.get_all(header::HOST).iter().count();
    // SECURITY: a coding that is not undone here would be undone by another reader.
    let coded = headers
        .get(header::TRANSFER_ENCODING)
        .is_some_and(|coding| coding != "chunked");
    if lengths > 1 || codings > 1 || (lengths > 0 && codings > 0) || hosts > 1 || coded {
        return Err(HeadError::Framing);
    }
    if OVERRIDES.iter().any(|name| headers.contains_key(*name)) {
        return Err(HeadError::Override);
    }
    Ok(())
}
