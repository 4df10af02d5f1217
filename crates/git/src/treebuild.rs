//! Builds trees from a base tree and a list of changes, writing only the directories that change.

use std::collections::BTreeMap;

use crate::Oid;
use crate::error::{Error, Result};
use crate::path::{check_path, is_dot_gitmodules};
use crate::reader::{Kind, Reader};
use crate::repository::Repository;
use crate::tree::{Mode, RawEntry, read_tree, serialize_tree};
use crate::write::require;

/// The deepest path that is written, in segments.
const DEPTH_MAX: usize = 128;

/// One change of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeChange {
    /// The path from the root of the tree.
    pub path: String,
    /// What shall lie there, whatever lies there now; nothing to delete it.
    pub entry: Option<(Mode, Oid)>,
}

#[derive(Debug)]
enum Node {
    Put(Mode, Oid),
    Delete,
    Below(BTreeMap<String, Node>),
}

impl Repository {
    /// Stores the tree that `base` becomes by these changes and answers its id.
    pub fn create_tree(&self, base: Option<Oid>, changes: &[TreeChange]) -> Result<Oid> {
        let mut reader = self.reader()?;
        if let Some(base) = base {
            require(reader.info(base)?, Kind::Tree)?;
        }
        let mut root = BTreeMap::new();
        for change in changes {
            check_path(&change.path)?;
            self.check_entry(&mut reader, change)?;
            insert(&mut root, &change.path, change.entry)?;
        }
        match self.apply(&mut reader, base, &root)? {
            Some(tree) => Ok(tree),
            // Git knows it unstored, but other readers of the directory may not.
            None => self.store(Kind::Tree, &[]),
        }
    }

    /// The object must exist and be what the mode says; a submodule's commit lies elsewhere.
    fn check_entry(&self, reader: &mut Reader, change: &TreeChange) -> Result<()> {
        let Some((mode, oid)) = change.entry else {
            return Ok(());
        };
        let name = change.path.rsplit('/').next().unwrap_or_default();
        match mode {
            Mode::Submodule if oid.is_zero() => Err(Error::NotFound("commit")),
            Mode::Submodule => Ok(()),
            Mode::Tree => require(reader.info(oid)?, Kind::Tree),
            Mode::File | Mode::Executable => {
                require(reader.info(oid)?, Kind::Blob)?;
                if is_dot_gitmodules(name) {
                    self.check_gitmodules(oid)
                } else {
                    Ok(())
                }
            }
            // SECURITY: a link in its place would make a checkout read a file of the attacker's choice.
            Mode::Symlink if is_dot_gitmodules(name) => Err(Error::Invalid(String::from(
                ".gitmodules cannot be a symbolic link",
            ))),
            Mode::Symlink => require(reader.info(oid)?, Kind::Blob),
        }
    }

    /// SECURITY: the checks a push gets from fsck: names that climb out, values that git would read as options or commands.
    fn check_gitmodules(&self, blob: Oid) -> Result<()> {
        let output = self
            .run(
                "config",
                [format!("--blob={blob}"), "--null".into(), "--list".into()],
                &[],
            )
            .output()?;
        if output.code() != Some(0) {
            return Err(Error::Invalid(String::from(".gitmodules cannot be parsed")));
        }
        for item in output.stdout.split(|byte| *byte == 0) {
            let text = String::from_utf8_lossy(item);
            let (key, value) = text.split_once('\n').unwrap_or((&text, ""));
            let Some((name, field)) = key
                .strip_prefix("submodule.")
                .and_then(|rest| rest.rsplit_once('.'))
            else {
                continue;
            };
            let climbs = name.split(['/', '\\']).any(|segment| segment == "..");
            let harmful = match field {
                "url" => {
                    value.starts_with('-')
                        || value.contains("%0a")
                        || value.contains("%0A")
                        || value.contains('\n')
                }
                "path" => value.starts_with('-'),
                "update" => value.starts_with('!'),
                _ => false,
            };
            if climbs || harmful {
                return Err(Error::Invalid(format!(
                    ".gitmodules has a refused name or {field}"
                )));
            }
        }
        Ok(())
    }

    /// The changed tree; nothing when no entry is left.
    fn apply(
        &self,
        reader: &mut Reader,
        base: Option<Oid>,
        changes: &BTreeMap<String, Node>,
    ) -> Result<Option<Oid>> {
        let mut entries = match base {
            Some(base) => read_tree(reader, base)?,
            None => Vec::new(),
        };
        for (name, node) in changes {
            let at = entries.iter().position(|entry| entry.name == name.as_bytes());
            let existing = at.map(|at| entries.swap_remove(at));
            let fresh = match node {
                Node::Put(mode, oid) => Some((mode_bits(*mode), *oid)),
                Node::Delete if existing.is_none() => return Err(Error::NotFound("path to delete")),
                Node::Delete => None,
                Node::Below(below) => {
                    let base = existing.filter(RawEntry::is_tree).map(|entry| entry.oid);
                    self.apply(reader, base, below)?.map(|oid| (0o040_000, oid))
                }
            };
            entries.extend(fresh.map(|(mode, oid)| RawEntry {
                mode,
                name: name.clone().into_bytes(),
                oid,
            }));
        }
        if entries.is_empty() {
            return Ok(None);
        }
        self.store(Kind::Tree, &serialize_tree(entries)).map(Some)
    }
}

fn mode_bits(mode: Mode) -> u32 {
    match mode {
        Mode::File => 0o100_644,
        Mode::Executable => 0o100_755,
        Mode::Symlink => 0o120_000,
        Mode::Tree => 0o040_000,
        Mode::Submodule => 0o160_000,
    }
}

/// Places a change in the tree of changes; two changes of one place are refused.
fn insert(root: &mut BTreeMap<String, Node>, path: &str, entry: Option<(Mode, Oid)>) -> Result<()> {
    let conflict = || Error::Invalid(format!("{path} is changed twice"));
    let segments: Vec<&str> = path.split('/').collect();
    let Some((name, directories)) = segments.split_last() else {
        return Err(conflict());
    };
    if segments.len() > DEPTH_MAX {
        return Err(Error::Invalid(String::from("path has too many segments")));
    }
    let mut level = root;
    for directory in directories {
        let node = level
            .entry((*directory).to_owned())
            .or_insert_with(|| Node::Below(BTreeMap::new()));
        level = match node {
            Node::Below(below) => below,
            Node::Put(..) | Node::Delete => return Err(conflict()),
        };
    }
    let leaf = entry.map_or(Node::Delete, |(mode, oid)| Node::Put(mode, oid));
    match level.insert((*name).to_owned(), leaf) {
        None => Ok(()),
        Some(_) => Err(conflict()),
    }
}
