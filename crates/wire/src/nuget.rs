//! The protocol of NuGet feeds, version 3: paths below the mount into what is asked of which package.

use crate::registry::{Ask, Asks};

/// The longest id of a package, in bytes, as NuGet has it.
const NAME_BYTES_MAX: usize = 100;

/// Reads a request.
pub fn parse(method: &str, path: &str, query: Option<&str>) -> Option<Ask> {
    let pieces = crate::registry::segments(path)?;
    match (method, pieces.as_slice(), query) {
        ("GET", ["v3", "index.json"], None) => Some(Ask::of(Asks::NuGetIndex)),
        _ => None,
    }
}

/// The normal form of an id: ids differ by more than case. `None` for what is no id.
pub fn normal(text: &str) -> Option<String> {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let ends = text.bytes().next().is_some_and(letter) && text.bytes().last().is_some_and(letter);
    let single = |pair: &[u8]| pair.iter().all(|byte| matches!(byte, b'.' | b'-'));
    let plain = text
        .bytes()
        .all(|byte| letter(byte) || matches!(byte, b'.' | b'-'));
    (ends && plain && text.len() <= NAME_BYTES_MAX && !text.as_bytes().windows(2).any(single))
        .then(|| text.to_ascii_lowercase())
}
