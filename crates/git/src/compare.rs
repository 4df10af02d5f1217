//! Compares two commits as GitHub does: from their merge base.

use crate::Oid;
use crate::commit::Commit;
use crate::diff::FileChange;
use crate::error::{Error, Result};
use crate::history::{Page, parse_ids};
use crate::repository::Repository;

/// How `head` differs from `base`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Their best common ancestor; nothing when they share no history, and then there are no files.
    pub merge_base: Option<Oid>,
    /// How many commits `head` has that `base` has not.
    pub ahead_by: usize,
    /// How many commits `base` has that `head` has not.
    pub behind_by: usize,
    /// The asked part of the commits ahead, oldest first.
    pub commits: Vec<Commit>,
    /// What changed between the merge base and `head`.
    pub files: Vec<FileChange>,
}

impl Comparison {
    /// GitHub's word for it.
    #[must_use]
    pub const fn status(&self) -> &'static str {
        match (self.ahead_by, self.behind_by) {
            (0, 0) => "identical",
            (_, 0) => "ahead",
            (0, _) => "behind",
            _ => "diverged",
        }
    }
}

impl Repository {
    /// The best common ancestor of two commits.
    pub fn merge_base(&self, one: Oid, other: Oid) -> Result<Option<Oid>> {
        let output = self
            .run("merge-base", [one.to_string(), other.to_string()], &[])
            .output()?;
        match output.code() {
            Some(0) => Ok(parse_ids(&output.stdout)?.first().copied()),
            Some(1) => Ok(None),
            _ => Err(output.failure()),
        }
    }

    /// Stores the tree that merging two commits makes; nothing where they conflict. No ref moves.
    pub fn merge_tree(&self, ours: Oid, theirs: Oid) -> Result<Option<Oid>> {
        let arguments = [
            String::from("--write-tree"),
            String::from("--no-messages"),
            ours.to_string(),
            theirs.to_string(),
        ];
        let output = self.run("merge-tree", arguments, &[]).output()?;
        match output.code() {
            Some(0) => Ok(parse_ids(&output.stdout)?.first().copied()),
            Some(1) => Ok(None),
            _ => Err(output.failure()),
        }
    }

    /// Compares `head` with `base`; `page` selects among the commits, `files_max` bounds the files.
    pub fn compare(&self, base: Oid, head: Oid, page: Page, files_max: usize) -> Result<Comparison> {
        self.require_commit(base)?;
        self.require_commit(head)?;
        let merge_base = self.merge_base(base, head)?;
        let (behind_by, ahead_by) = self.left_right(base, head)?;
        // Git counts from the newest, callers from the oldest.
        let end = ahead_by.saturating_sub(page.skip);
        let start = end.saturating_sub(page.limit);
        let commits = if end > start {
            let (skip, count) = (ahead_by - end, end - start);
            let arguments = [
                format!("--skip={}", ahead_by - skip - count),
                format!("--max-count={count}"),
                String::from("--topo-order"),
                format!("^{base}"),
                head.to_string(),
                String::from("--"),
            ];
            let mut ids = parse_ids(&self.run("rev-list", arguments, &[]).stdout()?)?;
            ids.reverse();
            self.read_commits(&ids)?
        } else {
            Vec::new()
        };
        let files = match merge_base {
            Some(merge_base) => self.diff(Some(merge_base), head, files_max)?,
            None => Vec::new(),
        };
        Ok(Comparison {
            merge_base,
            ahead_by,
            behind_by,
            commits,
            files,
        })
    }

    fn left_right(&self, base: Oid, head: Oid) -> Result<(usize, usize)> {
        let arguments = [
            String::from("--left-right"),
            String::from("--count"),
            format!("{base}...{head}"),
            String::from("--"),
        ];
        let counts = self.run("rev-list", arguments, &[]).stdout()?;
        let text = String::from_utf8_lossy(&counts);
        let mut words = text.split_ascii_whitespace().map(str::parse);
        match (words.next(), words.next()) {
            (Some(Ok(left)), Some(Ok(right))) => Ok((left, right)),
            _ => Err(Error::Corrupt("rev-list --count")),
        }
    }
}
