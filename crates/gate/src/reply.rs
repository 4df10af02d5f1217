//! What a handler answers, before the gate adds the headers that every answer has.

use crate::request::{Page, Request};
use bailiwick_upstream::{Fields, HeaderValue};
use bytes::Bytes;
use http::{HeaderName, StatusCode, header};
use http_body::Body as _;
use http_body_util::BodyExt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, ReadBuf};

/// A body of bytes or of a stream. What most requests and answers have is held as it is; the rest is in a box.
#[derive(Debug)]
pub struct Body(Kind);

#[derive(Debug)]
enum Kind {
    // What is left: nothing, once it was taken.
    Whole(Bytes),
    Incoming(hyper::body::Incoming),
    Other(http_body_util::combinators::UnsyncBoxBody<Bytes, std::io::Error>),
}

impl Body {
    /// Of anything that is one.
    pub fn new(body: impl http_body::Body<Data = Bytes, Error = std::io::Error> + Send + 'static) -> Body {
        Body(Kind::Other(body.boxed_unsync()))
    }

    /// As it comes from a connection.
    pub(crate) fn incoming(body: hyper::body::Incoming) -> Body {
        if body.is_end_stream() {
            return Body::default();
        }
        Body(Kind::Incoming(body))
    }

    /// Everything, if it is all there.
    pub(crate) fn at_hand(self) -> Result<Bytes, Body> {
        match self.0 {
            Kind::Whole(bytes) => Ok(bytes),
            Kind::Incoming(_) | Kind::Other(_) => Err(self),
        }
    }
}

impl Default for Body {
    /// Nothing.
    fn default() -> Body {
        whole(Bytes::new())
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
        match &mut self.0 {
            Kind::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Whole(bytes) => Poll::Ready(Some(Ok(http_body::Frame::data(std::mem::take(bytes))))),
            Kind::Incoming(body) => {
                let polled = Pin::new(body).poll_frame(cx);
                polled.map(|frame| frame.map(|frame| frame.map_err(std::io::Error::other)))
            }
            Kind::Other(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Whole(bytes) => bytes.is_empty(),
            Kind::Incoming(body) => body.is_end_stream(),
            Kind::Other(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> http_body::SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => {
                http_body::SizeHint::with_exact(u64::try_from(bytes.len()).unwrap_or(u64::MAX))
            }
            Kind::Incoming(body) => body.size_hint(),
            Kind::Other(body) => body.size_hint(),
        }
    }
}

/// A body that is whole already.
pub fn whole(bytes: impl Into<Bytes>) -> Body {
    Body(Kind::Whole(bytes.into()))
}

/// A body that is read as the client takes it. An error of the reader cuts the answer off.
pub fn streamed(reader: impl AsyncRead + Send + 'static) -> Body {
    Body::new(Streamed {
        reader: Some(Box::pin(reader)),
        buffer: vec![0; STREAM_CHUNK_BYTES],
    })
}

/// Bytes that a streamed body reads at one time.
const STREAM_CHUNK_BYTES: usize = 32 << 10;

/// Bytes that most JSON answers stay below, so that they are written without moving.
const JSON_BYTES_USUAL: usize = 4 << 10;

struct Streamed {
    // `None` once it has ended.
    reader: Option<Pin<Box<dyn AsyncRead + Send>>>,
    buffer: Vec<u8>,
}

impl http_body::Body for Streamed {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
        let Streamed { reader, buffer } = &mut *self;
        let Some(open) = reader else {
            return Poll::Ready(None);
        };
        let mut into = ReadBuf::new(buffer);
        let polled = std::task::ready!(open.as_mut().poll_read(cx, &mut into));
        let frame = match polled {
            Ok(()) if into.filled().is_empty() => None,
            Ok(()) => {
                return Poll::Ready(Some(Ok(http_body::Frame::data(Bytes::copy_from_slice(
                    into.filled(),
                )))));
            }
            Err(error) => Some(Err(error)),
        };
        *reader = None;
        Poll::Ready(frame)
    }
}

/// A body made part by part, each on a thread that may block, and none before the client has taken the last. `None`
/// ends it; an error cuts the answer off.
pub fn produced(next: impl FnMut() -> std::io::Result<Option<Bytes>> + Send + 'static) -> Body {
    Body::new(Produced {
        next: Some(Box::new(next)),
        running: None,
    })
}

type Next = Box<dyn FnMut() -> std::io::Result<Option<Bytes>> + Send>;

struct Produced {
    // `None` while it runs and once it has ended.
    next: Option<Next>,
    running: Option<tokio::task::JoinHandle<(Next, std::io::Result<Option<Bytes>>)>>,
}

impl http_body::Body for Produced {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
        let Produced { next, running } = &mut *self;
        if let Some(mut make) = next.take() {
            *running = Some(tokio::task::spawn_blocking(move || {
                let part = make();
                (make, part)
            }));
        }
        let Some(task) = running else {
            return Poll::Ready(None);
        };
        let ended = std::task::ready!(Pin::new(task).poll(cx));
        *running = None;
        Poll::Ready(match ended {
            Ok((make, Ok(Some(bytes)))) => {
                *next = Some(make);
                Some(Ok(http_body::Frame::data(bytes)))
            }
            Ok((_, Ok(None))) => None,
            Ok((_, Err(error))) => Some(Err(error)),
            Err(error) => Some(Err(std::io::Error::other(error))),
        })
    }
}

/// An answer.
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// Headers of this answer alone.
    pub headers: Fields,
    /// The body.
    pub body: ReplyBody,
    /// The audit action of a read, where it is named more exactly than the operation.
    pub action: Option<&'static str>,
}

/// Headers that say of what type a body is.
fn of_type(content_type: &'static str) -> Fields {
    Fields::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(content_type))])
}

/// The body of an answer.
pub enum ReplyBody {
    /// None.
    Empty,
    /// Bytes; they get an entity tag, and conditional requests are answered from it.
    Bytes(Bytes),
    /// A stream of unknown length.
    Stream(Body),
}

impl Reply {
    /// A status without a body.
    pub fn status(status: StatusCode) -> Reply {
        Reply {
            status,
            headers: Fields::default(),
            body: ReplyBody::Empty,
            action: None,
        }
    }

    /// 204.
    pub fn no_content() -> Reply {
        Reply::status(StatusCode::NO_CONTENT)
    }

    /// JSON with 200.
    pub fn json(value: &serde_json::Value) -> Reply {
        Reply::json_with(StatusCode::OK, value)
    }

    /// JSON with a status.
    pub fn json_with(status: StatusCode, value: &serde_json::Value) -> Reply {
        Reply {
            status,
            headers: of_type("application/json; charset=utf-8"),
            body: ReplyBody::Bytes(Bytes::from(json_bytes(value))),
            action: None,
        }
    }

    /// Bytes of a type with 200.
    pub fn bytes(content_type: &'static str, bytes: impl Into<Bytes>) -> Reply {
        Reply {
            status: StatusCode::OK,
            headers: of_type(content_type),
            body: ReplyBody::Bytes(bytes.into()),
            action: None,
        }
    }

    /// A page with a status. It has no entity tag worth comparing: every one carries a guard of its own.
    pub fn html(status: StatusCode, html: String) -> Reply {
        Reply {
            status,
            headers: of_type("text/html; charset=utf-8"),
            body: ReplyBody::Bytes(Bytes::from(html)),
            action: None,
        }
    }

    /// Leads a browser to another page of this server. Anything but a plain path leads to the start page.
    // SECURITY: no open redirect; `//host`, `/\host` and control characters are how one is smuggled into a path.
    pub fn see_other(path: &str) -> Reply {
        let path = if is_local_path(path) { path } else { "/" };
        Reply::status(StatusCode::SEE_OTHER).with(header::LOCATION, path)
    }

    /// A stream of a type with 200.
    pub fn stream(content_type: &'static str, body: Body) -> Reply {
        Reply {
            status: StatusCode::OK,
            headers: of_type(content_type),
            body: ReplyBody::Stream(body),
            action: None,
        }
    }

    /// The same, recorded under this action. Only reads, and requests for changes that ask for none: a change
    /// names its own.
    pub fn recorded_as(mut self, action: &'static str) -> Reply {
        self.action = Some(action);
        self
    }

    /// The same with one more header; a value that no header can hold is left out.
    pub fn with(mut self, name: HeaderName, value: &str) -> Reply {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(name, value);
        }
        self
    }

    /// A page of a JSON list with its `Link` header.
    pub fn page(
        request: &Request,
        path: &str,
        page: Page,
        items: Vec<serde_json::Value>,
        more: bool,
    ) -> Reply {
        Reply::json(&serde_json::Value::Array(items)).linked(request, path, page, more)
    }

    /// The same with the `Link` header of a page. `path` is below the base URL.
    pub fn linked(self, request: &Request, path: &str, page: Page, more: bool) -> Reply {
        let mut links = Vec::new();
        let mut link = |number: usize, rel: &str| {
            links.push(format!("<{}>; rel=\"{rel}\"", page_url(request, path, number)));
        };
        if page.number > 1 {
            link(page.number - 1, "prev");
        }
        if more {
            link(page.number + 1, "next");
        }
        if page.number > 1 {
            link(1, "first");
        }
        if links.is_empty() {
            self
        } else {
            self.with(header::LINK, &links.join(", "))
        }
    }
}

/// Whether a target stays on this server, whoever reads it.
pub fn is_local_path(target: &str) -> bool {
    target.starts_with('/')
        && !target.starts_with("//")
        && target
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

/// The text of a value. Written to memory, it cannot fail: every key of a value is text.
fn json_bytes(value: &serde_json::Value) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(JSON_BYTES_USUAL);
    let _infallible = serde_json::to_writer(&mut bytes, value);
    bytes
}

fn page_url(request: &Request, path: &str, number: usize) -> String {
    let mut url = format!("{}{path}?", request.base_url);
    for (name, value) in request.query.pairs().iter().filter(|(name, _)| name != "page") {
        url.push_str(&encode(name));
        url.push('=');
        url.push_str(&encode(value));
        url.push('&');
    }
    url.push_str(&format!("page={number}"));
    url
}

/// Percent-encodes a query component or a path segment.
pub fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    // Nearly every name is as it is.
    if text.bytes().all(plain) {
        return text.to_owned();
    }
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
        .to_string()
        .replace("%2D", "-")
        .replace("%5F", "_")
        .replace("%2E", ".")
}
