//! npm's protocol before a registry.

use super::not_served;
use super::passing::as_asked;
use bailiwick_authority::upstream::Upstream;
use bailiwick_gate::{Answer, StreamCall};
use bailiwick_wire::registry::Asks;
use std::sync::Arc;

/// Serves what was asked of it.
pub async fn serve(call: StreamCall, upstream: &Arc<Upstream>, asks: Asks) -> Answer {
    match asks {
        Asks::NpmPackument => as_asked(call, upstream).await,
        other => Err(not_served(other.id())),
    }
}
