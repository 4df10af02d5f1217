//! Archives: a commit's files as one stream.

use super::{default_ref, find_commit};
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_git::{ArchiveFormat, Transfer};

/// An archive that has begun.
#[derive(Debug)]
pub struct Archive {
    /// The name of the directory inside, and of the file without its ending.
    pub name: String,
    /// The bytes as git makes them.
    pub transfer: Transfer,
}

impl Authority {
    /// Begins an archive of a revision; of the default branch where there is none.
    pub fn archive(&self, permit: &Permit, revision: &str, format: ArchiveFormat) -> Result<Archive, Fault> {
        let repository = self.repository_of(permit)?;
        let revision = if revision.is_empty() {
            default_ref(permit)?
        } else {
            revision.to_owned()
        };
        let oid = find_commit(&repository, &revision)?.ok_or_else(Fault::not_found)?;
        let short: String = oid.to_string().chars().take(7).collect();
        let name = format!("{}-{}-{short}", permit.owner()?.login, permit.repository()?.name);
        let transfer = repository.archive(oid, format, &name)?;
        Ok(Archive { name, transfer })
    }
}
