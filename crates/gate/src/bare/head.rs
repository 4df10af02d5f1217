//! The head of a bare request, or nothing: what is not understood here is not refused here either.

use crate::message::{Head, Received};
use crate::reply::Body;
use bailiwick_upstream::{Fields, HeaderValue, header_name};
use bytes::Bytes;
use http::{HeaderName, Method, Uri, Version, header};
use std::mem::MaybeUninit;

/// The most bytes that are read at one time, which is the longest head.
pub(super) const BYTES_MAX: usize = 8 << 10;
/// The most headers.
const HEADERS_MAX: usize = 32;

/// A bare request.
pub(super) struct Bare {
    pub(super) request: Received,
    /// Its bytes.
    pub(super) length: usize,
}

/// Whether a header says something of the connection, or of what comes behind the head.
// SECURITY: a request with one of them is none of these. What lies behind its head is not for this reader to find.
fn is_more(name: &HeaderName, value: &HeaderValue) -> bool {
    match *name {
        header::CONTENT_LENGTH
        | header::TRANSFER_ENCODING
        | header::TRAILER
        | header::TE
        | header::EXPECT
        | header::UPGRADE => true,
        header::CONNECTION => !value.as_bytes().eq_ignore_ascii_case(b"keep-alive"),
        _ => false,
    }
}

/// Reads a bare request from the front of what has come. `None` if it is not all there, or something else.
pub(super) fn read(bytes: &[u8]) -> Option<Bare> {
    let mut room = [const { MaybeUninit::uninit() }; HEADERS_MAX];
    let mut parsed = httparse::Request::new(&mut []);
    let config = httparse::ParserConfig::default();
    let length = match config.parse_request_with_uninit_headers(&mut parsed, bytes, &mut room) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) | Err(_) => return None,
    };
    let method = match (parsed.method?, parsed.version?) {
        ("GET", 1) => Method::GET,
        ("HEAD", 1) => Method::HEAD,
        _ => return None,
    };
    let target = parsed.path.filter(|target| target.starts_with('/'))?;
    let uri = Uri::from_maybe_shared(Bytes::copy_from_slice(target.as_bytes())).ok()?;
    let mut headers = Fields::with_capacity(parsed.headers.len());
    for one in parsed.headers.iter() {
        let name = header_name(one.name.as_bytes()).ok()?;
        let value = HeaderValue::from_bytes(one.value).ok()?;
        if is_more(&name, &value) {
            return None;
        }
        headers.append(name, value);
    }
    let head = Head {
        method,
        uri,
        version: Version::HTTP_11,
        headers,
    };
    let body = Body::default();
    let request = Received { head, body };
    Some(Bare { request, length })
}

#[cfg(test)]
mod tests;
