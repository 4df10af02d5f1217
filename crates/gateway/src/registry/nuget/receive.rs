//! Publishing: which package it is stands inside what is sent, so it is received first, decided on, and only then passed
//! on, in a form that is written anew.

use super::super::maven::is_absent;
use super::super::passing::{Passing, received_bytes_max};
use super::super::receiving::Receiving;
use super::super::spool::Spool;
use super::super::turn::Turn;
use super::package::{self, Sent};
use super::services::{self, Services};
use super::{bad, plain, served};
use crate::blocking;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Authority, Fault, PackageKey, Permit};
use bailiwick_catalogue::by_id;
use bailiwick_gate::{Answer, StreamCall, streamed};
use bailiwick_model::RegistryKind;
use bailiwick_upstream::{HeaderValue, OutgoingBody};
use bailiwick_wire::nuget::form;
use bailiwick_wire::registry::{Asks, PackageName};
use http::{Method, header};
use http_body_util::BodyExt;
use std::io::Cursor;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

/// What the form may add to a package, in bytes.
const FORM_BYTES_MAX: u64 = 16 << 10;

/// Serves a package that is sent.
pub async fn serve(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let StreamCall {
        authority,
        permit,
        mut request,
        body,
    } = call;
    let content_type = request.headers.get(header::CONTENT_TYPE);
    let content_type = content_type
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let boundary = form::boundary(content_type)
        .ok_or_else(|| bad("a package is sent as a form (multipart/form-data) with one part"))?
        .to_owned();
    if request.headers.contains_key(header::CONTENT_ENCODING) {
        return Err(bad("a package is sent as it is: leave Content-Encoding out"));
    }
    let most = received_bytes_max(upstream).saturating_add(FORM_BYTES_MAX);
    let mut receiving = Receiving::begin(&authority, &permit, &request.headers, most)?;
    let mut spool = Spool::of(&authority, &mut receiving, body, most).await?;
    let (file, length) = (spool.for_reading().await?, spool.length());
    let sent = blocking(move || package::read(file, length, &boundary)).await?;
    let permit = decided(&authority, permit, &sent, upstream).await?;
    let sent = sent.verified().await?;
    receiving.check()?;
    plain(&mut request);
    let mut passing = Passing::new(authority, permit, request, upstream).await?;
    let services = services::of(&passing).await?;
    let _turn = Turn::take(upstream, &place(&sent))?;
    is_new(&passing, &services, &sent).await?;
    let target = served(services.publish.as_deref())?.to_owned();
    let form = form_of(&mut passing)?;
    passing.begin().await?;
    let done = pushed(&passing, target, sent, form).await;
    passing.settled(done).await
}

fn place(sent: &Sent) -> String {
    let (id, version) = (&sent.described.normal, &sent.described.version);
    format!("{id}/{version}/{id}.{version}.nupkg")
}

/// Leave to publish the package that the body turned out to be.
async fn decided(
    authority: &Arc<Authority>,
    permit: Permit,
    sent: &Sent,
    upstream: &Upstream,
) -> Result<Permit, Fault> {
    let operation = by_id(Asks::NuGetPush.id()).ok_or_else(Fault::not_found)?;
    let key = PackageKey {
        registry: RegistryKind::NuGet,
        upstream: Some(upstream.id),
        name: PackageName {
            normal: sent.described.normal.clone(),
            sent: sent.described.id.clone(),
        },
        version: Some(sent.described.version.clone()),
    };
    let authority = authority.clone();
    blocking(move || authority.also_package(&permit, operation.index, key)).await
}

/// Refuses a version that is there already, where the feed tells.
async fn is_new(passing: &Passing, services: &Services, sent: &Sent) -> Result<(), Fault> {
    match &services.flat {
        Some(flat) => is_absent(passing, &format!("{flat}/{}", place(sent))).await,
        None => Ok(()),
    }
}

/// A form of our own: its first bytes and its last.
// SECURITY: the boundary is random, so that no package can hold it and be two parts to the feed.
fn form_of(passing: &mut Passing) -> Result<(String, String), Fault> {
    let mut random = [0; 16];
    passing.authority.fill_random(&mut random);
    let boundary: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let content_type = HeaderValue::from_str(&format!("multipart/form-data; boundary={boundary}"));
    let content_type = content_type.map_err(|error| Fault::internal("package.form", error))?;
    passing.request.headers.insert(header::CONTENT_TYPE, content_type);
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"package\"; filename=\"package.nupkg\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    Ok((head, format!("\r\n--{boundary}--\r\n")))
}

async fn pushed(passing: &Passing, target: String, sent: Sent, (head, tail): (String, String)) -> Answer {
    let package = passing.package_begin().await?;
    let version = sent.described.version.clone();
    let mut file = tokio::fs::File::from_std(sent.file);
    file.seek(std::io::SeekFrom::Start(sent.begin))
        .await
        .map_err(|error| Fault::internal("package.spool", error))?;
    let length = head.len() as u64 + sent.length + tail.len() as u64;
    let reader = Cursor::new(head.into_bytes())
        .chain(file.take(sent.length))
        .chain(Cursor::new(tail.into_bytes()));
    let body = OutgoingBody::Stream(streamed(reader).boxed_unsync(), Some(length));
    let answer = passing.ask_by(Method::PUT, target, body).await?;
    if answer.status.is_success() {
        passing.package_published(package, &version).await?;
    }
    passing.reply(answer).await
}
