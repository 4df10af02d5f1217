//! What a request is about to plant is on the list before the upstream hears of it, and leaves it only when the upstream
//! has said that it made nothing.

use crate::blocking;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Authority, Fault, Witness};
use serde_json::Value;
use std::sync::Arc;

/// A request that may plant, on its way.
pub struct Planting {
    authority: Arc<Authority>,
    upstream: i64,
    // The row; `None` where nothing is recorded.
    begun: Option<i64>,
}

impl Planting {
    /// Notes it, where there is something to note.
    pub async fn begin(
        authority: &Arc<Authority>,
        witness: &Witness,
        upstream: &Upstream,
    ) -> Result<Planting, Fault> {
        let (authority, upstream) = (authority.clone(), upstream.id.0);
        let begun = if witness.plants() {
            let (noting, witness) = (authority.clone(), witness.again());
            blocking(move || noting.plant_begin(&witness, Some(upstream))).await?
        } else {
            None
        };
        Ok(Planting {
            authority,
            upstream,
            begun,
        })
    }

    /// The upstream has made it, and said this of it.
    pub async fn answered(self, witness: Witness, said: Value) -> Result<(), Fault> {
        let Planting {
            authority,
            upstream,
            begun,
        } = self;
        blocking(move || authority.plant_answered(&witness, Some(upstream), begun, &said)).await?;
        Ok(())
    }

    /// There was no success; `perhaps` it was made all the same.
    pub async fn failed(self, witness: &Witness, perhaps: bool) -> Result<(), Fault> {
        let Some(begun) = self.begun else {
            return Ok(());
        };
        let (authority, witness) = (self.authority, witness.again());
        blocking(move || {
            if perhaps {
                authority.plant_unanswered(&witness, begun)
            } else {
                authority.plant_refused(begun)
            }
        })
        .await
    }
}

/// Whether a request of which this became may have reached the upstream all the same.
pub fn may_have_arrived(fault: &Fault) -> bool {
    !matches!(
        fault.code,
        "upstream.unreachable"
            | "upstream.connect_timeout"
            | "upstream.tls"
            | "upstream.credential_refused"
            | "upstream.link_ended"
    )
}
