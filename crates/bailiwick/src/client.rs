//! The command line's HTTP client: one connection per call to one server, no redirects followed.

pub mod address;
pub mod session;
pub mod trust;

use crate::failure::Failure;
use address::Address;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::io::Write;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use trust::Trust;
use zeroize::Zeroizing;

/// How long a connection may take to open.
const CONNECT_SECONDS_MAX: u64 = 10;
/// How long a server may take to start its answer: a backup or an import answers when it is done.
const ANSWER_SECONDS_MAX: u64 = 3600;

/// An answer that is whole.
pub struct Answer {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON; null when it is empty.
    pub fn value(&self) -> Result<Value, Failure> {
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body)
            .map_err(|error| Failure::Unreachable(format!("the server's answer is not JSON: {error}")))
    }

    /// The path and query of the next page.
    fn next(&self, base: &str) -> Option<String> {
        let links = self.headers.get(header::LINK)?.to_str().ok()?;
        let next = links.split(',').find(|link| link.contains("rel=\"next\""))?;
        let target = next.trim().strip_prefix('<')?.split('>').next()?;
        // SECURITY: only the path is taken, so that a link cannot send the credential to another server.
        let at = target.find(base)?;
        target.get(at + base.len()..).map(str::to_owned)
    }
}

/// Speaks to one server, perhaps with a credential.
pub struct Client {
    address: Address,
    credential: Option<Zeroizing<String>>,
    tls: Option<TlsConnector>,
    runtime: tokio::runtime::Runtime,
}

impl Client {
    /// A client of a server; `trust` says who may vouch for it, where it is asked over TLS.
    pub fn new(
        address: Address,
        credential: Option<Zeroizing<String>>,
        trust: &Trust,
    ) -> Result<Client, Failure> {
        let tls = address.is_secure().then(|| trust.connector()).transpose()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::local("cannot start", error))?;
        Ok(Client {
            address,
            credential,
            tls,
            runtime,
        })
    }

    /// Whom it speaks to.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// `GET` below `/api/v3`.
    pub fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.send(Method::GET, path, None)
    }

    /// Sends a request below `/api/v3`; any status but success is a failure.
    pub fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer, Failure> {
        self.runtime.block_on(async {
            let response = self.start(method, &format!("/api/v3{path}"), body).await?;
            whole(response).await
        })
    }

    /// `GET` outside `/api/v3`.
    pub fn root(&self, path: &str) -> Result<Answer, Failure> {
        self.runtime
            .block_on(async { whole(self.start(Method::GET, path, None).await?).await })
    }

    /// Writes the body of a `GET` to `out` as it comes.
    pub fn stream(&self, path: &str, out: &mut dyn Write) -> Result<(), Failure> {
        self.runtime.block_on(async {
            let response = self.start(Method::GET, &format!("/api/v3{path}"), None).await?;
            if !response.status().is_success() {
                return whole(response).await.map(drop);
            }
            let mut body = response.into_body();
            while let Some(frame) = body.frame().await {
                let frame = frame.map_err(|error| broken(&error))?;
                if let Some(data) = frame.data_ref() {
                    match out.write_all(data) {
                        // A reader that went away (`| head`) has what it wanted.
                        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(()),
                        written => written.map_err(|error| Failure::local("cannot write", error))?,
                    }
                }
            }
            match out.flush() {
                Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                    Err(Failure::local("cannot write", error))
                }
                _ => Ok(()),
            }
        })
    }

    /// The items of all pages of a list, at most `limit`; `items` is the field that holds them, if not the body.
    pub fn list(&self, path: &str, items: Option<&str>, limit: usize) -> Result<Vec<Value>, Failure> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let mut next = Some(format!("{path}{separator}per_page={}", limit.clamp(1, 100)));
        let mut all = Vec::new();
        while let Some(path) = next
            && all.len() < limit
        {
            let answer = self.get(&path)?;
            next = answer.next("/api/v3");
            let mut value = answer.value()?;
            let page = match items.and_then(|name| value.get_mut(name)) {
                Some(field) => field.take(),
                None => value,
            };
            let Value::Array(page) = page else {
                return Err(Failure::Unreachable("the server's answer is not a list".into()));
            };
            if page.is_empty() {
                break;
            }
            all.extend(page);
        }
        all.truncate(limit);
        Ok(all)
    }

    async fn start(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Response<Incoming>, Failure> {
        let unreachable = |error: &dyn std::fmt::Display| {
            Failure::Unreachable(format!(
                "cannot reach {}: {error}; is the server running, or is --server wrong?",
                self.address
            ))
        };
        let connect = TcpStream::connect((self.address.host(), self.address.port()));
        let stream = tokio::time::timeout(Duration::from_secs(CONNECT_SECONDS_MAX), connect)
            .await
            .map_err(|_| unreachable(&"no answer in time"))?
            .map_err(|error| unreachable(&error))?;
        let request = self.request(method, path, body)?;
        let opening = async {
            match &self.tls {
                Some(tls) => http(trust::shake(tls, self.address.host(), stream).await?).await,
                None => http(stream).await,
            }
        };
        let mut sender = tokio::time::timeout(Duration::from_secs(CONNECT_SECONDS_MAX), opening)
            .await
            .map_err(|_| unreachable(&"no answer in time"))?
            .map_err(|error| unreachable(&error))?;
        tokio::time::timeout(
            Duration::from_secs(ANSWER_SECONDS_MAX),
            sender.send_request(request),
        )
        .await
        .map_err(|_| unreachable(&"no answer in time"))?
        .map_err(|error| unreachable(&error))
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Request<Full<Bytes>>, Failure> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.address.prefix()))
            .header(header::HOST, self.address.authority())
            .header(
                header::USER_AGENT,
                concat!("bailiwick/", env!("CARGO_PKG_VERSION")),
            )
            .header(header::ACCEPT, "application/json")
            .header("x-github-api-version", "2026-03-10");
        if let Some(credential) = &self.credential {
            let mut value = header::HeaderValue::from_str(&format!("Bearer {}", credential.as_str()))
                .map_err(|_| Failure::Usage("the credential holds characters that no token has".into()))?;
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
        }
        let bytes = match body {
            Some(value) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Bytes::from(value.to_string())
            }
            None => Bytes::new(),
        };
        request
            .body(Full::new(bytes))
            .map_err(|error| Failure::Usage(format!("not a path: {error}")))
    }
}

/// Begins HTTP on a connection.
async fn http<S>(stream: S) -> Result<SendRequest<Full<Bytes>>, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let opened = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (sender, connection) = opened.map_err(|error| error.to_string())?;
    tokio::spawn(async move {
        // How the connection ends is told by the answer.
        let _ = connection.await;
    });
    Ok(sender)
}

async fn whole(response: Response<Incoming>) -> Result<Answer, Failure> {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.map_err(|error| broken(&error))?.to_bytes();
    if parts.status.is_success() {
        return Ok(Answer {
            headers: parts.headers,
            body,
        });
    }
    Err(failed(parts.status, &body))
}

fn failed(status: StatusCode, body: &[u8]) -> Failure {
    let body = serde_json::from_slice(body)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).chars().take(500).collect()));
    Failure::Server { status, body }
}

fn broken(error: &dyn std::fmt::Display) -> Failure {
    Failure::Unreachable(format!("the answer broke off: {error}"))
}

/// One segment of a path, escaped.
pub fn segment(text: &str) -> String {
    const PLAIN: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    percent_encoding::utf8_percent_encode(text, PLAIN).to_string()
}

/// A query of the pairs that have a value, with its question mark.
pub fn query(pairs: &[(&str, Option<&str>)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .filter_map(|(name, value)| value.map(|value| format!("{name}={}", segment(value))))
        .collect();
    if pairs.is_empty() {
        String::new()
    } else {
        format!("?{}", pairs.join("&"))
    }
}

#[cfg(test)]
mod tests;
