//! NuGet's protocol before a feed.

use super::not_served;
use bailiwick_authority::upstream::Upstream;
use bailiwick_gate::{Answer, StreamCall};
use bailiwick_wire::registry::Asks;
use std::sync::Arc;

/// Serves what was asked of it.
pub async fn serve(_call: StreamCall, _upstream: &Arc<Upstream>, asks: Asks) -> Answer {
    Err(not_served(asks.id()))
}
