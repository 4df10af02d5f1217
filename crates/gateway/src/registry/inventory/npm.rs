//! npm: a package is one document; a version is taken away by writing it without that version, and deleting its tarball.

use super::super::turn::alone_at_once;
use super::{Source, held};
use bailiwick_authority::Fault;
use bailiwick_authority::package::list::Held;
use bailiwick_model::Timestamp;
use bailiwick_upstream::OutgoingBody;
use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::{Map, Value};

const JSON: &[(&str, &str)] = &[
    ("accept", "application/json"),
    ("content-type", "application/json"),
];

fn path(source: &Source) -> String {
    format!("/{}", source.name.replace('/', "%2f"))
}

/// The document with its revision.
async fn document(source: &Source) -> Result<Option<Map<String, Value>>, Fault> {
    let told = source
        .get(&format!("{}?write=true", path(source)), "application/json")
        .await?;
    match told.status {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND => return Ok(None),
        status => return Err(source.refused(status)),
    }
    match serde_json::from_slice(&told.body) {
        Ok(Value::Object(fields)) => Ok(Some(fields)),
        Ok(_) | Err(_) => Err(source.unread()),
    }
}

/// Every version, newest first.
pub(super) async fn versions(source: &Source) -> Result<Vec<Held>, Fault> {
    let Some(document) = document(source).await? else {
        return Ok(Vec::new());
    };
    let object = |name: &str| document.get(name).and_then(Value::as_object);
    let (times, tags) = (object("time"), object("dist-tags"));
    let mut all: Vec<Held> = Vec::new();
    for version in object("versions")
        .into_iter()
        .flat_map(|versions| versions.keys())
    {
        let at = times.and_then(|times| times.get(version)).and_then(Value::as_str);
        let leads = |(tag, to): (&String, &Value)| (to == version.as_str()).then(|| tag.clone());
        all.push(Held {
            published_at: at.and_then(Timestamp::parse),
            tags: tags.into_iter().flatten().filter_map(leads).collect(),
            ..held(version.clone())
        });
    }
    all.sort_by_key(|version| std::cmp::Reverse(version.published_at));
    Ok(all)
}

/// Deletes a version, or with the last one, or none, the package.
pub(super) async fn delete(source: &Source, version: Option<&str>) -> Result<(), Fault> {
    // SECURITY: what somebody publishes between reading the document and writing it would be deleted with the version.
    let _one = alone_at_once(source.upstream.id, &source.name)?;
    let mut document = document(source).await?.ok_or_else(Fault::not_found)?;
    let revision = revision(source, &document)?;
    let versions = document.get_mut("versions").and_then(Value::as_object_mut);
    let versions = versions.ok_or_else(|| source.unread())?;
    let gone = match version {
        Some(version) => versions.remove(version).ok_or_else(Fault::not_found)?,
        None => Value::Null,
    };
    if version.is_none() || versions.is_empty() {
        let target = format!("{}/-rev/{revision}", path(source));
        let told = source
            .ask(Method::DELETE, &target, JSON, OutgoingBody::Nothing)
            .await?;
        return source.done(&told);
    }
    without(&mut document, version.unwrap_or_default());
    let body = Bytes::from(Value::Object(document).to_string());
    let target = format!("{}/-rev/{revision}", path(source));
    let told = source
        .ask(Method::PUT, &target, JSON, OutgoingBody::Whole(body))
        .await?;
    source.done(&told)?;
    tarball(source, &gone).await
}

/// The revision that a change is based on; it stands in a path.
fn revision(source: &Source, document: &Map<String, Value>) -> Result<String, Fault> {
    let revision = document.get("_rev").and_then(Value::as_str).unwrap_or("0");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if revision.bytes().all(plain) && !revision.is_empty() {
        Ok(revision.to_owned())
    } else {
        Err(source.unread())
    }
}

/// Takes out what else the document says of a version. `latest` goes to the newest that is left.
fn without(document: &mut Map<String, Value>, version: &str) {
    document.remove("_attachments");
    document.remove("_revisions");
    if let Some(times) = document.get_mut("time").and_then(Value::as_object_mut) {
        times.remove(version);
    }
    let left = |name: &String| {
        document
            .get("versions")
            .and_then(Value::as_object)
            .is_some_and(|versions| versions.contains_key(name))
    };
    let newest = document
        .get("time")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter(|(name, _)| left(name))
        .max_by_key(|(_, at)| at.as_str().and_then(Timestamp::parse))
        .map(|(name, _)| name.clone());
    if let Some(tags) = document.get_mut("dist-tags").and_then(Value::as_object_mut) {
        let latest = tags.get("latest").is_some_and(|to| to == version);
        tags.retain(|_, to| to != version);
        if let Some(newest) = newest.filter(|_| latest) {
            tags.insert(String::from("latest"), newest.into());
        }
    }
}

/// Deletes the tarball of a version that is taken out. Only its file's name is taken from the document.
async fn tarball(source: &Source, gone: &Value) -> Result<(), Fault> {
    let address = gone.pointer("/dist/tarball").and_then(Value::as_str);
    let file = address.and_then(|address| address.rsplit('/').next());
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+');
    let Some(file) = file.filter(|file| !file.is_empty() && file.bytes().all(plain)) else {
        return Ok(());
    };
    let Some(document) = document(source).await? else {
        return Ok(());
    };
    let target = format!("{}/-/{file}/-rev/{}", path(source), revision(source, &document)?);
    let told = source
        .ask(Method::DELETE, &target, JSON, OutgoingBody::Nothing)
        .await?;
    match told.status {
        // Nobody is led there any more; some registries delete it with the version.
        StatusCode::NOT_FOUND => Ok(()),
        _ => source.done(&told),
    }
}
