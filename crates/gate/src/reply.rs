//! What a handler answers, before the gate adds the headers that every answer has.

use crate::request::{Page, Request};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use http_body_util::BodyExt;

/// A body of bytes or of a stream.
pub type Body = http_body_util::combinators::UnsyncBoxBody<Bytes, std::io::Error>;

/// A body that is whole already.
pub fn whole(bytes: impl Into<Bytes>) -> Body {
    http_body_util::Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// An answer.
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// Headers of this answer alone.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: ReplyBody,
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
            headers: Vec::new(),
            body: ReplyBody::Empty,
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
            headers: vec![(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json; charset=utf-8"),
            )],
            body: ReplyBody::Bytes(Bytes::from(value.to_string())),
        }
    }

    /// Bytes of a type with 200.
    pub fn bytes(content_type: &'static str, bytes: impl Into<Bytes>) -> Reply {
        Reply {
            status: StatusCode::OK,
            headers: vec![(header::CONTENT_TYPE, HeaderValue::from_static(content_type))],
            body: ReplyBody::Bytes(bytes.into()),
        }
    }

    /// The same with one more header; a value that no header can hold is left out.
    pub fn with(mut self, name: HeaderName, value: &str) -> Reply {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
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
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
        .to_string()
        .replace("%2D", "-")
        .replace("%5F", "_")
        .replace("%2E", ".")
}
