//! What a repository holds: branches, commits, files, Git data, archives. Blocking, like all use cases.
//!
//! Objects are looked for in the permit's own repository only; no two repositories share any.

pub mod archive;
pub mod branch;
pub mod commit;
mod fault;
pub mod file;
mod move_refs;
pub mod object;
pub mod people;
pub mod reference;

pub use people::{Identity, People};

/// What is read from repositories, as surfaces may show it. Surfaces never open one themselves.
pub mod git {
    pub use bailiwick_git::{
        ArchiveFormat, Commit, Comparison, Entry, FileChange, Kind, Mode, Oid, Ref, Signature, Tag, Transfer,
        Tree, TreeEntry,
    };
}

use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use bailiwick_git::{Kind, Oid, Repository};

/// A part of a list: how many to leave out, how many to answer.
pub use bailiwick_git::Page;

/// GitHub's answer about a repository without any commit.
fn empty() -> Fault {
    Fault::conflict("git.empty", "Git Repository is empty.")
}

/// Refuses to read a repository without any branch, as GitHub does.
fn require_content(repository: &Repository) -> Result<(), Fault> {
    if repository.refs("refs/")?.is_empty() {
        Err(empty())
    } else {
        Ok(())
    }
}

/// The default branch's full name.
fn default_ref(permit: &Permit) -> Result<String, Fault> {
    Ok(format!("refs/heads/{}", permit.repository()?.default_branch))
}

/// The commit that a user's revision stands for; nothing where it stands for none.
fn find_commit(repository: &Repository, revision: &str) -> Result<Option<Oid>, Fault> {
    match repository.resolve(revision)? {
        Some(oid) => match repository.object_info(oid)? {
            Some((Kind::Commit, _)) => Ok(Some(oid)),
            _ => Ok(None),
        },
        None => Ok(None),
    }
}

/// An object id from a path or a body. Anything else names nothing.
fn parse_oid(text: &str) -> Option<Oid> {
    text.parse::<Oid>().ok().and_then(Oid::non_zero)
}

/// A 422 with one of GitHub's sentences.
fn unprocessable(code: &'static str, message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::Invalid, code, message)
}

/// A field that must be there is not.
pub fn not_supplied(field: &str) -> Fault {
    unprocessable(
        "body.missing_field",
        format!("Invalid request.\n\n\"{field}\" wasn't supplied."),
    )
}
