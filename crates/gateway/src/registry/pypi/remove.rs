//! Removing a version: a form that names it.

use super::listed;
use super::upload::{Received, named, unread};
use crate::registry::passing::Passing;
use crate::registry::receiving::Receiving;
use crate::registry::told::{bringing, changed, decided, unfit};
use bailiwick_authority::{Fault, FaultKind, PackageKey};
use bailiwick_gate::{Answer, Body, Reply, encode};
use bailiwick_model::RegistryKind;
use bailiwick_upstream::{HeaderValue, OutgoingBody};
use bailiwick_wire::pypi::{Spelled, canonical, spelled};
use bailiwick_wire::registry::{Asks, query};
use http::StatusCode;
use std::collections::BTreeSet;

/// The longest form without a file, in bytes.
const FORM_BYTES_MAX: usize = 64 << 10;
const FORM: &str = "application/x-www-form-urlencoded";

/// A form that brings no file.
pub async fn plain_form(
    content_type: &str,
    receiving: &mut Receiving,
    mut body: Body,
) -> Result<Received, Fault> {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case(FORM) {
        return Err(unread());
    }
    let mut bytes = Vec::new();
    while let Some(more) = receiving.more(&mut body).await? {
        bytes.extend_from_slice(&more);
        if bytes.len() > FORM_BYTES_MAX {
            return Err(unread());
        }
    }
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
    let spelled: BTreeSet<Spelled> = files
        .iter()
        .filter_map(|file| spelled(&file.file, &form))
        .collect();
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

async fn removed(passing: &Passing, spelled: BTreeSet<Spelled>) -> Answer {
    for one in spelled {
        let form = format!(
            ":action=remove_pkg&name={}&version={}",
            encode(&one.name),
            encode(&one.index)
        );
        changed(passing, String::from("/"), OutgoingBody::Whole(form.into())).await?;
        passing.package_deleted(Some(&one.version)).await?;
    }
    Ok(Reply::status(StatusCode::OK))
}
