//! Clears up after pushes that were cut short: git leaves its quarantine behind when a signal ends it.

use std::fs::{self, File};
use std::path::PathBuf;

use crate::error::Result;
use crate::repository::{Repository, is_quarantine};

/// Held while a push is received, shared among all pushes to a repository, in whatever process they run.
#[derive(Debug)]
pub(crate) struct Receiving {
    lock: File,
    objects: PathBuf,
}

impl Receiving {
    /// Begins; waits for a clearing that is under way.
    pub(crate) fn begin(repository: &Repository) -> Result<Self> {
        let path = repository.directory().join("receive.lock");
        let lock = File::options().create(true).append(true).open(path)?;
        lock.lock_shared()?;
        Ok(Self {
            lock,
            objects: repository.directory().join("objects"),
        })
    }

    /// Ends; removes what is left in quarantine unless another push is under way, whose end will do it.
    pub(crate) fn end(self) -> std::io::Result<()> {
        if self.leftovers()?.is_empty() {
            return Ok(());
        }
        // INVARIANT: nothing is removed while any push could still move its objects out of quarantine.
        self.lock.unlock()?;
        if self.lock.try_lock().is_err() {
            return Ok(());
        }
        self.leftovers()?.into_iter().try_for_each(fs::remove_dir_all)
    }

    fn leftovers(&self) -> std::io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.objects)? {
            let entry = entry?;
            if is_quarantine(&entry.file_name()) {
                found.push(entry.path());
            }
        }
        Ok(found)
    }
}
