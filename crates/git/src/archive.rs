//! Archives of a tree, streamed as git makes them.

use crate::Oid;
use crate::error::Result;
use crate::path::check_path;
use crate::repository::Repository;
use crate::transfer::Transfer;

/// The form of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveFormat {
    /// `tar.gz`.
    TarGz,
    /// `zip`.
    Zip,
}

impl Repository {
    /// Starts an archive of a commit or tree, every path below the directory `prefix`.
    pub fn archive(&self, oid: Oid, format: ArchiveFormat, prefix: &str) -> Result<Transfer> {
        check_path(prefix)?;
        let mut command = self.command("archive");
        let format = match format {
            ArchiveFormat::TarGz => "--format=tar.gz",
            ArchiveFormat::Zip => "--format=zip",
        };
        command
            .arg(format)
            .arg(format!("--prefix={prefix}/"))
            .arg(oid.to_string());
        self.stream(command)
    }
}
