//! The OCI distribution protocol: paths below `/v2` into what is asked of which image.

use crate::registry::{Ask, Asks, PackageName};

/// The longest name of an image, in bytes, as registries have it.
const NAME_BYTES_MAX: usize = 255;

/// Reads a request; the path begins with `/v2`.
pub fn parse(method: &str, path: &str, query: Option<&str>) -> Option<Ask> {
    match (method, path, query) {
        ("GET", "/v2" | "/v2/", None) => Some(Ask::of(Asks::OciPing)),
        ("GET", "/v2/token", _) => Some(Ask::of(Asks::OciToken)),
        ("POST", "/v2/token", None) => Some(Ask::of(Asks::OciTokenForm)),
        ("GET", "/v2/_catalog", _) => Some(Ask::of(Asks::OciCatalog)),
        _ => about(method, path),
    }
}

fn about(method: &str, path: &str) -> Option<Ask> {
    let pieces = crate::registry::segments(path)?;
    let ["v2", name @ .., "manifests", reference] = pieces.as_slice() else {
        return None;
    };
    let name = name.join("/");
    if !is_name(&name) || !is_reference(reference) {
        return None;
    }
    let what = match method {
        "GET" => Asks::OciManifestGet,
        _ => return None,
    };
    Some(Ask::about(what, PackageName::plain(&name)).version(*reference))
}

/// Whether a text is the name of an image: pieces of small letters and digits between slashes, with single separators
/// within.
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= NAME_BYTES_MAX && text.split('/').all(is_piece)
}

fn is_piece(piece: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let inner = |byte: u8| letter(byte) || matches!(byte, b'.' | b'_' | b'-');
    let ends = piece.bytes().next().is_some_and(letter) && piece.bytes().last().is_some_and(letter);
    ends && piece.bytes().all(inner)
        && !["..", "___", "._", "_.", "-.", ".-", "-_", "_-"]
            .iter()
            .any(|doubled| piece.contains(doubled))
}

/// Whether a text is a tag or a digest.
pub fn is_reference(text: &str) -> bool {
    is_tag(text) || is_digest(text)
}

/// Whether a text is a tag.
pub fn is_tag(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= 128
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|byte| word(byte) || matches!(byte, b'.' | b'-'))
}

/// Whether a text is a digest: SHA-256 or SHA-512 in small hexadecimal.
pub fn is_digest(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else {
        return false;
    };
    let length = match algorithm {
        "sha256" => 64,
        "sha512" => 128,
        _ => return false,
    };
    hex.len() == length && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
