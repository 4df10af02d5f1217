//! Changes that an address alone tells: tags, and what is deleted.

use super::{address, package, parameter, publish::made};
use crate::registry::passing::Passing;
use crate::registry::told::{bringing, changed, unfit};
use bailiwick_authority::Fault;
use bailiwick_authority::upstream::Upstream;
use bailiwick_gate::{Answer, Body, StreamCall, read_body};
use bailiwick_upstream::{HeaderValue, OutgoingBody};
use bailiwick_wire::npm::is_version;
use bailiwick_wire::registry::Asks;
use std::sync::Arc;

/// The longest body that names a version, in bytes.
const VERSION_BYTES_MAX: usize = 1 << 10;

/// Passes one on.
pub async fn serve(call: StreamCall, upstream: &Arc<Upstream>, asks: Asks) -> Answer {
    let StreamCall {
        authority,
        permit,
        mut request,
        body,
    } = call;
    let key = package(&permit)?;
    bringing(&mut request, HeaderValue::from_static("application/json"));
    let given = |name| parameter(&request, name).ok_or_else(Fault::not_found);
    let (target, body) = match asks {
        Asks::NpmDistTagPut => (
            format!("/-/package{}/dist-tags/{}", address(&key), given("tag")?),
            OutgoingBody::Whole(version(body).await?.into()),
        ),
        Asks::NpmDistTagDelete => (
            format!("/-/package{}/dist-tags/{}", address(&key), given("tag")?),
            OutgoingBody::Nothing,
        ),
        Asks::NpmTarballDelete => (
            format!(
                "{}/-/{}/-rev/{}",
                address(&key),
                given("file")?,
                given("revision")?
            ),
            OutgoingBody::Nothing,
        ),
        _ => (
            format!("{}/-rev/{}", address(&key), given("revision")?),
            OutgoingBody::Nothing,
        ),
    };
    let passing = Passing::new(authority, permit, request, upstream).await?;
    passing.begin().await?;
    match made_so(&passing, target, body, asks).await {
        Ok(()) => Ok(made()),
        Err(fault) => Err(passing.failed(fault).await),
    }
}

async fn made_so(passing: &Passing, target: String, body: OutgoingBody, asks: Asks) -> Result<(), Fault> {
    passing.still().await?;
    changed(passing, target, body).await?;
    match asks {
        Asks::NpmUnpublish => passing.package_deleted(None).await,
        Asks::NpmTarballDelete => {
            let version = package(passing.permit())?.version;
            passing.package_deleted(version.as_deref()).await
        }
        _ => Ok(()),
    }
}

/// The version that a tag is to lead to, written anew.
async fn version(body: Body) -> Result<String, Fault> {
    let unread = || {
        unfit(
            "registry.npm_tag",
            "the body is the version that the tag leads to",
        )
    };
    let bytes = read_body(body, VERSION_BYTES_MAX).await.map_err(|_| unread())?;
    let version: String = serde_json::from_slice(&bytes).map_err(|_| unread())?;
    if !is_version(&version) {
        return Err(unread());
    }
    Ok(serde_json::Value::String(version).to_string())
}
