//! Commits: lists, one with its files, comparison, merging.

use super::{Page, empty, find_commit, unprocessable};
use crate::Authority;
use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use bailiwick_git::{Commit, Comparison, FileChange, HistoryQuery, Oid, RefUpdate};
use bailiwick_model::Timestamp;
use bailiwick_store::account;

/// The most files of one commit or comparison that are looked at.
const FILES_MAX: usize = 3000;
/// The most files of a comparison, which GitHub shows on its first page only.
const COMPARE_FILES_MAX: usize = 300;
/// The longest difference that is answered as text, in bytes.
const TEXT_BYTES_MAX: usize = 32 << 20;

/// Which commits to list.
#[derive(Clone, Debug, Default)]
pub struct CommitQuery {
    /// Where to start: a branch, a tag or an id; the default branch where there is none.
    pub from: Option<String>,
    /// Only commits that change this file or directory.
    pub path: Option<String>,
    /// Only commits of this author: a login or an address.
    pub author: Option<String>,
    /// Only commits from this instant on.
    pub since: Option<Timestamp>,
    /// Only commits up to this instant.
    pub until: Option<Timestamp>,
}

/// A merge that was asked for.
#[derive(Clone, Debug)]
pub struct MergeInput {
    /// The branch that moves.
    pub base: String,
    /// The branch or commit that comes in.
    pub head: String,
    /// The message; a default one where there is none.
    pub message: Option<String>,
}

impl Authority {
    /// Commits, newest first; one more than asked for tells that there are more.
    pub fn commit_list(
        &self,
        permit: &Permit,
        query: &CommitQuery,
        page: Page,
    ) -> Result<Vec<Commit>, Fault> {
        let repository = self.repository_of(permit)?;
        let from = match &query.from {
            Some(revision) => find_commit(&repository, revision)?,
            None => find_commit(&repository, &super::default_ref(permit)?)?,
        };
        let Some(from) = from else {
            return Err(if repository.branches()?.is_empty() {
                empty()
            } else {
                Fault::not_found()
            });
        };
        let authors = match &query.author {
            None => Vec::new(),
            Some(author) => self.author_addresses(permit, author)?,
        };
        if query.author.is_some() && authors.is_empty() {
            return Ok(Vec::new());
        }
        let history = HistoryQuery {
            path: query.path.clone(),
            authors,
            since_seconds: query.since.map(Timestamp::seconds),
            until_seconds: query.until.map(Timestamp::seconds),
            ..HistoryQuery::from(from)
        };
        Ok(repository.commits(&history, page)?)
    }

    /// What to look for in author lines: an address in its brackets, so that one is never part of another.
    fn author_addresses(&self, permit: &Permit, author: &str) -> Result<Vec<String>, Fault> {
        let addresses = if author.contains('@') {
            vec![author.to_owned()]
        } else {
            let account = self.read(permit, |tx| Ok(account::by_login(tx, author)?))?;
            account
                .map(|account| self.addresses(&account))
                .unwrap_or_default()
        };
        Ok(addresses.iter().map(|address| format!("<{address}>")).collect())
    }

    /// The commit that a revision stands for.
    pub fn commit_find(&self, permit: &Permit, revision: &str) -> Result<Commit, Fault> {
        let repository = self.repository_of(permit)?;
        match find_commit(&repository, revision)? {
            Some(oid) => Ok(repository.commit(oid)?),
            None if repository.branches()?.is_empty() => Err(empty()),
            None => Err(unprocessable(
                "commit.missing",
                format!("No commit found for SHA: {revision}"),
            )),
        }
    }

    /// The files that a commit changes against its first parent.
    pub fn commit_files(&self, permit: &Permit, commit: &Commit) -> Result<Vec<FileChange>, Fault> {
        Ok(self
            .repository_of(permit)?
            .diff(commit.parents.first().copied(), commit.oid, FILES_MAX)?)
    }

    /// What a commit changes, as text.
    pub fn commit_diff(&self, permit: &Permit, commit: &Commit) -> Result<Vec<u8>, Fault> {
        text(self.repository_of(permit)?.diff_text(
            commit.parents.first().copied(),
            commit.oid,
            TEXT_BYTES_MAX,
        ))
    }

    /// A commit as a mail that `git am` takes.
    pub fn commit_patch(&self, permit: &Permit, commit: &Commit) -> Result<Vec<u8>, Fault> {
        text(
            self.repository_of(permit)?
                .patch_text(None, commit.oid, TEXT_BYTES_MAX),
        )
    }

    /// Both ends of a comparison. `a...b`, each a revision, or one with the owner's own login before it.
    pub fn compare_ends(&self, permit: &Permit, basehead: &str) -> Result<(Commit, Commit), Fault> {
        let (base, head) = basehead.split_once("...").ok_or_else(Fault::not_found)?;
        let repository = self.repository_of(permit)?;
        let row = permit.repository()?;
        let owner = &permit.owner()?.login;
        let end = |text: &str| -> Result<Commit, Fault> {
            // SECURITY: another repository would need a decision of its own, so that only this one can be named.
            let revision = match *text.split(':').collect::<Vec<_>>().as_slice() {
                [revision] => revision,
                [login, revision] if login.eq_ignore_ascii_case(owner) => revision,
                [login, name, revision]
                    if login.eq_ignore_ascii_case(owner) && name.eq_ignore_ascii_case(&row.name) =>
                {
                    revision
                }
                _ => return Err(Fault::not_found()),
            };
            let oid = find_commit(&repository, revision)?.ok_or_else(Fault::not_found)?;
            Ok(repository.commit(oid)?)
        };
        Ok((end(base)?, end(head)?))
    }

    /// Compares two commits, with the one they both come from. Files come with the first page only.
    pub fn compare(
        &self,
        permit: &Permit,
        base: Oid,
        head: Oid,
        page: Page,
    ) -> Result<(Comparison, Commit), Fault> {
        let repository = self.repository_of(permit)?;
        let files_max = if page.skip == 0 { COMPARE_FILES_MAX } else { 0 };
        let comparison = repository.compare(base, head, page, files_max)?;
        let merge_base = comparison.merge_base.ok_or_else(|| {
            Fault::new(
                FaultKind::NotFound,
                "compare.unrelated",
                format!("No common ancestor between {base} and {head}."),
            )
        })?;
        Ok((comparison, repository.commit(merge_base)?))
    }

    /// The difference between two commits from where they part, as text.
    pub fn compare_diff(&self, permit: &Permit, base: Oid, head: Oid) -> Result<Vec<u8>, Fault> {
        let repository = self.repository_of(permit)?;
        let merge_base = repository.merge_base(base, head)?.ok_or_else(Fault::not_found)?;
        text(repository.diff_text(Some(merge_base), head, TEXT_BYTES_MAX))
    }

    /// The commits of a comparison as mails.
    pub fn compare_patch(&self, permit: &Permit, base: Oid, head: Oid) -> Result<Vec<u8>, Fault> {
        text(
            self.repository_of(permit)?
                .patch_text(Some(base), head, TEXT_BYTES_MAX),
        )
    }

    /// Merges into a branch. Nothing where there was nothing to merge.
    pub fn merge(&self, permit: Permit, input: &MergeInput) -> Result<Option<Commit>, Fault> {
        let repository = self.repository_of(&permit)?;
        let missing = |what| {
            Fault::new(
                FaultKind::NotFound,
                "merge.missing",
                format!("{what} does not exist"),
            )
        };
        let branch = repository
            .find_ref(&format!("refs/heads/{}", input.base))?
            .ok_or_else(|| missing("Base"))?;
        let head = find_commit(&repository, &input.head)?.ok_or_else(|| missing("Head"))?;
        if repository.is_ancestor(head, branch.oid)? {
            return self.merge_nothing(permit);
        }
        if repository.merge_base(branch.oid, head)?.is_none() {
            return Err(Fault::conflict("merge.unrelated", "Merge conflict"));
        }
        let tree = repository
            .merge_tree(branch.oid, head)?
            .ok_or_else(|| Fault::conflict("merge.conflict", "Merge conflict"))?;
        let message = input
            .message
            .clone()
            .unwrap_or_else(|| format!("Merge {} into {}", input.head, input.base));
        let person = self.own_signature(&permit)?;
        let oid = repository.create_commit(tree, &[branch.oid, head], &message, &person, &person)?;
        let update = RefUpdate {
            name: branch.name,
            old: Some(branch.oid),
            new: Some(oid),
        };
        self.move_refs(permit, &repository, &[update], |_, _| Ok(()))?;
        Ok(Some(repository.commit(oid)?))
    }

    /// Nothing moved, but the request is recorded like any change that was asked for.
    fn merge_nothing(&self, permit: Permit) -> Result<Option<Commit>, Fault> {
        let permit = self.confirm(permit, false).map_err(Fault::refused)?;
        self.act(permit, |act, _| {
            act.note("merged", false);
            Ok(None)
        })
    }
}

fn text(text: bailiwick_git::Result<Vec<u8>>) -> Result<Vec<u8>, Fault> {
    text.map_err(|error| match error {
        bailiwick_git::Error::TooLarge { .. } => {
            let message = "Sorry, this diff is too large to be answered as text.";
            Fault::new(FaultKind::Invalid, "diff.too_large", message)
        }
        error => error.into(),
    })
}
