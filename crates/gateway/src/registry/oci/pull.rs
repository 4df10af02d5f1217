//! Reading: manifests, blobs, tags and referrers. Blobs stream, and break off once the pull is no longer allowed.

use super::{MANIFEST_TYPES, errors};
use crate::git::{Leased, Towards};
use crate::registry::passing::Passing;
use bailiwick_authority::Fault;
use bailiwick_authority::upstream::Upstream;
use bailiwick_gate::{Answer, Body, Reply, ReplyBody, StreamCall};
use bailiwick_upstream::{Fields, HeaderValue, OutgoingBody};
use bailiwick_wire::oci::{Call, Name};
use http::{Method, header};
use std::sync::Arc;

/// Passes a read on.
pub async fn serve(mut call: StreamCall, upstream: &Arc<Upstream>, name: &Name, asked: &Call) -> Answer {
    let more = match asked {
        Call::ManifestGet(_) => every_type(&mut call.request.headers),
        _ => "",
    };
    let (passing, _body) = Passing::of(call, upstream).await?;
    let target = asked.target(name).ok_or_else(Fault::not_found)?;
    let blob = matches!(asked, Call::BlobGet(_));
    let streams = blob && passing.request.method == Method::GET;
    let lease = streams
        .then(|| passing.authority.transfer_begin(passing.permit()))
        .transpose()?
        .map(Arc::new);
    let answer = passing.ask(target, OutgoingBody::Nothing).await?;
    let mut reply = errors::told_and(upstream, passing.reply(answer).await?, more).await?;
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

/// Names every type of manifest where the client takes any, so that the registry shows what it has; what to tell of one
/// that it does not show, where the client takes some alone.
// Without it docker-registry converts what it has to the oldest type, or says that there is nothing. A request without
// `Accept` takes anything (RFC 9110, 12.5.1), and so does `*/*`, which curl sends: this says the same in the registry's words.
fn every_type(headers: &mut Fields) -> &'static str {
    let mut ranges = headers
        .get_all(header::ACCEPT)
        .filter_map(|value| value.to_str().ok());
    let any = !headers.contains_key(header::ACCEPT) || ranges.any(takes_any);
    drop(ranges);
    if !any {
        return "; or it is of a type that the request's Accept does not name";
    }
    headers.append(header::ACCEPT, HeaderValue::from_static(MANIFEST_TYPES));
    ""
}

/// Whether a value of `Accept` takes anything.
fn takes_any(value: &str) -> bool {
    value.split(',').any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let whole = matches!(parts.next(), Some("*/*" | "application/*"));
        let refused = |part: &str| {
            let weight = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
            weight.is_some_and(|weight| weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0))
        };
        whole && !parts.any(refused)
    })
}

/// A blob is bytes, whatever its store says of it.
// SECURITY: under this server's address, a blob that a browser takes for a page would be one of ours.
fn plain(reply: &mut Reply) {
    if reply.status.is_success() {
        let plain = HeaderValue::from_static("application/octet-stream");
        reply.headers.insert(header::CONTENT_TYPE, plain);
    }
}
