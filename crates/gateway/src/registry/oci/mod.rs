//! The OCI distribution protocol before a registry of images. What is asked of the registry is written anew from what was
//! understood; of its answers nothing but the images themselves passes as it came.

mod errors;
mod extent;
mod manifest;
mod pull;
mod remove;
mod token;
mod upload;

use super::not_served;
use bailiwick_authority::Fault;
use bailiwick_authority::upstream::Upstream;
use bailiwick_gate::{Answer, Reply, StreamCall};
use bailiwick_wire::oci::{Ask, Call, Name, read};
use bailiwick_wire::registry::Asks;
use http::{HeaderName, Method};
use std::sync::Arc;

/// The header by which clients know the protocol.
const VERSION: HeaderName = HeaderName::from_static("docker-distribution-api-version");
/// The header in which a registry tells what a manifest or blob is.
const DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// What a registry is asked for, so that it shows every manifest as it is.
const MANIFEST_TYPES: &str = "application/vnd.oci.image.manifest.v1+json, \
     application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.v2+json, \
     application/vnd.docker.distribution.manifest.list.v2+json";

/// Whether something is answered without asking a registry.
pub fn is_own(asks: Asks) -> bool {
    matches!(asks, Asks::OciPing | Asks::OciToken | Asks::OciTokenForm)
}

/// Answers that.
pub async fn own(call: StreamCall, asks: Asks) -> Answer {
    match asks {
        Asks::OciPing => Ok(pong()),
        Asks::OciToken | Asks::OciTokenForm => token::serve(call).await,
        other => Err(not_served(other.id())),
    }
}

/// Serves what was asked of a registry.
pub async fn serve(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let (name, asked) = understood(&call)?;
    match asked {
        Call::ManifestGet(_) | Call::BlobGet(_) | Call::Tags { .. } | Call::Referrers { .. } => {
            pull::serve(call, upstream, &name, &asked).await
        }
        Call::ManifestPut(reference) => manifest::put(call, upstream, &name, reference).await,
        Call::ManifestDelete(_) | Call::BlobDelete(_) => remove::serve(call, upstream, &name, &asked).await,
        Call::UploadStart(start) => upload::start(call, upstream, &name, start).await,
        Call::UploadStatus(_) | Call::UploadChunk(_) | Call::UploadFinish(..) | Call::UploadCancel(_) => {
            upload::go_on(call, upstream, &name, &asked).await
        }
    }
}

/// What the request asks, by the very parser whose word was decided on.
fn understood(call: &StreamCall) -> Result<(Name, Call), Fault> {
    let method = match &call.request.method {
        &Method::HEAD => "GET",
        method => method.as_str(),
    };
    let uri = &call.request.uri;
    match read(method, uri.path(), uri.query()) {
        Some(Ask::Of(name, asked)) => Ok((name, asked)),
        Some(Ask::Ping | Ask::Token | Ask::Catalog) | None => Err(Fault::not_found()),
    }
}

fn pong() -> Reply {
    Reply::stream("application/json; charset=utf-8", bailiwick_gate::whole("{}"))
        .with(VERSION, "registry/2.0")
}
