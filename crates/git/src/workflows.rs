//! Whether a set of ref updates brings in, changes or removes a workflow file, whichever way it got there.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use crate::Oid;
use crate::commit::peel_to_tree;
use crate::error::Result;
use crate::reader::Reader;
use crate::refs::RefUpdate;
use crate::repository::{Quarantine, Repository};
use crate::tree::read_tree;

/// The deepest nesting below `.github/workflows` that is looked into; deeper counts as one changed thing.
const DEPTH_MAX: usize = 32;

/// Path to mode and id of everything at or below `.github/workflows`.
type Files = BTreeMap<Vec<u8>, (u32, Oid)>;

/// The first workflow file that a set of updates touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkflowTouch {
    /// The ref whose update touches it.
    pub ref_name: String,
    /// The file.
    pub path: String,
}

impl Repository {
    /// The first workflow file these updates touch, before they happen.
    ///
    /// Each ref's new tip is compared with its old one, or with nothing where the ref is new; tags and all other refs
    /// count like branches. A file that is added or changed does not count when a branch that exists already has the
    /// same content at the same path at its tip. A file that an existing ref loses counts. Deleting a ref does not.
    /// Commits between the tips are not looked at: to become a tip, each of them needs an update of its own.
    pub fn touches_workflows(
        &self,
        updates: &[RefUpdate],
        quarantine: Option<&Quarantine>,
    ) -> Result<Option<WorkflowTouch>> {
        self.touches_workflows_below(&[".github"], updates, quarantine)
    }

    /// The same for workflows below each of these directories.
    pub fn touches_workflows_below(
        &self,
        directories: &'static [&'static str],
        updates: &[RefUpdate],
        quarantine: Option<&Quarantine>,
    ) -> Result<Option<WorkflowTouch>> {
        let view = quarantine.map_or_else(|| self.clone(), |quarantine| self.with_quarantine(quarantine));
        let mut reader = view.reader()?;
        let mut elsewhere = Elsewhere {
            repository: self,
            directories,
            tips: None,
        };
        for update in updates {
            let Some(new) = update.new else {
                continue;
            };
            let old = match update.old {
                Some(old) => workflow_files(&mut reader, directories, old)?,
                None => Files::new(),
            };
            let new = workflow_files(&mut reader, directories, new)?;
            if let Some(path) = touched(&old, &new, &mut reader, &mut elsewhere)? {
                let path = String::from_utf8_lossy(&path).into_owned();
                return Ok(Some(WorkflowTouch {
                    ref_name: update.name.clone(),
                    path,
                }));
            }
        }
        Ok(None)
    }
}

fn touched(
    old: &Files,
    new: &Files,
    reader: &mut Reader,
    elsewhere: &mut Elsewhere<'_>,
) -> Result<Option<Vec<u8>>> {
    if let Some(lost) = old.keys().find(|path| !new.contains_key(*path)) {
        return Ok(Some(lost.clone()));
    }
    for (path, entry) in new.iter().filter(|(path, entry)| old.get(*path) != Some(entry)) {
        if !elsewhere.has(reader, path, *entry)? {
            return Ok(Some(path.clone()));
        }
    }
    Ok(None)
}

/// The workflow files at the tips of the branches as they are now, read when first needed.
struct Elsewhere<'a> {
    repository: &'a Repository,
    directories: &'static [&'static str],
    tips: Option<Vec<Files>>,
}

impl Elsewhere<'_> {
    fn has(&mut self, reader: &mut Reader, path: &[u8], entry: (u32, Oid)) -> Result<bool> {
        let tips = match self.tips.take() {
            Some(tips) => tips,
            None => {
                // Many branches share one commit.
                let mut tips = HashMap::new();
                for branch in self.repository.branches()? {
                    if let Entry::Vacant(place) = tips.entry(branch.oid) {
                        place.insert(workflow_files(reader, self.directories, branch.oid)?);
                    }
                }
                tips.into_values().filter(|files| !files.is_empty()).collect()
            }
        };
        let found = tips.iter().any(|files| files.get(path) == Some(&entry));
        self.tips = Some(tips);
        Ok(found)
    }
}

/// Everything at or below `workflows` in one of the directories that an object leads to.
fn workflow_files(reader: &mut Reader, directories: &[&str], oid: Oid) -> Result<Files> {
    let mut files = Files::new();
    let Some(root) = peel_to_tree(reader, oid)? else {
        return Ok(files);
    };
    let mut found = Vec::new();
    for directory in directories {
        found.extend(named(reader, root, directory.as_bytes(), b"")?);
    }
    for (path, mode, oid) in found {
        if mode != 0o040_000 {
            // A link or submodule in its place could stand for any workflows.
            if mode & 0o170_000 != 0o100_000 {
                files.insert(path, (mode, oid));
            }
            continue;
        }
        for (path, mode, oid) in named(reader, oid, b"workflows", &path)? {
            collect(reader, path, mode, oid, 0, &mut files)?;
        }
    }
    Ok(files)
}

/// The entries of that name in whatever case: a file system that ignores case makes them one.
fn named(reader: &mut Reader, tree: Oid, name: &[u8], below: &[u8]) -> Result<Vec<(Vec<u8>, u32, Oid)>> {
    let entries = read_tree(reader, tree)?;
    let matching = entries
        .into_iter()
        .filter(|entry| entry.name.eq_ignore_ascii_case(name));
    Ok(matching
        .map(|entry| (join(below, &entry.name), entry.mode, entry.oid))
        .collect())
}

fn collect(
    reader: &mut Reader,
    path: Vec<u8>,
    mode: u32,
    oid: Oid,
    depth: usize,
    files: &mut Files,
) -> Result<()> {
    if mode != 0o040_000 || depth >= DEPTH_MAX {
        files.insert(path, (mode, oid));
        return Ok(());
    }
    for entry in read_tree(reader, oid)? {
        collect(
            reader,
            join(&path, &entry.name),
            entry.mode,
            entry.oid,
            depth + 1,
            files,
        )?;
    }
    Ok(())
}

fn join(directory: &[u8], name: &[u8]) -> Vec<u8> {
    if directory.is_empty() {
        name.to_vec()
    } else {
        [directory, b"/", name].concat()
    }
}
