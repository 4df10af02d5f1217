//! TLS in front of the listener: the pair of certificate and key that is shown, which is exchanged without dropping a
//! connection, and the handshake.

use bailiwick_model::Timestamp;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use x509_cert::der::Decode;

/// The first byte of every TLS connection: a record that holds a handshake.
const HANDSHAKE: u8 = 0x16;
/// The most that is read of a request that came without TLS, in bytes.
const PLAIN_BYTES_MAX: usize = 8192;
/// What somebody hears who speaks plain HTTP to a port that has TLS.
const PLAIN_ANSWER: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n\
    Content-Length: 54\r\nConnection: close\r\n\r\nthis port speaks TLS; begin the address with https://\n";

/// A certificate with its chain, and the key that belongs to it.
#[derive(Clone)]
pub struct Pair {
    key: Arc<CertifiedKey>,
    ends_at: Timestamp,
}

/// Why a certificate and a key cannot be shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PairError {
    /// The text of the certificate holds none, or one that cannot be read.
    Certificate(&'static str),
    /// The text of the key holds none, or one that cannot be used.
    Key(String),
    /// The key belongs to another certificate.
    Mismatch,
}

impl fmt::Display for PairError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PairError::Certificate(why) => write!(out, "the certificate cannot be used: {why}"),
            PairError::Key(why) => write!(out, "the key cannot be used: {why}"),
            PairError::Mismatch => out.write_str("the key does not belong to the certificate"),
        }
    }
}

impl std::error::Error for PairError {}

// SECURITY: not derived, so that no key reaches a log.
impl fmt::Debug for Pair {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Pair(until {})", self.ends_at.rfc3339())
    }
}

impl Pair {
    /// Reads a pair in the PEM form: the server's own certificate first, then those between it and the authority.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Pair, PairError> {
        let chain = CertificateDer::pem_slice_iter(certificates)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| PairError::Certificate("it is not in the PEM form"))?;
        let first = chain.first().ok_or(PairError::Certificate(
            "there is no `-----BEGIN CERTIFICATE-----` in it",
        ))?;
        let ends_at = ends_at(first).ok_or(PairError::Certificate("it is not an X.509 certificate"))?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| {
            PairError::Key("there is no private key without a passphrase, in the PEM form, in it".into())
        })?;
        let provider = rustls::crypto::ring::default_provider();
        let key = CertifiedKey::from_der(chain, key, &provider).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => PairError::Mismatch,
            rustls::Error::InvalidCertificate(_) => PairError::Certificate("it is broken"),
            error => PairError::Key(error.to_string()),
        })?;
        Ok(Pair {
            key: Arc::new(key),
            ends_at,
        })
    }

    /// When the certificate ends.
    pub fn ends_at(&self) -> Timestamp {
        self.ends_at
    }
}

fn ends_at(certificate: &CertificateDer<'_>) -> Option<Timestamp> {
    let read = x509_cert::Certificate::from_der(certificate).ok()?;
    let end = read.tbs_certificate().validity().not_after.to_unix_duration();
    Some(Timestamp(i64::try_from(end.as_micros()).ok()?))
}

/// The pair that is shown at present.
struct Shown(RwLock<Pair>);

impl fmt::Debug for Shown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Shown")
    }
}

impl Shown {
    fn pair(&self) -> Pair {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.pair().key)
    }
}

/// TLS of a listener: 1.2 and 1.3, HTTP/2 where the client can, else HTTP/1.1.
pub struct Tls {
    acceptor: TlsAcceptor,
    shown: Arc<Shown>,
}

impl Tls {
    /// Shows this pair to clients.
    pub fn new(pair: Pair) -> Result<Tls, PairError> {
        let shown = Arc::new(Shown(RwLock::new(pair)));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(|error| PairError::Key(error.to_string()))?
            .with_no_client_auth()
            .with_cert_resolver(shown.clone());
        // SECURITY: nothing is accepted before the handshake is done: what comes early can be sent again by others.
        config.max_early_data_size = 0;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Tls {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            shown,
        })
    }

    /// Shows another pair to connections that begin from now on. Those that run stay as they are.
    pub fn show(&self, pair: Pair) {
        *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = pair;
    }

    /// When the certificate that is shown ends.
    pub fn ends_at(&self) -> Timestamp {
        self.shown.pair().ends_at
    }

    /// The handshake, and the wait for the first byte of a request. Nothing if the client went away, sent something
    /// else, or closed before it asked anything.
    ///
    /// SECURITY: has no limit of time of its own: the caller sets one.
    pub(crate) async fn open(&self, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        let mut first = [0_u8; 1];
        if stream.peek(&mut first).await.ok()? == 0 {
            return None;
        }
        if first != [HANDSHAKE] {
            say_that_this_is_tls(stream, first).await;
            return None;
        }
        let mut stream = self.acceptor.accept(stream).await.ok()?;
        // The bytes stay where they are: the reader of requests takes them from there.
        (!stream.fill_buf().await.ok()?.is_empty()).then_some(stream)
    }
}

/// Whether client and server agreed on HTTP/2.
pub(crate) fn speaks_http2(stream: &TlsStream<TcpStream>) -> bool {
    stream.get_ref().1.alpn_protocol() == Some(b"h2")
}

/// An answer for whoever wrote `http://`; other bytes are none of ours.
async fn say_that_this_is_tls(mut stream: TcpStream, first: [u8; 1]) {
    if !first.iter().all(u8::is_ascii_uppercase) {
        return;
    }
    // Closing with something unread would take the answer back.
    let mut unread = vec![0_u8; PLAIN_BYTES_MAX];
    let _ = stream.read(&mut unread).await;
    let _ = stream.write_all(PLAIN_ANSWER).await;
    let _ = stream.shutdown().await;
}

#[cfg(test)]
mod tests;
