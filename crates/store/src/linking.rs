//! Links of accounts at upstreams that a person has begun. They open nothing: what comes back must name one of them.

use crate::column::Secret;
use crate::record::record;
use crate::{Result, Tx, values};
use bailiwick_model::{AccountId, Digest, SessionId, Timestamp, UpstreamId};

record! {
    /// A link that waits for the upstream's word.
    pub struct LinkingRow in "upstream_linking" {
        /// The digest of the text that travels through the browser.
        pub digest: Digest,
        /// The session that it was begun in.
        pub session_id: SessionId,
        /// The person.
        pub account_id: AccountId,
        /// The upstream.
        pub upstream_id: UpstreamId,
        /// The sealed text that proves who began it.
        pub verifier: Secret,
        /// When it was begun.
        pub created_at: Timestamp,
        /// Until when the upstream may answer.
        pub expires_at: Timestamp,
    }
}

/// Adds one; it takes the place of any other of its session at its upstream.
pub fn begin(tx: &mut Tx<'_>, row: &LinkingRow) -> Result<()> {
    tx.execute(
        "DELETE FROM upstream_linking WHERE session_id = $1 AND upstream_id = $2",
        values![row.session_id, row.upstream_id],
    )?;
    row.insert_row(tx)
}

/// Takes the one of a digest out, whoever asks for it: it is over then. `None` if there is none, or it has expired.
pub fn take(tx: &mut Tx<'_>, digest: &Digest, now: Timestamp) -> Result<Option<LinkingRow>> {
    let row = LinkingRow::find(
        tx,
        "upstream_linking WHERE digest = $1 AND expires_at > $2",
        values![digest, now],
    )?;
    let count = tx.execute("DELETE FROM upstream_linking WHERE digest = $1", values![digest])?;
    Ok(row.filter(|_| count == 1))
}

/// Removes those of an upstream, as it is removed.
pub fn forget(tx: &mut Tx<'_>, upstream: UpstreamId) -> Result<u64> {
    tx.execute(
        "DELETE FROM upstream_linking WHERE upstream_id = $1",
        values![upstream],
    )
}

/// Removes those that expired by an instant.
pub fn prune(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64> {
    tx.execute(
        "DELETE FROM upstream_linking WHERE expires_at <= $1",
        values![now],
    )
}
