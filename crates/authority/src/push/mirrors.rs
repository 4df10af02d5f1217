//! Mirrors are kept as long as pushes to what they mirror are inspected, and no longer: what has left must not lie here.

use crate::Authority;
use crate::fault::Fault;
use bailiwick_model::RepositoryId;
use bailiwick_store::repository;

impl Authority {
    /// Removes a repository's mirror, where it has one: it is not there any more, or is another one by now.
    pub(crate) fn forget_mirror(&self, id: RepositoryId) {
        let Ok(number) = u64::try_from(id.0) else { return };
        match self.mirrors.delete(number) {
            Ok(()) | Err(bailiwick_git::Error::NotFound(_)) => {}
            Err(error) => tracing::warn!(%error, repository = id.0, "a mirror that is not needed is left"),
        }
    }

    /// Removes the mirrors of what lives at no upstream any more, or at one where nothing is inspected; tells how many.
    /// Blocking.
    pub fn mirrors_sweep(&self) -> Result<usize, Fault> {
        let all = self
            .mirrors
            .ids()
            .map_err(|error| Fault::internal("mirror.list", error))?;
        let upstreams = self.upstreams()?;
        let mut removed = 0;
        for number in all {
            let Ok(id) = i64::try_from(number).map(RepositoryId) else {
                continue;
            };
            let row = self.store.read(|tx| repository::by_id(tx, id))?;
            let bound = row
                .filter(|row| row.deleted_at.is_none())
                .and_then(|row| row.upstream_id);
            // One that cannot be used at the moment may be right again soon.
            let inspects = |id| upstreams.get(id).is_none_or(|upstream| upstream.settings.inspect);
            if !bound.is_some_and(inspects) {
                self.forget_mirror(id);
                removed += 1;
            }
        }
        Ok(removed)
    }
}
