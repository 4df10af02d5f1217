//! One exchange with an upstream for one permitted request, whatever the protocol: what is sent with which credential,
//! and what of the answer goes back.

use crate::credential::Credential;
use crate::git::{Leased, Towards};
use crate::github::scrub::{Scrubbed, Scrubber};
use crate::headers::{Links, incoming, outgoing};
use crate::trailers::trimmed;
use crate::{blocking, fault};
use bailiwick_authority::transfer::Lease;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Authority, Fault, FaultKind, Permit};
use bailiwick_gate::{Body, Reply, ReplyBody, read_body};
use bailiwick_model::UpstreamKind;
use bailiwick_upstream::{Answer, Client, Fields, Outgoing, OutgoingBody, UpstreamError};
use http::{Method, StatusCode, header};
use http_body::Body as _;
use http_body_util::BodyExt;
use std::sync::Arc;

/// Bodies of requests up to this many bytes are read whole before they are sent: one write, and no task beside it.
const WHOLE_BYTES_MAX: usize = 64 << 10;
/// Redirects of one download at the most.
const HOPS_MAX: usize = 3;

/// What is asked of an upstream.
pub struct Question<'a> {
    /// The upstream.
    pub upstream: &'a Upstream,
    /// The client of its web address or of its API.
    pub client: &'a Arc<Client>,
    /// The method; the caller's HEAD is one here as well.
    pub method: Method,
    /// Path and query below the client's address.
    pub target: String,
    /// The caller's headers.
    pub headers: &'a Fields,
    /// What stands for the caller there.
    pub credential: &'a Credential,
}

/// Asks. What comes back is the upstream's word, redirects and refusals included.
pub async fn ask(question: &Question<'_>, body: OutgoingBody) -> Result<Answer, Fault> {
    let bodiless = matches!(body, OutgoingBody::Nothing);
    // GitHub's answers are looked into as they pass.
    let plain = question.upstream.kind == UpstreamKind::GitHub;
    let mut headers = outgoing(question.headers);
    // SECURITY: what a template names is the gateway's to say, also where it says nothing: for a visitor, who would otherwise
    // name somebody.
    let ours = &question.upstream.headers;
    headers.retain(|name| {
        let of_body = *name == header::CONTENT_TYPE || *name == header::CONTENT_ENCODING;
        !(bodiless && of_body
            || plain && *name == header::ACCEPT_ENCODING
            || ours.iter().any(|template| template.shadows(name.as_str())))
    });
    let request =
        Outgoing::new(question.method.clone(), &question.target, headers).by(question.credential.headers());
    let answer = question
        .client
        .send(&request, body)
        .await
        .map_err(|error| fault::of_error(question.upstream, &error))?;
    // SECURITY: passed on, it would ask the caller for the upstream's own credentials.
    if answer.status == StatusCode::UNAUTHORIZED && !question.credential.is_nothing() {
        return Err(Box::pin(question.credential.refused(question.upstream)).await);
    }
    Ok(answer)
}

/// The body of a request as it is sent.
pub async fn body_of(method: &Method, headers: &Fields, body: Body) -> Result<OutgoingBody, Fault> {
    if body.is_end_stream() {
        let says = body_is_exact(headers);
        let bodiless = matches!(
            *method,
            Method::GET | Method::HEAD | Method::DELETE | Method::OPTIONS
        );
        return Ok(if bodiless && !says {
            OutgoingBody::Nothing
        } else {
            OutgoingBody::Whole(bytes::Bytes::new())
        });
    }
    match body.size_hint().upper() {
        Some(length) if length <= WHOLE_BYTES_MAX as u64 => {
            let bytes = read_body(body, WHOLE_BYTES_MAX).await?;
            Ok(OutgoingBody::Whole(bytes))
        }
        length => Ok(OutgoingBody::Stream(
            body.boxed_unsync(),
            length.filter(|_| body_is_exact(headers)),
        )),
    }
}

/// Refuses to go on with what a body has brought, if that would not be permitted by now.
// SECURITY: decided on before it came. Whoever held it back would hold leave past the revocation of a token.
pub async fn still(authority: &Arc<Authority>, permit: &Permit) -> Result<(), Fault> {
    let witness = authority.witness(permit);
    if let Some(told) = authority.still_permitted_warm(&witness) {
        return told;
    }
    let authority = authority.clone();
    blocking(move || authority.still_permitted(&witness)).await
}

/// A body on its way to an upstream, which breaks off once its request is no longer permitted.
pub async fn held(
    authority: &Arc<Authority>,
    permit: &Permit,
    body: OutgoingBody,
) -> Result<(OutgoingBody, Option<Arc<Lease>>), Fault> {
    let lease = match &body {
        OutgoingBody::Nothing => return Ok((body, None)),
        OutgoingBody::Whole(bytes) if bytes.is_empty() => return Ok((body, None)),
        OutgoingBody::Whole(_) => None,
        OutgoingBody::Stream(..) => Some(Arc::new(authority.transfer_begin(permit)?)),
    };
    still(authority, permit).await?;
    let body = match &lease {
        Some(lease) => leased_up(body, lease.clone()),
        None => body,
    };
    Ok((body, lease))
}

/// What was stopped in the middle was stopped for a reason that is not the upstream's.
pub fn cut_off(lease: &Lease) -> Result<(), Fault> {
    if lease.is_revoked() {
        return Err(lease.fault());
    }
    Ok(())
}

/// A body that breaks off with its lease on the way to its upstream.
pub fn leased_up(body: OutgoingBody, lease: Arc<Lease>) -> OutgoingBody {
    match body {
        OutgoingBody::Stream(body, length) => {
            let body = Leased::new(Body::new(body), lease, Towards::Upstream);
            OutgoingBody::Stream(body.boxed_unsync(), length)
        }
        whole => whole,
    }
}

fn body_is_exact(headers: &Fields) -> bool {
    headers.get_all(header::CONTENT_LENGTH).next().is_some()
}

/// The answer as the caller gets it.
pub async fn reply(question: &Question<'_>, answer: Answer, links: &Links<'_>) -> Result<Reply, Fault> {
    let answer = redirected(question, answer, links).await?;
    // What has no content has no length either.
    let head = question.method == Method::HEAD && answer.status != StatusCode::NO_CONTENT;
    let scrubs = is_scrubbed(question.upstream, &answer.headers)?;
    let mut body = answer.body;
    let body = match body.at_hand() {
        // Not as bytes of ours: those would get an entity tag of ours.
        Some(bytes) if scrubs => bailiwick_gate::whole(Scrubber::new().piece(bytes)),
        Some(bytes) => bailiwick_gate::whole(bytes),
        None if scrubs => trimmed(Scrubbed::new(body)),
        None => trimmed(body),
    };
    Ok(Reply {
        status: answer.status,
        headers: incoming(answer.headers, links, head),
        body: ReplyBody::Stream(body),
        action: None,
    })
}

/// Whether an answer is looked into as it passes.
fn is_scrubbed(upstream: &Upstream, headers: &Fields) -> Result<bool, Fault> {
    let is = |name: header::HeaderName, what: &[u8]| {
        let mut all = headers.get_all(name);
        all.any(|value| {
            value
                .as_bytes()
                .to_ascii_lowercase()
                .windows(what.len())
                .any(|part| part == what)
        })
    };
    let scrubs = upstream.kind == UpstreamKind::GitHub && is(header::CONTENT_TYPE, b"json");
    if scrubs && headers.contains_key(header::CONTENT_ENCODING) {
        let error = UpstreamError::Malformed("a coding that was not asked for");
        return Err(fault::of_error(upstream, &error));
    }
    Ok(scrubs)
}

/// A redirect within the upstream goes back to the caller, led home, and is decided again when it is followed. One to
/// a host of downloads that is named in the settings is followed here, without a credential: its address is often a
/// credential itself. Any other is refused.
// SECURITY: passed on, it would lead clients around the gateway; followed blindly, it would reach whatever the upstream
// chooses, with our credential.
async fn redirected(question: &Question<'_>, mut answer: Answer, links: &Links<'_>) -> Result<Answer, Fault> {
    for _ in 0..HOPS_MAX {
        let location = answer.headers.get(header::LOCATION);
        let Some(location) = location.filter(|_| answer.status.is_redirection()) else {
            return Ok(answer);
        };
        let location = location.to_str().map_err(|_| unfollowed(question.upstream))?;
        match links.home(location) {
            // Led home, it would lead in a circle: the upstream calls it by another name now.
            Some(home) if links.is_asked(&home) => return Err(fault::renamed(question.upstream)),
            Some(_) => return Ok(answer),
            None => {}
        }
        answer = Box::pin(follow(question, location)).await?;
    }
    Err(unfollowed(question.upstream))
}

async fn follow(question: &Question<'_>, location: &str) -> Result<Answer, Fault> {
    let upstream = question.upstream;
    if question.method != Method::GET && question.method != Method::HEAD {
        return Err(unfollowed(upstream));
    }
    let (client, target) = upstream.download(location).ok_or_else(|| unfollowed(upstream))?;
    let mut headers = Fields::default();
    for name in [header::ACCEPT, header::RANGE, header::USER_AGENT] {
        if let Some(value) = question.headers.get(&name) {
            headers.insert(name, value.clone());
        }
    }
    let request = Outgoing::new(question.method.clone(), &target, headers);
    client
        .send(&request, OutgoingBody::Nothing)
        .await
        .map_err(|error| fault::of_error(upstream, &error))
}

fn unfollowed(upstream: &Upstream) -> Fault {
    Fault::new(
        FaultKind::BadGateway,
        "upstream.redirect",
        format!(
            "the upstream {} redirects to an address that is not followed; an administrator can name hosts of downloads in its settings",
            upstream.name
        ),
    )
}
