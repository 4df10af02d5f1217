//! Clone and fetch through the gateway.

use super::leased::{Leased, Towards};
use super::{good, headers, path, question, reply};
use crate::credential;
use crate::exchange::{ask, still};
use crate::trailers::trimmed;
use bailiwick_authority::Fault;
use bailiwick_authority::upstream::Upstream;
use bailiwick_gate::{Answer, Body, StreamCall, streamed};
use bailiwick_git::Service;
use bailiwick_host::body::{BodyFault, BodyReader};
use bailiwick_host::{fetch, message};
use bailiwick_model::limit::FETCH_REQUEST_BYTES_MAX;
use bailiwick_upstream::OutgoingBody;
use bytes::Bytes;
use http::Method;
use http_body_util::BodyExt;
use std::sync::Arc;
use tokio::io::AsyncReadExt;

/// Requests below this many bytes are sent whole.
const WHOLE_BYTES_MAX: u64 = 256 << 10;

/// Passes a request for a pack on.
pub async fn serve(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let StreamCall {
        authority,
        permit,
        request,
        body,
    } = call;
    message::check_content_type(&request.headers, Service::UploadPack)?;
    // Read decompressed, so it is sent so: what was looked at is what is sent.
    let mut body = BodyReader::new(body, &request.headers, FETCH_REQUEST_BYTES_MAX)?;
    let stopped = body.stopped();
    let broken = |error: std::io::Error| BodyFault::of(&error).fault();
    let mut head = Vec::with_capacity(4 << 10);
    (&mut body)
        .take(WHOLE_BYTES_MAX)
        .read_to_end(&mut head)
        .await
        .map_err(broken)?;
    let action = fetch::action_of(head.get(..fetch::PEEK_BYTES).unwrap_or(&head))?;
    still(&authority, &permit).await?;
    let cleared = authority.clear(permit, upstream, true)?;
    let permit = cleared.permit();
    let credential = credential::of(&authority, permit, upstream).await?;
    let target = format!("{}/git-upload-pack", path(permit, upstream)?);
    let lease = Arc::new(authority.transfer_begin(permit)?);
    let headers = headers(&request.headers, Some("application/x-git-upload-pack-request"));
    let question = question(upstream, &headers, &credential, Method::POST, target)?;
    let answer = if (head.len() as u64) < WHOLE_BYTES_MAX {
        let head = Bytes::from(head);
        match ask(&question, OutgoingBody::Whole(head.clone())).await {
            // It reads: asked again after a connection that had been closed meanwhile, it does the same.
            Err(fault) if fault.code == "upstream.reset" => ask(&question, OutgoingBody::Whole(head)).await,
            done => done,
        }
    } else {
        body.beats(lease.pulse());
        let rest = streamed(std::io::Cursor::new(head).chain(body));
        let guarded = Leased::new(rest, lease.clone(), Towards::Upstream);
        ask(&question, OutgoingBody::Stream(guarded.boxed_unsync(), None)).await
    };
    let answer = answer.map_err(|fault| match stopped.get() {
        Some(why) => why.fault(),
        None if lease.is_revoked() => lease.fault(),
        None => fault,
    })?;
    let expected = "application/x-git-upload-pack-result";
    let answer = good(upstream, answer, expected)?;
    let body = Leased::new(trimmed(answer.body), lease, Towards::Client);
    Ok::<_, Fault>(reply(expected, Body::new(body)).recorded_as(action))
}
