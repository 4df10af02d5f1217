//! Envoy's `envoy.service.auth.v3.Authorization/Check`: what a check asks, strictly read, and what it is answered. Where
//! the format takes the last of several values, this reader refuses: two readers could take two of them.

use crate::protobuf::{Fields, Malformed, Message, Value};

/// Where the service is found, as gRPC writes it.
pub const PATH: &str = "/envoy.service.auth.v3.Authorization/Check";

/// The key of `context_extensions` by which a route says which upstream it stands before.
pub const UPSTREAM: &str = "upstream";

/// The request that Envoy asks about.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Check<'a> {
    /// The method, as it came.
    pub method: &'a str,
    /// Path and query, as they came.
    pub path: &'a str,
    /// The address that Envoy has the request from.
    pub client: &'a str,
    /// The headers, without those that only HTTP/2 has.
    pub headers: Vec<(&'a str, &'a [u8])>,
    /// What the route says that it stands before.
    pub upstream: Option<&'a str>,
}

/// Why a check cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CheckError {
    /// It is no message of this kind.
    Malformed,
    /// A field that there can be one of comes twice.
    Twice(&'static str),
    /// A field is missing or empty.
    Missing(&'static str),
    /// Two fields say different things.
    Contradicts(&'static str),
}

impl From<Malformed> for CheckError {
    fn from(Malformed: Malformed) -> CheckError {
        CheckError::Malformed
    }
}

impl CheckError {
    /// In words.
    pub fn words(self) -> String {
        match self {
            CheckError::Malformed => "it is no CheckRequest".into(),
            CheckError::Twice(field) => format!("`{field}` is there twice"),
            CheckError::Missing(field) => format!("`{field}` is missing or empty"),
            CheckError::Contradicts(field) => format!("`{field}` contradicts another field"),
        }
    }
}

/// Keeps a field of which there is one.
fn once<T>(slot: &mut Option<T>, field: &'static str, value: T) -> Result<(), CheckError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(CheckError::Twice(field)),
    }
}

/// The one message inside a message; `None` if it is not there.
fn inside<'a>(bytes: &'a [u8], number: u64, name: &'static str) -> Result<Option<&'a [u8]>, CheckError> {
    let mut found = None;
    for field in Fields::of(bytes) {
        let (at, value) = field?;
        if at == number {
            once(&mut found, name, value.bytes()?)?;
        }
    }
    Ok(found)
}

fn needed<'a>(bytes: &'a [u8], number: u64, name: &'static str) -> Result<&'a [u8], CheckError> {
    inside(bytes, number, name)?.ok_or(CheckError::Missing(name))
}

/// Text that is there and not empty.
fn text<'a>(value: Option<Value<'a>>, name: &'static str) -> Result<&'a str, CheckError> {
    match value.map(Value::text).transpose()? {
        None | Some("") => Err(CheckError::Missing(name)),
        Some(text) => Ok(text),
    }
}

impl<'a> Check<'a> {
    /// Reads a `CheckRequest`.
    pub fn read(bytes: &'a [u8]) -> Result<Check<'a>, CheckError> {
        let attributes = needed(bytes, 1, "attributes")?;
        let source = needed(attributes, 1, "attributes.source")?;
        let request = needed(attributes, 4, "attributes.request")?;
        let http = needed(request, 2, "attributes.request.http")?;
        let mut check = read_http(http)?;
        let address = needed(source, 1, "attributes.source.address")?;
        let socket = needed(address, 1, "attributes.source.address.socket_address")?;
        check.client = core::str::from_utf8(needed(
            socket,
            2,
            "attributes.source.address.socket_address.address",
        )?)
        .map_err(|_| CheckError::Malformed)?;
        for field in Fields::of(attributes) {
            // context_extensions
            let (10, value) = field? else { continue };
            let (key, value) = entry(value.bytes()?)?;
            if key == UPSTREAM {
                let name = core::str::from_utf8(value).map_err(|_| CheckError::Malformed)?;
                once(&mut check.upstream, "context_extensions.upstream", name)?;
            }
        }
        Ok(check)
    }
}

/// `AttributeContext.HttpRequest`.
fn read_http(bytes: &[u8]) -> Result<Check<'_>, CheckError> {
    let (mut method, mut path) = (None, None);
    let mut all: Vec<(&str, &[u8])> = Vec::new();
    for field in Fields::of(bytes) {
        let (number, value) = field?;
        match number {
            2 => once(&mut method, "method", value)?,
            3 => all.push(entry(value.bytes()?)?),
            4 => once(&mut path, "path", value)?,
            // The path holds the query, and no request has a fragment.
            7 | 8 if !value.bytes()?.is_empty() => return Err(CheckError::Contradicts("path")),
            13 => {
                for header in Fields::of(value.bytes()?) {
                    let (1, header) = header? else { continue };
                    all.push(header_value(header.bytes()?)?);
                }
            }
            _ => {}
        }
    }
    let (method, path) = (text(method, "method")?, text(path, "path")?);
    let mut headers = Vec::with_capacity(all.len());
    for (name, value) in all {
        // SECURITY: what HTTP/2 keeps beside the headers must say what the fields say.
        match (name, name.starts_with(':')) {
            (":method", _) if value != method.as_bytes() => return Err(CheckError::Contradicts("method")),
            (":path", _) if value != path.as_bytes() => return Err(CheckError::Contradicts("path")),
            (_, true) => {}
            (_, false) => headers.push((name, value)),
        }
    }
    Ok(Check {
        method,
        path,
        headers,
        ..Check::default()
    })
}

/// An entry of a map from text to text.
fn entry(bytes: &[u8]) -> Result<(&str, &[u8]), CheckError> {
    let (mut key, mut held) = (None, None);
    for field in Fields::of(bytes) {
        let (number, value) = field?;
        match number {
            1 => once(&mut key, "key", value)?,
            2 => once(&mut held, "value", value.bytes()?)?,
            _ => return Err(CheckError::Malformed),
        }
    }
    Ok((text(key, "key")?, held.unwrap_or_default()))
}

/// `HeaderValue`: its value is text or raw bytes, not both.
fn header_value(bytes: &[u8]) -> Result<(&str, &[u8]), CheckError> {
    let (mut key, mut held) = (None, None);
    for field in Fields::of(bytes) {
        let (number, value) = field?;
        match number {
            1 => once(&mut key, "key", value)?,
            2 | 3 => once(&mut held, "value", value.bytes()?)?,
            _ => return Err(CheckError::Malformed),
        }
    }
    Ok((text(key, "key")?, held.unwrap_or_default()))
}

/// Headers in an answer, each instead of whatever the request has under that name.
fn with_headers<'a>(mut message: Message, headers: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Message {
    for (name, value) in headers {
        let header = Message::new().bytes(1, name.as_bytes()).bytes(2, value);
        // `append` is there and false: Envoy's default for it has changed between versions.
        message = message.message(2, &Message::new().message(1, &header).message(2, &Message::new()));
    }
    message
}

/// A `CheckResponse` that allows, with headers for the proxied server.
pub fn allowed<'a>(headers: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    Message::new()
        .message(1, &Message::new())
        .message(3, &with_headers(Message::new(), headers))
        .into_bytes()
}

/// A `CheckResponse` that refuses: with this status, these headers and this body for the client.
pub fn denied<'a>(
    status: u16,
    headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    body: &[u8],
) -> Vec<u8> {
    // google.rpc.Code: unauthenticated, unavailable, permission denied.
    let code = match status {
        401 => 16,
        500.. => 14,
        _ => 7,
    };
    let denied = Message::new().message(1, &Message::new().number(1, u64::from(status)));
    let denied = with_headers(denied, headers).bytes(3, body);
    Message::new()
        .message(1, &Message::new().number(1, code))
        .message(2, &denied)
        .into_bytes()
}
