//! The protocols of Python's package indexes: paths below the mount into what is asked of which project.

use crate::registry::{Ask, Asks, PackageName};

/// Reads a request.
pub fn parse(method: &str, path: &str, query: Option<&str>) -> Option<Ask> {
    // Its pages end in a slash; one without it is another address of the same.
    let path = match path.strip_suffix('/') {
        Some(rest) if !rest.is_empty() => rest,
        _ => path,
    };
    let pieces = crate::registry::segments(path)?;
    match (method, pieces.as_slice(), query) {
        ("GET", ["simple"], None) => Some(Ask::of(Asks::PyPiIndex)),
        ("GET", ["simple", name], None) => Some(Ask::about(Asks::PyPiSimple, name_of(name)?)),
        _ => None,
    }
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
    if !ends || text.len() > 128 || !text.bytes().all(|byte| letter(byte) || separator(byte)) {
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
