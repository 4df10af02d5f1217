//! Storing a manifest: read whole, understood, and passed on only when everything that it refers to is in the same image.

use super::{DIGEST, MANIFEST_TYPES, VERSION, errors};
use crate::fault;
use crate::registry::passing::Passing;
use crate::registry::turn::Turn;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_gate::{Answer, Body, Reply, ReplyBody, StreamCall, read_body};
use bailiwick_upstream::{Fields, HeaderValue, OutgoingBody, UpstreamError};
use bailiwick_wire::oci::{
    Call, Descriptor, Digest, MANIFEST_BYTES_MAX, Manifest, ManifestFault, ManifestKind, Name, Reference,
    label, parse_manifest,
};
use bytes::Bytes;
use http::{Method, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use std::sync::Arc;

/// The label by which an image says where it comes from.
const SOURCE: &str = "org.opencontainers.image.source";
/// The largest configuration in which the label is looked for, in bytes.
const CONFIG_BYTES_MAX: usize = 1 << 20;

/// Stores a manifest, and moves the tag where one is named.
pub async fn put(call: StreamCall, upstream: &Arc<Upstream>, name: &Name, reference: Reference) -> Answer {
    let StreamCall {
        authority,
        permit,
        request,
        body,
    } = call;
    let content_type = content_type(&request.headers)?;
    let bytes = whole(body).await?;
    let manifest = parse_manifest(&bytes, &content_type).map_err(invalid)?;
    let digest = check_digest(&bytes, &reference)?;
    let passing = Passing::new(authority, permit, request, upstream).await?;
    let target = Call::ManifestPut(reference)
        .target(name)
        .ok_or_else(Fault::not_found)?;
    let _turn = Turn::take_again(upstream, &target)?;
    passing.begin().await?;
    let sent = (content_type.as_str(), bytes);
    let done = stored(&passing, name, target, &digest, &manifest, sent).await;
    passing.settled(done).await
}

async fn stored(
    passing: &Passing,
    name: &Name,
    target: String,
    digest: &Digest,
    manifest: &Manifest,
    (content_type, bytes): (&str, Bytes),
) -> Answer {
    if !holds_all(passing, name, manifest).await? {
        return Ok(errors::refusal(StatusCode::NOT_FOUND, "MANIFEST_BLOB_UNKNOWN"));
    }
    let source = source(passing, name, manifest).await?;
    // After the body has come, and whatever had to be asked first.
    passing.still().await?;
    let package = passing.package_begin().await?;
    let mut headers = Fields::default();
    let value = HeaderValue::from_str(content_type).map_err(|_| invalid(ManifestFault::Type))?;
    headers.insert(header::CONTENT_TYPE, value);
    let noted = passing.version_begin(package, digest.as_str()).await?;
    let answer = passing
        .ask_with(Method::PUT, target, &headers, OutgoingBody::Whole(bytes))
        .await?;
    if answer.status != StatusCode::CREATED {
        // Of whatever else was answered nobody knows whether it is there: it stays noted, and lists ask for it.
        if answer.status.is_client_error() {
            passing.version_missed(noted).await?;
        }
        let reply = errors::told(&passing.upstream, passing.reply(answer).await?).await?;
        if reply.status.is_client_error() {
            return Ok(reply);
        }
        let error = UpstreamError::Malformed("an answer that fits no manifest");
        return Err(fault::of_error(&passing.upstream, &error));
    }
    passing.package_published(package, digest.as_str()).await?;
    if let Some(source) = source {
        passing.package_labelled(package, source).await?;
    }
    let address = format!("{}/v2/{name}/manifests/{digest}", passing.request.base_url);
    let mut reply = Reply::status(StatusCode::CREATED)
        .with(header::LOCATION, &address)
        .with(DIGEST, digest.as_str())
        .with(VERSION, "registry/2.0");
    if let Some(subject) = answer.headers.get("oci-subject") {
        let subject = subject.to_str().ok().and_then(Digest::parse);
        if let Some(subject) = subject {
            reply = reply.with(http::HeaderName::from_static("oci-subject"), subject.as_str());
        }
    }
    Ok(reply)
}

fn content_type(headers: &Fields) -> Result<String, Fault> {
    let mut values = headers.get_all(header::CONTENT_TYPE);
    match (values.next(), values.next()) {
        (Some(value), None) => value
            .to_str()
            .map(str::to_owned)
            .map_err(|_| invalid(ManifestFault::Type)),
        _ => Err(invalid(ManifestFault::Type)),
    }
}

async fn whole(body: Body) -> Result<Bytes, Fault> {
    read_body(body, MANIFEST_BYTES_MAX)
        .await
        .map_err(|fault| match fault.kind {
            FaultKind::TooLarge => invalid(ManifestFault::TooLarge),
            _ => fault,
        })
}

fn invalid(fault: ManifestFault) -> Fault {
    let (kind, code, message) = match fault {
        ManifestFault::TooLarge => (
            FaultKind::TooLarge,
            "registry.manifest_too_large",
            "the manifest is larger than 4 MiB, or refers to too much",
        ),
        ManifestFault::Shape => (
            FaultKind::BadRequest,
            "registry.manifest_invalid",
            "this is no manifest of an image or an index of images",
        ),
        ManifestFault::Keys => (
            FaultKind::BadRequest,
            "registry.manifest_keys",
            "the manifest has a key twice, or one in another case than it is written in",
        ),
        ManifestFault::Type => (
            FaultKind::BadRequest,
            "registry.manifest_type",
            "the type of the manifest is unknown here, or is not the one that it names itself: push an OCI or a \
             schema 2 manifest",
        ),
        ManifestFault::Ambiguous => (
            FaultKind::BadRequest,
            "registry.manifest_ambiguous",
            "the manifest can be read as an image and as an index",
        ),
        ManifestFault::Foreign => (
            FaultKind::BadRequest,
            "registry.foreign_layer",
            "the manifest refers to a layer at an address elsewhere: push the layer itself",
        ),
    };
    Fault::new(kind, code, message)
}

/// The digest of a manifest, which must be the one that it is stored under.
fn check_digest(bytes: &[u8], reference: &Reference) -> Result<Digest, Fault> {
    let wrong = || {
        Fault::new(
            FaultKind::BadRequest,
            "registry.digest_wrong",
            "the manifest is not what its digest says",
        )
    };
    let sha256 = ring::digest::digest(&ring::digest::SHA256, bytes);
    let digest = Digest::of_sha256(sha256.as_ref()).ok_or_else(wrong)?;
    match reference {
        Reference::Tag(_) => Ok(digest),
        Reference::Digest(named) if *named == digest => Ok(digest),
        Reference::Digest(named) => {
            let sha512 = ring::digest::digest(&ring::digest::SHA512, bytes);
            let digits: String = sha512.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            let is = named.as_str() == format!("sha512:{digits}");
            is.then(|| named.clone()).ok_or_else(wrong)
        }
    }
}

/// Whether everything that a manifest refers to is in the same image. Registries look themselves; not all do.
// SECURITY: otherwise a manifest would be a way to read a blob of another image by its digest alone. What a manifest is about
// (`subject`) may be missing, as the specification has it; it is looked for in this image alone.
async fn holds_all(passing: &Passing, name: &Name, manifest: &Manifest) -> Result<bool, Fault> {
    let blobs = manifest.config.iter().chain(&manifest.layers);
    let blobs = blobs.map(|blob| Call::BlobGet(blob.digest.clone()));
    let manifests = manifest.manifests.iter();
    let manifests = manifests.map(|one| Call::ManifestGet(Reference::Digest(one.digest.clone())));
    let mut headers = Fields::default();
    headers.insert(header::ACCEPT, HeaderValue::from_static(MANIFEST_TYPES));
    let mut seen = std::collections::HashSet::new();
    for call in blobs.chain(manifests) {
        let target = call.target(name).ok_or_else(Fault::not_found)?;
        if !seen.insert(target.clone()) {
            continue;
        }
        let answer = passing
            .ask_with(Method::HEAD, target, &headers, OutgoingBody::Nothing)
            .await?;
        match answer.status {
            StatusCode::OK => {}
            // A blob that lies in a store of its own.
            status if status.is_redirection() => {}
            StatusCode::NOT_FOUND => return Ok(false),
            _ => {
                let error = UpstreamError::Malformed("an answer that fits no look at a blob");
                return Err(fault::of_error(&passing.upstream, &error));
            }
        }
    }
    Ok(true)
}

/// Where an image that belongs to its owner as a whole says it comes from.
async fn source(passing: &Passing, name: &Name, manifest: &Manifest) -> Result<Option<String>, Fault> {
    let owners = passing
        .permit()
        .gathered()
        .package
        .as_ref()
        .is_some_and(|package| package.repository.is_none());
    if !owners {
        return Ok(None);
    }
    if let Some(source) = manifest.annotations.get(SOURCE) {
        return Ok(Some(source.clone()));
    }
    match (&manifest.config, manifest.kind) {
        (Some(config), ManifestKind::Image) if config.size <= CONFIG_BYTES_MAX as u64 => {
            of_config(passing, name, config).await
        }
        _ => Ok(None),
    }
}

async fn of_config(passing: &Passing, name: &Name, config: &Descriptor) -> Result<Option<String>, Fault> {
    let target = Call::BlobGet(config.digest.clone())
        .target(name)
        .ok_or_else(Fault::not_found)?;
    let answer = passing
        .ask_with(Method::GET, target, &Fields::default(), OutgoingBody::Nothing)
        .await?;
    let reply = passing.reply_to(Method::GET, answer).await?;
    let ReplyBody::Stream(body) = reply.body else {
        return Ok(None);
    };
    if reply.status != StatusCode::OK {
        return Ok(None);
    }
    // What cannot be read as a configuration has no label.
    let read = Limited::new(body, CONFIG_BYTES_MAX).collect().await;
    Ok(read.ok().and_then(|read| label(&read.to_bytes(), SOURCE)))
}
