//! Git's smart protocol before an upstream: fetches stream through, pushes are read before a byte of them is passed on.

mod fetch;
mod inspect;
mod leased;
mod mirror;
mod passing;
mod push;
mod report;

pub(crate) use leased::{Leased, Towards};

use crate::credential::{self, Credential};
use crate::exchange::{Question, ask};
use crate::target::Theirs;
use crate::trailers::trimmed;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Fault, FaultKind, Permit};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Reply, ReplyBody, StreamCall, encode};
use bailiwick_git::{ProtocolVersion, Service};
use bailiwick_host::message;
use bailiwick_model::UpstreamKind;
use bailiwick_upstream::{Fields, HeaderValue, OutgoingBody};
use http::{HeaderName, Method, StatusCode, header};
use std::sync::Arc;

/// Passes a Git or LFS request on.
pub async fn serve(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    match call.permit.operation().index {
        op::GIT_UPLOAD_PACK_INFO => advertise(call, upstream, Service::UploadPack).await,
        op::GIT_RECEIVE_PACK_INFO => {
            let push = call.permit.also(op::GIT_RECEIVE_PACK);
            push::check_possible(call.authority.clone(), push, upstream.clone()).await?;
            advertise(call, upstream, Service::ReceivePack).await
        }
        op::GIT_UPLOAD_PACK => fetch::serve(call, upstream).await,
        op::GIT_RECEIVE_PACK => push::serve(call, upstream).await,
        _ => crate::lfs::serve(call, upstream).await,
    }
}

/// The refs that a service offers.
async fn advertise(call: StreamCall, upstream: &Arc<Upstream>, service: Service) -> Answer {
    let credential = credential::of(&call.authority, &call.permit, upstream).await?;
    let name = service.name();
    let target = format!("{}/info/refs?service={name}", path(&call.permit, upstream)?);
    let headers = headers(&call.request.headers, None);
    let question = question(upstream, &headers, &credential, Method::GET, target)?;
    let answer = ask(&question, OutgoingBody::Nothing).await?;
    let expected = format!("application/x-{name}-advertisement");
    let answer = good(upstream, answer, &expected)?;
    Ok(reply(&expected, trimmed(answer.body)))
}

/// The path of the repository at the upstream.
pub(crate) fn path(permit: &Permit, upstream: &Upstream) -> Result<String, Fault> {
    let row = permit.repository()?;
    let name = row
        .upstream_name
        .as_deref()
        .filter(|_| row.upstream_id == Some(upstream.id));
    let (UpstreamKind::Git, Some(name)) = (upstream.kind, name) else {
        return Ok(format!("/{}.git", Theirs::of(permit, upstream)?.full_name()?));
    };
    // A plain Git server has any depth of directories.
    let mut path = String::new();
    for segment in name.trim_end_matches(".git").split('/') {
        if matches!(segment, "" | "." | "..") {
            return Err(Fault::conflict(
                "upstream.unnamed",
                "what this is called at its upstream is no path there; an administrator can bind it again",
            ));
        }
        path.push('/');
        path.push_str(&encode(segment));
    }
    Ok(format!("{path}.git"))
}

/// What a request of Git says to an upstream: the version that is spoken, who the program is, and what is sent.
// SECURITY: written here, not let through: an answer that came compressed could not be read for what it reports, and
// a word of `Git-Protocol` that nobody here knows would reach the upstream's git.
fn headers(from: &Fields, content_type: Option<&'static str>) -> Fields {
    let mut to = Fields::default();
    let version = match message::protocol(from) {
        ProtocolVersion::V0 => None,
        ProtocolVersion::V1 => Some("version=1"),
        ProtocolVersion::V2 => Some("version=2"),
    };
    if let Some(version) = version {
        to.insert(
            HeaderName::from_static("git-protocol"),
            HeaderValue::from_static(version),
        );
    }
    if let Some(content_type) = content_type {
        to.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    if let Some(agent) = from.get(header::USER_AGENT) {
        to.insert(header::USER_AGENT, agent.clone());
    }
    to.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
    to.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    to
}

fn question<'a>(
    upstream: &'a Upstream,
    headers: &'a Fields,
    credential: &'a Credential,
    method: Method,
    target: String,
) -> Result<Question<'a>, Fault> {
    Ok(Question {
        upstream,
        client: upstream.web()?,
        method,
        target,
        headers,
        credential,
    })
}

/// An answer that Git can read; anything else is a fault in our words.
// SECURITY: a sign-in page or a redirect of the upstream is no answer of Git, and must not reach a client as one.
fn good(
    upstream: &Upstream,
    answer: bailiwick_upstream::Answer,
    expected: &str,
) -> Result<bailiwick_upstream::Answer, Fault> {
    let name = &upstream.name;
    let bad = |code, message: String| Err(Fault::new(FaultKind::BadGateway, code, message));
    match answer.status {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND | StatusCode::GONE => {
            let message = format!(
                "the upstream {name} has no such repository, or hides it from the account that stands for you"
            );
            // Not our 404: that would tell of tokens and grants, and neither is at fault.
            return Err(Fault::forbidden("upstream.not_found", message));
        }
        StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => {
            let message = format!("the upstream {name} refuses this to the account that stands for you");
            return Err(Fault::forbidden("upstream.refused", message));
        }
        status if status.is_redirection() => {
            let message = format!(
                "the upstream {name} redirects this elsewhere, which is not followed: is the repository called \
                 something else there now?"
            );
            return bad("upstream.redirect", message);
        }
        status => {
            let message = format!("the upstream {name} answered with status {}", status.as_u16());
            return bad("upstream.refused", message);
        }
    }
    let says = |name, expected: &str| {
        let mut given = answer.headers.get_all(name);
        let first = given
            .next()
            .is_some_and(|value| value.as_bytes() == expected.as_bytes());
        first && given.next().is_none()
    };
    let plain =
        !answer.headers.contains_key(header::CONTENT_ENCODING) || says(header::CONTENT_ENCODING, "identity");
    if plain && says(header::CONTENT_TYPE, expected) {
        return Ok(answer);
    }
    bad(
        "upstream.not_git",
        format!("the upstream {name} did not answer as a Git server does"),
    )
}

fn reply(content_type: &str, body: bailiwick_gate::Body) -> Reply {
    let reply = Reply {
        status: StatusCode::OK,
        headers: Fields::default(),
        body: ReplyBody::Stream(body),
        action: None,
    };
    reply
        .with(header::CONTENT_TYPE, content_type)
        .with(header::CACHE_CONTROL, "no-cache, max-age=0, must-revalidate")
        .with(header::EXPIRES, "Fri, 01 Jan 1980 00:00:00 GMT")
        .with(header::PRAGMA, "no-cache")
}
