//! Work that blocks, on a thread for it, from where others run.

use bailiwick_authority::upstream::Upstreams;
use bailiwick_authority::{Authority, Fault};
use std::sync::Arc;

/// Runs it and waits for its end. A thread that ends without one is a fault of the server with this code.
pub async fn blocking<T: Send + 'static>(
    code: &'static str,
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Fault::internal(code, error)))
}

/// The servers behind the gateway, from memory or from the store.
pub async fn upstreams(authority: &Arc<Authority>) -> Result<Arc<Upstreams>, Fault> {
    if let Some(upstreams) = authority.upstreams_warm() {
        return Ok(upstreams);
    }
    let authority = authority.clone();
    Box::pin(blocking("upstreams", move || authority.upstreams())).await
}
