//! Work that blocks, on a thread for it, from where others run.

use bailiwick_authority::upstream::Upstreams;
use bailiwick_authority::{Authority, Fault};
use std::sync::Arc;

/// Starts it, and waits for its end. A thread that ends without one is a fault of the server with this code.
// The work is at its thread at once, so that whoever waits is no larger for what it took.
pub fn blocking<T: Send + 'static>(
    code: &'static str,
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> impl Future<Output = Result<T, Fault>> + Send {
    let running = tokio::task::spawn_blocking(work);
    async move {
        let done = running.await;
        done.unwrap_or_else(|error| Err(Fault::internal(code, error)))
    }
}

/// The servers behind the gateway, from memory or from the store.
pub async fn upstreams(authority: &Arc<Authority>) -> Result<Arc<Upstreams>, Fault> {
    if let Some(upstreams) = authority.upstreams_warm() {
        return Ok(upstreams);
    }
    let authority = authority.clone();
    blocking("upstreams", move || authority.upstreams()).await
}
