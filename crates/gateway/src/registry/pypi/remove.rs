//! Removing a version: a form that names it.

use super::listed;
use super::upload::{Received, named, unread};
use crate::registry::passing::Passing;
use crate::registry::told::{bringing, changed, decided, unfit};
use bailiwick_authority::{Fault, FaultKind, PackageKey};
use bailiwick_gate::{Answer, Body, Reply, encode};
use bailiwick_model::RegistryKind;
use bailiwick_upstream::OutgoingBody;
use bailiwick_wire::pypi::{PageFile, canonical, file_name};
use bailiwick_wire::registry::{Asks, query};
use http::{HeaderValue, StatusCode};
use http_body_util::{BodyExt, Limited};
use std::collections::BTreeSet;

/// The longest form without a file, in bytes.
const FORM_BYTES_MAX: usize = 64 << 10;
const FORM: &str = "application/x-www-form-urlencoded";

/// A form that brings no file.
pub async fn plain_form(content_type: &str, body: Body) -> Result<Received, Fault> {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case(FORM) {
        return Err(unread());
    }
    let bytes = Limited::new(body, FORM_BYTES_MAX).collect().await;
    let bytes = bytes.map_err(|_| unread())?.to_bytes();
    let text = std::str::from_utf8(&bytes).map_err(|_| unread())?;
    Ok(Received {
        fields: query(Some(text)).ok_or_else(unread)?,
        file: None,
    })
}

/// Removes a version.
pub async fn serve(passing: Passing, received: &Received) -> Answer {
    let name = named(received.one("name")?)?;
    let version = received.one("version")?.to_owned();
    let Some(form) = canonical(&version) else {
        return Err(unfit("registry.version", "this is no version"));
    };
    let normal = name.normal.clone();
    let key = PackageKey {
        registry: RegistryKind::PyPi,
        upstream: Some(passing.upstream.id),
        name,
        version: Some(version),
    };
    let mut passing = decided(passing, Asks::PyPiRemove, key).await?;
    bringing(&mut passing.request, HeaderValue::from_static(FORM));
    let files = listed(&passing, &normal).await?;
    let spelled: BTreeSet<(String, String, String)> =
        files.iter().filter_map(|file| spelled(file, &form)).collect();
    if spelled.is_empty() {
        return Err(Fault::new(
            FaultKind::NotFound,
            "registry.not_there",
            "the index has no such version of the project",
        ));
    }
    passing.begin().await?;
    match removed(&passing, spelled).await {
        Ok(reply) => Ok(reply),
        Err(fault) => Err(passing.failed(fault).await),
    }
}

/// Name and version as a file of the version writes them, and the version with what the index takes for a part of it.
// SECURITY: some indexes remove what is written so in a file's name; what is sent is what the project's own files say.
pub fn spelled(file: &PageFile, form: &str) -> Option<(String, String, String)> {
    let found = file_name(&file.file)?;
    if canonical(&found.version).as_deref() != Some(form) {
        return None;
    }
    let index = match &found.build {
        Some(build) => format!("{}-{build}", found.version),
        None => found.version.clone(),
    };
    Some((found.name.sent, index, found.version))
}

async fn removed(passing: &Passing, spelled: BTreeSet<(String, String, String)>) -> Answer {
    for (name, index, version) in spelled {
        let form = format!(
            ":action=remove_pkg&name={}&version={}",
            encode(&name),
            encode(&index)
        );
        changed(passing, String::from("/"), OutgoingBody::Whole(form.into())).await?;
        passing.package_deleted(Some(&version)).await?;
    }
    Ok(Reply::status(StatusCode::OK))
}
