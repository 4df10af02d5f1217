//! Images: a version is a manifest, by its digest; tags lead to it.

use super::{Source, VERSIONS_MAX, held};
use bailiwick_authority::Fault;
use bailiwick_authority::package::list::Held;
use bailiwick_gate::encode;
use bailiwick_upstream::OutgoingBody;
use bailiwick_wire::oci::{is_digest, is_tag};
use http::{Method, StatusCode, header};

/// Tags on one page, and pages.
const PAGE: usize = 500;
const PAGES_MAX: usize = 20;

const MANIFESTS: &[(&str, &str)] = &[(
    "accept",
    "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, \
     application/vnd.docker.distribution.manifest.v2+json",
)];

/// Every manifest that a tag leads to, and of those seen before whatever is still there.
pub(super) async fn versions(source: &Source, known: &[String]) -> Result<Vec<Held>, Fault> {
    let mut found: Vec<Held> = Vec::new();
    for tag in tags(source).await? {
        let Some(digest) = digest_of(source, &tag).await? else {
            continue;
        };
        match found.iter_mut().find(|one| one.name == digest) {
            Some(one) => one.tags.push(tag),
            None => found.push(Held {
                tags: vec![tag],
                ..held(digest)
            }),
        }
    }
    for digest in known.iter().rev().take(VERSIONS_MAX) {
        if !found.iter().any(|one| one.name == *digest) && digest_of(source, digest).await?.is_some() {
            found.push(held(digest.clone()));
        }
    }
    Ok(found)
}

async fn tags(source: &Source) -> Result<Vec<String>, Fault> {
    #[derive(serde::Deserialize)]
    struct Tags {
        // `null` where nothing is left of an image.
        tags: Option<Vec<String>>,
    }
    let mut all: Vec<String> = Vec::new();
    for _ in 0..PAGES_MAX {
        let last = all.last().map(|tag| format!("&last={}", encode(tag)));
        let target = format!(
            "/v2/{}/tags/list?n={PAGE}{}",
            source.name,
            last.unwrap_or_default()
        );
        let told = source.get(&target, "application/json").await?;
        match told.status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(all),
            status => return Err(source.refused(status)),
        }
        let read: Tags = serde_json::from_slice(&told.body).map_err(|_| source.unread())?;
        let before = all.len();
        for tag in read.tags.unwrap_or_default() {
            if is_tag(&tag) && !all.contains(&tag) {
                all.push(tag);
            }
        }
        // Where to go on is told by the registry; how is not taken from it.
        if !told.headers.contains_key(header::LINK) || all.len() == before || all.len() >= VERSIONS_MAX {
            break;
        }
    }
    Ok(all)
}

/// The digest that a tag or digest leads to; `None` if it leads nowhere.
async fn digest_of(source: &Source, reference: &str) -> Result<Option<String>, Fault> {
    let target = format!("/v2/{}/manifests/{reference}", source.name);
    let told = source
        .ask(Method::HEAD, &target, MANIFESTS, OutgoingBody::Nothing)
        .await?;
    match told.status {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND => return Ok(None),
        status => return Err(source.refused(status)),
    }
    let digest = told.headers.get("docker-content-digest");
    let digest = digest.and_then(|value| value.to_str().ok()).unwrap_or(reference);
    Ok(is_digest(digest).then(|| digest.to_owned()))
}

/// Deletes a manifest with the tags that lead to it.
pub(super) async fn delete(source: &Source, digest: &str) -> Result<(), Fault> {
    if !is_digest(digest) {
        return Err(Fault::not_found());
    }
    let target = format!("/v2/{}/manifests/{digest}", source.name);
    let told = source
        .ask(Method::DELETE, &target, &[], OutgoingBody::Nothing)
        .await?;
    source.done(&told)
}
