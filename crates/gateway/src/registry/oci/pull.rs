//! Reading: manifests, blobs, tags and referrers. Blobs stream, and break off once the pull is no longer allowed.

use super::errors;
use crate::git::{Leased, Towards};
use crate::registry::passing::Passing;
use bailiwick_authority::Fault;
use bailiwick_authority::upstream::Upstream;
use bailiwick_gate::{Answer, Body, Reply, ReplyBody, StreamCall};
use bailiwick_upstream::OutgoingBody;
use bailiwick_wire::oci::{Call, Name};
use http::{HeaderValue, Method, header};
use std::sync::Arc;

/// Passes a read on.
pub async fn serve(call: StreamCall, upstream: &Arc<Upstream>, name: &Name, asked: &Call) -> Answer {
    let (passing, _body) = Passing::of(call, upstream).await?;
    let target = asked.target(name).ok_or_else(Fault::not_found)?;
    let blob = matches!(asked, Call::BlobGet(_));
    let streams = blob && passing.request.method == Method::GET;
    let lease = streams
        .then(|| passing.authority.transfer_begin(passing.permit()))
        .transpose()?
        .map(Arc::new);
    let answer = passing.ask(target, OutgoingBody::Nothing).await?;
    let mut reply = errors::told(upstream, passing.reply(answer).await?).await?;
    if blob {
        plain(&mut reply);
    }
    if let (Some(lease), ReplyBody::Stream(_)) = (lease, &reply.body)
        && let ReplyBody::Stream(body) = std::mem::replace(&mut reply.body, ReplyBody::Empty)
    {
        reply.body = ReplyBody::Stream(Body::new(Leased::new(body, lease, Towards::Client)));
    }
    Ok(reply)
}

/// A blob is bytes, whatever its store says of it.
// SECURITY: under this server's address, a blob that a browser takes for a page would be one of ours.
fn plain(reply: &mut Reply) {
    if reply.status.is_success() {
        reply.headers.retain(|(name, _)| *name != header::CONTENT_TYPE);
        reply.headers.push((
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        ));
    }
}
