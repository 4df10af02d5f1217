//! The layout of Maven repositories: paths below the mount into what is asked of which artifact.

use crate::registry::{Ask, Asks, PackageName};

/// Reads a request.
pub fn parse(method: &str, path: &str, query: Option<&str>) -> Option<Ask> {
    let pieces = crate::registry::segments(path).filter(|_| query.is_none())?;
    let [group @ .., artifact, version, file] = pieces.as_slice() else {
        return None;
    };
    let name = format!("{}:{artifact}", group.join("."));
    let below = file
        .strip_prefix(artifact)
        .and_then(|rest| rest.strip_prefix('-'))
        .is_some_and(|rest| rest.starts_with(version));
    if !is_name(&name, false) || !is_word(version) || !is_word(file) || !below {
        return None;
    }
    let what = match method {
        "GET" => Asks::MavenGet,
        _ => return None,
    };
    Some(
        Ask::about(what, PackageName::plain(&name))
            .version(*version)
            .with("file", *file),
    )
}

/// Whether a text names an artifact, `group:artifact`; or, where prefixes may be meant, a group.
pub fn is_name(text: &str, prefix: bool) -> bool {
    match text.split_once(':') {
        Some((group, artifact)) => is_group(group) && is_word(artifact),
        None => prefix && is_group(text),
    }
}

fn is_group(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    text.split('.')
        .all(|piece| !piece.is_empty() && piece.bytes().all(inner))
}

fn is_word(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+');
    !text.is_empty() && !text.starts_with('.') && !text.contains("..") && text.bytes().all(inner)
}
