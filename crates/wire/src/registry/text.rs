//! Raw paths and queries of registries, cut once. Nothing is decoded here: the protocols say which piece may be encoded.

use percent_encoding::percent_decode_str;

/// The longest path that is looked at, in bytes.
const PATH_BYTES_MAX: usize = 2048;

/// The pieces of a raw path between its slashes. `None` for a path that does not begin with one, for empty and dot
/// pieces, a slash at the end, and bytes that two readers could take for something else.
// SECURITY: what is decided on must be what the registry reads. Backslashes, parameters behind a semicolon and whatever
// is not plain ASCII are read in more ways than one.
pub fn segments(path: &str) -> Option<Vec<&str>> {
    let rest = path.strip_prefix('/').filter(|_| path.len() <= PATH_BYTES_MAX)?;
    let plain = |byte: u8| {
        byte.is_ascii_graphic() && !matches!(byte, b'\\' | b';' | b'"' | b'<' | b'>' | b'#' | b'?')
    };
    if !rest.bytes().all(plain) {
        return None;
    }
    let pieces: Vec<&str> = rest.split('/').collect();
    let bad = |piece: &str| matches!(piece, "" | "." | "..");
    (!pieces.iter().any(|piece| bad(piece))).then_some(pieces)
}

/// The names and values of a raw query, decoded once. `None` where one cannot be decoded or a name is there twice.
pub fn query(raw: Option<&str>) -> Option<Vec<(String, String)>> {
    let mut read: Vec<(String, String)> = Vec::new();
    for part in raw.unwrap_or_default().split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let decoded = |text: &str| {
            percent_decode_str(&text.replace('+', " "))
                .decode_utf8()
                .ok()
                .map(std::borrow::Cow::into_owned)
        };
        let (name, value) = (decoded(name)?, decoded(value)?);
        if read.iter().any(|(known, _)| *known == name) {
            return None;
        }
        read.push((name, value));
    }
    Some(read)
}
