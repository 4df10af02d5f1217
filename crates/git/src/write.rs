//! Writes objects. No ref moves here: what is written is unreachable until a caller with a decision moves one.

use bailiwick_wire::refname;

use crate::Oid;
use crate::error::{Error, Result};
use crate::reader::Kind;
use crate::repository::Repository;
use crate::signature::Signature;

/// An annotated tag to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTag {
    /// Its short name.
    pub name: String,
    /// What it shall point to.
    pub target: Oid,
    /// Who makes it.
    pub tagger: Signature,
    /// Its message.
    pub message: String,
}

impl Repository {
    /// Stores these bytes as a blob.
    pub fn create_blob(&self, bytes: &[u8]) -> Result<Oid> {
        self.store(Kind::Blob, bytes)
    }

    /// Stores a commit of this tree on these parents, all of which must exist.
    pub fn create_commit(
        &self,
        tree: Oid,
        parents: &[Oid],
        message: &str,
        author: &Signature,
        committer: &Signature,
    ) -> Result<Oid> {
        author.check()?;
        committer.check()?;
        check_message(message)?;
        let mut reader = self.reader()?;
        let mut data = format!("tree {tree}\n");
        require(reader.info(tree)?, Kind::Tree)?;
        for parent in parents {
            require(reader.info(*parent)?, Kind::Commit)?;
            data.push_str(&format!("parent {parent}\n"));
        }
        data.push_str(&format!("author {author}\ncommitter {committer}\n\n{message}"));
        self.store(Kind::Commit, data.as_bytes())
    }

    /// Stores an annotated tag.
    pub fn create_tag(&self, tag: &NewTag) -> Result<Oid> {
        refname::check_tag(&tag.name).map_err(|fault| Error::Invalid(fault.to_string()))?;
        tag.tagger.check()?;
        check_message(&tag.message)?;
        let (kind, _) = self.object_info(tag.target)?.ok_or(Error::NotFound("object"))?;
        let (target, name, tagger, message) = (tag.target, &tag.name, &tag.tagger, &tag.message);
        let data = format!("object {target}\ntype {kind}\ntag {name}\ntagger {tagger}\n\n{message}");
        self.store(Kind::Tag, data.as_bytes())
    }

    /// Stores one object; git itself checks its form.
    pub(crate) fn store(&self, kind: Kind, data: &[u8]) -> Result<Oid> {
        let id = self
            .run("hash-object", ["-w", "--stdin", "-t", kind.name()], data)
            .stdout()?;
        Oid::parse(id.trim_ascii_end()).map_err(|_| Error::Corrupt("hash-object"))
    }
}

pub(crate) fn require(found: Option<(Kind, u64)>, expected: Kind) -> Result<()> {
    match found {
        Some((kind, _)) if kind == expected => Ok(()),
        Some((found, _)) => Err(Error::WrongKind { expected, found }),
        None => Err(Error::NotFound(expected.name())),
    }
}

fn check_message(message: &str) -> Result<()> {
    // Git would cut the message there, so that two readers see two messages.
    if message.contains('\0') {
        return Err(Error::Invalid(String::from("the message holds a NUL byte")));
    }
    Ok(())
}
