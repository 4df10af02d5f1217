//! Receiving what says only in its body which package it is: NuGet's archives, npm's documents, Python's forms. All of it
//! comes through here, and is bounded here: how many at a time, how much, and how slowly.

use crate::exchange::cut_off;
use bailiwick_authority::registry::Place;
use bailiwick_authority::transfer::{Lease, Pulse};
use bailiwick_authority::{Authority, Fault, FaultKind, Permit};
use bailiwick_gate::Body;
use bailiwick_model::limit::{RECEIVED_BYTES_PER_SECOND, RECEIVED_SECONDS_FREE};
use bailiwick_upstream::Fields;
use bytes::Bytes;
use http::header;
use http_body_util::BodyExt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

const GRACE: Duration = Duration::from_secs(RECEIVED_SECONDS_FREE);

/// What is being received. Its place is taken until it is dropped: also while it is decided on and passed on, for so long it
/// costs disk.
pub struct Receiving {
    pace: Pace,
    lease: Lease,
    pulse: Pulse,
    revoked: Pin<Box<dyn Future<Output = ()> + Send>>,
    _place: Place,
}

impl Receiving {
    /// Takes a place for what is so many bytes at the most.
    pub fn begin(
        authority: &Arc<Authority>,
        permit: &Permit,
        headers: &Fields,
        most: u64,
    ) -> Result<Receiving, Fault> {
        let length = headers.get(header::CONTENT_LENGTH);
        let length = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        let place = authority.receive_begin(permit)?;
        if length.is_some_and(|length| length > most) {
            return Err(too_large(most));
        }
        let lease = authority.transfer_begin(permit)?;
        Ok(Receiving {
            pace: Pace::begin(),
            pulse: lease.pulse(),
            revoked: Box::pin(lease.revoked()),
            lease,
            _place: place,
        })
    }

    /// More of a body; `None` at its end.
    // SECURITY: a token that was revoked gives its place up at once, whether more comes or not.
    pub async fn more(&mut self, body: &mut Body) -> Result<Option<Bytes>, Fault> {
        self.check()?;
        let more = tokio::select! {
            biased;
            () = &mut self.revoked => return Err(self.lease.fault()),
            more = self.pace.more(body) => more?,
        };
        self.pulse.beat();
        self.check()?;
        Ok(more)
    }

    /// Refuses to go on for a token that was revoked meanwhile.
    pub fn check(&self) -> Result<(), Fault> {
        cut_off(&self.lease)
    }
}

/// How fast somebody sends.
// SECURITY: whoever sends a byte a minute would keep a place for days. By what has come and not by what is announced, or a
// large length would be leave to send nothing for an hour; and never more than the grace ahead, or what came fast would be.
struct Pace {
    until: Instant,
    received: u64,
}

impl Pace {
    fn begin() -> Pace {
        Pace {
            until: Instant::now() + GRACE,
            received: 0,
        }
    }

    async fn more(&mut self, body: &mut Body) -> Result<Option<Bytes>, Fault> {
        loop {
            if Instant::now() > self.until {
                return Err(too_slow());
            }
            let frame = timeout_at(self.until, body.frame())
                .await
                .map_err(|_| too_slow())?;
            let Some(frame) = frame else { return Ok(None) };
            let frame = frame
                .map_err(|_| Fault::new(FaultKind::BadRequest, "body.broken", "the body ended early"))?;
            if let Ok(bytes) = frame.into_data() {
                self.came(bytes.len() as u64);
                return Ok(Some(bytes));
            }
        }
    }

    fn came(&mut self, bytes: u64) {
        self.received += bytes;
        let worth = bytes.saturating_mul(1_000_000_000) / RECEIVED_BYTES_PER_SECOND;
        self.until = (self.until + Duration::from_nanos(worth)).min(Instant::now() + GRACE);
    }
}

fn too_slow() -> Fault {
    Fault::new(
        FaultKind::TooSlow,
        "body.too_slow",
        "the body comes too slowly: this takes 64 KiB a second, and no pause of more than a minute",
    )
}

/// It is more than is taken.
pub fn too_large(most: u64) -> Fault {
    Fault::new(
        FaultKind::TooLarge,
        "registry.too_large",
        format!("this server takes no more than {most} bytes at one time for a registry"),
    )
}

#[cfg(test)]
mod tests;
