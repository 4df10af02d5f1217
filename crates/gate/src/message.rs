//! A request as it came and an answer as it leaves, with their headers as lists. The library's own forms of both keep
//! headers in tables, which cost more to fill and to empty than all that is asked of them between.

use crate::reply::Body;
use bailiwick_upstream::Fields;
use http::{Extensions, Method, StatusCode, Uri, Version};

/// The head of a request.
#[derive(Debug)]
pub struct Head {
    /// The method.
    pub method: Method,
    /// The target.
    pub uri: Uri,
    /// The version of HTTP that it came in.
    pub version: Version,
    /// The headers.
    pub headers: Fields,
}

/// A request of which nothing but its head was read.
#[derive(Debug)]
pub struct Received {
    /// Its head.
    pub head: Head,
    /// Its body.
    pub body: Body,
}

impl From<http::Request<Body>> for Received {
    fn from(request: http::Request<Body>) -> Received {
        let (parts, body) = request.into_parts();
        let head = Head {
            method: parts.method,
            uri: parts.uri,
            version: parts.version,
            headers: Fields::from(parts.headers),
        };
        Received { head, body }
    }
}

/// An answer.
#[derive(Debug)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: Fields,
    /// What the stages know of it besides.
    pub extensions: Extensions,
    /// The body.
    pub body: Body,
}

impl Response {
    /// 200 with a body.
    pub fn new(body: Body) -> Response {
        Response {
            status: StatusCode::OK,
            headers: Fields::default(),
            extensions: Extensions::new(),
            body,
        }
    }
}

impl From<Response> for http::Response<Body> {
    fn from(answer: Response) -> http::Response<Body> {
        let mut response = http::Response::new(answer.body);
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers.into();
        *response.extensions_mut() = answer.extensions;
        response
    }
}
