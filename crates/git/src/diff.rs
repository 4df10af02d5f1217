//! Which files differ between two trees, with counts and patches.

use std::collections::VecDeque;

use crate::Oid;
use crate::error::{Error, Result};
use crate::process::Overflow;
use crate::repository::Repository;

/// The most of all patches together that is read, in bytes; files behind that have none.
const PATCHES_BYTES_MAX: usize = 8 << 20;
/// The longest patch of one file, in bytes; a longer one is left out, as GitHub does.
const PATCH_BYTES_MAX: usize = 1 << 20;

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileStatus {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Its content or mode changed.
    Modified,
    /// It has another name, and perhaps other content.
    Renamed,
    /// It is of another type.
    Changed,
}

impl FileStatus {
    /// GitHub's word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Modified => "modified",
            Self::Renamed => "renamed",
            Self::Changed => "changed",
        }
    }
}

/// One file of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Its path; the new one after a rename.
    pub path: String,
    /// Its path before a rename.
    pub previous_path: Option<String>,
    /// What happened.
    pub status: FileStatus,
    /// Its blob; the former one when it is gone.
    pub oid: Oid,
    /// Lines that came; none for binary files.
    pub additions: u64,
    /// Lines that went.
    pub deletions: u64,
    /// Whether git takes it for binary.
    pub binary: bool,
    /// The hunks; nothing for binary, unchanged or very large content.
    pub patch: Option<String>,
}

impl Repository {
    /// The files that differ from `old` (nothing: the empty tree) to `new`, at most `files_max` of them.
    pub fn diff(&self, old: Option<Oid>, new: Oid, files_max: usize) -> Result<Vec<FileChange>> {
        let trees = [old.unwrap_or(Oid::EMPTY_TREE).to_string(), new.to_string()];
        let [old, new] = &trees;
        let list = [
            "-r",
            "-z",
            "--raw",
            "--numstat",
            "--no-abbrev",
            "--find-renames",
            old,
            new,
            "--",
        ];
        let listing = self.run("diff-tree", list, &[]).stdout()?;
        let mut files = parse_listing(&listing).ok_or(Error::Corrupt("diff-tree"))?;
        files.truncate(files_max);
        if files.is_empty() {
            return Ok(files);
        }
        let flags = [
            "-r",
            "-p",
            "--full-index",
            "--find-renames",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
        ];
        let mut run = self.run(
            "diff-tree",
            flags.into_iter().chain([old.as_str(), new, "--"]),
            &[],
        );
        run.output_bytes_max = PATCHES_BYTES_MAX;
        run.overflow = Overflow::Cut;
        let output = run.output()?;
        let cut = output.status.is_none();
        attach_patches(&mut files, &output.success()?, cut);
        Ok(files)
    }

    /// The files a commit changes against its first parent.
    pub fn commit_files(&self, commit: Oid, files_max: usize) -> Result<Vec<FileChange>> {
        let parent = self.commit(commit)?.parents.first().copied();
        self.diff(parent, commit, files_max)
    }

    /// The whole difference as text, as `application/vnd.github.diff` wants it, up to `limit_bytes`.
    pub fn diff_text(&self, old: Option<Oid>, new: Oid, limit_bytes: usize) -> Result<Vec<u8>> {
        let flags = [
            "-r",
            "-p",
            "--find-renames",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
        ];
        let trees = [
            old.unwrap_or(Oid::EMPTY_TREE).to_string(),
            new.to_string(),
            String::from("--"),
        ];
        let mut run = self.run("diff-tree", flags.into_iter().map(String::from).chain(trees), &[]);
        run.output_bytes_max = limit_bytes;
        run.stdout()
    }

    /// The commits from `base` (nothing: the last one only) to `head` as mails, as `application/vnd.github.patch` wants
    /// them, up to `limit_bytes`.
    pub fn patch_text(&self, base: Option<Oid>, head: Oid, limit_bytes: usize) -> Result<Vec<u8>> {
        let flags = [
            "--stdout",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
            "--full-index",
        ];
        let range = match base {
            Some(base) => vec![format!("{base}..{head}")],
            None => vec![String::from("-1"), head.to_string()],
        };
        let arguments = flags
            .into_iter()
            .map(String::from)
            .chain(range)
            .chain([String::from("--")]);
        let mut run = self.run("format-patch", arguments, &[]);
        run.output_bytes_max = limit_bytes;
        run.stdout()
    }
}

/// The raw records, then the counts in the same order.
fn parse_listing(listing: &[u8]) -> Option<Vec<FileChange>> {
    let mut fields: VecDeque<&[u8]> = listing.split(|byte| *byte == 0).collect();
    let mut files = Vec::new();
    while fields.front().is_some_and(|field| field.starts_with(b":")) {
        files.push(parse_raw(&mut fields)?);
    }
    for file in &mut files {
        let counts = fields.pop_front()?;
        let mut words = counts.splitn(3, |byte| *byte == b'\t');
        let (added, removed, path) = (words.next()?, words.next()?, words.next()?);
        if path.is_empty() {
            // A rename: both names follow.
            fields.pop_front()?;
            fields.pop_front()?;
        }
        file.binary = added == b"-";
        file.additions = parse_count(added)?;
        file.deletions = parse_count(removed)?;
    }
    Some(files)
}

fn parse_count(digits: &[u8]) -> Option<u64> {
    if digits == b"-" {
        Some(0)
    } else {
        std::str::from_utf8(digits).ok()?.parse().ok()
    }
}

/// `:mode mode id id status`, then one or two paths.
fn parse_raw(fields: &mut VecDeque<&[u8]>) -> Option<FileChange> {
    let header = std::str::from_utf8(fields.pop_front()?).ok()?;
    let mut words = header.split(' ').skip(2);
    let (old, new): (Oid, Oid) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let letter = words.next()?.chars().next()?;
    let text = |field: &[u8]| String::from_utf8_lossy(field).into_owned();
    let first = text(fields.pop_front()?);
    let (status, path, previous_path) = match letter {
        'A' => (FileStatus::Added, first, None),
        'D' => (FileStatus::Removed, first, None),
        'M' => (FileStatus::Modified, first, None),
        'T' => (FileStatus::Changed, first, None),
        'R' => (FileStatus::Renamed, text(fields.pop_front()?), Some(first)),
        _ => return None,
    };
    let oid = new.non_zero().unwrap_or(old);
    Some(FileChange {
        path,
        previous_path,
        status,
        oid,
        additions: 0,
        deletions: 0,
        binary: false,
        patch: None,
    })
}

/// Gives each file its section of the text, which is in the same order; the last one of a cut text is not trusted.
fn attach_patches(files: &mut [FileChange], text: &[u8], cut: bool) {
    // Inside a hunk every line begins with a blank, a sign or a backslash, so this begins a section.
    let mut starts: Vec<usize> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b"diff --git ") {
            starts.push(at);
        }
        at += line.len();
    }
    starts.push(text.len());
    let mut sections: VecDeque<&[u8]> = starts
        .windows(2)
        .filter_map(|pair| text.get(*pair.first()?..*pair.get(1)?))
        .collect();
    if cut {
        sections.pop_back();
    }
    for file in files {
        let mut section = sections.pop_front();
        if file.status == FileStatus::Changed {
            // Git writes a change of type as a removal and an addition.
            section = section.and(sections.pop_front()).and(None);
        }
        file.patch = section.filter(|_| !file.binary).and_then(hunks);
    }
}

fn hunks(section: &[u8]) -> Option<String> {
    let start = section.windows(4).position(|window| window == b"\n@@ ")? + 1;
    let hunks = section.get(start..)?;
    let hunks = hunks.strip_suffix(b"\n").unwrap_or(hunks);
    (hunks.len() <= PATCH_BYTES_MAX).then(|| String::from_utf8_lossy(hunks).into_owned())
}
