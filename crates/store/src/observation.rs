//! Credentials of upstreams' own that passed while an upstream was only observed, and what they were used for.

use crate::record::record;
use crate::{Result, Tx, values};
use bailiwick_model::{Timestamp, UpstreamId};

record! {
    /// A credential that an upstream knows and this server does not.
    pub struct ObservedCredentialRow in "observed_credential" {
        /// Its id; `insert` gives it.
        pub id: i64,
        /// The upstream.
        pub upstream_id: UpstreamId,
        /// Its digest, keyed with a secret of this installation.
        pub digest: String,
        /// What it seems to be, by its prefix alone.
        pub kind: String,
        /// The login of its person there.
        pub login: Option<String>,
        /// The immutable id of its person there.
        pub upstream_key: Option<String>,
        /// When it was first seen.
        pub first_at: Timestamp,
        /// When it was last seen.
        pub last_at: Timestamp,
        /// Requests that changed nothing.
        pub reads: i64,
        /// Requests that asked for a change.
        pub writes: i64,
        /// Requests for which there was no room for a row of their own.
        pub left_out: i64,
    }
}

record! {
    /// What a credential was used for: one operation at one target.
    pub struct ObservationRow in "observation" {
        /// Its id; `insert_use` gives it.
        pub id: i64,
        /// The credential.
        pub credential_id: i64,
        /// The operation of the catalogue, or method and path where there is none.
        pub operation: String,
        /// Whether the catalogue knows it.
        pub mapped: bool,
        /// `owner/name`, a login, or nothing.
        pub target: String,
        /// What would have sufficed, as JSON.
        pub needs: String,
        /// What would have been decided: `allowed`, or the code of a reason.
        pub verdict: String,
        /// How often it was asked.
        pub requests: i64,
        /// How often the upstream refused it.
        pub refused: i64,
        /// When it was first asked.
        pub first_at: Timestamp,
        /// When it was last asked.
        pub last_at: Timestamp,
    }
}

/// The credential of a digest at an upstream.
pub fn by_digest(
    tx: &mut Tx<'_>,
    upstream: UpstreamId,
    digest: &str,
) -> Result<Option<ObservedCredentialRow>> {
    ObservedCredentialRow::find(
        tx,
        "observed_credential WHERE upstream_id = $1 AND digest = $2",
        values![upstream, digest],
    )
}

/// The credential of an id.
pub fn by_id(tx: &mut Tx<'_>, id: i64) -> Result<Option<ObservedCredentialRow>> {
    ObservedCredentialRow::find(tx, "observed_credential WHERE id = $1", values![id])
}

/// A page of the credentials at an upstream, the last used first.
pub fn of_upstream(
    tx: &mut Tx<'_>,
    upstream: UpstreamId,
    offset: i64,
    limit: i64,
) -> Result<Vec<ObservedCredentialRow>> {
    ObservedCredentialRow::select(
        tx,
        "observed_credential WHERE upstream_id = $1 ORDER BY last_at DESC, id DESC LIMIT $3 OFFSET $2",
        values![upstream, offset, limit],
    )
}

/// How many credentials were seen at an upstream.
pub fn count(tx: &mut Tx<'_>, upstream: UpstreamId) -> Result<i64> {
    tx.one(
        "SELECT COUNT(*) FROM observed_credential WHERE upstream_id = $1",
        values![upstream],
    )?
    .int()
}

/// How many of them have nobody behind them.
pub fn count_nameless(tx: &mut Tx<'_>, upstream: UpstreamId) -> Result<i64> {
    tx.one(
        "SELECT COUNT(*) FROM observed_credential WHERE upstream_id = $1 AND upstream_key IS NULL",
        values![upstream],
    )?
    .int()
}

/// Adds a credential under a new id.
pub fn insert(tx: &mut Tx<'_>, mut row: ObservedCredentialRow) -> Result<ObservedCredentialRow> {
    row.id = tx.next_id("observed_credential")?;
    row.insert_row(tx)?;
    Ok(row)
}

/// Writes every field of a credential.
pub fn update(tx: &mut Tx<'_>, row: &ObservedCredentialRow) -> Result<()> {
    row.update_row(tx)
}

/// What a credential was used for, in the order of operations and targets.
pub fn uses(tx: &mut Tx<'_>, credential: i64) -> Result<Vec<ObservationRow>> {
    ObservationRow::select(
        tx,
        "observation WHERE credential_id = $1 ORDER BY operation, target",
        values![credential],
    )
}

/// Adds a use under a new id.
pub fn insert_use(tx: &mut Tx<'_>, mut row: ObservationRow) -> Result<ObservationRow> {
    row.id = tx.next_id("observation")?;
    row.insert_row(tx)?;
    Ok(row)
}

/// Writes every field of a use.
pub fn update_use(tx: &mut Tx<'_>, row: &ObservationRow) -> Result<()> {
    row.update_row(tx)
}
