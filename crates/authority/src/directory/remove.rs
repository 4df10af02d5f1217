//! Deleting a repository: the row with everything that leads to it first, then the directory.

use super::create::about;
use super::edit::live;
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use crate::upstream::disk::must_be_hosted;
use bailiwick_store::repository;

impl Authority {
    /// Deletes the repository that the path names, for good.
    pub fn repository_delete(&self, permit: Permit) -> Result<(), Fault> {
        let (record, owner) = permit.repository_record()?;
        let (id, owner) = (record.facts.id, owner.row.clone());
        self.act(permit, |act, permit| {
            let row = live(act.tx, id)?;
            must_be_hosted(
                &row,
                "delete it there, and ask an administrator to unbind it here",
            )?;
            repository::delete(act.tx, id, permit.now())?;
            about(act, &row, &owner);
            act.note("visibility", row.visibility.word());
            Ok(())
        })?;
        // From here on nothing leads to it. What a crash leaves, the next start removes.
        self.forget_directory(id);
        Ok(())
    }
}
