//! Git's smart protocol before an upstream: fetches stream through, pushes are read before a byte of them is passed on.

mod fetch;
mod leased;
mod push;
mod report;

use crate::credential::{self, Credential};
use crate::exchange::{Question, ask};
use crate::target::Theirs;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Fault, FaultKind, Permit};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Reply, ReplyBody, Request, StreamCall};
use bailiwick_upstream::OutgoingBody;
use http::{Method, StatusCode, header};
use http_body_util::BodyExt;
use std::sync::Arc;

/// Passes a Git or LFS request on.
pub async fn serve(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    match call.permit.operation().index {
        op::GIT_UPLOAD_PACK_INFO => advertise(call, upstream, "git-upload-pack").await,
        op::GIT_RECEIVE_PACK_INFO => {
            let push = call.permit.also(op::GIT_RECEIVE_PACK);
            push::check_possible(call.authority.clone(), push, upstream.clone()).await?;
            advertise(call, upstream, "git-receive-pack").await
        }
        op::GIT_UPLOAD_PACK => fetch::serve(call, upstream).await,
        op::GIT_RECEIVE_PACK => push::serve(call, upstream).await,
        _ => Err(Fault::new(
            FaultKind::NotImplemented,
            "upstream.not_spoken",
            "this is not passed on to an upstream",
        )),
    }
}

/// The refs that a service offers.
async fn advertise(call: StreamCall, upstream: &Arc<Upstream>, service: &str) -> Answer {
    let credential = credential::of(&call.authority, &call.permit, upstream).await?;
    let target = format!("{}/info/refs?service={service}", path(&call.permit, upstream)?);
    let question = question(upstream, &call.request, &credential, Method::GET, target)?;
    let answer = ask(&question, OutgoingBody::Nothing).await?;
    let expected = format!("application/x-{service}-advertisement");
    let answer = good(upstream, answer, &expected)?;
    Ok(reply(&expected, answer.body.boxed_unsync()))
}

/// The path of the repository at the upstream.
fn path(permit: &Permit, upstream: &Upstream) -> Result<String, Fault> {
    Ok(format!("/{}.git", Theirs::of(permit, upstream)?.full_name()?))
}

fn question<'a>(
    upstream: &'a Upstream,
    request: &'a Request,
    credential: &'a Credential,
    method: Method,
    target: String,
) -> Result<Question<'a>, Fault> {
    Ok(Question {
        upstream,
        client: upstream.web()?,
        method,
        target,
        headers: &request.headers,
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
    match answer.status {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND => return Err(Fault::not_found()),
        StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => {
            return Err(Fault::forbidden(
                "upstream.refused",
                format!(
                    "the upstream {} refuses this to the account that stands for you",
                    upstream.name
                ),
            ));
        }
        status => {
            return Err(Fault::new(
                FaultKind::BadGateway,
                "upstream.refused",
                format!(
                    "the upstream {} answered with status {}",
                    upstream.name,
                    status.as_u16()
                ),
            ));
        }
    }
    let given = answer.headers.get(header::CONTENT_TYPE);
    if given.is_some_and(|value| value.as_bytes() == expected.as_bytes()) {
        return Ok(answer);
    }
    Err(Fault::new(
        FaultKind::BadGateway,
        "upstream.not_git",
        format!(
            "the upstream {} did not answer as a Git server does",
            upstream.name
        ),
    ))
}

fn reply(content_type: &str, body: bailiwick_gate::Body) -> Reply {
    let reply = Reply {
        status: StatusCode::OK,
        headers: Vec::new(),
        body: ReplyBody::Stream(body),
        action: None,
    };
    reply
        .with(header::CONTENT_TYPE, content_type)
        .with(header::CACHE_CONTROL, "no-cache, max-age=0, must-revalidate")
        .with(header::EXPIRES, "Fri, 01 Jan 1980 00:00:00 GMT")
        .with(header::PRAGMA, "no-cache")
}
