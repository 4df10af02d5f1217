//! The protocols of Python's package indexes: paths below the mount into what is asked of which project. File names,
//! pages of links and forms of uploads are read beside it.

mod file;
mod page;
mod version;

pub use file::{FileName, Spelled, file_name, spelled};
pub use page::{PageFile, files_of, page_of};
pub use version::canonical;

use crate::registry::{Ask, Asks, PackageName};

/// The longest name of a project, in bytes.
const NAME_BYTES_MAX: usize = 128;
/// Directories that a file may lie in at the most.
const DIRECTORIES_MAX: usize = 8;

/// Reads a request.
pub fn parse(method: &str, path: &str, query: Option<&str>) -> Option<Ask> {
    if query.is_some() {
        return None;
    }
    if path == "/" || path.is_empty() {
        return (method == "POST").then(|| Ask::of(Asks::PyPiReceive));
    }
    // Its pages end in a slash; one without it is another address of the same.
    let slash = path.len() > 1 && path.ends_with('/');
    let path = if slash { path.strip_suffix('/')? } else { path };
    let pieces = crate::registry::segments(path)?;
    match (method, pieces.as_slice()) {
        ("GET", ["simple"]) => Some(Ask::of(Asks::PyPiIndex)),
        ("GET", ["simple", sent]) => {
            let name = name_of(sent)?;
            // Pages are at one address each: of others clients are sent there.
            let here = slash && name.sent == name.normal;
            let ask = Ask::about(Asks::PyPiSimple, name);
            Some(if here { ask } else { ask.with("moved", "true") })
        }
        ("GET", ["packages", directories @ .., file]) if !slash && directories.len() <= DIRECTORIES_MAX => {
            directories
                .iter()
                .all(|piece| is_directory(piece))
                .then_some(())?;
            let found = file_name(file)?;
            let path = pieces.get(1..)?.join("/");
            Some(
                Ask::about(Asks::PyPiFile, found.name)
                    .version(found.version)
                    .with("path", path),
            )
        }
        _ => None,
    }
}

fn is_directory(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+');
    !text.starts_with('.') && text.bytes().all(inner)
}

/// A name as it was sent, with its normal form.
pub fn name_of(sent: &str) -> Option<PackageName> {
    Some(PackageName {
        normal: normal(sent)?,
        sent: sent.to_owned(),
    })
}

/// The normal form of a name: small letters, and one hyphen for every run of `-`, `_` and `.`. `None` for what is no
/// name.
pub fn normal(text: &str) -> Option<String> {
    let separator = |byte: u8| matches!(byte, b'-' | b'_' | b'.');
    let letter = |byte: u8| byte.is_ascii_alphanumeric();
    let ends = text.bytes().next().is_some_and(letter) && text.bytes().last().is_some_and(letter);
    if !ends || text.len() > NAME_BYTES_MAX || !text.bytes().all(|byte| letter(byte) || separator(byte)) {
        return None;
    }
    let mut normal = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '-' | '_' | '.') {
            if !normal.ends_with('-') {
                normal.push('-');
            }
        } else {
            normal.push(letter.to_ascii_lowercase());
        }
    }
    Some(normal)
}

#[cfg(test)]
mod tests;
