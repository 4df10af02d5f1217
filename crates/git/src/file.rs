//! One file changed on a branch: the commit is built, the branch is not moved.

use crate::Oid;
use crate::error::{Error, Result};
use crate::reader::Kind;
use crate::refs::RefUpdate;
use crate::repository::Repository;
use crate::signature::Signature;
use crate::tree::{Mode, find_path};
use crate::treebuild::TreeChange;

/// What happens to the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileChangeKind {
    /// It gets these bytes.
    Put(Vec<u8>),
    /// It is removed.
    Delete,
}

/// A commit that exists and is not on its branch yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedCommit {
    /// The new commit.
    pub commit: Oid,
    /// The file's new blob; nothing when it was deleted.
    pub blob: Option<Oid>,
    /// Whether the file is new.
    pub created: bool,
    /// The move of the branch to hand to [`Repository::update_refs`] once it is decided.
    pub update: RefUpdate,
}

impl Repository {
    /// Prepares a change of one file on `branch`.
    ///
    /// `expected_blob` is the file as the caller saw it, nothing where it saw none; [`Error::StaleBlob`] when that is
    /// not so. A branch that does not exist is only accepted in a repository without any commit on a branch.
    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one commit, each of its own type"
    )]
    pub fn prepare_file(
        &self,
        branch: &str,
        path: &str,
        change: &FileChangeKind,
        expected_blob: Option<Oid>,
        message: &str,
        author: &Signature,
        committer: &Signature,
    ) -> Result<PreparedCommit> {
        crate::path::check_path(path)?;
        bailiwick_wire::refname::check_branch(branch).map_err(|fault| Error::Invalid(fault.to_string()))?;
        let name = format!("refs/heads/{branch}");
        let old = self.find_ref(&name)?.map(|found| found.oid);
        if old.is_none() && !self.branches()?.is_empty() {
            return Err(Error::NotFound("branch"));
        }
        let mut reader = self.reader()?;
        let base = match old {
            Some(old) => Some(crate::commit::read_commit(&mut reader, old)?.tree),
            None => None,
        };
        let found = match base {
            Some(base) => find_path(&mut reader, base, path)?,
            None => None,
        };
        let existing = self.existing_file(&mut reader, found)?;
        if existing.map(|(_, oid)| oid) != expected_blob {
            return Err(Error::StaleBlob(existing.map(|(_, oid)| oid)));
        }
        let entry = match change {
            FileChangeKind::Put(bytes) => {
                let mode = existing.map_or(Mode::File, |(mode, _)| mode);
                Some((mode, self.create_blob(bytes)?))
            }
            FileChangeKind::Delete if existing.is_none() => return Err(Error::NotFound("file")),
            FileChangeKind::Delete => None,
        };
        let tree = self.create_tree(
            base,
            &[TreeChange {
                path: path.to_owned(),
                entry,
            }],
        )?;
        let parents: Vec<Oid> = old.into_iter().collect();
        let commit = self.create_commit(tree, &parents, message, author, committer)?;
        Ok(PreparedCommit {
            commit,
            blob: entry.map(|(_, oid)| oid),
            created: existing.is_none(),
            update: RefUpdate {
                name,
                old,
                new: Some(commit),
            },
        })
    }

    /// The blob at a place, with the mode a new one takes over.
    fn existing_file(
        &self,
        reader: &mut crate::reader::Reader,
        found: Option<(u32, Oid)>,
    ) -> Result<Option<(Mode, Oid)>> {
        let Some((bits, oid)) = found else {
            return Ok(None);
        };
        match reader.info(oid)? {
            Some((Kind::Blob, _)) if bits == 0o100_755 => Ok(Some((Mode::Executable, oid))),
            Some((Kind::Blob, _)) => Ok(Some((Mode::File, oid))),
            _ => Err(Error::Invalid(String::from(
                "the path is a directory or a submodule",
            ))),
        }
    }
}
