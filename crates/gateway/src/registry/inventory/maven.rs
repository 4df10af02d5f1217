//! Maven: the versions whose description is there, and the files that are certainly a version's own.

use super::{Source, Told, held};
use bailiwick_authority::Fault;
use bailiwick_authority::package::list::Held;
use bailiwick_upstream::OutgoingBody;
use bailiwick_wire::maven::{is_release, parse, version_directory};
use http::{Method, StatusCode, header};
use std::collections::BTreeSet;

const METADATA: &str = "maven-metadata.xml";
/// Files that build tools publish, as they end; what else there is a listing tells, where the server gives one.
const TAILS: [&str; 10] = [
    ".jar",
    ".module",
    ".war",
    ".aar",
    ".zip",
    ".tar.gz",
    "-sources.jar",
    "-javadoc.jar",
    "-tests.jar",
    ".pom",
];
/// What lies beside a file or its signature.
const BESIDE: [&str; 5] = ["", ".sha1", ".md5", ".sha256", ".sha512"];
const SIGNATURE: &str = ".asc";

/// The directory of an artifact, and the artifact's name.
fn directory(source: &Source) -> Result<(String, &str), Fault> {
    let (group, artifact) = source.name.split_once(':').ok_or_else(Fault::not_found)?;
    Ok((format!("/{}/{artifact}", group.replace('.', "/")), artifact))
}

/// Every version that is there, newest first: of those that the metadata names, and those that were seen before. Metadata
/// goes on naming what was deleted.
pub(super) async fn versions(source: &Source, known: &[String]) -> Result<Vec<Held>, Fault> {
    let (directory, _) = directory(source)?;
    let told = source
        .get(&format!("{directory}/{METADATA}"), "text/xml, application/xml")
        .await?;
    let mut names: Vec<String> = known.iter().rev().cloned().collect();
    if let Some(text) = text(source, &told)? {
        let all = texts(inner(text, "versions"), "version");
        names.retain(|name| !all.contains(name));
        names.extend(all);
    }
    let mut all = Vec::new();
    for name in names.into_iter().rev().take(super::VERSIONS_MAX) {
        if is_there(source, &name).await? {
            all.push(held(name));
        }
    }
    Ok(all)
}

/// What a document says; `None` if it is not there.
fn text<'a>(source: &Source, told: &'a Told) -> Result<Option<&'a str>, Fault> {
    match told.status {
        StatusCode::OK => std::str::from_utf8(&told.body)
            .map(Some)
            .map_err(|_| source.unread()),
        StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
        status => Err(source.refused(status)),
    }
}

/// What the first element of a name holds. Metadata that a build tool wrote has no other form.
fn inner<'a>(text: &'a str, element: &str) -> &'a str {
    let begin = text.split_once(&format!("<{element}>"));
    let inner = begin.and_then(|(_, rest)| rest.split_once(&format!("</{element}>")));
    inner.map_or("", |(inner, _)| inner)
}

/// The texts of elements of a name, each once.
fn texts(text: &str, element: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for part in text.split(&format!("<{element}>")).skip(1) {
        let name = part.split_once("</").map_or("", |(name, _)| name.trim());
        if !name.is_empty() && !all.iter().any(|known| known == name) {
            all.push(name.to_owned());
        }
    }
    all
}

/// Whether the description of a version is there; of a snapshot, what tells which build is the newest.
async fn is_there(source: &Source, version: &str) -> Result<bool, Fault> {
    let Some(at) = version_directory(&source.name, version) else {
        return Ok(false);
    };
    let (_, artifact) = directory(source)?;
    if !is_release(version) && has(source, &format!("{at}{METADATA}")).await? {
        return Ok(true);
    }
    has(source, &format!("{at}{artifact}-{version}.pom")).await
}

async fn has(source: &Source, target: &str) -> Result<bool, Fault> {
    let told = source
        .ask(Method::HEAD, target, &[], OutgoingBody::Nothing)
        .await?;
    match told.status {
        StatusCode::OK => Ok(true),
        StatusCode::NOT_FOUND | StatusCode::GONE => Ok(false),
        status => Err(source.refused(status)),
    }
}

/// Deletes the files of a version.
// SECURITY: never its directory. A version may be called as an artifact is, and what lies deeper is another package then,
// maybe of another owner.
pub(super) async fn delete(source: &Source, version: &str) -> Result<(), Fault> {
    let at = version_directory(&source.name, version).ok_or_else(Fault::not_found)?;
    let mut files = files(source, &at, version).await?;
    if files.is_empty() {
        return Err(Fault::not_found());
    }
    // What tells that it is there goes last: whoever is interrupted can begin again.
    files.sort_by_key(|file| file.ends_with(".pom") || file == METADATA);
    for file in files {
        let told = source
            .ask(Method::DELETE, &format!("{at}{file}"), &[], OutgoingBody::Nothing)
            .await?;
        if !matches!(told.status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            source.done(&told)?;
        }
    }
    Ok(())
}

/// The files of a version: those that a listing names, and those that build tools publish.
async fn files(source: &Source, at: &str, version: &str) -> Result<Vec<String>, Fault> {
    let (_, artifact) = directory(source)?;
    let mut files = listed(source, at).await?;
    let mut found = Vec::new();
    let mut stems = vec![version.to_owned()];
    if !is_release(version) {
        let told = source
            .get(&format!("{at}{METADATA}"), "text/xml, application/xml")
            .await?;
        if let Some(text) = text(source, &told)? {
            found.push(METADATA.to_owned());
            stems.extend(texts(inner(text, "snapshotVersions"), "value"));
        }
    }
    for stem in stems {
        for tail in TAILS {
            let file = format!("{artifact}-{stem}{tail}");
            if is_own(source, at, version, &file) && has(source, &format!("{at}{file}")).await? {
                found.push(file);
            }
        }
    }
    for file in found {
        for signature in ["", SIGNATURE] {
            files.extend(BESIDE.iter().map(|end| format!("{file}{signature}{end}")));
        }
    }
    let own = files.into_iter();
    Ok(own.filter(|file| is_own(source, at, version, file)).collect())
}

/// Whether a path can be nothing but a file of this version.
fn is_own(source: &Source, at: &str, version: &str, file: &str) -> bool {
    parse("DELETE", &format!("{at}{file}"), None).is_some_and(|ask| {
        ask.version.as_deref() == Some(version) && ask.package.is_some_and(|name| name.sent == source.name)
    })
}

/// The names that a server's own page of a directory leads to; none where it gives no page.
async fn listed(source: &Source, at: &str) -> Result<BTreeSet<String>, Fault> {
    // 403 is how nginx says that it gives none.
    let told = source
        .answer(Method::GET, at, &[("accept", "text/html")], OutgoingBody::Nothing)
        .await?;
    let kind = told.headers.get(header::CONTENT_TYPE);
    let page = kind.and_then(|kind| kind.to_str().ok()?.strip_prefix("text/html"));
    match std::str::from_utf8(&told.body) {
        Ok(text) if told.status == StatusCode::OK && page.is_some() => Ok(led_to(text)),
        _ => Ok(BTreeSet::new()),
    }
}

fn led_to(page: &str) -> BTreeSet<String> {
    let links = page.split("href=\"").skip(1);
    let name = |link: &str| {
        let (reference, _) = link.split_once('"')?;
        Some(reference.rsplit('/').next()?.to_owned())
    };
    links.filter_map(name).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::{inner, led_to, texts};

    #[test]
    fn metadata_names_versions_once() {
        let text = "<metadata><version>9</version><versioning><versions>\n <version>1.0</version>\
                    <version> 1.1 </version><version>1.0</version><version></version></versions></versioning></metadata>";
        assert_eq!(texts(inner(text, "versions"), "version"), ["1.0", "1.1"]);
        assert_eq!(
            texts(inner("<metadata/>", "versions"), "version"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn pages_lead_to_files() {
        let page = "<a href=\"../\">../</a><a href=\"a-1.jar\">a</a><a href=\"/x/y/a-1.pom\">b</a>";
        let all: Vec<String> = led_to(page).into_iter().collect();
        assert_eq!(all, ["a-1.jar", "a-1.pom"]);
    }
}
