//! Clone and fetch through the gateway.

use super::leased::Leased;
use super::{good, path, question, reply};
use crate::credential;
use crate::exchange::ask;
use bailiwick_authority::Fault;
use bailiwick_authority::upstream::Upstream;
use bailiwick_gate::{Answer, StreamCall, streamed};
use bailiwick_git::Service;
use bailiwick_host::body::{BodyFault, BodyReader};
use bailiwick_host::{fetch, message};
use bailiwick_model::limit::FETCH_REQUEST_BYTES_MAX;
use bailiwick_upstream::OutgoingBody;
use http::{Method, header};
use http_body_util::BodyExt;
use std::sync::Arc;
use tokio::io::AsyncReadExt;

/// Requests up to this many bytes are sent whole.
const WHOLE_BYTES_MAX: u64 = 256 << 10;

/// Passes a request for a pack on.
pub async fn serve(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let StreamCall {
        authority,
        permit,
        mut request,
        body,
    } = call;
    message::check_content_type(&request.headers, Service::UploadPack)?;
    let mut body = BodyReader::new(body, &request.headers, FETCH_REQUEST_BYTES_MAX)?;
    // Read decompressed, so it is sent so: what was looked at is what is sent.
    request.headers.remove(header::CONTENT_ENCODING);
    let broken = |error: std::io::Error| BodyFault::of(&error).fault();
    let mut head = Vec::with_capacity(4 << 10);
    (&mut body)
        .take(WHOLE_BYTES_MAX)
        .read_to_end(&mut head)
        .await
        .map_err(broken)?;
    let action = fetch::action_of(head.get(..fetch::PEEK_BYTES).unwrap_or(&head))?;
    let cleared = authority.clear(permit, upstream, true)?;
    let permit = cleared.permit();
    let credential = credential::of(&authority, permit, upstream).await?;
    let target = format!("{}/git-upload-pack", path(permit, upstream)?);
    let lease = authority.transfer_begin(permit)?;
    let outgoing = if (head.len() as u64) < WHOLE_BYTES_MAX {
        OutgoingBody::Whole(head.into())
    } else {
        body.beats(lease.pulse());
        OutgoingBody::Stream(streamed(std::io::Cursor::new(head).chain(body)), None)
    };
    let question = question(upstream, &request, &credential, Method::POST, target)?;
    let answer = ask(&question, outgoing).await?;
    let expected = "application/x-git-upload-pack-result";
    let answer = good(upstream, answer, expected)?;
    let body = Leased::new(answer.body.boxed_unsync(), lease);
    Ok::<_, Fault>(reply(expected, body.boxed_unsync()).recorded_as(action))
}
