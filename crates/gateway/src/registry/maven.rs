//! Maven's layout before a plain repository: any server that takes PUT. Releases stay as they were published; snapshots
//! and metadata are written again and again, as their clients do.

use super::not_served;
use super::passing::{Passing, as_asked, unconditional, upload_bytes_max};
use super::turn::Turn;
use crate::exchange::{body_of, cut_off, leased_up};
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_gate::{Answer, Body, Request, StreamCall};
use bailiwick_upstream::{HeaderValue, OutgoingBody};
use bailiwick_wire::maven::is_release;
use bailiwick_wire::registry::Asks;
use http::{Method, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use std::sync::Arc;

/// The largest metadata, checksum of metadata included, in bytes.
const METADATA_BYTES_MAX: u64 = 4 << 20;

/// Serves what was asked of it.
pub async fn serve(mut call: StreamCall, upstream: &Arc<Upstream>, asks: Asks) -> Answer {
    match asks {
        Asks::MavenGet | Asks::MavenMetadata => as_asked(call, upstream).await,
        Asks::MavenMetadataPut => {
            whole_file(&mut call.request)?;
            call.body = bounded(&call.request, call.body, Some(METADATA_BYTES_MAX))?;
            as_asked(call, upstream).await
        }
        Asks::MavenPut => {
            whole_file(&mut call.request)?;
            call.body = bounded(&call.request, call.body, upload_bytes_max(upstream))?;
            publish(call, upstream).await
        }
        Asks::MavenDelete => remove(call, upstream).await,
        other => Err(not_served(other.id())),
    }
}

/// Writes a file of a version.
async fn publish(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let (mut passing, body) = Passing::of(call, upstream).await?;
    let version = passing.request.parameter("version").to_owned();
    let target = passing.target()?;
    let _turn = Turn::take(upstream, &target)?;
    if is_release(&version) {
        is_absent(&passing, &target).await?;
        // For servers that know it: nothing came in between, whoever else writes there.
        let any = HeaderValue::from_static("*");
        passing.request.headers.insert(header::IF_NONE_MATCH, any);
    }
    passing.begin().await?;
    let done = published(&passing, target, &version, body).await;
    passing.settled(done).await
}

async fn published(passing: &Passing, target: String, version: &str, body: Body) -> Answer {
    let body = body_of(&Method::PUT, &passing.request.headers, body).await?;
    let lease = Arc::new(passing.authority.transfer_begin(passing.permit())?);
    passing.still().await?;
    let package = passing.package_begin().await?;
    let answer = passing.ask(target, leased_up(body, lease.clone())).await;
    cut_off(&lease)?;
    let answer = answer?;
    if answer.status == StatusCode::PRECONDITION_FAILED {
        return Err(exists());
    }
    if answer.status.is_success() {
        passing.package_published(package, version).await?;
    }
    passing.reply(answer).await
}

/// Refuses to write over a release, and to write where that cannot be told.
// SECURITY: who may publish may not change what others have built upon; deleting it takes more.
pub(super) async fn is_absent(passing: &Passing, target: &str) -> Result<(), Fault> {
    let found = passing
        .ask_by(Method::HEAD, target.to_owned(), OutgoingBody::Nothing)
        .await?;
    match found.status {
        StatusCode::NOT_FOUND | StatusCode::GONE => Ok(()),
        status if status.is_success() => Err(exists()),
        _ => Err(Fault::new(
            FaultKind::BadGateway,
            "package.version_unknown",
            format!(
                "the upstream {} does not tell whether this is published already, so nothing is written",
                passing.upstream.name
            ),
        )),
    }
}

fn exists() -> Fault {
    Fault::conflict(
        "package.version_exists",
        "this file of a release is published already and stays as it is: publish another version, or let somebody who \
         may delete packages delete it first",
    )
}

/// Deletes a file. A version is gone when its description is.
async fn remove(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let (passing, _body) = Passing::of(call, upstream).await?;
    let request = &passing.request;
    let (version, file) = (request.parameter("version").to_owned(), request.parameter("file"));
    let whole = file.ends_with(".pom") && (is_release(&version) || file.ends_with("SNAPSHOT.pom"));
    let target = passing.target()?;
    passing.begin().await?;
    let done = removed(&passing, target, whole.then_some(version.as_str())).await;
    passing.settled(done).await
}

async fn removed(passing: &Passing, target: String, version: Option<&str>) -> Answer {
    let answer = passing.ask(target, OutgoingBody::Nothing).await?;
    if answer.status.is_success() && version.is_some() {
        passing.package_deleted(version).await?;
    }
    passing.reply(answer).await
}

/// Refuses a part of a file, and takes away what would make writing depend on anything but this.
// SECURITY: some servers write a range into what is there.
fn whole_file(request: &mut Request) -> Result<(), Fault> {
    for name in [header::CONTENT_RANGE, header::CONTENT_ENCODING] {
        if request.headers.contains_key(&name) {
            return Err(Fault::new(
                FaultKind::BadRequest,
                "package.partial",
                format!("files are written whole and as they are: leave {name} out"),
            ));
        }
    }
    unconditional(request);
    Ok(())
}

/// The same body, which ends with an error where it is larger than it may be.
fn bounded(request: &Request, body: Body, limit: Option<u64>) -> Result<Body, Fault> {
    let Some(limit) = limit else {
        return Ok(body);
    };
    let length = request.headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    if length.is_some() {
        return Ok(body);
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(Body::new(
        Limited::new(body, limit).map_err(std::io::Error::other),
    ))
}

/// A file is larger than it may be.
fn too_large(limit: u64) -> Fault {
    Fault::new(
        FaultKind::TooLarge,
        "package.too_large",
        format!("the file is larger than {limit} bytes, which is what this registry takes"),
    )
}
