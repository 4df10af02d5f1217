//! NuGet's protocol before a feed. What the feed calls its services is learnt from its own index; the caller gets an index
//! of this server's addresses, with nothing in it that is not served here.

mod package;
mod receive;
mod registration;
pub(super) mod services;

use super::not_served;
use super::passing::{Passing, leased, unconditional};
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_gate::{Answer, Reply, Request, StreamCall, whole};
use bailiwick_upstream::{Answer as Answered, OutgoingBody, UpstreamError};
use bailiwick_wire::registry::Asks;
use http::{Method, header};
use http_body_util::{BodyExt, Limited};
use services::Services;
use std::sync::Arc;

/// Serves what was asked of it.
pub async fn serve(call: StreamCall, upstream: &Arc<Upstream>, asks: Asks) -> Answer {
    match asks {
        Asks::NuGetIndex => index(call, upstream).await,
        Asks::NuGetVersions | Asks::NuGetDownload => flat(call, upstream).await,
        Asks::NuGetRegistration => registration::serve(call, upstream).await,
        Asks::NuGetReceive => receive::serve(call, upstream).await,
        Asks::NuGetDelete | Asks::NuGetRelist => listed(call, upstream, asks).await,
        other => Err(not_served(other.id())),
    }
}

/// A permitted request, and where the feed has its services.
async fn begun(call: StreamCall, upstream: &Arc<Upstream>) -> Result<(Passing, Arc<Services>), Fault> {
    let (passing, _body) = Passing::of(call, upstream).await?;
    let services = services::of(&passing).await?;
    Ok((passing, services))
}

/// The index of this server's own addresses.
async fn index(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let (passing, services) = begun(call, upstream).await?;
    let home = home(&passing.request, upstream);
    Ok(json(services.index(&home).to_string()))
}

/// The versions of a package, or a file of one.
async fn flat(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let (passing, services) = begun(call, upstream).await?;
    let base = served(services.flat.as_deref())?;
    let request = &passing.request;
    let id = request.parameter("package_normal");
    let target = match request.parameter("version") {
        "" => format!("{base}/{id}/index.json"),
        version => format!("{base}/{id}/{version}/{}", request.parameter("file")),
    };
    let (answer, lease) = passing.download(target).await?;
    Ok(leased(passing.reply(answer).await?, lease))
}

/// Takes a version off the list, or puts it back: to many feeds that is what deleting is.
async fn listed(call: StreamCall, upstream: &Arc<Upstream>, asks: Asks) -> Answer {
    let (mut passing, services) = begun(call, upstream).await?;
    let base = served(services.publish.as_deref())?;
    let id = passing.request.parameter("package_normal").to_owned();
    let version = passing.request.parameter("version").to_owned();
    let target = format!("{base}/{id}/{version}");
    plain(&mut passing.request);
    passing.begin().await?;
    let done = changed(&passing, target, asks, &version).await;
    passing.settled(done).await
}

async fn changed(passing: &Passing, target: String, asks: Asks, version: &str) -> Answer {
    let (method, body) = match asks {
        Asks::NuGetRelist => (Method::POST, OutgoingBody::Whole(bytes::Bytes::new())),
        _ => (Method::DELETE, OutgoingBody::Nothing),
    };
    let answer = passing.ask_by(method, target, body).await?;
    if answer.status.is_success() {
        if asks == Asks::NuGetRelist {
            let package = passing.package_begin().await?;
            passing.package_published(package, version).await?;
        } else {
            passing.package_deleted(Some(version)).await?;
        }
    }
    passing.reply(answer).await
}

/// Takes away what would make the answer depend on anything but what is asked for.
fn plain(request: &mut Request) {
    unconditional(request);
    for name in [
        header::ACCEPT_ENCODING,
        header::CONTENT_ENCODING,
        header::CONTENT_RANGE,
        header::CONTENT_TYPE,
    ] {
        request.headers.remove(name);
    }
}

/// The base of a service, if the feed has it below its own address.
fn served(base: Option<&str>) -> Result<&str, Fault> {
    base.ok_or_else(|| {
        Fault::new(
            FaultKind::NotImplemented,
            "registry.not_served",
            "the feed behind this server has no such service below its address",
        )
    })
}

/// This server's address of a feed.
fn home(request: &Request, upstream: &Upstream) -> String {
    format!("{}{}", request.base_url, super::mount(upstream))
}

fn json(text: String) -> Reply {
    Reply::stream("application/json; charset=utf-8", whole(text))
}

/// A document of the feed, read whole within a limit.
async fn document(upstream: &Upstream, answer: Answered, limit: usize) -> Result<Vec<u8>, Fault> {
    let zipped = match answer.headers.get(header::CONTENT_ENCODING) {
        None => false,
        Some(coding) if coding.as_bytes().eq_ignore_ascii_case(b"gzip") => true,
        Some(_) => return Err(unread(upstream, "a coding that was not asked for")),
    };
    let read = Limited::new(answer.body, limit).collect().await;
    let bytes = read.map_err(|_| unread(upstream, "a document that is broken or too large"))?;
    let bytes = bytes.to_bytes();
    if !zipped {
        return Ok(bytes.to_vec());
    }
    let mut out = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX);
    let mut reader = std::io::Read::take(flate2::read::GzDecoder::new(bytes.as_ref()), most + 1);
    let read = std::io::Read::read_to_end(&mut reader, &mut out);
    if read.is_err() || out.len() > limit {
        return Err(unread(upstream, "a document that is broken or too large"));
    }
    Ok(out)
}

fn unread(upstream: &Upstream, what: &'static str) -> Fault {
    crate::fault::of_error(upstream, &UpstreamError::Malformed(what))
}

/// Something about a package that is sent.
fn bad(message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::BadRequest, "package.unreadable", message)
}
