//! Files at a path: reading them at any revision, and changing one by a commit.

use super::fault::too_large;
use super::{Identity, default_ref, find_commit, not_supplied, unprocessable};
use crate::Authority;
use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use bailiwick_git::{Commit, Entry, Error, FileChangeKind, Mode, Oid, Repository, Transfer, TreeEntry};

/// The largest file whose bytes are answered inside JSON.
pub const INLINE_BYTES_MAX: u64 = 1 << 20;
/// The largest file that is answered at all.
pub const FILE_BYTES_MAX: u64 = 100 << 20;
/// The most entries of a directory that are listed.
const DIRECTORY_ENTRIES_MAX: usize = 1000;
/// The longest target of a symbolic link.
const LINK_BYTES_MAX: u64 = 4096;
/// The largest `.gitmodules` that is read.
const MODULES_BYTES_MAX: u64 = 256 << 10;
/// Names of a README, as they are preferred, in lower case.
const READMES: [&str; 8] = [
    "readme.md",
    "readme.markdown",
    "readme.rst",
    "readme.adoc",
    "readme.org",
    "readme.txt",
    "readme.textile",
    "readme",
];

/// What lies at a path.
#[derive(Clone, Debug)]
pub enum Content {
    /// A file. The bytes are there up to [`INLINE_BYTES_MAX`].
    File(Option<Vec<u8>>),
    /// A directory.
    Directory(Vec<TreeEntry>),
    /// A link that leads to no file here.
    Symlink(String),
    /// A commit of another repository, with its address as `.gitmodules` gives it.
    Submodule(Option<String>),
}

/// Something found at a path.
#[derive(Clone, Debug)]
pub struct Found {
    /// Where it was looked for.
    pub path: String,
    /// The revision, as links to it name it.
    pub revision: String,
    /// Its object.
    pub oid: Oid,
    /// Its size in bytes; 0 where there is none.
    pub size: u64,
    /// What it is.
    pub content: Content,
}

/// A change of one file.
#[derive(Clone, Debug, Default)]
pub struct FileInput {
    /// Its path.
    pub path: String,
    /// Its new bytes; nothing to remove it.
    pub bytes: Option<Vec<u8>>,
    /// The commit's message.
    pub message: String,
    /// The blob that the caller saw there.
    pub sha: Option<String>,
    /// The branch; the default one where there is none.
    pub branch: Option<String>,
    /// The author; the committer where there is none.
    pub author: Option<Identity>,
    /// The committer; the caller where there is none.
    pub committer: Option<Identity>,
}

/// A file as it was changed.
#[derive(Clone, Debug)]
pub struct FileChanged {
    /// Whether it is new.
    pub created: bool,
    /// The file; nothing when it was removed.
    pub file: Option<Found>,
    /// The commit that did it.
    pub commit: Commit,
}

impl Authority {
    /// What lies at a path.
    pub fn content_get(&self, permit: &Permit, path: &str, revision: Option<&str>) -> Result<Found, Fault> {
        let repository = self.repository_of(permit)?;
        let (commit, revision) = commit_at(&repository, permit, revision)?;
        let entry = repository.entry_at(commit, path)?.ok_or_else(Fault::not_found)?;
        read(&repository, commit, path, revision, entry)
    }

    /// The README of a directory; for the root, also in `.github` and `docs`.
    pub fn readme_get(
        &self,
        permit: &Permit,
        directory: &str,
        revision: Option<&str>,
    ) -> Result<Found, Fault> {
        let repository = self.repository_of(permit)?;
        let (commit, revision) = commit_at(&repository, permit, revision)?;
        let places: &[&str] = if directory.is_empty() {
            &[".github", "", "docs"]
        } else {
            &[directory]
        };
        for place in places {
            let Some(entry) = repository
                .entry_at(commit, place)?
                .filter(|entry| entry.mode == Mode::Tree)
            else {
                continue;
            };
            let listing = repository.tree(entry.oid, false, DIRECTORY_ENTRIES_MAX)?;
            let best = listing
                .entries
                .iter()
                .filter(|entry| matches!(entry.mode, Mode::File | Mode::Executable))
                .filter_map(|entry| {
                    Some((
                        READMES
                            .iter()
                            .position(|name| entry.path.eq_ignore_ascii_case(name))?,
                        entry,
                    ))
                })
                .min_by_key(|(rank, _)| *rank);
            if let Some((_, file)) = best {
                let path = join(place, &file.path);
                let entry = Entry {
                    mode: file.mode,
                    oid: file.oid,
                    size_bytes: file.size_bytes,
                };
                return read(&repository, commit, &path, revision, entry);
            }
        }
        Err(Fault::not_found())
    }

    /// The bytes of a file that was found, as a stream.
    pub fn blob_stream(&self, permit: &Permit, oid: Oid) -> Result<Transfer, Fault> {
        Ok(self.repository_of(permit)?.blob_stream(oid)?)
    }

    /// Makes, changes or removes a file by a commit on a branch.
    pub fn content_put(&self, permit: Permit, input: &FileInput) -> Result<FileChanged, Fault> {
        check_path(&input.path)?;
        let repository = self.repository_of(&permit)?;
        let branch = input
            .branch
            .as_deref()
            .map(|name| name.strip_prefix("refs/heads/").unwrap_or(name));
        let branch = branch.unwrap_or(&permit.repository()?.default_branch).to_owned();
        let expected = match &input.sha {
            None => None,
            Some(sha) => Some(super::parse_oid(sha).ok_or_else(|| does_not_match(&input.path, sha))?),
        };
        let own = self.own_signature(&permit)?;
        let committer = input
            .committer
            .as_ref()
            .map_or(Ok(own), |given| given.signature(permit.now()))?;
        let author = input
            .author
            .as_ref()
            .map_or(Ok(committer.clone()), |given| given.signature(permit.now()))?;
        let change = match &input.bytes {
            Some(bytes) => FileChangeKind::Put(bytes.clone()),
            None => FileChangeKind::Delete,
        };
        let prepared = repository
            .prepare_file(
                &branch,
                &input.path,
                &change,
                expected,
                &input.message,
                &author,
                &committer,
            )
            .map_err(|error| prepare_fault(error, input, &branch))?;
        let commit = repository.commit(prepared.commit)?;
        self.move_refs(permit, &repository, &[prepared.update], |act, _| {
            act.note("path", input.path.as_str());
            Ok(())
        })?;
        let size = input.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
        let file = prepared.blob.map(|oid| Found {
            path: input.path.clone(),
            revision: branch,
            oid,
            size,
            content: Content::File(None),
        });
        Ok(FileChanged {
            created: prepared.created,
            file,
            commit,
        })
    }
}

fn does_not_match(path: &str, sha: &str) -> Fault {
    Fault::conflict("content.stale", format!("{path} does not match {sha}"))
}

/// SECURITY: no commit made here may lead a checkout anywhere outside its directory or into `.git`.
fn check_path(path: &str) -> Result<(), Fault> {
    bailiwick_git::check_path(path).map_err(|_| {
        unprocessable("content.path", "path contains a malformed path component")
            .with("Commit", "path", "invalid", "")
    })
}

fn prepare_fault(error: Error, input: &FileInput, branch: &str) -> Fault {
    match (error, &input.sha) {
        (Error::StaleBlob(None), _) if input.bytes.is_none() => Fault::not_found(),
        (Error::StaleBlob(_), Some(sha)) => does_not_match(&input.path, sha),
        (Error::StaleBlob(_), None) => not_supplied("sha"),
        (Error::NotFound("branch"), _) => Fault::new(
            FaultKind::NotFound,
            "branch.missing",
            format!("Branch {branch} not found"),
        ),
        (error, _) => error.into(),
    }
}

/// The commit of a revision, and the name that links to it carry.
fn commit_at(
    repository: &Repository,
    permit: &Permit,
    revision: Option<&str>,
) -> Result<(Oid, String), Fault> {
    match revision.filter(|revision| !revision.is_empty()) {
        Some(revision) => {
            let message = || format!("No commit found for the ref {revision}");
            let missing = || Fault::new(FaultKind::NotFound, "commit.missing", message());
            Ok((
                find_commit(repository, revision)?.ok_or_else(missing)?,
                revision.to_owned(),
            ))
        }
        None => {
            let missing = || Fault::new(FaultKind::NotFound, "git.empty", "This repository is empty.");
            let commit = find_commit(repository, &default_ref(permit)?)?.ok_or_else(missing)?;
            Ok((commit, permit.repository()?.default_branch.clone()))
        }
    }
}

fn read(
    repository: &Repository,
    commit: Oid,
    path: &str,
    revision: String,
    entry: Entry,
) -> Result<Found, Fault> {
    let (mut oid, mut size) = (entry.oid, entry.size_bytes.unwrap_or(0));
    let content = match entry.mode {
        Mode::Tree => Content::Directory(repository.tree(entry.oid, false, DIRECTORY_ENTRIES_MAX)?.entries),
        Mode::Submodule => Content::Submodule(submodule_url(repository, commit, path)?),
        Mode::File | Mode::Executable => Content::File(bytes(repository, oid, size)?),
        Mode::Symlink => {
            let target = String::from_utf8_lossy(&repository.blob(oid, LINK_BYTES_MAX)?).into_owned();
            let file = match resolve_link(path, &target) {
                Some(path) => repository.entry_at(commit, &path)?,
                None => None,
            };
            match file.filter(|file| matches!(file.mode, Mode::File | Mode::Executable)) {
                // GitHub answers the file that a link leads to, if it leads to one.
                Some(file) => {
                    (oid, size) = (file.oid, file.size_bytes.unwrap_or(0));
                    Content::File(bytes(repository, oid, size)?)
                }
                None => Content::Symlink(target),
            }
        }
    };
    Ok(Found {
        path: path.to_owned(),
        revision,
        oid,
        size,
        content,
    })
}

fn bytes(repository: &Repository, oid: Oid, size: u64) -> Result<Option<Vec<u8>>, Fault> {
    if size > FILE_BYTES_MAX {
        return Err(too_large("Blob", "data"));
    }
    if size > INLINE_BYTES_MAX {
        Ok(None)
    } else {
        Ok(Some(repository.blob(oid, INLINE_BYTES_MAX)?))
    }
}

/// Where a link leads inside the repository; nothing where it leads outside.
fn resolve_link(path: &str, target: &str) -> Option<String> {
    if target.starts_with('/') {
        return None;
    }
    let mut segments: Vec<&str> = path.split('/').collect();
    segments.pop();
    for segment in target.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()?),
            name => segments.push(name),
        }
    }
    Some(segments.join("/"))
}

/// The address of a submodule.
fn submodule_url(repository: &Repository, commit: Oid, path: &str) -> Result<Option<String>, Fault> {
    let Some((_, bytes)) = repository.file(commit, ".gitmodules", MODULES_BYTES_MAX)? else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&bytes);
    let value = |section: &str, key: &str| {
        section.lines().find_map(|line| {
            let (name, value) = line.split_once('=')?;
            (name.trim() == key).then(|| value.trim().to_owned())
        })
    };
    let mut sections = text.split("[submodule ").skip(1);
    Ok(sections
        .find(|section| value(section, "path").as_deref() == Some(path))
        .and_then(|section| value(section, "url")))
}

/// A path below a directory, which is empty for the root.
pub fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() {
        name.to_owned()
    } else {
        format!("{directory}/{name}")
    }
}
