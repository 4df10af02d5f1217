//! Where the objects of a repository are: in the data directory, in a directory of bare repositories that is an
//! upstream, or at a server, where only the gateway reaches them.

use super::{Place, Upstream};
use crate::Authority;
use crate::directory::create::directory;
use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use bailiwick_git::Repository;
use bailiwick_model::RepositoryId;
use bailiwick_store::{AccountRow, RepositoryRow, repository};

impl Authority {
    /// The repository on disk that was permitted.
    pub fn repository_of(&self, permit: &Permit) -> Result<Repository, Fault> {
        self.open_row(permit.repository()?)
    }

    pub(crate) fn open_repository(&self, id: RepositoryId) -> Result<Repository, Fault> {
        let row = self.store.read(|tx| repository::by_id(tx, id))?;
        self.open_row(&row.ok_or_else(Fault::not_found)?)
    }

    /// The repository on disk of a row.
    pub(crate) fn open_row(&self, row: &RepositoryRow) -> Result<Repository, Fault> {
        let Some(upstream) = row.upstream_id else {
            return self
                .git
                .open(directory(row.id))
                .map_err(|error| Fault::internal("git.repository", error));
        };
        let upstream = self.upstream(upstream)?;
        let name = row.upstream_name.as_deref().unwrap_or_default();
        self.open_there(&upstream, name)
    }

    /// The repository of a name in an upstream that is a directory.
    pub(crate) fn open_there(&self, upstream: &Upstream, name: &str) -> Result<Repository, Fault> {
        let Place::Directory(base) = &upstream.place else {
            let message = format!(
                "its objects are at the upstream {}: ask for them by Git or by its API",
                upstream.name
            );
            return Err(Fault::new(
                FaultKind::NotImplemented,
                "repository.at_upstream",
                message,
            ));
        };
        let (owner, name) = name.split_once('/').ok_or_else(Fault::not_found)?;
        self.git
            .open_below(base, owner, name)
            .map_err(|error| Fault::internal("git.repository", error))
    }
}

/// Refuses what can be done to repositories of this server alone.
pub(crate) fn must_be_hosted(row: &RepositoryRow, instead: &str) -> Result<(), Fault> {
    match row.upstream_id {
        None => Ok(()),
        Some(_) => Err(Fault::conflict(
            "repository.at_upstream",
            format!("the repository lives at an upstream: {instead}"),
        )),
    }
}

/// Refuses to keep a repository here for an owner whose repositories live elsewhere.
pub(crate) fn owner_must_be_hosted(owner: &AccountRow) -> Result<(), Fault> {
    match owner.upstream_id {
        None => Ok(()),
        Some(_) => Err(Fault::conflict(
            "owner.at_upstream",
            format!(
                "{} lives at an upstream: make the repository there, and ask an administrator to bind it here",
                owner.login
            ),
        )),
    }
}
