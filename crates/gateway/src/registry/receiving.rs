//! Receiving what says only in its body which package it is: NuGet's archives, npm's documents, Python's forms. All of it
//! comes through here, and is bounded here: how many at a time, how much, and how slowly.

use bailiwick_authority::registry::Place;
use bailiwick_authority::transfer::{Lease, Pulse};
use bailiwick_authority::{Authority, Fault, FaultKind, Permit};
use bailiwick_catalogue::OperationIndex;
use bailiwick_gate::Body;
use bailiwick_model::limit::{RECEIVED_BYTES_PER_SECOND, RECEIVED_SECONDS_FREE};
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::BodyExt;
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
    _place: Place,
}

impl Receiving {
    /// Takes a place for what will turn out to be one of these operations, of so many bytes at the most.
    pub fn begin(
        authority: &Arc<Authority>,
        permit: &Permit,
        headers: &HeaderMap,
        (then, most): (&[OperationIndex], u64),
    ) -> Result<Receiving, Fault> {
        let length = headers.get(header::CONTENT_LENGTH);
        let length = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        let place = authority.receive_begin(permit, then)?;
        if length.is_some_and(|length| length > most) {
            return Err(too_large(most));
        }
        let lease = authority.transfer_begin(permit)?;
        Ok(Receiving {
            pace: Pace::begin(),
            pulse: lease.pulse(),
            lease,
            _place: place,
        })
    }

    /// More of a body; `None` at its end.
    // SECURITY: a token that was revoked gives its place up with the next bytes, and by its pace at the latest.
    pub async fn more(&mut self, body: &mut Body) -> Result<Option<Bytes>, Fault> {
        let more = self.pace.more(body).await?;
        self.pulse.beat();
        if self.lease.is_revoked() {
            return Err(self.lease.fault());
        }
        Ok(more)
    }
}

/// How fast somebody sends.
// SECURITY: whoever sends a byte a minute would keep a place for days. By what has come and not by what is announced, or a
// large length would be leave to send nothing for an hour.
struct Pace {
    begun: Instant,
    received: u64,
}

impl Pace {
    fn begin() -> Pace {
        Pace {
            begun: Instant::now(),
            received: 0,
        }
    }

    async fn more(&mut self, body: &mut Body) -> Result<Option<Bytes>, Fault> {
        loop {
            let until = self.begun + GRACE + Duration::from_secs(self.received / RECEIVED_BYTES_PER_SECOND);
            if Instant::now() > until {
                return Err(too_slow());
            }
            let frame = timeout_at(until, body.frame()).await.map_err(|_| too_slow())?;
            let Some(frame) = frame else { return Ok(None) };
            let frame = frame
                .map_err(|_| Fault::new(FaultKind::BadRequest, "body.broken", "the body ended early"))?;
            if let Ok(bytes) = frame.into_data() {
                self.received += bytes.len() as u64;
                return Ok(Some(bytes));
            }
        }
    }
}

fn too_slow() -> Fault {
    Fault::new(
        FaultKind::BadRequest,
        "body.too_slow",
        "the body comes too slowly: this takes 64 KiB a second, and a minute beside",
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
