//! The protocol of npm registries: paths below the mount into what is asked of which package. What the documents say
//! that are published and answered is read beside it.

mod document;
mod links;
mod strict;

pub use document::{Change, Document, DocumentFault, Publish};
pub use links::lead_home;

use crate::registry::{Ask, Asks, PackageName};

/// The longest name of a package, in bytes, as npm has it.
const NAME_BYTES_MAX: usize = 214;
/// The longest version or tag, in bytes.
const VERSION_BYTES_MAX: usize = 256;
/// Names that npm gives nobody.
const NAMES_TAKEN: [&str; 2] = ["node_modules", "favicon.ico"];
/// What the name of a person begins with where npm signs in.
const PERSON: &str = "org.couchdb.user:";

/// Reads a request.
pub fn parse(method: &str, path: &str, query: Option<&str>) -> Option<Ask> {
    let pieces = crate::registry::segments(path)?;
    if let ["-", rest @ ..] = pieces.as_slice() {
        return of_registry(method, rest, query);
    }
    let (name, rest) = named(&pieces)?;
    if method == "GET" && rest.is_empty() && query == Some("write=true") {
        return Some(Ask::about(Asks::NpmPackument, name).with("write", "true"));
    }
    if query.is_some() {
        return None;
    }
    let about = |what| Ask::about(what, name.clone());
    Some(match (method, rest) {
        ("GET", []) => about(Asks::NpmPackument),
        ("GET", [version]) if is_version(version) || is_tag(version) => {
            about(Asks::NpmVersion).version(*version)
        }
        ("GET", ["-", file]) => about(Asks::NpmTarball)
            .version(file_version(&name.normal, file)?)
            .with("file", *file),
        ("PUT", []) => about(Asks::NpmReceive),
        ("PUT", ["-rev", revision]) if is_revision(revision) => {
            about(Asks::NpmReceive).with("revision", *revision)
        }
        ("DELETE", ["-rev", revision]) if is_revision(revision) => {
            about(Asks::NpmUnpublish).with("revision", *revision)
        }
        ("DELETE", ["-", file, "-rev", revision]) if is_revision(revision) => about(Asks::NpmTarballDelete)
            .version(file_version(&name.normal, file)?)
            .with("file", *file)
            .with("revision", *revision),
        _ => return None,
    })
}

/// What is below `/-/`.
fn of_registry(method: &str, rest: &[&str], query: Option<&str>) -> Option<Ask> {
    let of = |what| Some(Ask::of(what));
    match (method, rest) {
        ("GET", ["ping"]) => of(Asks::NpmPing),
        ("GET", ["whoami"]) if query.is_none() => of(Asks::NpmWhoami),
        ("GET", ["v1", "search"]) => of(Asks::NpmSearch),
        ("POST", ["npm", "v1", "security", ..]) => of(Asks::NpmAudit),
        ("PUT", ["user", person] | ["user", person, "-rev", _]) if person.starts_with(PERSON) => {
            of(Asks::NpmLogin)
        }
        (_, ["package", rest @ ..]) if query.is_none() => tags(method, rest),
        _ => None,
    }
}

fn tags(method: &str, pieces: &[&str]) -> Option<Ask> {
    let (name, rest) = named(pieces)?;
    match (method, rest) {
        ("GET", ["dist-tags"]) => Some(Ask::about(Asks::NpmDistTags, name)),
        ("PUT", ["dist-tags", tag]) if is_tag(tag) => {
            Some(Ask::about(Asks::NpmDistTagPut, name).with("tag", *tag))
        }
        ("DELETE", ["dist-tags", tag]) if is_tag(tag) => {
            Some(Ask::about(Asks::NpmDistTagDelete, name).with("tag", *tag))
        }
        _ => None,
    }
}

/// The name that a path begins with, which is one piece or two, and what is behind it.
fn named<'a, 'b>(pieces: &'a [&'b str]) -> Option<(PackageName, &'a [&'b str])> {
    match pieces {
        [scope, name, rest @ ..] if scope.starts_with('@') && !scope.contains('%') => {
            Some((plain(&format!("{scope}/{name}"))?, rest))
        }
        [name, rest @ ..] => Some((name_of(name)?, rest)),
        [] => None,
    }
}

/// A name as it stands in a path: a scope's slash may be encoded, nothing else.
// SECURITY: of the two spellings of that slash one at the most is there, and no name without a scope has one: what is left
// of an escape makes it no name.
pub fn name_of(sent: &str) -> Option<PackageName> {
    plain(&sent.replacen("%2f", "/", 1).replacen("%2F", "/", 1))
}

fn plain(text: &str) -> Option<PackageName> {
    Some(PackageName {
        normal: normal(text)?,
        sent: text.to_owned(),
    })
}

/// The normal form of a name; `None` for what is no name. Names of old that have capitals are none: where files keep no
/// case, they would be another's.
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
    !text.is_empty()
        && !text.starts_with(['.', '_', '-'])
        && !text.contains("..")
        && !NAMES_TAKEN.contains(&text)
        && text.bytes().all(inner)
}

/// A name without its scope.
pub fn bare(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, bare)| bare)
}

/// The version whose tarball a file of a package is; `None` for what is not a tarball of that package.
pub fn file_version<'a>(name: &str, file: &'a str) -> Option<&'a str> {
    let rest = file.strip_prefix(bare(name))?.strip_prefix('-')?;
    rest.strip_suffix(".tgz").filter(|version| is_version(version))
}

/// Whether a text is a version as npm keeps it: three numbers, and what may follow them.
pub fn is_version(text: &str) -> bool {
    let (core, rest) = match text.find(['-', '+']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let numbers: Vec<&str> = core.split('.').collect();
    let number = |text: &&str| {
        !text.is_empty()
            && text.len() <= 16
            && text.bytes().all(|byte| byte.is_ascii_digit())
            && (*text == "0" || !text.starts_with('0'))
    };
    let (pre, build) = match rest.split_once('+') {
        Some((pre, build)) => (pre, Some(build)),
        None => (rest, None),
    };
    let pre = if pre.is_empty() {
        None
    } else {
        pre.strip_prefix('-').or(Some(""))
    };
    text.len() <= VERSION_BYTES_MAX
        && numbers.len() == 3
        && numbers.iter().all(number)
        && pre.is_none_or(is_dotted)
        && build.is_none_or(is_dotted)
}

fn is_dotted(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    text.split('.')
        .all(|piece| !piece.is_empty() && piece.bytes().all(inner))
}

/// Whether a text is a tag, which never looks like a version.
pub fn is_tag(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let digits = text.strip_prefix('v').unwrap_or(text);
    text.len() <= VERSION_BYTES_MAX
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && !digits.starts_with(|first: char| first.is_ascii_digit())
        && !is_reserved(text)
        && text.bytes().all(inner)
}

/// Whether a key means something else to whoever keeps keys in objects of JavaScript.
fn is_reserved(text: &str) -> bool {
    matches!(text, "__proto__" | "constructor" | "prototype")
}

fn is_revision(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    text.len() <= 128 && text.bytes().all(inner)
}

#[cfg(test)]
mod tests;
