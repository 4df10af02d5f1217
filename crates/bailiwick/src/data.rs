//! The data directory: its lock, which one process holds at a time, and what lies where in it.

use crate::failure::Failure;
use bailiwick_store::Target;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The longest path of a data directory in which a socket has room, in bytes.
const SOCKET_DIRECTORY_BYTES_MAX: usize = 90;

/// A data directory that is ours as long as this lives.
pub struct DataDirectory {
    path: PathBuf,
    // The lock ends with the process even when it is killed, since the system holds it for the open file.
    _lock: File,
}

impl DataDirectory {
    /// Takes the directory; makes it, closed to other users, if it does not exist.
    pub fn take(path: &Path) -> Result<DataDirectory, Failure> {
        let failed = |error: std::io::Error| Failure::local(path.display(), error);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(failed)?;
        let path = path.canonicalize().map_err(failed)?;
        Self::lock(path)
    }

    /// Takes a directory that must exist.
    pub fn take_existing(path: &Path) -> Result<DataDirectory, Failure> {
        match path.canonicalize() {
            Ok(path) => Self::lock(path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Failure::NotFound(format!(
                "there is no data directory {}",
                path.display()
            ))),
            Err(error) => Err(Failure::local(path.display(), error)),
        }
    }

    fn lock(path: PathBuf) -> Result<DataDirectory, Failure> {
        let name = path.join("lock");
        let failed = |error: std::io::Error| Failure::local(name.display(), error);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&name)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(DataDirectory { path, _lock: file }),
            Err(TryLockError::WouldBlock) => Err(Failure::Conflict(format!(
                "the data directory {} is in use by another process; stop the server first",
                path.display()
            ))),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The embedded database.
    pub fn database(&self) -> PathBuf {
        self.path.join("bailiwick.sqlite")
    }

    /// The Git repositories.
    pub fn repositories(&self) -> PathBuf {
        self.path.join("repositories")
    }

    /// Where hooks ask about pushes. The system allows 108 bytes for a socket's path, and a few more are needed
    /// while it is made.
    pub fn hook_socket(&self) -> Result<PathBuf, Failure> {
        if self.path.as_os_str().len() > SOCKET_DIRECTORY_BYTES_MAX {
            return Err(Failure::Usage(format!(
                "the path of the data directory is too long for the socket in it: {SOCKET_DIRECTORY_BYTES_MAX} bytes at \
                 most: {}",
                self.path.display()
            )));
        }
        Ok(self.path.join("hook.socket"))
    }

    /// The keys that seal what the database must hold and never show.
    pub fn sealing_file(&self) -> PathBuf {
        self.path.join("sealing.key")
    }

    /// The authority and the certificate of `tls_self_signed`.
    pub fn tls(&self) -> PathBuf {
        self.path.join("tls")
    }

    /// Where the data is: the embedded database unless another one is configured.
    pub fn target(&self, database: Option<&crate::config::DatabaseUrl>) -> Target {
        match database {
            Some(url) => Target::Postgres(url.reveal().to_owned()),
            None => Target::Sqlite(self.database()),
        }
    }
}

mod sealing;

#[cfg(test)]
mod tests;
