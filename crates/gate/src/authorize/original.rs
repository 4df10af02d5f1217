//! The request that another proxy has, made again from what the proxy tells of it. What is missing, doubled or could be
//! read in two ways is refused; nothing has a default.

use super::{Dialect, PREFIX};
use crate::listen::{HeadError, check_head};
use crate::message::Head;
use crate::mount::{Mounts, split_mount};
use crate::pipeline::Gate;
use crate::reply::Body;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_model::limit;
use bailiwick_upstream::{Fields, HeaderValue};
use bailiwick_wire::forwarded;
use http::uri::PathAndQuery;
use http::{HeaderName, Method, Uri, Version};
use http_body::Body as _;
use std::net::IpAddr;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_METHOD: HeaderName = HeaderName::from_static("x-forwarded-method");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_URI: HeaderName = HeaderName::from_static("x-forwarded-uri");
const X_ORIGINAL_METHOD: HeaderName = HeaderName::from_static("x-original-method");
const X_ORIGINAL_URI: HeaderName = HeaderName::from_static("x-original-uri");

/// What stands for no upstream in the address of a call. No name is a hyphen.
const HERE: &str = "-";

/// A request as it was made to the other proxy.
pub(super) struct Original {
    /// Its head.
    pub head: Head,
    /// Who made it.
    pub client: IpAddr,
    /// The upstream that the proxy stands before.
    pub upstream: Option<Box<str>>,
}

/// The address of a call, `/-/authorize/PROTOCOL/UPSTREAM`.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub dialect: Dialect,
    pub upstream: Option<&'a str>,
    // What stands behind it: the path of the request, where Envoy asks over HTTP.
    rest: &'a str,
}

fn bad(code: &'static str, message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::BadRequest, code, message)
}

impl<'a> Call<'a> {
    /// Reads the path of a call.
    pub fn of(path: &'a str) -> Result<Call<'a>, Fault> {
        let wrong = || {
            bad(
                "authorize.call",
                "calls are made at /-/authorize/nginx/UPSTREAM, /-/authorize/forward/UPSTREAM and below \
                 /-/authorize/envoy/UPSTREAM, with a hyphen for what is kept on this server",
            )
        };
        let mut parts = path.strip_prefix(PREFIX).unwrap_or_default().splitn(4, '/');
        let (Some(""), Some(word), Some(upstream)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong());
        };
        let dialect = [Dialect::Nginx, Dialect::Forward, Dialect::Envoy]
            .into_iter()
            .find(|dialect| dialect.word() == word)
            .ok_or_else(wrong)?;
        let rest = match parts.next() {
            // The slash before it belongs to it.
            Some(rest) => path.get(path.len() - rest.len() - 1..).unwrap_or_default(),
            None => "",
        };
        if dialect != Dialect::Envoy && !rest.is_empty() {
            return Err(wrong());
        }
        Ok(Call {
            dialect,
            upstream: upstream_of(upstream).ok_or_else(wrong)?,
            rest,
        })
    }
}

/// Whether a name could be that of an upstream, and which; `None` for what can be none.
pub(super) fn upstream_of(text: &str) -> Option<Option<&str>> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    match text {
        HERE => Some(None),
        name if !name.is_empty() && name.len() <= 39 && name.bytes().all(plain) => Some(Some(name)),
        _ => None,
    }
}

/// Makes the request again of a call over HTTP.
pub(super) fn of_call(
    gate: &Gate,
    peer: IpAddr,
    call: &Call<'_>,
    head: &Head,
    body: &Body,
) -> Result<Original, Fault> {
    match check_head(&head.headers, 0) {
        Err(HeadError::Framing) => return Err(bad("head.framing", "ambiguous message length")),
        // Which of those headers say something is known below; the rest is looked for again.
        Err(HeadError::TooLong | HeadError::Override) | Ok(()) => {}
    }
    if body.size_hint().exact() != Some(0) {
        return Err(bad(
            "authorize.call",
            "a call has no body: tell the proxy not to send it",
        ));
    }
    let headers = &head.headers;
    let (method, target) = match call.dialect {
        Dialect::Envoy => {
            let query = head.uri.query().map(|query| format!("?{query}"));
            let target = format!("{}{}", call.rest, query.unwrap_or_default());
            (head.method.as_str(), target)
        }
        Dialect::Nginx | Dialect::Forward | Dialect::EnvoyGrpc => {
            if head.method != Method::GET {
                return Err(bad("authorize.call", "a call is a GET"));
            }
            let (method, target) = match call.dialect {
                Dialect::Nginx => (X_ORIGINAL_METHOD, X_ORIGINAL_URI),
                _ => (X_FORWARDED_METHOD, X_FORWARDED_URI),
            };
            for name in [X_FORWARDED_HOST, X_FORWARDED_PROTO] {
                if call.dialect == Dialect::Forward && headers.get_all(&name).count() > 1 {
                    return Err(bad("authorize.forwarded", format!("`{name}` is there twice")));
                }
            }
            let method = one(headers, &method, "authorize.method")?;
            let target = one(headers, &target, "authorize.uri")?;
            // Caddy leaves the query where it is unless it is told otherwise. Another one would be somebody's else.
            let query = head.uri.query();
            if query.is_some() && query != target.split_once('?').map(|(_, query)| query) {
                return Err(bad(
                    "authorize.call",
                    "a call has no query but that of the original URI",
                ));
            }
            (method, target.to_owned())
        }
    };
    let sent: Vec<&[u8]> = headers
        .get_all(X_FORWARDED_FOR)
        .map(HeaderValue::as_bytes)
        .collect();
    let last = sent
        .last()
        .and_then(|value| value.rsplit(|byte| *byte == b',').next());
    if last.and_then(forwarded::address).is_none() {
        return Err(bad(
            "authorize.client",
            "`X-Forwarded-For` does not end with an address: the proxy has to say who asks it",
        ));
    }
    let client = client(gate, peer, &sent);
    made(
        gate,
        call.upstream,
        (method, &target),
        (headers, call.dialect, client),
    )
}

/// Whose request it is, by proxies that are trusted.
pub(super) fn client(gate: &Gate, peer: IpAddr, forwarded_for: &[&[u8]]) -> IpAddr {
    let trusted: Vec<_> = gate
        .askers
        .iter()
        .chain(&gate.settings.trusted_proxies)
        .copied()
        .collect();
    forwarded::client(peer, forwarded_for.iter().copied(), &trusted)
}

/// The one value of a header.
fn one<'a>(headers: &'a Fields, name: &HeaderName, code: &'static str) -> Result<&'a str, Fault> {
    let mut values = headers.get_all(name);
    let value = values
        .next()
        .ok_or_else(|| bad(code, format!("`{name}` is missing: the proxy has to send it")))?;
    if values.next().is_some() {
        return Err(bad(code, format!("`{name}` is there twice")));
    }
    value
        .to_str()
        .map_err(|_| bad(code, format!("`{name}` is no plain text")))
}

/// Makes a request of its method and target, its headers, and whose it is.
pub(super) fn made(
    gate: &Gate,
    upstream: Option<&str>,
    (method, target): (&str, &str),
    (headers, dialect, client): (&Fields, Dialect, IpAddr),
) -> Result<Original, Fault> {
    let method = method_of(method)?;
    let uri = uri_of(gate.mounts(), upstream, target)?;
    // SECURITY: what is asked on a connection after its upgrade is asked of nobody.
    if headers.names().any(upgrades) {
        return Err(bad(
            "authorize.upgrade",
            "a connection that changes its protocol cannot be decided on request by request",
        ));
    }
    // SECURITY: the proxy replaces the headers that tell who asks, by their names. A server behind that reads `_` as `-`
    // would take a client's own for them.
    if headers.names().any(passes_for_ours) {
        return Err(bad(
            "authorize.header",
            "a header whose name begins with `x_bailiwick` or `x-bailiwick` and holds `_` can be taken for one that tells \
             who asks: leave it out",
        ));
    }
    Ok(Original {
        head: Head {
            method,
            uri,
            version: Version::HTTP_11,
            headers: own(headers, dialect),
        },
        client,
        upstream: upstream.map(Into::into),
    })
}

/// Whether a header asks for another protocol on the same connection.
fn upgrades(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "upgrade" | "sec-websocket-key" | "sec-websocket-version" | "http2-settings"
    )
}

/// Whether a server that reads `_` as `-` would take a header for one that the proxy sets.
fn passes_for_ours(name: &HeaderName) -> bool {
    const OURS: &[u8] = b"x-bailiwick-";
    let name = name.as_str().as_bytes();
    let like = |(one, ours): (&u8, &u8)| one == ours || (*one, *ours) == (b'_', b'-');
    name.contains(&b'_') && name.len() >= OURS.len() && name.iter().zip(OURS).all(like)
}

/// Headers of the request itself, without those that the call has.
fn own(headers: &Fields, dialect: Dialect) -> Fields {
    let of_the_call = |name: &HeaderName| match name.as_str() {
        // Read here. To everybody else it is an override, which no request may bring.
        "x-original-method" | "x-original-uri" => dialect == Dialect::Nginx,
        "x-forwarded-method" | "x-forwarded-uri" | "x-forwarded-host" | "x-forwarded-proto"
        | "x-forwarded-for" | "connection" | "content-length" | "transfer-encoding" | "te" | "trailer"
        | "host" => true,
        _ => false,
    };
    let mut own = Fields::with_capacity(headers.len());
    for (name, value) in headers.iter().filter(|(name, _)| !of_the_call(name)) {
        own.append(name.clone(), value.clone());
    }
    own
}

fn method_of(text: &str) -> Result<Method, Fault> {
    // SECURITY: what a browser asks before it asks gets an answer of its own here, and methods that nobody knows may
    // mean anything elsewhere: neither is a request that could be decided on.
    Ok(match text {
        "GET" => Method::GET,
        "HEAD" => Method::HEAD,
        "POST" => Method::POST,
        "PUT" => Method::PUT,
        "PATCH" => Method::PATCH,
        "DELETE" => Method::DELETE,
        _ => {
            return Err(bad(
                "authorize.method",
                "the original method is none of GET, HEAD, POST, PUT, PATCH and DELETE",
            ));
        }
    })
}

/// The target here: as it came, or below the mount of its upstream.
fn uri_of(mounts: &Mounts, upstream: Option<&str>, target: &str) -> Result<Uri, Fault> {
    let wrong = |what: &str| bad("authorize.uri", format!("the original URI {what}"));
    if target.is_empty() {
        return Err(wrong("is empty"));
    }
    if !target.starts_with('/') || target.starts_with("//") {
        return Err(wrong("is no path: it begins with one slash"));
    }
    if target.contains('#') {
        return Err(wrong("has a fragment, which no request has"));
    }
    if !target.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(wrong("holds something that has to be written as %XX"));
    }
    if target.len() > limit::TARGET_BYTES_MAX {
        return Err(Fault::new(
            FaultKind::TooLarge,
            "head.target_too_long",
            "the request target is too long",
        ));
    }
    let path = target.split('?').next().unwrap_or_default();
    let mounted = upstream.and_then(|name| mounts.look(name, |extension| extension.mount().to_owned()));
    if mounted.is_none() && (split_mount(path).is_some() || super::is_call(path)) {
        return Err(wrong(
            "is below /-, which belongs to upstreams with a catalogue: name yours in the address of the call",
        ));
    }
    let whole = match mounted {
        Some(mount) => mount + target,
        None => target.to_owned(),
    };
    let parsed = PathAndQuery::try_from(whole.as_str()).map_err(|_| wrong("cannot be read"))?;
    if parsed.as_str() != whole {
        return Err(wrong("can be read in two ways"));
    }
    Ok(Uri::from(parsed))
}
