//! NuGet: the versions of the flat container, found by the feed's own index.

use super::{Source, held};
use bailiwick_authority::Fault;
use bailiwick_authority::package::list::Held;
use bailiwick_upstream::OutgoingBody;
use http::{Method, StatusCode};
use serde_json::Value;

/// The path of a service, as the feed's index tells it below the feed's own address.
async fn service(source: &Source, wanted: &str) -> Result<String, Fault> {
    let told = source.get("/v3/index.json", "application/json").await?;
    if told.status != StatusCode::OK {
        return Err(source.refused(told.status));
    }
    let index: Value = serde_json::from_slice(&told.body).map_err(|_| source.unread())?;
    let resources = index.get("resources").and_then(Value::as_array);
    let found = resources.into_iter().flatten().find(|one| {
        let kind = one.get("@type").and_then(Value::as_str).unwrap_or_default();
        kind.split('/').next() == Some(wanted)
    });
    let address = found.and_then(|one| one.get("@id")).and_then(Value::as_str);
    // SECURITY: an address elsewhere would take the gateway's credential along.
    let base = source.upstream.web()?.address();
    let below = address.and_then(|address| base.below(address));
    Ok(below
        .ok_or_else(|| source.unread())?
        .trim_end_matches('/')
        .to_owned())
}

/// Every version, newest first.
pub(super) async fn versions(source: &Source) -> Result<Vec<Held>, Fault> {
    #[derive(serde::Deserialize)]
    struct Versions {
        versions: Vec<String>,
    }
    let flat = service(source, "PackageBaseAddress").await?;
    let target = format!("{flat}/{}/index.json", source.name);
    let told = source.get(&target, "application/json").await?;
    match told.status {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND => return Ok(Vec::new()),
        status => return Err(source.refused(status)),
    }
    let read: Versions = serde_json::from_slice(&told.body).map_err(|_| source.unread())?;
    let versions = read.versions.into_iter().filter(|version| is_version(version));
    Ok(versions.rev().map(held).collect())
}

fn is_version(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+');
    !text.is_empty() && !text.starts_with('.') && text.bytes().all(plain)
}

async fn change(source: &Source, method: Method, version: &str) -> Result<(), Fault> {
    if !is_version(version) {
        return Err(Fault::not_found());
    }
    let publish = service(source, "PackagePublish").await?;
    let target = format!("{publish}/{}/{version}", source.name);
    let told = source.ask(method, &target, &[], OutgoingBody::Nothing).await?;
    source.done(&told)
}

/// Deletes a version; what that means is the feed's own: it is gone, or no longer listed.
pub(super) async fn delete(source: &Source, version: &str) -> Result<(), Fault> {
    change(source, Method::DELETE, version).await
}

/// Lists a version again.
pub(super) async fn restore(source: &Source, version: &str) -> Result<(), Fault> {
    change(source, Method::POST, version).await
}
