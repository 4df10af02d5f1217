//! The protocol of NuGet feeds, version 3: paths below the mount into what is asked of which package. The addresses are
//! this server's own; what a feed calls them is led here.

pub mod archive;
pub mod form;
pub mod nuspec;
pub mod version;

use crate::registry::{Ask, Asks, PackageName};

/// The longest id of a package, in bytes, as NuGet has it.
const NAME_BYTES_MAX: usize = 100;
/// Where packages are sent to; clients write it with a slash at the end as well.
const PUBLISH: &str = "/api/v2/package";

/// Reads a request.
pub fn parse(method: &str, path: &str, query: Option<&str>) -> Option<Ask> {
    if path.strip_suffix('/').unwrap_or(path) == PUBLISH {
        return (method == "PUT" && query.is_none()).then(|| Ask::of(Asks::NuGetReceive));
    }
    let pieces = crate::registry::segments(path)?;
    match (method, pieces.as_slice(), query) {
        ("GET", ["v3", "index.json"], None) => Some(Ask::of(Asks::NuGetIndex)),
        ("GET", ["v3", "query" | "autocomplete"], _) => Some(Ask::of(Asks::NuGetSearch)),
        ("GET", ["v3", "flat", id, rest @ ..], None) => flat(plain(id)?, rest),
        ("GET", ["v3", "registration", id, rest @ ..], None) => registration(plain(id)?, rest),
        ("DELETE", ["api", "v2", "package", id, version], None) => of_version(Asks::NuGetDelete, id, version),
        ("POST", ["api", "v2", "package", id, version], None) => of_version(Asks::NuGetRelist, id, version),
        _ => None,
    }
}

/// A name in a path that clients write in the normal form, and nothing else.
// SECURITY: a feed on a disk that ignores case, and one that does not, would disagree on any other.
fn plain(text: &str) -> Option<PackageName> {
    (normal(text)? == text).then(|| PackageName::plain(text))
}

fn flat(name: PackageName, rest: &[&str]) -> Option<Ask> {
    match rest {
        ["index.json"] => Some(Ask::about(Asks::NuGetVersions, name)),
        [version, file] if version::normal(version)? == *version => {
            let package = format!("{}.{version}.nupkg", name.normal);
            let description = format!("{}.nuspec", name.normal);
            (*file == package || *file == description).then(|| {
                Ask::about(Asks::NuGetDownload, name)
                    .version(*version)
                    .with("file", *file)
            })
        }
        _ => None,
    }
}

/// The index of a registration, a page of it, or one version.
fn registration(name: PackageName, rest: &[&str]) -> Option<Ask> {
    let is_normal = |text: &str| version::normal(text).is_some_and(|normal| normal == text);
    let ask = Ask::about(Asks::NuGetRegistration, name).with("page", rest.join("/"));
    match rest {
        ["index.json"] => Some(ask),
        ["page", lower, upper] => {
            (is_normal(lower) && is_normal(upper.strip_suffix(".json")?)).then_some(ask)
        }
        [file] => {
            let version = file.strip_suffix(".json")?;
            is_normal(version).then(|| ask.version(version))
        }
        _ => None,
    }
}

fn of_version(what: Asks, id: &str, version: &str) -> Option<Ask> {
    let name = PackageName {
        normal: normal(id)?,
        sent: id.to_owned(),
    };
    Some(Ask::about(what, name).version(version::normal(version)?))
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

#[cfg(test)]
mod tests;
