//! Documents that clients put: received whole, read, and decided on what they turn out to be before the registry hears of
//! them. Adding a version is writing, and so is a warning at one; taking one away is deleting.

use super::{address, package, parameter};
use crate::blocking;
use crate::registry::passing::{Passing, received_bytes_max};
use crate::registry::receiving::{Receiving, too_large};
use crate::registry::spool::Spool;
use crate::registry::told::{bringing, changed, decided, document, unfit};
use crate::registry::turn::alone;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Fault, FaultKind, PackageKey};
use bailiwick_gate::{Answer, Reply, Request, StreamCall};
use bailiwick_upstream::{Fields, HeaderValue, OutgoingBody};
use bailiwick_wire::npm::{Change, Document, DocumentFault};
use bailiwick_wire::registry::Asks;
use http::{StatusCode, header};
use serde_json::json;
use std::sync::Arc;

/// The largest document that brings no file, in bytes: it is compared with what the registry has.
const CHANGE_BYTES_MAX: u64 = super::told::DOCUMENT_BYTES_MAX as u64;

/// Receives a document.
pub async fn receive(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let StreamCall {
        authority,
        permit,
        mut request,
        body,
    } = call;
    let key = package(&permit)?;
    is_plain(&request.headers)?;
    bringing(&mut request, HeaderValue::from_static("application/json"));
    let most = received_bytes_max(upstream);
    let mut receiving = Receiving::begin(&authority, &permit, &request.headers, most)?;
    let mut spool = Spool::of(&authority, &mut receiving, body, most).await?;
    let file = spool.for_reading().await?;
    let length = spool.length();
    let sent = blocking(move || {
        Document::read(std::io::BufReader::with_capacity(64 << 10, file)).map_err(not_taken)
    })
    .await?;
    sent.check_name(&key.name.normal).map_err(not_taken)?;
    let passing = Passing::new(authority, permit, request, upstream).await?;
    if sent.brings_files() {
        return publish(passing, &sent, spool, key).await;
    }
    if length > CHANGE_BYTES_MAX {
        return Err(too_large(CHANGE_BYTES_MAX));
    }
    drop(spool);
    change(passing, sent, key).await
}

// SECURITY: in a coding, or another alphabet, the registry would read something else.
fn is_plain(headers: &Fields) -> Result<(), Fault> {
    let coded = headers
        .get_all(header::CONTENT_ENCODING)
        .any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"));
    if coded {
        return Err(unfit(
            "body.coding",
            "send the document without a content encoding",
        ));
    }
    Ok(())
}

async fn publish(passing: Passing, sent: &Document, spool: Spool, mut key: PackageKey) -> Answer {
    let publish = sent.publishes(&key.name.normal).map_err(not_taken)?;
    // SECURITY: at the address of a revision, registries take a document for all versions that are to stay, whatever files
    // it brings: every other would be deleted by whoever may only write.
    if parameter(&passing.request, "revision").is_some() {
        return Err(not_taken(DocumentFault::Mixed));
    }
    let _one = alone(passing.upstream.id, &key.name.normal).await?;
    key.version = Some(publish.version.clone());
    let target = target(&passing.request, &key);
    // Decided again after all of it has come: a token that was revoked meanwhile publishes nothing.
    let passing = decided(passing, Asks::NpmPublish, key).await?;
    passing.begin().await?;
    match published(&passing, target, spool, &publish.version).await {
        Ok(reply) => Ok(reply),
        Err(fault) => Err(passing.failed(fault).await),
    }
}

async fn published(passing: &Passing, target: String, spool: Spool, version: &str) -> Answer {
    let package = passing.package_begin().await?;
    let body = spool.sent(Vec::new(), Vec::new()).await?;
    changed(passing, target, body).await?;
    passing.package_published(package, version).await?;
    Ok(made())
}

async fn change(passing: Passing, sent: Document, mut key: PackageKey) -> Answer {
    let _one = alone(passing.upstream.id, &key.name.normal).await?;
    let (present, _) = document(&passing, format!("{}?write=true", address(&key))).await?;
    let name = key.name.normal.clone();
    let change = blocking(move || {
        let present =
            serde_json::from_slice(&present).map_err(|error| Fault::internal("registry.document", error))?;
        sent.changes(&name, &present).map_err(not_taken)
    })
    .await?;
    let asks = if change.removed.is_empty() {
        Asks::NpmDeprecate
    } else {
        key.version = Some(listed(&change.removed));
        Asks::NpmVersionDelete
    };
    let target = target(&passing.request, &key);
    let passing = decided(passing, asks, key).await?;
    passing.begin().await?;
    match made_so(&passing, target, change).await {
        Ok(reply) => Ok(reply),
        Err(fault) => Err(passing.failed(fault).await),
    }
}

async fn made_so(passing: &Passing, target: String, change: Change) -> Answer {
    let body = OutgoingBody::Whole(change.document.to_string().into());
    changed(passing, target, body).await?;
    for version in &change.removed {
        passing.package_deleted(Some(version)).await?;
    }
    Ok(made())
}

/// The versions for the record, of very many the first.
fn listed(versions: &[String]) -> String {
    let some: Vec<&str> = versions.iter().take(20).map(String::as_str).collect();
    some.join(", ")
}

fn target(request: &Request, key: &PackageKey) -> String {
    match parameter(request, "revision") {
        Some(revision) => format!("{}/-rev/{revision}", address(key)),
        None => address(key),
    }
}

/// npm looks at nothing but the status.
pub fn made() -> Reply {
    Reply::json_with(StatusCode::CREATED, &json!({"ok": true, "success": true}))
}

fn not_taken(fault: DocumentFault) -> Fault {
    let (code, message) = match fault {
        DocumentFault::Unreadable => (
            "registry.npm_document",
            "this is no document of a package, or has a key twice",
        ),
        DocumentFault::OtherName => (
            "registry.npm_name",
            "the document names another package than its address",
        ),
        DocumentFault::OtherVersion => (
            "registry.npm_version",
            "a publication adds one version, and names it alike everywhere",
        ),
        DocumentFault::OtherFile => (
            "registry.npm_file",
            "a publication brings one tarball, named after its package and version",
        ),
        DocumentFault::Tag => (
            "registry.npm_tag",
            "a tag is a word that is no version, and leads to a version that is there",
        ),
        DocumentFault::NoFile => ("registry.npm_no_file", "a version is published with its tarball"),
        DocumentFault::Mixed => (
            "registry.npm_mixed",
            "a publication changes nothing else: publish to the package's plain address, and deprecate after it",
        ),
        DocumentFault::People => (
            "registry.npm_people",
            "owners and stars are not kept at the registry: whose a package is, is decided here",
        ),
        DocumentFault::Nothing => (
            "registry.npm_nothing",
            "this would leave no version: unpublish the whole package",
        ),
    };
    Fault::new(FaultKind::BadRequest, code, message)
}
