//! The layout of Maven repositories: paths below the mount into what is asked of which artifact. Nothing but files whose
//! names repeat artifact and version, and the metadata above them, is known.

use crate::registry::{Ask, Asks, PackageName};

/// What metadata is called in every directory.
const METADATA: &str = "maven-metadata.xml";
/// What every name of metadata begins with, in any case: no directory is called so.
const METADATA_BEGIN: &str = "maven-metadata";
/// What stands beside a file.
const CHECKSUMS: [&str; 4] = [".sha1", ".md5", ".sha256", ".sha512"];
const SIGNATURE: &str = ".asc";
const SNAPSHOT: &str = "-SNAPSHOT";
/// What the day and the time of a snapshot are long, and what is between them and behind.
const STAMP_DIGITS: [(usize, u8); 2] = [(8, b'.'), (6, b'-')];

/// Reads a request.
pub fn parse(method: &str, path: &str, query: Option<&str>) -> Option<Ask> {
    let pieces = crate::registry::segments(path).filter(|_| query.is_none())?;
    let (file, directory) = pieces.split_last()?;
    let plain = plain(file)?;
    let read = if plain == METADATA {
        metadata(directory)?
    } else {
        artifact(directory, plain)?
    };
    // SECURITY: checksums say what a client takes for unbroken, so they are written as what they are of.
    let beside = plain.len() != file.len();
    let what = match (method, &read) {
        ("GET", Read::File { .. }) if !beside => Asks::MavenGet,
        ("GET", _) => Asks::MavenMetadata,
        ("PUT", Read::File { .. }) => Asks::MavenPut,
        ("PUT", Read::Directory(_)) => Asks::MavenMetadataPut,
        ("PUT", Read::Snapshot { .. }) => Asks::MavenMetadataPut,
        ("DELETE", _) => Asks::MavenDelete,
        _ => return None,
    };
    Some(match read {
        Read::Directory(name) => Ask::about(what, name),
        Read::File { name, version } | Read::Snapshot { name, version } => {
            Ask::about(what, name).version(version).with("file", *file)
        }
    })
}

enum Read {
    /// Metadata of an artifact; or of an artifact or a group, where the path alone does not tell.
    Directory(PackageName),
    /// Metadata of a snapshot.
    Snapshot { name: PackageName, version: String },
    /// A file of a version.
    File { name: PackageName, version: String },
}

/// The file that a checksum or signature is of, or a checksum of a signature; the file itself if it is neither.
fn plain(file: &str) -> Option<&str> {
    let checked = CHECKSUMS.iter().find_map(|suffix| file.strip_suffix(suffix));
    let name = checked.unwrap_or(file);
    let name = name.strip_suffix(SIGNATURE).unwrap_or(name);
    let again = CHECKSUMS.iter().any(|suffix| name.ends_with(suffix)) || name.ends_with(SIGNATURE);
    (!again).then_some(name)
}

fn metadata(directory: &[&str]) -> Option<Read> {
    if let [group @ .., artifact, version] = directory
        && version.ends_with(SNAPSHOT)
    {
        let name = named(group, artifact)?;
        let version = is_version(version).then(|| (*version).to_owned())?;
        return Some(Read::Snapshot { name, version });
    }
    // SECURITY: the last piece is an artifact's name, or the last of a group's. Whose it is must hold either way, which
    // is looked up by this form: dots alone, and no colon. A group's piece holds no dot, so with one it is an artifact's:
    // cut at that dot, it would be looked up as an artifact of another directory.
    let (last, before) = directory.split_last()?;
    if last.contains('.') {
        return named(before, last).map(Read::Directory);
    }
    let group = directory.iter().all(|piece| is_group_piece(piece));
    group.then(|| Read::Directory(folded(&directory.join("."))))
}

fn artifact(directory: &[&str], file: &str) -> Option<Read> {
    let [group @ .., artifact, version] = directory else {
        return None;
    };
    let name = named(group, artifact)?;
    let rest = file.strip_prefix(artifact)?.strip_prefix('-')?;
    let fits = is_version(version) && is_word(file) && {
        let literal = rest.strip_prefix(version).is_some_and(is_tail);
        let base = version.strip_suffix(SNAPSHOT);
        literal || base.is_some_and(|base| rest.strip_prefix(base).is_some_and(is_stamped))
    };
    fits.then(|| Read::File {
        name,
        version: (*version).to_owned(),
    })
}

/// What comes behind the version: an extension, or a classifier and an extension.
fn is_tail(text: &str) -> bool {
    let classified = text
        .strip_prefix('-')
        .and_then(|rest| rest.find('.').filter(|at| *at > 0).and_then(|at| rest.get(at..)));
    let extension = classified.unwrap_or(text);
    extension.len() > 1 && extension.starts_with('.') && !extension.ends_with('.')
}

/// `-YYYYMMDD.HHMMSS-N` before the rest, which stands in the place of `-SNAPSHOT`.
fn is_stamped(text: &str) -> bool {
    let Some(mut rest) = text.strip_prefix('-') else {
        return false;
    };
    for (digits, behind) in STAMP_DIGITS {
        let (Some(number), Some(after)) = (rest.get(..digits), rest.get(digits..)) else {
            return false;
        };
        let Some(after) = after.strip_prefix(char::from(behind)) else {
            return false;
        };
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return false;
        }
        rest = after;
    }
    let build = rest.bytes().take_while(u8::is_ascii_digit).count();
    build > 0 && rest.get(build..).is_some_and(is_tail)
}

fn named(group: &[&str], artifact: &str) -> Option<PackageName> {
    let good = !group.is_empty() && group.iter().all(|piece| is_group_piece(piece)) && is_artifact(artifact);
    good.then(|| folded(&format!("{}:{artifact}", group.join("."))))
}

// SECURITY: Maven tells `Acme` from `acme`, and not every disk does. Names that differ in case alone are one's.
fn folded(name: &str) -> PackageName {
    PackageName {
        normal: name.to_ascii_lowercase(),
        sent: name.to_owned(),
    }
}

/// The normal form of a name, `group:artifact`. `None` for what is none.
pub fn normal(text: &str) -> Option<String> {
    let (group, artifact) = text.split_once(':')?;
    (is_group(group) && is_artifact(artifact)).then(|| text.to_ascii_lowercase())
}

/// The normal form of what an administrator links: an artifact; or, where prefixes may be meant, a group.
pub fn linked(text: &str, prefix: bool) -> Option<String> {
    normal(text).or_else(|| (prefix && is_group(text)).then(|| text.to_ascii_lowercase()))
}

/// The directory of a version below the mount, with a slash at its end. `None` for what is no artifact or version.
pub fn version_directory(name: &str, version: &str) -> Option<String> {
    let (group, artifact) = name.split_once(':')?;
    let good = is_group(group) && is_artifact(artifact) && is_version(version);
    good.then(|| format!("/{}/{artifact}/{version}/", group.replace('.', "/")))
}

/// Whether a version stays as it was published: all but snapshots do.
pub fn is_release(version: &str) -> bool {
    !version.ends_with("SNAPSHOT")
}

fn is_group(text: &str) -> bool {
    text.split('.').all(is_group_piece)
}

/// A piece of a group holds no dot: it would be two pieces, and another path.
fn is_group_piece(text: &str) -> bool {
    is_artifact(text) && !text.contains('.')
}

/// No artifact or group ends as snapshots do, and none has the name of metadata: a path has one reading.
fn is_artifact(text: &str) -> bool {
    is_word(text) && !text.contains('+') && !ends_like_snapshot(text) && !begins_like_metadata(text)
}

/// `SNAPSHOT` is written in capitals: clients and servers differ in what they make of other forms.
fn is_version(text: &str) -> bool {
    is_word(text) && !begins_like_metadata(text) && (text.ends_with("SNAPSHOT") || !ends_like_snapshot(text))
}

fn ends_like_snapshot(text: &str) -> bool {
    let at = text.len().saturating_sub("SNAPSHOT".len());
    text.get(at..)
        .is_some_and(|end| end.eq_ignore_ascii_case("SNAPSHOT"))
}

fn begins_like_metadata(text: &str) -> bool {
    text.get(..METADATA_BEGIN.len())
        .is_some_and(|begin| begin.eq_ignore_ascii_case(METADATA_BEGIN))
}

fn is_word(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+');
    !text.is_empty()
        && !text.starts_with(['.', '-'])
        && !text.ends_with('.')
        && !text.contains("..")
        && text.bytes().all(inner)
}

#[cfg(test)]
mod tests;
