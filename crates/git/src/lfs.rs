//! LFS objects: whole files beside a repository's own objects, named by the SHA-256 of their bytes.
//! They lie inside the repository's directory, so that they are of that repository alone and go with it.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bailiwick_wire::lfs::LfsOid;
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};
use crate::repository::Repository;

/// How long an incoming file stays when nothing is added to it.
const LEFTOVER_AGE: Duration = Duration::from_secs(24 * 3600);

/// Distinguishes the incoming files of this process.
static SERIAL: AtomicU64 = AtomicU64::new(0);

/// An object that is being received. Dropping it removes what has come.
#[derive(Debug)]
pub struct LfsUpload {
    file: Option<File>,
    incoming: PathBuf,
    target: PathBuf,
    oid: LfsOid,
    digest: Sha256,
    size_bytes: u64,
    limit_bytes: u64,
}

impl Repository {
    /// An LFS object and its size in bytes; nothing when this repository has none of that id.
    pub fn lfs_object(&self, oid: &LfsOid) -> Result<Option<(File, u64)>> {
        match File::open(self.lfs_path(oid)) {
            Ok(file) => {
                let size = file.metadata()?.len();
                Ok(Some((file, size)))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The size in bytes of an LFS object; nothing when this repository has none of that id.
    pub fn lfs_size(&self, oid: &LfsOid) -> Result<Option<u64>> {
        match fs::metadata(self.lfs_path(oid)) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Begins to receive an LFS object of at most `limit_bytes`.
    pub fn lfs_receive(&self, oid: LfsOid, limit_bytes: u64) -> Result<LfsUpload> {
        let directory = self.directory().join("lfs").join("incoming");
        fs::create_dir_all(&directory)?;
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
        let incoming = directory.join(format!("{}-{}-{serial}", oid.as_str(), std::process::id()));
        let file = File::options().write(true).create_new(true).open(&incoming)?;
        clear_leftovers(&directory, &file)?;
        Ok(LfsUpload {
            file: Some(file),
            incoming,
            target: self.lfs_path(&oid),
            oid,
            digest: Sha256::new(),
            size_bytes: 0,
            limit_bytes,
        })
    }

    fn lfs_path(&self, oid: &LfsOid) -> PathBuf {
        // The id is 64 hexadecimal digits, so neither part can lead elsewhere.
        let (one, two) = oid.fan_out();
        self.directory()
            .join("lfs")
            .join("objects")
            .join(one)
            .join(two)
            .join(oid.as_str())
    }
}

impl LfsUpload {
    /// Takes the next bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.size_bytes = self.size_bytes.saturating_add(bytes.len() as u64);
        if self.size_bytes > self.limit_bytes {
            return Err(Error::TooLarge {
                size_bytes: None,
                limit_bytes: self.limit_bytes,
            });
        }
        self.digest.update(bytes);
        let file = self.file.as_mut().ok_or(Error::Corrupt("upload ended twice"))?;
        Ok(file.write_all(bytes)?)
    }

    /// Checks that the bytes are what the id says and brings them to disk. Not visible before [`LfsReceived::publish`].
    pub fn finish(mut self) -> Result<LfsReceived> {
        let found = self.digest.clone().finalize();
        if !self.oid.is_digest(&found) {
            return Err(Error::Invalid(String::from(
                "the bytes do not have the SHA-256 that names them",
            )));
        }
        let file = self.file.take().ok_or(Error::Corrupt("upload ended twice"))?;
        file.sync_all()?;
        Ok(LfsReceived {
            size_bytes: self.size_bytes,
            upload: self,
        })
    }
}

impl Drop for LfsUpload {
    fn drop(&mut self) {
        // Gone already once it was published.
        let _absent = fs::remove_file(&self.incoming);
    }
}

/// An object that has come whole. Dropping it removes it.
#[derive(Debug)]
pub struct LfsReceived {
    /// Its size in bytes.
    pub size_bytes: u64,
    upload: LfsUpload,
}

impl LfsReceived {
    /// Makes the object part of the repository, in one step.
    pub fn publish(self) -> Result<()> {
        let directory = self.upload.target.parent().ok_or(Error::Corrupt("object path"))?;
        fs::create_dir_all(directory)?;
        fs::rename(&self.upload.incoming, &self.upload.target)?;
        sync_directory(directory)
    }
}

/// Removes what uploads that a crash ended have left, told by its age against a file that was just made.
fn clear_leftovers(directory: &Path, fresh: &File) -> Result<()> {
    let now = fresh.metadata()?.modified()?;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        // Another upload may end and remove its file at any moment.
        let Ok(modified) = entry.metadata().and_then(|metadata| metadata.modified()) else {
            continue;
        };
        if now.duration_since(modified).is_ok_and(|age| age > LEFTOVER_AGE) {
            let _gone = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

fn sync_directory(directory: &Path) -> Result<()> {
    // A rename is durable only once its directory is.
    Ok(File::open(directory)?.sync_all()?)
}
