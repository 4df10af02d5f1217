//! What a crash between directory and row leaves on disk, cleared up at start.

use super::create::directory;
use crate::Authority;
use crate::fault::Fault;
use bailiwick_model::RepositoryId;
use bailiwick_store::repository;

/// How old a directory without a row must be, in seconds: another node may be making it right now.
const AGE_SECONDS_MIN: i64 = 3600;

impl Authority {
    /// Removes directories of deleted repositories, and old ones that never got a row; returns how many.
    pub fn clear_leftovers(&self) -> Result<u64, Fault> {
        let ids = self.git.ids().map_err(super::create::git_fault)?;
        let now = self.now();
        let mut removed = 0;
        for id in ids {
            let Ok(id) = i64::try_from(id).map(RepositoryId) else {
                continue;
            };
            let (row, next) = self
                .store
                .read(|tx| Ok::<_, Fault>((repository::by_id(tx, id)?, repository::next_id(tx)?)))?;
            let leftover = match row {
                Some(row) => row.deleted_at.is_some(),
                // An id that was never given out belongs to a newer state of the database than this one: a backup
                // was restored. Such a directory holds somebody's work.
                None => id.0 < next && self.is_old(id, now),
            };
            if leftover && self.git.delete(directory(id)).is_ok() {
                removed += 1;
            }
        }
        Ok(removed)
    }

    fn is_old(&self, id: RepositoryId, now: bailiwick_model::Timestamp) -> bool {
        let modified = self.git.open(directory(id)).ok().and_then(|repository| {
            let time = std::fs::metadata(repository.directory())
                .and_then(|found| found.modified())
                .ok()?;
            let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
            i64::try_from(since.as_secs()).ok()
        });
        modified.is_some_and(|seconds| now.seconds().saturating_sub(seconds) > AGE_SECONDS_MIN)
    }
}
