//! Blobs: bytes by id, or by path.

use crate::Oid;
use crate::commit::peel_to_tree;
use crate::error::{Error, Result};
use crate::reader::Kind;
use crate::repository::Repository;
use crate::transfer::Transfer;
use crate::tree::find_path;

impl Repository {
    /// The bytes of a blob of at most `limit_bytes`; [`Error::TooLarge`] names the size of a larger one.
    pub fn blob(&self, oid: Oid, limit_bytes: u64) -> Result<Vec<u8>> {
        match self.reader()?.read(oid, limit_bytes)? {
            None => Err(Error::NotFound("blob")),
            Some(object) if object.kind == Kind::Blob => Ok(object.data),
            Some(object) => Err(Error::WrongKind {
                expected: Kind::Blob,
                found: object.kind,
            }),
        }
    }

    /// The size of a blob in bytes.
    pub fn blob_size(&self, oid: Oid) -> Result<u64> {
        match self.object_info(oid)? {
            None => Err(Error::NotFound("blob")),
            Some((Kind::Blob, size)) => Ok(size),
            Some((found, _)) => Err(Error::WrongKind {
                expected: Kind::Blob,
                found,
            }),
        }
    }

    /// The bytes of a blob as a stream, so that a large one needs no memory.
    pub fn blob_stream(&self, oid: Oid) -> Result<Transfer> {
        self.blob_size(oid)?;
        let mut command = self.command("cat-file");
        command.arg("blob").arg(oid.to_string());
        self.stream(command)
    }

    /// The id and bytes of the file at `path` in a commit; nothing when no blob is there.
    pub fn file(&self, commit: Oid, path: &str, limit_bytes: u64) -> Result<Option<(Oid, Vec<u8>)>> {
        let mut reader = self.reader()?;
        let Some(tree) = peel_to_tree(&mut reader, commit)? else {
            return Ok(None);
        };
        let Some((_, oid)) = find_path(&mut reader, tree, path)? else {
            return Ok(None);
        };
        let object = reader.read(oid, limit_bytes)?;
        Ok(object
            .filter(|object| object.kind == Kind::Blob)
            .map(|object| (oid, object.data)))
    }
}
