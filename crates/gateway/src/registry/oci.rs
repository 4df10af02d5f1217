//! The OCI distribution protocol before a registry of images.

use super::not_served;
use super::passing::as_asked;
use bailiwick_authority::upstream::Upstream;
use bailiwick_gate::{Answer, Reply, ReplyBody, StreamCall};
use bailiwick_wire::registry::Asks;
use http::{HeaderName, HeaderValue, StatusCode, header};
use std::sync::Arc;

/// What is answered without asking a registry.
pub const fn is_own(asks: Asks) -> bool {
    matches!(asks, Asks::OciPing | Asks::OciToken | Asks::OciTokenForm)
}

/// Answers it.
pub async fn own(_call: StreamCall, asks: Asks) -> Answer {
    match asks {
        Asks::OciPing => Ok(pong()),
        other => Err(not_served(other.id())),
    }
}

/// Serves what was asked of it.
pub async fn serve(call: StreamCall, upstream: &Arc<Upstream>, asks: Asks) -> Answer {
    match asks {
        Asks::OciManifestGet | Asks::OciBlobGet | Asks::OciTags | Asks::OciReferrers => {
            as_asked(call, upstream).await
        }
        other => Err(not_served(other.id())),
    }
}

fn pong() -> Reply {
    let version = HeaderName::from_static("docker-distribution-api-version");
    Reply {
        status: StatusCode::OK,
        headers: vec![
            (version, HeaderValue::from_static("registry/2.0")),
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json; charset=utf-8"),
            ),
        ],
        body: ReplyBody::Stream(bailiwick_gate::whole("{}")),
        action: None,
    }
}
