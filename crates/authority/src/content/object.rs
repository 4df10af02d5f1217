//! Objects as Git data: trees, blobs, commits and tags, by id. What is written is unreachable until a ref moves.

use super::fault::too_large;
use super::{Identity, parse_oid, require_content, unprocessable};
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_git::{Commit, Error, Kind, Mode, NewTag, Oid, Repository, Tag, Tree, TreeChange};
use std::collections::HashMap;

/// The most entries of a tree that are answered, as on GitHub.
const TREE_ENTRIES_MAX: usize = 100_000;
/// The most entries in one request to make a tree.
const TREE_CHANGES_MAX: usize = 10_000;
/// The most contents given inline in one request to make a tree: each costs a process.
const TREE_CONTENTS_MAX: usize = 1000;
/// The largest blob that is answered inside JSON.
pub const BLOB_BYTES_MAX: u64 = 100 << 20;

/// What an entry of a new tree holds.
#[derive(Clone, Debug)]
pub enum TreeInputEntry {
    /// An object that is here already.
    Sha(String),
    /// A new blob of this text.
    Content(String),
    /// Nothing: the path is removed.
    Delete,
}

/// A line of a new tree.
#[derive(Clone, Debug)]
pub struct TreeInput {
    /// The path.
    pub path: String,
    /// The mode, six digits.
    pub mode: String,
    /// What lies there.
    pub entry: TreeInputEntry,
}

/// A commit that is asked for.
#[derive(Clone, Debug, Default)]
pub struct CommitInput {
    /// The message.
    pub message: String,
    /// The tree.
    pub tree: String,
    /// The parents.
    pub parents: Vec<String>,
    /// The author; the caller where there is none.
    pub author: Option<Identity>,
    /// The committer; the author where there is none.
    pub committer: Option<Identity>,
}

/// A tag object that is asked for.
#[derive(Clone, Debug, Default)]
pub struct TagInput {
    /// The name.
    pub tag: String,
    /// The message.
    pub message: String,
    /// What it names.
    pub object: String,
    /// The kind of that, in git's word.
    pub kind: String,
    /// Who makes it; the caller where there is none.
    pub tagger: Option<Identity>,
}

impl Authority {
    /// A tree, or the tree of a commit or ref, with all below it when `recursive`.
    pub fn tree_get(&self, permit: &Permit, revision: &str, recursive: bool) -> Result<Tree, Fault> {
        let repository = self.repository_of(permit)?;
        match repository.resolve(revision)? {
            Some(oid) => Ok(repository.tree(oid, recursive, TREE_ENTRIES_MAX)?),
            None => {
                require_content(&repository)?;
                Err(Fault::not_found())
            }
        }
    }

    /// Makes a tree from a base tree and changes.
    pub fn tree_create(
        &self,
        permit: Permit,
        base: Option<&str>,
        lines: &[TreeInput],
    ) -> Result<Tree, Fault> {
        let repository = self.repository_of(&permit)?;
        require_content(&repository)?;
        let base = base.map(|base| base_tree(&repository, base)).transpose()?;
        let changes = tree_changes(&repository, lines)?;
        let oid = repository
            .create_tree(base, &changes)
            .map_err(|error| match error {
                Error::NotFound("path to delete") => unprocessable("tree.delete", "GitRPC::BadObjectState"),
                Error::NotFound(_) | Error::WrongKind { .. } => {
                    unprocessable("object.missing", "Object does not exist")
                }
                error => error.into(),
            })?;
        let tree = repository.tree(oid, false, TREE_ENTRIES_MAX)?;
        self.written(permit, oid)?;
        Ok(tree)
    }

    /// The id and size of a blob.
    pub fn blob_find(&self, permit: &Permit, sha: &str) -> Result<(Oid, u64), Fault> {
        let repository = self.repository_of(permit)?;
        let oid = find(&repository, sha, Kind::Blob)?;
        let size = repository.blob_size(oid)?;
        if size > BLOB_BYTES_MAX {
            Err(too_large("Blob", "data"))
        } else {
            Ok((oid, size))
        }
    }

    /// The bytes of a blob.
    pub fn blob_bytes(&self, permit: &Permit, oid: Oid) -> Result<Vec<u8>, Fault> {
        Ok(self.repository_of(permit)?.blob(oid, BLOB_BYTES_MAX)?)
    }

    /// Makes a blob.
    pub fn blob_create(&self, permit: Permit, bytes: &[u8]) -> Result<Oid, Fault> {
        let repository = self.repository_of(&permit)?;
        require_content(&repository)?;
        let oid = repository.create_blob(bytes)?;
        self.written(permit, oid)?;
        Ok(oid)
    }

    /// A commit object.
    pub fn git_commit_get(&self, permit: &Permit, sha: &str) -> Result<Commit, Fault> {
        let repository = self.repository_of(permit)?;
        let oid = find(&repository, sha, Kind::Commit)?;
        Ok(repository.commit(oid)?)
    }

    /// Makes a commit object.
    pub fn git_commit_create(&self, permit: Permit, input: &CommitInput) -> Result<Commit, Fault> {
        let repository = self.repository_of(&permit)?;
        require_content(&repository)?;
        let own = self.own_signature(&permit)?;
        let author = input
            .author
            .as_ref()
            .map_or(Ok(own), |given| given.signature(permit.now()))?;
        let committer = input
            .committer
            .as_ref()
            .map_or(Ok(author.clone()), |given| given.signature(permit.now()))?;
        let tree = known(&repository, &input.tree, Kind::Tree, "Tree SHA does not exist")?;
        let parents = input
            .parents
            .iter()
            .map(|sha| {
                known(
                    &repository,
                    sha,
                    Kind::Commit,
                    "Parent SHA does not exist or is not a commit object",
                )
            })
            .collect::<Result<Vec<_>, _>>()?;
        let oid = repository.create_commit(tree, &parents, &input.message, &author, &committer)?;
        let commit = repository.commit(oid)?;
        self.written(permit, oid)?;
        Ok(commit)
    }

    /// A tag object.
    pub fn git_tag_get(&self, permit: &Permit, sha: &str) -> Result<Tag, Fault> {
        let repository = self.repository_of(permit)?;
        let oid = find(&repository, sha, Kind::Tag)?;
        Ok(repository.tag(oid)?)
    }

    /// Makes a tag object.
    pub fn git_tag_create(&self, permit: Permit, input: &TagInput) -> Result<Tag, Fault> {
        let repository = self.repository_of(&permit)?;
        require_content(&repository)?;
        let kind = Kind::parse(input.kind.as_bytes()).ok_or_else(|| {
            unprocessable(
                "tag.type",
                "Invalid request.\n\ntype is one of commit, tree, blob.",
            )
        })?;
        let target = known(&repository, &input.object, kind, "Object does not exist")?;
        let own = self.own_signature(&permit)?;
        let tagger = input
            .tagger
            .as_ref()
            .map_or(Ok(own), |given| given.signature(permit.now()))?;
        let tag = NewTag {
            name: input.tag.clone(),
            target,
            tagger,
            message: input.message.clone(),
        };
        let oid = repository.create_tag(&tag)?;
        let tag = repository.tag(oid)?;
        self.written(permit, oid)?;
        Ok(tag)
    }

    /// Records that an object was written. Without this record it exists, but nothing leads to it.
    fn written(&self, permit: Permit, oid: Oid) -> Result<(), Fault> {
        self.act(permit, |act, _| {
            act.note("sha", oid.to_string());
            Ok(())
        })
    }
}

/// An object of a kind, to be read.
fn find(repository: &Repository, sha: &str, kind: Kind) -> Result<Oid, Fault> {
    if let Some(oid) = parse_oid(sha)
        && repository
            .object_info(oid)?
            .is_some_and(|(found, _)| found == kind)
    {
        return Ok(oid);
    }
    require_content(repository)?;
    Err(Fault::not_found())
}

/// An object of a kind that a body names.
fn known(repository: &Repository, sha: &str, kind: Kind, message: &str) -> Result<Oid, Fault> {
    let missing = || unprocessable("object.missing", message);
    let oid = parse_oid(sha).ok_or_else(missing)?;
    match repository.object_info(oid)? {
        Some((found, _)) if found == kind => Ok(oid),
        // Git knows the empty tree without storing it, and so do its clients.
        None if kind == Kind::Tree && oid == Oid::EMPTY_TREE => Ok(oid),
        _ => Err(missing()),
    }
}

fn base_tree(repository: &Repository, sha: &str) -> Result<Oid, Fault> {
    let missing = || unprocessable("object.missing", "Object does not exist");
    let oid = parse_oid(sha).ok_or_else(missing)?;
    match repository.object_info(oid)? {
        Some((Kind::Tree, _)) => Ok(oid),
        Some((Kind::Commit, _)) => Ok(repository.commit(oid)?.tree),
        _ => Err(missing()),
    }
}

fn tree_changes(repository: &Repository, lines: &[TreeInput]) -> Result<Vec<TreeChange>, Fault> {
    if lines.len() > TREE_CHANGES_MAX {
        return Err(unprocessable(
            "tree.too_many",
            format!("tree has more than {TREE_CHANGES_MAX} entries"),
        ));
    }
    let contents = lines
        .iter()
        .filter(|line| matches!(line.entry, TreeInputEntry::Content(_)))
        .count();
    if contents > TREE_CONTENTS_MAX {
        let message = format!("tree has more than {TREE_CONTENTS_MAX} inline contents: make blobs first");
        return Err(unprocessable("tree.too_many", message));
    }
    // Everything is checked before anything is written.
    for line in lines {
        bailiwick_git::check_path(&line.path)
            .map_err(|_| unprocessable("tree.path", "tree.path contains a malformed path component"))?;
        if !matches!(line.entry, TreeInputEntry::Delete) && Mode::parse(&line.mode).is_none() {
            return Err(unprocessable("tree.mode", "Must supply a valid tree.mode"));
        }
    }
    let mut blobs: HashMap<&str, Oid> = HashMap::new();
    let mut changes = Vec::with_capacity(lines.len());
    for line in lines {
        let mode = Mode::parse(&line.mode).unwrap_or(Mode::File);
        let entry = match &line.entry {
            TreeInputEntry::Delete => None,
            TreeInputEntry::Sha(sha) => {
                let oid =
                    parse_oid(sha).ok_or_else(|| unprocessable("object.missing", "Object does not exist"))?;
                Some((mode, oid))
            }
            TreeInputEntry::Content(text) => {
                let oid = match blobs.get(text.as_str()) {
                    Some(oid) => *oid,
                    None => repository.create_blob(text.as_bytes())?,
                };
                blobs.insert(text, oid);
                Some((mode, oid))
            }
        };
        changes.push(TreeChange {
            path: line.path.clone(),
            entry,
        });
    }
    Ok(changes)
}
