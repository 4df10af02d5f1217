//! Locks of files in LFS: who says that they work on a path.

use crate::record::record;
use crate::{Result, Tx, values};
use bailiwick_model::{AccountId, RepositoryId, Timestamp};

record! {
    /// A lock.
    pub struct LfsLockRow in "lfs_lock" {
        /// Its id; `insert` gives it.
        pub id: i64,
        /// The repository.
        pub repository_id: RepositoryId,
        /// The path, from the root of the working tree.
        pub path: String,
        /// The ref that it was made on, as the client said.
        pub ref_name: Option<String>,
        /// Who holds it.
        pub owner_id: AccountId,
        /// Since when.
        pub locked_at: Timestamp,
    }
}

/// The unique index of the paths of a repository.
pub const PATH_TAKEN: &str = "lfs_lock_repository_id_path_key";

/// Adds a lock under a new id. A locked path is a conflict of [`PATH_TAKEN`].
pub fn insert(tx: &mut Tx<'_>, mut row: LfsLockRow) -> Result<LfsLockRow> {
    row.id = tx.next_id("lfs_lock")?;
    row.insert_row(tx)?;
    Ok(row)
}

/// Removes a lock; tells whether it was there.
pub fn delete(tx: &mut Tx<'_>, id: i64) -> Result<bool> {
    Ok(tx.execute("DELETE FROM lfs_lock WHERE id = $1", values![id])? > 0)
}

/// The lock of an id in a repository.
pub fn by_id(tx: &mut Tx<'_>, repository: RepositoryId, id: i64) -> Result<Option<LfsLockRow>> {
    LfsLockRow::find(
        tx,
        "lfs_lock WHERE repository_id = $1 AND id = $2",
        values![repository, id],
    )
}

/// The lock of a path in a repository.
pub fn by_path(tx: &mut Tx<'_>, repository: RepositoryId, path: &str) -> Result<Option<LfsLockRow>> {
    LfsLockRow::find(
        tx,
        "lfs_lock WHERE repository_id = $1 AND path = $2",
        values![repository, path],
    )
}

/// The locks of a repository with ids above one, in the order of ids.
pub fn list(tx: &mut Tx<'_>, repository: RepositoryId, after: i64, limit: usize) -> Result<Vec<LfsLockRow>> {
    LfsLockRow::select(
        tx,
        "lfs_lock WHERE repository_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        values![repository, after, limit],
    )
}
