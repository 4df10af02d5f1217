//! Python: the versions of the files that a project's page names.

use super::{Source, held};
use bailiwick_authority::Fault;
use bailiwick_authority::package::list::Held;
use bailiwick_upstream::OutgoingBody;
use bailiwick_wire::pypi::normal;
use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::Value;

const FORM: &[(&str, &str)] = &[("content-type", "application/x-www-form-urlencoded")];

/// Every version of which there is a file, newest last in the page, so first here.
pub(super) async fn versions(source: &Source) -> Result<Vec<Held>, Fault> {
    let target = format!("/simple/{}/", source.name);
    let told = source
        .get(&target, "application/vnd.pypi.simple.v1+json, text/html;q=0.5")
        .await?;
    match told.status {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND => return Ok(Vec::new()),
        status => return Err(source.refused(status)),
    }
    let text = std::str::from_utf8(&told.body).map_err(|_| source.unread())?;
    let files = match serde_json::from_str::<Value>(text) {
        Ok(page) => of_json(&page),
        Err(_) => of_page(text),
    };
    let mut all: Vec<Held> = Vec::new();
    for file in files {
        if let Some(version) = version_of(&source.name, &file)
            && !all.iter().any(|one| one.name == version)
        {
            all.push(held(version));
        }
    }
    all.reverse();
    Ok(all)
}

fn of_json(page: &Value) -> Vec<String> {
    let files = page.get("files").and_then(Value::as_array);
    let name = |file: &Value| file.get("filename").and_then(Value::as_str).map(str::to_owned);
    files.into_iter().flatten().filter_map(name).collect()
}

/// The texts of links: each is the name of a file.
fn of_page(text: &str) -> Vec<String> {
    let links = text.split("<a ").skip(1);
    let name = |link: &str| {
        let (_, behind) = link.split_once('>')?;
        Some(behind.split_once("</a>")?.0.trim().to_owned())
    };
    links.filter_map(name).collect()
}

/// The version in a file's name: what follows the project's name, up to the next hyphen or the ending.
fn version_of(project: &str, file: &str) -> Option<String> {
    let stem = [".tar.gz", ".tar.bz2", ".zip", ".whl", ".egg"]
        .iter()
        .find_map(|end| file.strip_suffix(end))?;
    // The name may be written in any of its forms, with hyphens in it.
    let version = stem.match_indices('-').find_map(|(at, _)| {
        let (name, rest) = (stem.get(..at)?, stem.get(at + 1..)?);
        (normal(name).as_deref() == Some(project)).then_some(rest)
    })?;
    let version = version.split('-').next().filter(|version| is_version(version))?;
    Some(version.to_owned())
}

fn is_version(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'+' | b'!');
    !text.is_empty() && !text.starts_with('.') && text.bytes().all(plain)
}

/// Deletes every file of a version, by the form that servers of this sort take.
pub(super) async fn delete(source: &Source, version: &str) -> Result<(), Fault> {
    if !is_version(version) {
        return Err(Fault::not_found());
    }
    let version = version.replace('+', "%2B").replace('!', "%21");
    let body = format!("%3Aaction=remove_pkg&name={}&version={version}", source.name);
    let told = source
        .ask(Method::POST, "/", FORM, OutgoingBody::Whole(Bytes::from(body)))
        .await?;
    source.done(&told)
}

#[cfg(test)]
mod tests {
    use super::{of_page, version_of};

    #[test]
    fn files_tell_their_version() {
        for (file, version) in [
            ("acme_core-1.0.tar.gz", Some("1.0")),
            ("acme-core-1.0.tar.gz", Some("1.0")),
            ("Acme.Core-1.0rc1-py3-none-any.whl", Some("1.0rc1")),
            ("acme_core-1!2.0+local.1-py3-none-any.whl", Some("1!2.0+local.1")),
            ("acme_core_extra-1.0.tar.gz", None),
            ("acme_core.txt", None),
            ("acme_core-.tar.gz", None),
        ] {
            assert_eq!(version_of("acme-core", file).as_deref(), version, "{file}");
        }
    }

    #[test]
    fn pages_name_files_by_the_texts_of_links() {
        let page = "<html><a href=\"/packages/a-1.0.zip#sha256=0\">a-1.0.zip</a><br><a href=x>b</a></html>";
        assert_eq!(of_page(page), ["a-1.0.zip", "b"]);
    }
}
