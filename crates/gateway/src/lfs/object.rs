//! LFS objects themselves. The upstream is asked again for each, so that nothing handed out earlier counts; its
//! address is used here and never shown.

use super::batch::Offer;
use super::verified::Verified;
use super::{Asked, document, document_headers, read, read_document};
use crate::credential::{self, Credential};
use crate::fault;
use crate::git::{Leased, Towards};
use crate::trailers::trimmed;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_gate::{Answer, Body, Reply, Request, StreamCall, streamed};
use bailiwick_host::body::BodyReader;
use bailiwick_model::limit::LFS_OBJECT_BYTES_MAX;
use bailiwick_upstream::{Client, Fields, HeaderValue, Outgoing, OutgoingBody, is_hop_by_hop};
use bailiwick_wire::lfs::{BatchObject, LfsOid};
use http::{HeaderName, Method, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Redirects of one download at the most.
const HOPS_MAX: usize = 3;
/// Headers of an action at the most.
const ACTION_HEADERS_MAX: usize = 32;

/// An address of the upstream's for one object, with the headers for it.
struct Action {
    client: Arc<Client>,
    target: String,
    headers: Fields,
}

/// `GET info/lfs/objects/{oid}?size=…`.
pub async fn download(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let StreamCall {
        authority,
        permit,
        request,
        ..
    } = call;
    let (oid, size) = object_of(&request)?;
    let cleared = authority.clear(permit, upstream, true)?;
    let permit = cleared.permit();
    let credential = credential::of(&authority, permit, upstream).await?;
    let asked = Asked {
        permit,
        upstream,
        credential: &credential,
        headers: &request.headers,
    };
    let offer = asked.one("download", &oid, size).await?;
    let mut action = action(upstream, &offer, "download", &credential)?.ok_or_else(missing)?;
    let lease = Arc::new(authority.transfer_begin(permit)?);
    for name in [header::RANGE, header::IF_RANGE, header::USER_AGENT] {
        if let Some(value) = request.headers.get(&name) {
            action.headers.insert(name, value.clone());
        }
    }
    let answer = fetch(upstream, action, &credential).await?;
    let length = answer.headers.get(header::CONTENT_LENGTH).cloned();
    let body = trimmed(answer.body);
    let mut reply = match answer.status {
        StatusCode::OK => {
            let size = offer.size.unwrap_or(size);
            let verified = Body::new(Verified::new(body, oid, size));
            let body = Body::new(Leased::new(verified, lease, Towards::Client));
            return Ok(Reply::stream("application/octet-stream", body)
                .with(header::CONTENT_LENGTH, &size.to_string())
                .with(header::ACCEPT_RANGES, "bytes")
                .with(header::CACHE_CONTROL, "no-cache, max-age=0, must-revalidate"));
        }
        StatusCode::PARTIAL_CONTENT => Reply::stream(
            "application/octet-stream",
            Body::new(Leased::new(body, lease, Towards::Client)),
        ),
        StatusCode::RANGE_NOT_SATISFIABLE => Reply::status(answer.status),
        StatusCode::NOT_FOUND | StatusCode::GONE => return Err(missing()),
        status => return Err(refused(upstream, status)),
    };
    reply.status = answer.status;
    for (name, value) in [
        (header::CONTENT_LENGTH, length),
        (
            header::CONTENT_RANGE,
            answer.headers.get(header::CONTENT_RANGE).cloned(),
        ),
    ] {
        if let Some(value) =
            value.filter(|_| answer.status == StatusCode::PARTIAL_CONTENT || name != header::CONTENT_LENGTH)
        {
            reply.headers.append(name, value);
        }
    }
    Ok(reply.with(header::CACHE_CONTROL, "no-cache, max-age=0, must-revalidate"))
}

/// `PUT info/lfs/objects/{oid}?size=…`.
pub async fn upload(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let StreamCall {
        authority,
        permit,
        request,
        body,
    } = call;
    let (oid, size) = object_of(&request)?;
    let cleared = authority.clear(permit, upstream, true)?;
    let permit = cleared.permit();
    let credential = credential::of(&authority, permit, upstream).await?;
    let asked = Asked {
        permit,
        upstream,
        credential: &credential,
        headers: &request.headers,
    };
    let offer = asked.one("upload", &oid, size).await?;
    let action = action(upstream, &offer, "upload", &credential)?;
    let mut body = BodyReader::new(body, &request.headers, LFS_OBJECT_BYTES_MAX)?;
    let lease = Arc::new(authority.transfer_begin(permit)?);
    body.beats(lease.pulse());
    let stopped = body.stopped();
    let guarded = Leased::new(streamed(body), lease.clone(), Towards::Upstream);
    let mut verified = Verified::new(Body::new(guarded), oid, size);
    let wrong = verified.wrong();
    let why = |fault: Fault| match stopped.get() {
        _ if wrong.load(Ordering::SeqCst) => wrong_object(),
        _ if lease.is_revoked() => lease.fault(),
        Some(why) => why.fault(),
        None => fault,
    };
    let receipt = authority.forward_begin(&cleared, upstream);
    receipt.durable().await?;
    let Some(mut action) = action else {
        // The upstream has it already; what came is looked at all the same, so that nobody is told an untruth.
        while let Some(frame) = verified.frame().await {
            frame.map_err(|_| {
                why(Fault::new(
                    FaultKind::BadRequest,
                    "body.broken",
                    "the body ended early",
                ))
            })?;
        }
        return Ok(Reply::status(StatusCode::OK));
    };
    let octets = HeaderValue::from_static("application/octet-stream");
    if !action.headers.contains_key(header::CONTENT_TYPE) {
        action.headers.append(header::CONTENT_TYPE, octets);
    }
    let outgoing = Outgoing::new(Method::PUT, &action.target, action.headers);
    let body = OutgoingBody::Stream(verified.boxed_unsync(), Some(size));
    let sent = action.client.send(&outgoing, body).await;
    let answer = sent.map_err(|error| why(fault::of_error(upstream, &error)))?;
    if wrong.load(Ordering::SeqCst) {
        return Err(wrong_object());
    }
    if answer.status.is_success() {
        Ok(Reply::status(StatusCode::OK))
    } else {
        Err(refused(upstream, answer.status))
    }
}

/// `POST info/lfs/objects/{oid}/verify`.
pub async fn verify(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let StreamCall {
        authority,
        permit,
        mut request,
        body,
    } = call;
    let oid = LfsOid::parse(request.parameter("oid")).map_err(|_| Fault::not_found())?;
    let object: BatchObject = read((&authority, &permit), &mut request, body).await?;
    let (named, size) = object
        .checked(LFS_OBJECT_BYTES_MAX)
        .map_err(|fault| Fault::new(FaultKind::Invalid, "lfs.oid", fault.to_string()))?;
    if named != oid {
        let message = "the body names another object than the path";
        return Err(Fault::new(FaultKind::Invalid, "lfs.oid", message));
    }
    let cleared = authority.clear(permit, upstream, true)?;
    let permit = cleared.permit();
    let credential = credential::of(&authority, permit, upstream).await?;
    let asked = Asked {
        permit,
        upstream,
        credential: &credential,
        headers: &request.headers,
    };
    let offer = asked.one("upload", &oid, size).await?;
    let told = json!({"oid": oid.as_str(), "size": size});
    match action(upstream, &offer, "verify", &credential)? {
        Some(mut action) => {
            for (name, value) in &document_headers(&request.headers, true) {
                action.headers.insert(name.clone(), value.clone());
            }
            let outgoing = Outgoing::new(Method::POST, &action.target, action.headers);
            let body = OutgoingBody::Whole(told.to_string().into());
            let sent = action.client.send(&outgoing, body).await;
            let answer = sent.map_err(|error| fault::of_error(upstream, &error))?;
            if !answer.status.is_success() {
                read_document(upstream, answer).await?;
            }
        }
        // With nothing left to do, the object is there; with an upload left, it is not.
        None if offer.actions.contains_key("upload") => return Err(missing()),
        None => {}
    }
    Ok(document(StatusCode::OK, &told))
}

/// The object that a path names, with the size that the batch has put beside it.
fn object_of(request: &Request) -> Result<(LfsOid, u64), Fault> {
    let oid = LfsOid::parse(request.parameter("oid")).map_err(|_| Fault::not_found())?;
    let size = request.query.get("size").filter(|text| text.len() <= 15);
    let size = size
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|text| text.parse::<u64>().ok())
        .filter(|size| *size <= LFS_OBJECT_BYTES_MAX)
        .ok_or_else(|| {
            let message = "the address lacks the object's size: ask for it by a batch";
            Fault::new(FaultKind::Invalid, "lfs.size", message)
        })?;
    Ok((oid, size))
}

impl Asked<'_> {
    /// What is offered for one object.
    async fn one(&self, operation: &str, oid: &LfsOid, size: u64) -> Result<Offer, Fault> {
        let mut offered = self.batch(operation, &[(oid.clone(), size)], None).await?;
        let offer = offered.remove(oid.as_str()).ok_or_else(missing)?;
        match offer.error {
            None => Ok(offer),
            Some((404 | 410, _)) => Err(missing()),
            Some((code, _)) => Err(Fault::new(
                FaultKind::Invalid,
                "upstream.refused",
                format!(
                    "the upstream {} does not offer this object: error {code}",
                    self.upstream.name
                ),
            )),
        }
    }
}

/// The address of an offer for one purpose.
// SECURITY: only to the upstream itself, or to a host that an administrator has named: an address that an upstream
// chooses freely would make this server a proxy to everything it can reach. The gateway's credential goes to the
// upstream alone, and only where the offer brings none of its own.
fn action(
    upstream: &Upstream,
    offer: &Offer,
    purpose: &str,
    credential: &Credential,
) -> Result<Option<Action>, Fault> {
    let Some(given) = offer.actions.get(purpose).and_then(Value::as_object) else {
        return Ok(None);
    };
    let href = given.get("href").and_then(Value::as_str).unwrap_or_default();
    let web = upstream.web()?;
    let mut headers = Fields::default();
    if !is_plain(href) {
        return Err(unfollowed(upstream));
    }
    let (client, target) = match web.address().below(href) {
        Some(below) if !href.starts_with('/') => {
            credential.put(&mut headers);
            (web.clone(), below.to_owned())
        }
        _ => upstream.download(href).ok_or_else(|| unfollowed(upstream))?,
    };
    let none = Map::new();
    let given = given.get("header").and_then(Value::as_object).unwrap_or(&none);
    for (name, value) in given.iter().take(ACTION_HEADERS_MAX) {
        let name = HeaderName::from_bytes(name.as_bytes());
        let value = value.as_str().map(HeaderValue::from_str);
        if let (Ok(name), Some(Ok(value))) = (name, value)
            && !is_hop_by_hop(&name)
        {
            headers.insert(name, value);
        }
    }
    Ok(Some(Action {
        client,
        target,
        headers,
    }))
}

/// Whether an address leads where it seems to: no segment of it climbs out of the base that it lies below.
fn is_plain(href: &str) -> bool {
    let path = href.split(['?', '#']).next().unwrap_or_default();
    let path = path.to_ascii_lowercase().replace("%2e", ".");
    !path
        .split(['/', '\\'])
        .any(|segment| matches!(segment, "." | ".."))
}

/// Fetches an object, by redirects to where an address may lead.
async fn fetch(
    upstream: &Upstream,
    mut action: Action,
    credential: &Credential,
) -> Result<bailiwick_upstream::Answer, Fault> {
    action
        .headers
        .insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    for _ in 0..=HOPS_MAX {
        let outgoing = Outgoing::new(Method::GET, &action.target, action.headers.clone());
        let sent = action.client.send(&outgoing, OutgoingBody::Nothing).await;
        let answer = sent.map_err(|error| fault::of_error(upstream, &error))?;
        if answer.status == StatusCode::UNAUTHORIZED {
            return Err(fault::credential_refused(upstream));
        }
        if !answer.status.is_redirection() || answer.status == StatusCode::NOT_MODIFIED {
            return Ok(answer);
        }
        let location = answer.headers.get(header::LOCATION);
        let location = location.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let next = json!({"href": location});
        let offer = Offer {
            size: None,
            error: None,
            actions: Map::from_iter([(String::from("next"), next)]),
        };
        let mut next = self::action(upstream, &offer, "next", credential)?.ok_or_else(missing)?;
        for name in [
            header::RANGE,
            header::IF_RANGE,
            header::USER_AGENT,
            header::ACCEPT_ENCODING,
        ] {
            if let Some(value) = action.headers.get(&name) {
                next.headers.insert(name, value.clone());
            }
        }
        action = next;
    }
    Err(unfollowed(upstream))
}

fn missing() -> Fault {
    Fault::new(
        FaultKind::NotFound,
        "lfs.missing",
        "the upstream has no such object in this repository",
    )
}

fn wrong_object() -> Fault {
    Fault::new(
        FaultKind::Invalid,
        "lfs.digest",
        "the bytes are not those of the object: nothing was stored",
    )
}

fn refused(upstream: &Upstream, status: StatusCode) -> Fault {
    let message = format!(
        "the upstream {} answered with status {} for the object",
        upstream.name,
        status.as_u16()
    );
    Fault::new(FaultKind::BadGateway, "upstream.refused", message)
}

fn unfollowed(upstream: &Upstream) -> Fault {
    let message = format!(
        "the upstream {} keeps its LFS objects at an address that is not followed; an administrator can name the host \
         in its settings",
        upstream.name
    );
    Fault::new(FaultKind::BadGateway, "upstream.redirect", message)
}
