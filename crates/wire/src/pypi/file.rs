//! Which project and version a file is of, by its name: wheels (PEP 427) and source archives (PEP 625).

use super::{canonical, name_of, normal};
use crate::registry::PackageName;

/// Endings of source archives.
const ARCHIVES: [&str; 5] = [".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tar.xz"];
/// What may stand beside a file: its metadata, and a signature.
const BESIDE: [&str; 2] = [".metadata", ".asc"];
/// The longest file name, in bytes.
const FILE_BYTES_MAX: usize = 255;

/// What a file's name says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileName {
    /// The project.
    pub name: PackageName,
    /// The version as it is written there.
    pub version: String,
    /// The build of a wheel, where it says one.
    pub build: Option<String>,
    /// Whether it is a wheel or an archive itself, rather than something beside one.
    pub is_package: bool,
}

/// Reads a file's name. `None` for what is no package, or could be one of two.
// SECURITY: indexes guess differently where a name has hyphens. What could be read in two ways, `acme-2-1.0.tar.gz`, is a
// file of nobody: its project's writer could put it on another's page, or take another's away.
pub fn file_name(file: &str) -> Option<FileName> {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'!');
    if file.len() > FILE_BYTES_MAX || !file.bytes().all(inner) || file.contains("..") {
        return None;
    }
    let beside = BESIDE.iter().find_map(|ending| file.strip_suffix(ending));
    let plain = beside.unwrap_or(file);
    let (name, version, build) = match plain.strip_suffix(".whl") {
        Some(stem) => wheel(stem)?,
        None => archive(ARCHIVES.iter().find_map(|ending| plain.strip_suffix(ending))?)?,
    };
    canonical(version).filter(|_| version.starts_with(|first: char| first.is_ascii_digit()))?;
    Some(FileName {
        name: name_of(name)?,
        version: version.to_owned(),
        build: build.map(str::to_owned),
        is_package: beside.is_none(),
    })
}

/// How a file of a version spells its project and the version.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Spelled {
    /// The project as the file writes it.
    pub name: String,
    /// What indexes take for the version: of a wheel with its build.
    pub index: String,
    /// The version as the file writes it.
    pub version: String,
}

/// How a file spells a version, by the version's canonical form. `None` for a file of another version, and for one whose
/// version cannot be told.
// SECURITY: some indexes remove what is written so in a file's name; what is sent is what the project's own files say.
pub fn spelled(file: &str, form: &str) -> Option<Spelled> {
    let found = file_name(file)?;
    if canonical(&found.version).as_deref() != Some(form) {
        return None;
    }
    let index = match &found.build {
        Some(build) => format!("{}-{build}", found.version),
        None => found.version.clone(),
    };
    Some(Spelled {
        name: found.name.sent,
        index,
        version: found.version,
    })
}

/// `name-version(-build)-python-abi-platform`, in which no part has a hyphen.
fn wheel(stem: &str) -> Option<(&str, &str, Option<&str>)> {
    let parts: Vec<&str> = stem.split('-').collect();
    let tag = |part: &&str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
    };
    let (name, version, build, tags) = match parts.as_slice() {
        [name, version, tags @ ..] if tags.len() == 3 => (name, version, None, tags),
        [name, version, build, tags @ ..]
            if tags.len() == 3 && build.starts_with(|first: char| first.is_ascii_digit()) && tag(build) =>
        {
            (name, version, Some(*build), tags)
        }
        _ => return None,
    };
    tags.iter().all(tag).then_some((*name, *version, build))
}

/// `name-version`, in which the name may have hyphens, but none with a digit behind it.
fn archive(stem: &str) -> Option<(&str, &str, Option<&str>)> {
    let (name, version) = stem.rsplit_once('-')?;
    let mut pieces = name.split('-').skip(1);
    if pieces.any(|piece| piece.starts_with(|first: char| first.is_ascii_digit())) {
        return None;
    }
    normal(name)?;
    Some((name, version, None))
}
