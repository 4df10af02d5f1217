//! A backup while the server runs: first the database, then the repositories, which by then hold at least as much.
//! The sealing keys are not in it: whoever reads a backup finds no secret.

use crate::Authority;
use crate::directory::create::git_fault;
use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use bailiwick_store::StoreError;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// The database's name in a backup, as in the data directory.
const DATABASE: &str = "bailiwick.sqlite";

/// What was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Backup {
    /// Where.
    pub path: PathBuf,
    /// Bytes.
    pub bytes: u64,
    /// Repositories.
    pub repositories: u64,
}

impl Authority {
    /// Writes a backup into a new directory of the server.
    pub fn backup(&self, permit: Permit, path: &str) -> Result<Backup, Fault> {
        let target = check(path)?;
        let taken = |error: io::Error| match error.kind() {
            io::ErrorKind::AlreadyExists => {
                Fault::conflict("backup.exists", "the path exists already: name a new one")
            }
            _ => refused(&error),
        };
        DirBuilder::new().mode(0o700).create(&target).map_err(taken)?;
        let written = self.write_backup(&target);
        if written.is_err() {
            let _partial = fs::remove_dir_all(&target);
        }
        let backup = written?;
        self.act(permit, |act, _| {
            act.note("path", target.display().to_string());
            act.note("bytes", backup.bytes);
            act.note("repositories", backup.repositories);
            Ok(backup)
        })
    }

    fn write_backup(&self, target: &Path) -> Result<Backup, Fault> {
        let database = target.join(DATABASE);
        self.store.backup(&database).map_err(|error| match error {
            StoreError::Unsupported { what } => Fault::new(FaultKind::NotImplemented, "backup.engine", what),
            other => other.into(),
        })?;
        let mut bytes = fs::metadata(&database).map_err(|error| refused(&error))?.len();
        let root = target.join("repositories");
        DirBuilder::new()
            .mode(0o700)
            .create(&root)
            .map_err(|error| refused(&error))?;
        let mut repositories = 0;
        for id in self.git.ids().map_err(git_fault)? {
            // One that is deleted meanwhile is none of the backup's.
            let Ok(repository) = self.git.open(id) else {
                continue;
            };
            let bucket = root.join(format!("{:02x}", id % 256));
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&bucket)
                .map_err(|error| refused(&error))?;
            let to = bucket.join(format!("{id}.git"));
            bytes += copy_repository(repository.directory(), &to).map_err(|error| refused(&error))?;
            repositories += 1;
        }
        Ok(Backup {
            path: target.to_owned(),
            bytes,
            repositories,
        })
    }
}

fn check(path: &str) -> Result<PathBuf, Fault> {
    let target = PathBuf::from(path);
    let plain = target.components().all(|part| {
        matches!(
            part,
            std::path::Component::RootDir | std::path::Component::Normal(_)
        )
    });
    if !target.is_absolute() || !plain || path.contains('\0') {
        return Err(Fault::invalid(
            "Backup",
            "path",
            "invalid",
            "must be an absolute path on the server",
        ));
    }
    if !target.parent().is_some_and(Path::is_dir) {
        return Err(Fault::invalid(
            "Backup",
            "path",
            "invalid",
            "its parent directory does not exist",
        ));
    }
    Ok(target)
}

fn refused(error: &io::Error) -> Fault {
    // Administrators of the machine may know what it says.
    Fault::new(
        FaultKind::Unavailable,
        "backup.failed",
        format!("the backup cannot be written: {error}"),
    )
}

/// Refs before objects: objects are only added, so every ref that was copied finds its objects.
fn copy_repository(from: &Path, to: &Path) -> io::Result<u64> {
    DirBuilder::new().mode(0o700).create(to)?;
    let mut bytes = copy_tree(&from.join("refs"), &to.join("refs"))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == "refs" || name == "objects" {
            continue;
        }
        bytes += copy_entry(&entry, to)?;
    }
    Ok(bytes + copy_tree(&from.join("objects"), &to.join("objects"))?)
}

fn copy_tree(from: &Path, to: &Path) -> io::Result<u64> {
    DirBuilder::new().recursive(true).mode(0o700).create(to)?;
    let mut bytes = 0;
    for entry in fs::read_dir(from)? {
        bytes += copy_entry(&entry?, to)?;
    }
    Ok(bytes)
}

fn copy_entry(entry: &fs::DirEntry, to: &Path) -> io::Result<u64> {
    let name = entry.file_name();
    let text = name.to_string_lossy();
    // Locks, half-written objects and pushes under way belong to the moment.
    if text.ends_with(".lock") || text.starts_with("tmp_") || text.starts_with("incoming-") {
        return Ok(0);
    }
    let kind = entry.file_type()?;
    let copied = if kind.is_dir() {
        copy_tree(&entry.path(), &to.join(&name))
    } else if kind.is_file() {
        fs::copy(entry.path(), to.join(&name))
    } else {
        Ok(0)
    };
    match copied {
        // Gone meanwhile.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        other => other,
    }
}
