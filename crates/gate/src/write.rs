//! A handler's answer as a response: its entity tag, conditional requests, and compression for browsers.

use crate::message::Response;
use crate::page::hex;
use crate::reply::{Body, Reply, ReplyBody, whole};
use bailiwick_upstream::{Fields, HeaderValue};
use bytes::Bytes;
use http::{StatusCode, header};
use sha2::Digest as _;
use std::io::Write as _;

/// Writes a reply, answering conditional requests from its entity tag.
pub(crate) fn write(reply: Reply, if_none_match: Option<&HeaderValue>, gzip: bool) -> Response {
    let mut response = Response::new(Body::default());
    response.headers = reply.headers;
    // For those that the gate adds.
    response.headers.reserve(ADDED_HEADERS);
    response.status = reply.status;
    match reply.body {
        ReplyBody::Empty => {}
        ReplyBody::Stream(body) => response.body = body,
        ReplyBody::Bytes(bytes) => {
            // A page has no tag worth comparing: each carries a guard of its own.
            if reply.status == StatusCode::OK && !is_page(&response.headers) {
                let tag = entity_tag(&bytes);
                let matches = if_none_match
                    .and_then(|value| value.to_str().ok())
                    .is_some_and(|value| {
                        value
                            .split(',')
                            .any(|one| weak(one.trim()) == weak(&tag) || one.trim() == "*")
                    });
                if let Ok(value) = HeaderValue::from_str(&tag) {
                    response.headers.insert(header::ETAG, value);
                }
                if matches {
                    response.status = StatusCode::NOT_MODIFIED;
                    response.headers.remove(header::CONTENT_TYPE);
                    return response;
                }
            }
            let bytes = if gzip && bytes.len() >= COMPRESSED_FROM_BYTES {
                compressed(bytes, &mut response.headers)
            } else {
                bytes
            };
            response.body = whole(bytes);
        }
    }
    response
}

/// Headers that the gate adds to an answer, about.
const ADDED_HEADERS: usize = 8;

/// Bodies below this are sent as they are, in bytes.
const COMPRESSED_FROM_BYTES: usize = 1024;

/// Whether a client takes gzip.
pub(crate) fn takes_gzip(headers: &Fields) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| {
            let (coding, weight) = one.split_once(';').unwrap_or((one, ""));
            let refused = matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000");
            coding.trim().eq_ignore_ascii_case("gzip") && !refused
        })
}

/// A page or an asset, compressed.
// SECURITY: the length of a compressed page must not tell what it holds: the guard of its forms is masked anew on
// every page, and no other secret of a page that others can make a browser load is in it.
fn compressed(bytes: Bytes, headers: &mut Fields) -> Bytes {
    let mut encoder =
        flate2::write::GzEncoder::new(Vec::with_capacity(bytes.len() / 4), flate2::Compression::new(4));
    // Written to memory, it cannot fail; if it did, the body would go as it is.
    let done = encoder.write_all(&bytes).and_then(|()| encoder.finish());
    match done {
        Ok(short) => {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
            Bytes::from(short)
        }
        Err(_) => bytes,
    }
}

fn is_page(headers: &Fields) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

fn entity_tag(bytes: &[u8]) -> String {
    let digest = sha2::Sha256::digest(bytes);
    format!("W/\"{}\"", hex(digest.get(..16).unwrap_or_default()))
}

fn weak(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}
