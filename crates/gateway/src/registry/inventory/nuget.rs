//! NuGet: the versions of the flat container, found by the feed's own index.

use super::{Source, held};
use crate::registry::nuget::services::{Services, read};
use bailiwick_authority::Fault;
use bailiwick_authority::package::list::Held;
use bailiwick_upstream::OutgoingBody;
use bailiwick_wire::nuget::version;
use http::{Method, StatusCode};
use serde_json::Value;
use std::collections::BTreeSet;

/// Pages of a registration that are read at the most.
const PAGES_MAX: usize = 100;

/// Where the feed has its services, by its own index.
async fn services(source: &Source) -> Result<Services, Fault> {
    let told = source.get("/v3/index.json", "application/json").await?;
    if told.status != StatusCode::OK {
        return Err(source.refused(told.status));
    }
    let index: Value = serde_json::from_slice(&told.body).map_err(|_| source.unread())?;
    Ok(read(&index, source.upstream.web()?.address()))
}

/// A document of the feed; `None` if it is not there.
async fn document(source: &Source, target: &str) -> Result<Option<Value>, Fault> {
    let told = source.get(target, "application/json").await?;
    match told.status {
        StatusCode::OK => serde_json::from_slice(&told.body)
            .map(Some)
            .map_err(|_| source.unread()),
        StatusCode::NOT_FOUND => Ok(None),
        status => Err(source.refused(status)),
    }
}

/// Every version that is listed, newest first. The flat container goes on having what is not listed any more.
pub(super) async fn versions(source: &Source) -> Result<Vec<Held>, Fault> {
    let services = services(source).await?;
    let flat = services.flat.ok_or_else(|| source.unread())?;
    let Some(found) = document(source, &format!("{flat}/{}/index.json", source.name)).await? else {
        return Ok(Vec::new());
    };
    let found = found.get("versions").and_then(Value::as_array);
    let found = found.ok_or_else(|| source.unread())?.iter();
    let mut versions: Vec<&str> = found.filter_map(Value::as_str).collect();
    versions.retain(|version| is_version(version));
    if let Some(base) = services.registration {
        let listed = listed(source, &base).await?;
        versions.retain(|one| version::normal(one).is_some_and(|normal| listed.contains(&normal)));
    }
    Ok(versions.into_iter().rev().map(held).collect())
}

/// The normal forms of the versions that the feed's registrations tell of, but for those that they say are not listed.
async fn listed(source: &Source, base: &str) -> Result<BTreeSet<String>, Fault> {
    let mut all = BTreeSet::new();
    let Some(index) = document(source, &format!("{base}/{}/index.json", source.name)).await? else {
        return Ok(all);
    };
    let pages = index.get("items").and_then(Value::as_array);
    for page in pages.ok_or_else(|| source.unread())?.iter().take(PAGES_MAX) {
        let items = match page.get("items").and_then(Value::as_array) {
            Some(items) => items.clone(),
            None => page_items(source, page).await?,
        };
        all.extend(items.iter().filter_map(listed_version));
    }
    Ok(all)
}

/// The entries of a page that is a document of its own.
// SECURITY: an address elsewhere would take the gateway's credential along.
async fn page_items(source: &Source, page: &Value) -> Result<Vec<Value>, Fault> {
    let address = page.get("@id").and_then(Value::as_str);
    let below = address.and_then(|address| source.upstream.web().ok()?.address().below(address));
    let target = below.ok_or_else(|| source.unread())?;
    let page = document(source, target).await?.ok_or_else(|| source.unread())?;
    let items = page.get("items").and_then(Value::as_array);
    items.cloned().ok_or_else(|| source.unread())
}

fn listed_version(item: &Value) -> Option<String> {
    let entry = item.get("catalogEntry")?;
    let hidden = entry.get("listed").and_then(Value::as_bool) == Some(false);
    let version = entry.get("version").and_then(Value::as_str)?;
    version::normal(version).filter(|_| !hidden)
}

fn is_version(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+');
    !text.is_empty() && !text.starts_with('.') && text.bytes().all(plain)
}

async fn change(source: &Source, method: Method, version: &str) -> Result<(), Fault> {
    if !is_version(version) {
        return Err(Fault::not_found());
    }
    let publish = services(source).await?.publish.ok_or_else(|| source.unread())?;
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
