//! What tokens made and that can itself authenticate, and how far its ending is.

use crate::column::word_enum;
use crate::record::record;
use crate::{Result, Tx, values};
use bailiwick_model::{AccountId, EnterpriseId, RepositoryId, Timestamp, TokenId};

word_enum! {
    /// Whether a planted thing still works.
    PlantedState {
        /// It works.
        Live = "live",
        /// Its ending was asked for and has not been tried, or not answered, yet. It may still work.
        Pending = "pending",
        /// It was ended.
        Ended = "ended",
        /// Its ending failed; it is tried again. It may still work.
        Failed = "failed",
        /// It was made, or may have been, and what it is was not told: nothing here can end it.
        Unknown = "unknown",
    }
}

record! {
    /// One planted thing.
    pub struct PlantedRow in "planted" {
        /// Its id; `insert` gives it.
        pub id: i64,
        /// The token that made it.
        pub token_id: TokenId,
        /// Who that token acted as.
        pub actor_id: AccountId,
        /// The user or organization at whom it is; none for an enterprise.
        pub owner_id: Option<AccountId>,
        /// The enterprise at which it is.
        pub enterprise_id: Option<EnterpriseId>,
        /// The repository in which it is.
        pub repository_id: Option<RepositoryId>,
        /// The server behind the gateway that keeps it; none if it is kept here.
        pub upstream_id: Option<i64>,
        /// The operation that made it.
        pub operation: String,
        /// `deploy_key`, `hook`, `runner` …
        pub kind: String,
        /// Its id where it is kept.
        pub what: Option<String>,
        /// A few words for people. Never a secret.
        pub label: String,
        /// The path whose DELETE ends it, with `{owner}` and `{repo}`, `{org}`, `{enterprise}` or `{username}` left open.
        pub end_path: Option<String>,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it ends by itself.
        pub lapses_at: Option<Timestamp>,
        /// Whether it still works.
        pub state: PlantedState,
        /// When it was ended.
        pub ended_at: Option<Timestamp>,
        /// Who asked for its ending.
        pub ended_by: Option<AccountId>,
        /// How often its ending was tried.
        pub attempts: i64,
        /// When its ending is tried next.
        pub next_at: Option<Timestamp>,
        /// Why the last try failed.
        pub problem: Option<String>,
    }
}

/// Notes a planted thing under a new id.
pub fn insert(tx: &mut Tx<'_>, mut row: PlantedRow) -> Result<PlantedRow> {
    row.id = tx.next_id("planted")?;
    row.insert_row(tx)?;
    Ok(row)
}

/// Writes what became of one.
pub fn update(tx: &mut Tx<'_>, row: &PlantedRow) -> Result<()> {
    row.update_row(tx)
}

/// Forgets one that was not made after all.
pub fn delete(tx: &mut Tx<'_>, id: i64) -> Result<()> {
    tx.execute("DELETE FROM planted WHERE id = $1", values![id])?;
    Ok(())
}

/// How many things at a server behind the gateway are unknown there.
pub fn unknown_at(tx: &mut Tx<'_>, upstream: i64) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM planted WHERE upstream_id = $1 AND state = 'unknown'";
    tx.one(sql, values![upstream])?.int()
}

/// The one of an id.
pub fn by_id(tx: &mut Tx<'_>, id: i64) -> Result<Option<PlantedRow>> {
    PlantedRow::find(tx, "planted WHERE id = $1", values![id])
}

/// A page of what tokens of an account made, or one of them, newest first.
pub fn of_actor(
    tx: &mut Tx<'_>,
    actor: AccountId,
    token: Option<TokenId>,
    offset: i64,
    limit: i64,
) -> Result<Vec<PlantedRow>> {
    match token {
        Some(token) => PlantedRow::select(
            tx,
            "planted WHERE token_id = $4 AND actor_id = $1 ORDER BY id DESC LIMIT $3 OFFSET $2",
            values![actor, offset, limit, token],
        ),
        None => PlantedRow::select(
            tx,
            "planted WHERE actor_id = $1 ORDER BY id DESC LIMIT $3 OFFSET $2",
            values![actor, offset, limit],
        ),
    }
}

/// A page of what tokens made at an owner, newest first.
pub fn of_owner(tx: &mut Tx<'_>, owner: AccountId, offset: i64, limit: i64) -> Result<Vec<PlantedRow>> {
    PlantedRow::select(
        tx,
        "planted WHERE owner_id = $1 ORDER BY id DESC LIMIT $3 OFFSET $2",
        values![owner, offset, limit],
    )
}

/// What a token, and the tokens that it minted and those minted, made and that was not ended; oldest first.
pub fn left_by(tx: &mut Tx<'_>, token: TokenId) -> Result<Vec<PlantedRow>> {
    let tail = "planted WHERE state <> 'ended' AND token_id IN (\
         WITH RECURSIVE line (id) AS (SELECT token.id FROM token WHERE token.id = $1 \
         UNION SELECT token.id FROM token JOIN line ON token.parent_id = line.id) SELECT line.id FROM line) \
         ORDER BY id";
    PlantedRow::select(tx, tail, values![token])
}

/// Those whose ending is to be tried by an instant, longest waiting first.
pub fn due(tx: &mut Tx<'_>, now: Timestamp, limit: i64) -> Result<Vec<PlantedRow>> {
    PlantedRow::select(
        tx,
        "planted WHERE next_at IS NOT NULL AND next_at <= $1 ORDER BY next_at, id LIMIT $2",
        values![now, limit],
    )
}
