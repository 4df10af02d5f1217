//! Walks history: lists of commits, ancestry.

use std::ffi::OsString;

use crate::Oid;
use crate::commit::{Commit, read_commit};
use crate::error::{Error, Result};
use crate::repository::Repository;

/// Which commits are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryQuery {
    /// The commit to start from.
    pub from: Oid,
    /// Only commits that change this file or directory.
    pub path: Option<String>,
    /// Only commits whose author line holds one of these texts, whatever their case; none means any author.
    pub authors: Vec<String>,
    /// Only commits recorded at or after this second since 1970.
    pub since_seconds: Option<i64>,
    /// Only commits recorded at or before this second since 1970.
    pub until_seconds: Option<i64>,
}

impl HistoryQuery {
    /// Everything that leads to this commit.
    #[must_use]
    pub const fn from(from: Oid) -> Self {
        Self {
            from,
            path: None,
            authors: Vec::new(),
            since_seconds: None,
            until_seconds: None,
        }
    }
}

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many to leave out at the start.
    pub skip: usize,
    /// How many to answer at most.
    pub limit: usize,
}

impl Repository {
    /// Commits, newest first.
    pub fn commits(&self, query: &HistoryQuery, page: Page) -> Result<Vec<Commit>> {
        self.require_commit(query.from)?;
        let mut arguments: Vec<OsString> = vec![
            format!("--max-count={}", page.limit).into(),
            format!("--skip={}", page.skip).into(),
            "--fixed-strings".into(),
            "--regexp-ignore-case".into(),
        ];
        arguments.extend(query.since_seconds.map(|at| format!("--max-age={at}").into()));
        arguments.extend(query.until_seconds.map(|at| format!("--min-age={at}").into()));
        for author in &query.authors {
            if author.chars().any(char::is_control) {
                return Err(Error::Invalid(String::from(
                    "the author holds a control character",
                )));
            }
            arguments.push(format!("--author={author}").into());
        }
        arguments.push(query.from.to_string().into());
        arguments.push("--".into());
        if let Some(path) = query.path.as_deref().filter(|path| !path.is_empty()) {
            if path.contains('\0') || path.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
                return Ok(Vec::new());
            }
            arguments.push(path.into());
        }
        let listing = self.run("rev-list", arguments, &[]).stdout()?;
        self.read_commits(&parse_ids(&listing)?)
    }

    /// Whether `ancestor` is `descendant` or one of the commits that lead to it.
    pub fn is_ancestor(&self, ancestor: Oid, descendant: Oid) -> Result<bool> {
        let ids = [
            String::from("--is-ancestor"),
            ancestor.to_string(),
            descendant.to_string(),
        ];
        let output = self.run("merge-base", ids, &[]).output()?;
        match output.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(output.failure()),
        }
    }

    pub(crate) fn require_commit(&self, oid: Oid) -> Result<()> {
        crate::write::require(self.object_info(oid)?, crate::Kind::Commit)
    }

    pub(crate) fn read_commits(&self, ids: &[Oid]) -> Result<Vec<Commit>> {
        let mut reader = self.reader()?;
        ids.iter().map(|oid| read_commit(&mut reader, *oid)).collect()
    }
}

/// Ids, one a line.
pub(crate) fn parse_ids(listing: &[u8]) -> Result<Vec<Oid>> {
    let lines = listing
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    lines
        .map(|line| Oid::parse(line).map_err(|_| Error::Corrupt("list of ids")))
        .collect()
}
