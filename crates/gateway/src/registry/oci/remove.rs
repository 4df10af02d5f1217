//! Deleting manifests, tags and blobs.

use super::errors;
use crate::registry::passing::Passing;
use bailiwick_authority::Fault;
use bailiwick_authority::upstream::Upstream;
use bailiwick_gate::{Answer, Reply, StreamCall};
use bailiwick_upstream::OutgoingBody;
use bailiwick_wire::oci::{Call, Name, Reference};
use http::StatusCode;
use std::sync::Arc;

/// Passes a deletion on.
pub async fn serve(call: StreamCall, upstream: &Arc<Upstream>, name: &Name, asked: &Call) -> Answer {
    let (passing, _body) = Passing::of(call, upstream).await?;
    passing.begin().await?;
    let done = deleted(&passing, name, asked).await;
    passing.settled(done).await
}

async fn deleted(passing: &Passing, name: &Name, asked: &Call) -> Answer {
    let target = asked.target(name).ok_or_else(Fault::not_found)?;
    let answer = passing.ask(target, OutgoingBody::Nothing).await?;
    let reply = errors::told(&passing.upstream, passing.reply(answer).await?).await?;
    if !reply.status.is_success() {
        return Ok(reply);
    }
    // A tag is no version: what it led to is still there.
    if let Call::ManifestDelete(Reference::Digest(digest)) = asked {
        passing.package_deleted(Some(digest.as_str())).await?;
    }
    Ok(Reply::status(StatusCode::ACCEPTED))
}
