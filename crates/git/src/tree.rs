//! Trees: listings for callers, raw entries for walking.

use crate::Oid;
use crate::commit::peel_to_tree;
use crate::error::{Error, Result};
use crate::process::Overflow;
use crate::reader::{Kind, Reader};
use crate::repository::Repository;

/// The most of a listing that is read, in bytes; what lies behind is reported as truncated.
const LISTING_BYTES_MAX: usize = 32 << 20;

/// What an entry of a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// `100644`.
    File,
    /// `100755`.
    Executable,
    /// `120000`.
    Symlink,
    /// `040000`.
    Tree,
    /// `160000`, a commit of another repository.
    Submodule,
}

impl Mode {
    /// The mode as GitHub writes it, six digits.
    #[must_use]
    pub const fn octal(self) -> &'static str {
        match self {
            Self::File => "100644",
            Self::Executable => "100755",
            Self::Symlink => "120000",
            Self::Tree => "040000",
            Self::Submodule => "160000",
        }
    }

    /// The mode of these six digits; only the five that exist.
    #[must_use]
    pub fn parse(octal: &str) -> Option<Self> {
        [
            Self::File,
            Self::Executable,
            Self::Symlink,
            Self::Tree,
            Self::Submodule,
        ]
        .into_iter()
        .find(|mode| mode.octal() == octal)
    }

    /// `blob`, `tree` or `commit`.
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::File | Self::Executable | Self::Symlink => "blob",
            Self::Tree => "tree",
            Self::Submodule => "commit",
        }
    }

    /// Reads any stored mode, old odd ones such as 100664 included.
    const fn from_bits(bits: u32) -> Self {
        match bits & 0o170_000 {
            0o040_000 => Self::Tree,
            0o120_000 => Self::Symlink,
            0o160_000 => Self::Submodule,
            _ if bits & 0o100 != 0 => Self::Executable,
            _ => Self::File,
        }
    }
}

/// One entry found by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub mode: Mode,
    /// The blob, tree or submodule commit.
    pub oid: Oid,
    /// The size of a blob.
    pub size_bytes: Option<u64>,
}

/// One line of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeEntry {
    /// The path below the listed tree, undecodable bytes replaced.
    pub path: String,
    /// What it is.
    pub mode: Mode,
    /// The blob, tree or submodule commit.
    pub oid: Oid,
    /// The size of a blob.
    pub size_bytes: Option<u64>,
}

/// A listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// The tree that is listed.
    pub oid: Oid,
    /// Its entries, in git's order.
    pub entries: Vec<TreeEntry>,
    /// Whether the limit cut it off.
    pub truncated: bool,
}

impl Repository {
    /// Lists a tree (or a commit's tree), with everything below it when `recursive`, up to `entries_max`.
    pub fn tree(&self, oid: Oid, recursive: bool, entries_max: usize) -> Result<Tree> {
        let tree = peel_to_tree(&mut self.reader()?, oid)?.ok_or(Error::NotFound("tree"))?;
        let id = tree.to_string();
        let flags: &[&str] = if recursive {
            &["-z", "-l", "-r", "-t"]
        } else {
            &["-z", "-l"]
        };
        let mut run = self.run("ls-tree", flags.iter().copied().chain([id.as_str()]), &[]);
        run.output_bytes_max = LISTING_BYTES_MAX;
        run.overflow = Overflow::Cut;
        let output = run.output()?;
        let mut truncated = output.status.is_none();
        let listing = output.success()?;
        let mut lines: Vec<&[u8]> = listing.split(|byte| *byte == 0).collect();
        // What follows the last NUL is empty or cut.
        lines.pop();
        truncated |= lines.len() > entries_max;
        let entries = lines
            .into_iter()
            .take(entries_max)
            .map(parse_line)
            .collect::<Option<_>>();
        Ok(Tree {
            oid: tree,
            entries: entries.ok_or(Error::Corrupt("ls-tree"))?,
            truncated,
        })
    }

    /// What lies at `path` in a commit or tree; the empty path is the tree itself. Symbolic links are not followed.
    pub fn entry_at(&self, oid: Oid, path: &str) -> Result<Option<Entry>> {
        let mut reader = self.reader()?;
        let Some(tree) = peel_to_tree(&mut reader, oid)? else {
            return Ok(None);
        };
        let Some((bits, oid)) = find_path(&mut reader, tree, path)? else {
            return Ok(None);
        };
        let mode = Mode::from_bits(bits);
        let size_bytes = match mode {
            Mode::File | Mode::Executable | Mode::Symlink => reader.info(oid)?.map(|(_, size)| size),
            Mode::Tree | Mode::Submodule => None,
        };
        Ok(Some(Entry {
            mode,
            oid,
            size_bytes,
        }))
    }
}

/// The mode bits and id at `path` below `tree`.
pub(crate) fn find_path(reader: &mut Reader, tree: Oid, path: &str) -> Result<Option<(u32, Oid)>> {
    let mut found = (0o040_000, tree);
    if path.is_empty() {
        return Ok(Some(found));
    }
    for segment in path.split('/') {
        if found.0 != 0o040_000 {
            return Ok(None);
        }
        let entries = read_tree(reader, found.1)?;
        let Some(entry) = entries.into_iter().find(|entry| entry.name == segment.as_bytes()) else {
            return Ok(None);
        };
        found = (entry.mode, entry.oid);
    }
    Ok(Some(found))
}

/// One stored entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawEntry {
    pub(crate) mode: u32,
    pub(crate) name: Vec<u8>,
    pub(crate) oid: Oid,
}

impl RawEntry {
    pub(crate) const fn is_tree(&self) -> bool {
        self.mode == 0o040_000
    }
}

/// The entries of a stored tree.
pub(crate) fn read_tree(reader: &mut Reader, oid: Oid) -> Result<Vec<RawEntry>> {
    if oid == Oid::EMPTY_TREE {
        return Ok(Vec::new());
    }
    parse_tree(&reader.expect(oid, Kind::Tree)?).ok_or(Error::Corrupt("tree"))
}

fn parse_tree(data: &[u8]) -> Option<Vec<RawEntry>> {
    let mut entries = Vec::new();
    let mut rest = data;
    while !rest.is_empty() {
        let space = rest.iter().position(|byte| *byte == b' ')?;
        let mode = u32::from_str_radix(std::str::from_utf8(rest.get(..space)?).ok()?, 8).ok()?;
        rest = rest.get(space + 1..)?;
        let nul = rest.iter().position(|byte| *byte == 0)?;
        let name = rest.get(..nul)?.to_vec();
        let (id, after) = rest.get(nul + 1..)?.split_first_chunk::<20>()?;
        entries.push(RawEntry {
            mode,
            name,
            oid: Oid::from_bytes(*id),
        });
        rest = after;
    }
    Some(entries)
}

/// The stored form of these entries, in the order git requires.
pub(crate) fn serialize_tree(mut entries: Vec<RawEntry>) -> Vec<u8> {
    // A directory sorts as if its name ended with a slash.
    let key = |entry: &RawEntry| {
        let mut name = entry.name.clone();
        name.extend(entry.is_tree().then_some(b'/'));
        name
    };
    entries.sort_by_cached_key(key);
    let mut data = Vec::new();
    for entry in entries {
        data.extend_from_slice(format!("{:o} ", entry.mode).as_bytes());
        data.extend_from_slice(&entry.name);
        data.push(0);
        data.extend_from_slice(entry.oid.as_bytes());
    }
    data
}

/// `mode type id size<TAB>path`.
fn parse_line(line: &[u8]) -> Option<TreeEntry> {
    let tab = line.iter().position(|byte| *byte == b'\t')?;
    let path = String::from_utf8_lossy(line.get(tab + 1..)?).into_owned();
    let mut words = std::str::from_utf8(line.get(..tab)?)
        .ok()?
        .split_ascii_whitespace();
    let mode = Mode::from_bits(u32::from_str_radix(words.next()?, 8).ok()?);
    let _kind = words.next()?;
    let oid = words.next()?.parse().ok()?;
    Some(TreeEntry {
        path,
        mode,
        oid,
        size_bytes: words.next()?.parse().ok(),
    })
}
