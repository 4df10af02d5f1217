//! Heads: a request as bytes, an answer from bytes. What two readers could cut differently is an error.

use crate::error::UpstreamError;
use crate::fields::Fields;
use crate::name::header_name;
use crate::value::HeaderValue;
use bytes::{Buf as _, BytesMut};
use http::{HeaderName, Method, StatusCode, header};
use std::fmt;

/// The most headers of an answer.
const HEADERS_MAX: usize = 128;
/// So many more are put to those of an answer when it is passed on, about: of its own some are left out then.
const MORE_HEADERS: usize = 6;
/// The most bytes of an answer's head.
pub(crate) const HEAD_BYTES_MAX: usize = 64 << 10;

/// A request to an upstream. The head that is sent holds exactly this, `Host`, and the framing of the body.
pub struct Outgoing<'a> {
    method: Method,
    target: &'a str,
    /// The headers, but for those of a credential.
    pub headers: Fields,
    credential: &'a [(HeaderName, HeaderValue)],
}

impl<'a> Outgoing<'a> {
    /// A request by its method, its path and query below the upstream's prefix, and its headers, of which hop-by-hop ones
    /// and the framing are left out of what is sent.
    pub fn new(method: Method, target: &'a str, headers: Fields) -> Outgoing<'a> {
        Outgoing {
            method,
            target,
            headers,
            credential: &[],
        }
    }

    /// The same with the headers of a credential, in place of whatever it has under their names. None of them comes twice.
    pub fn by(self, credential: &'a [(HeaderName, HeaderValue)]) -> Outgoing<'a> {
        Outgoing { credential, ..self }
    }
}

impl fmt::Debug for Outgoing<'_> {
    // SECURITY: the target and the headers hold credentials.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Outgoing({}, {} headers)", self.method, self.headers.len())
    }
}

/// How a message's body is delimited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Framing {
    Nothing,
    Length(u64),
    Chunked,
    UntilClose,
}

/// Headers that belong to one connection, or that say where a body ends: never passed on.
pub fn is_hop_by_hop(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "connection"
            | "keep-alive"
            | "proxy-connection"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
            | "content-length"
            | "host"
            | "expect"
            | "http2-settings"
    )
}

/// A request that can be sent.
// INVARIANT: made by `check` alone.
#[derive(Clone, Copy)]
pub(crate) struct Sendable<'a>(&'a Outgoing<'a>);

impl Sendable<'_> {
    pub(crate) fn method(&self) -> &Method {
        &self.0.method
    }
}

/// Whether a request can be sent. A target with anything but visible ASCII has no bytes.
pub(crate) fn check<'a>(request: &'a Outgoing<'a>) -> Result<Sendable<'a>, UpstreamError> {
    // SECURITY: the target becomes part of the request line: a blank or line end in it would begin another request.
    if !request.target.starts_with('/') || !is_visible(request.target) {
        return Err(UpstreamError::Malformed("the target cannot be sent"));
    }
    // SECURITY: what follows the answer to CONNECT is no HTTP any more.
    if request.method == Method::CONNECT {
        return Err(UpstreamError::Malformed("a tunnel cannot be asked for"));
    }
    Ok(Sendable(request))
}

/// Whether a text is visible ASCII: each byte is looked at, so that several can be at once.
fn is_visible(text: &str) -> bool {
    text.bytes()
        .fold(true, |good, byte| good & byte.is_ascii_graphic())
}

/// Writes the head of a request.
pub(crate) fn write(request: Sendable<'_>, prefix: &str, host: &str, framing: Framing, out: &mut BytesMut) {
    let Sendable(request) = request;
    out.reserve(512);
    for part in [
        request.method.as_str(),
        " ",
        prefix,
        request.target,
        " HTTP/1.1\r\nhost: ",
        host,
        "\r\n",
    ] {
        out.extend_from_slice(part.as_bytes());
    }
    let replaced = |name: &HeaderName| request.credential.iter().any(|(other, _)| other == name);
    let others = request.headers.iter().filter(|(name, _)| !replaced(name));
    let credential = request.credential.iter().map(|(name, value)| (name, value));
    for (name, value) in others.chain(credential) {
        if is_hop_by_hop(name) {
            continue;
        }
        // A header's value cannot hold a line end: its type does not let it.
        out.extend_from_slice(name.as_str().as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    match framing {
        Framing::Nothing | Framing::UntilClose => {}
        Framing::Length(length) => {
            out.extend_from_slice(format!("content-length: {length}\r\n").as_bytes());
        }
        Framing::Chunked => out.extend_from_slice(b"transfer-encoding: chunked\r\n"),
    }
    out.extend_from_slice(b"\r\n");
}

/// An answer's head.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    pub(crate) headers: Fields,
    pub(crate) framing: Framing,
    /// Whether the connection serves another exchange after this one.
    pub(crate) keeps: bool,
}

/// Reads an answer's head from the front of a buffer, and takes it off. `None`: more bytes are needed.
pub(crate) fn read(buffer: &mut BytesMut, method: &Method) -> Result<Option<Head>, UpstreamError> {
    let mut room = [const { std::mem::MaybeUninit::uninit() }; HEADERS_MAX];
    let mut parsed = httparse::Response::new(&mut []);
    let config = httparse::ParserConfig::default();
    let length = match config.parse_response_with_uninit_headers(&mut parsed, buffer, &mut room) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) if buffer.len() > HEAD_BYTES_MAX => {
            return Err(UpstreamError::Malformed("the head is too long"));
        }
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(UpstreamError::Malformed("too many headers")),
        Err(_) => return Err(UpstreamError::Malformed("not an HTTP head")),
    };
    if length > HEAD_BYTES_MAX {
        return Err(UpstreamError::Malformed("the head is too long"));
    }
    let status = parsed
        .code
        .and_then(|code| StatusCode::from_u16(code).ok())
        .ok_or(UpstreamError::Malformed("no status"))?;
    let recent = parsed.version == Some(1);
    let mut headers = Fields::with_capacity(parsed.headers.len() + MORE_HEADERS);
    for one in parsed.headers.iter() {
        let name =
            header_name(one.name.as_bytes()).map_err(|_| UpstreamError::Malformed("a header's name"))?;
        let value =
            HeaderValue::from_bytes(one.value).map_err(|_| UpstreamError::Malformed("a header's value"))?;
        headers.append(name, value);
    }
    buffer.advance(length);
    let said = Said::of(&headers)?;
    // RFC 9112, section 6.1: a coding in HTTP/1.0 comes from somebody who does not know what it means.
    if !recent && said.is_chunked {
        return Err(UpstreamError::Malformed("a coding in HTTP/1.0"));
    }
    let framing = said.framing(status, method);
    let keeps = recent && framing != Framing::UntilClose && !said.closes && !said.lies(status);
    Ok(Some(Head {
        status,
        headers,
        framing,
        keeps,
    }))
}

/// What an answer's headers say of its body and of its connection.
struct Said {
    is_chunked: bool,
    length: Option<u64>,
    closes: bool,
}

impl Said {
    /// RFC 9112, section 6.3, without its leniencies.
    // SECURITY: an upstream that lies about lengths must not be able to put a second answer behind the first.
    fn of(headers: &Fields) -> Result<Said, UpstreamError> {
        let mut said = Said {
            is_chunked: false,
            length: None,
            closes: false,
        };
        for (name, value) in headers.iter() {
            if *name == header::CONTENT_LENGTH || *name == header::TRANSFER_ENCODING {
                if said.is_chunked || said.length.is_some() {
                    return Err(UpstreamError::Malformed("two lengths"));
                }
                if *name == header::CONTENT_LENGTH {
                    said.length = Some(number(value)?);
                } else if value.as_bytes().eq_ignore_ascii_case(b"chunked") {
                    said.is_chunked = true;
                } else {
                    return Err(UpstreamError::Malformed("a coding other than chunked"));
                }
            } else if *name == header::CONNECTION {
                let mut words = value.as_bytes().split(|byte| *byte == b',');
                said.closes |= words.any(|word| word.trim_ascii().eq_ignore_ascii_case(b"close"));
            }
        }
        Ok(said)
    }

    fn framing(&self, status: StatusCode, method: &Method) -> Framing {
        if method == Method::HEAD
            || status.is_informational()
            || status == StatusCode::NO_CONTENT
            || status == StatusCode::NOT_MODIFIED
        {
            return Framing::Nothing;
        }
        match (self.is_chunked, self.length) {
            (true, _) => Framing::Chunked,
            (false, Some(0)) => Framing::Nothing,
            (false, Some(length)) => Framing::Length(length),
            (false, None) => Framing::UntilClose,
        }
    }

    /// Whether a body is announced where there can be none, and may follow all the same.
    fn lies(&self, status: StatusCode) -> bool {
        status == StatusCode::NO_CONTENT && (self.is_chunked || self.length.is_some_and(|length| length > 0))
    }
}

fn number(value: &HeaderValue) -> Result<u64, UpstreamError> {
    let text = value.to_str().unwrap_or("");
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<u64>().ok().filter(|_| plain);
    number.ok_or(UpstreamError::Malformed("a length that is no number"))
}

#[cfg(test)]
mod tests;
