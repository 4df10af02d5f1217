//! Commit statuses: what outside services say of a commit.

use crate::record::record;
use crate::{Result, Tx, values};
use bailiwick_model::{AccountId, RepositoryId, StatusId, Timestamp};

record! {
    /// A commit status. A later one of the same context replaces earlier ones in the combined state.
    pub struct StatusRow in "commit_status" {
        /// Its id; `insert` gives it.
        pub id: StatusId,
        /// The repository.
        pub repository_id: RepositoryId,
        /// The commit.
        pub sha: String,
        /// `error`, `failure`, `pending` or `success`.
        pub state: String,
        /// What it is about.
        pub context: String,
        /// A line for people.
        pub description: Option<String>,
        /// Where to read more.
        pub target_url: Option<String>,
        /// Who set it.
        pub creator_id: AccountId,
        /// When it was set.
        pub created_at: Timestamp,
        /// The same.
        pub updated_at: Timestamp,
    }
}

/// Adds a status under a new id.
pub fn insert(tx: &mut Tx<'_>, mut row: StatusRow) -> Result<StatusRow> {
    row.id = StatusId(tx.next_id("status")?);
    row.insert_row(tx)?;
    Ok(row)
}

/// The statuses of a commit, newest first.
pub fn list(
    tx: &mut Tx<'_>,
    repository: RepositoryId,
    sha: &str,
    (offset, limit): (usize, usize),
) -> Result<Vec<StatusRow>> {
    StatusRow::select(
        tx,
        "commit_status WHERE repository_id = $1 AND sha = $2 ORDER BY id DESC LIMIT $3 OFFSET $4",
        values![repository, sha, limit, offset],
    )
}

/// The newest status of each context of a commit, newest first.
pub fn latest(tx: &mut Tx<'_>, repository: RepositoryId, sha: &str) -> Result<Vec<StatusRow>> {
    StatusRow::select(
        tx,
        "commit_status WHERE id IN (SELECT MAX(id) FROM commit_status \
         WHERE repository_id = $1 AND sha = $2 GROUP BY context) ORDER BY id DESC",
        values![repository, sha],
    )
}

/// How many statuses a commit has.
pub fn count(tx: &mut Tx<'_>, repository: RepositoryId, sha: &str) -> Result<i64> {
    tx.one(
        "SELECT COUNT(*) FROM commit_status WHERE repository_id = $1 AND sha = $2",
        values![repository, sha],
    )?
    .int()
}
