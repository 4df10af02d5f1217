//! Maven: the versions that the artifact's metadata names; each is a directory.

use super::{Source, held};
use bailiwick_authority::Fault;
use bailiwick_authority::package::list::Held;
use bailiwick_upstream::OutgoingBody;
use http::{Method, StatusCode};

/// The directory of an artifact.
fn directory(source: &Source) -> Result<String, Fault> {
    let (group, artifact) = source.name.split_once(':').ok_or_else(Fault::not_found)?;
    Ok(format!("/{}/{artifact}", group.replace('.', "/")))
}

/// Every version that the metadata names, newest first.
pub(super) async fn versions(source: &Source) -> Result<Vec<Held>, Fault> {
    let target = format!("{}/maven-metadata.xml", directory(source)?);
    let told = source.get(&target, "text/xml, application/xml").await?;
    match told.status {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND => return Ok(Vec::new()),
        status => return Err(source.refused(status)),
    }
    let text = std::str::from_utf8(&told.body).map_err(|_| source.unread())?;
    let mut all: Vec<Held> = named(text).into_iter().map(held).collect();
    all.reverse();
    Ok(all)
}

/// The texts of `version` elements within `versions`. Metadata that a build tool wrote has no other form; what is no plain
/// version is left out.
fn named(text: &str) -> Vec<String> {
    let inner = text.split_once("<versions>").map_or("", |(_, rest)| rest);
    let inner = inner.split_once("</versions>").map_or("", |(inner, _)| inner);
    let mut names: Vec<String> = Vec::new();
    for part in inner.split("<version>").skip(1) {
        let name = part.split_once("</version>").map_or("", |(name, _)| name.trim());
        if is_version(name) && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

fn is_version(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+');
    !text.is_empty() && text.bytes().all(plain) && !matches!(text, "." | "..")
}

/// Deletes the directory of a version, where the server takes that.
pub(super) async fn delete(source: &Source, version: &str) -> Result<(), Fault> {
    if !is_version(version) {
        return Err(Fault::not_found());
    }
    let target = format!("{}/{version}/", directory(source)?);
    let told = source
        .ask(Method::DELETE, &target, &[], OutgoingBody::Nothing)
        .await?;
    source.done(&told)
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn metadata_names_versions_once_and_plainly() {
        let text = "<metadata><version>9</version><versioning><versions>\n <version>1.0</version>\
                    <version> 1.1 </version><version>1.0</version><version>../x</version><version></version>\
                    </versions></versioning></metadata>";
        assert_eq!(named(text), ["1.0", "1.1"]);
        assert_eq!(named("<metadata/>"), Vec::<String>::new());
    }
}
