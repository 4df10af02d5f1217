//! The protocol of npm registries: paths below the mount into what is asked of which package.

use crate::registry::{Ask, Asks, PackageName};

/// The longest name of a package, in bytes, as npm has it.
const NAME_BYTES_MAX: usize = 214;

/// Reads a request.
pub fn parse(method: &str, path: &str, query: Option<&str>) -> Option<Ask> {
    let pieces = crate::registry::segments(path)?;
    match (method, pieces.as_slice(), query) {
        ("GET", ["-", "ping"], _) => Some(Ask::of(Asks::NpmPing)),
        ("GET", ["-", "whoami"], None) => Some(Ask::of(Asks::NpmWhoami)),
        ("GET", [name], _) => Some(Ask::about(Asks::NpmPackument, name_of(name)?)),
        ("GET", [scope, name], _) if scope.starts_with('@') => Some(Ask::about(
            Asks::NpmPackument,
            name_of(&format!("{scope}/{name}"))?,
        )),
        _ => None,
    }
}

/// A name as it stands in a path: a scope's slash may be encoded, nothing else.
pub fn name_of(sent: &str) -> Option<PackageName> {
    let plain = sent.replacen("%2f", "/", 1).replacen("%2F", "/", 1);
    let normal = normal(&plain)?;
    Some(PackageName { normal, sent: plain })
}

/// The normal form of a name; `None` for what is no name.
pub fn normal(text: &str) -> Option<String> {
    let bare = match text.strip_prefix('@') {
        Some(rest) => {
            let (scope, name) = rest.split_once('/')?;
            if !is_piece(scope) {
                return None;
            }
            name
        }
        None => text,
    };
    (text.len() <= NAME_BYTES_MAX && is_piece(bare)).then(|| text.to_owned())
}

/// Whether a text is a scope, `@acme`.
pub fn is_scope(text: &str) -> bool {
    text.strip_prefix('@').is_some_and(is_piece)
}

fn is_piece(text: &str) -> bool {
    let inner =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-');
    !text.is_empty() && !text.starts_with(['.', '_', '-']) && !text.contains("..") && text.bytes().all(inner)
}
