//! npm's protocol before a registry: documents whose links lead here, tarballs, and changes that are decided on what
//! stands in them.

mod change;
mod publish;

use super::not_served;
use super::passing::Passing;
use super::told::{self, package};
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Fault, PackageKey, Permit};
use bailiwick_gate::{Answer, Reply, Request, StreamCall};
use bailiwick_upstream::UpstreamError;
use bailiwick_wire::npm::lead_home;
use bailiwick_wire::registry::Asks;
use serde_json::json;
use std::sync::Arc;

const JSON: &str = "application/json; charset=utf-8";
/// The document of a package with only what installing needs.
const SHORT: &str = "application/vnd.npm.install-v1+json";

/// Serves what was asked of it.
pub async fn serve(call: StreamCall, upstream: &Arc<Upstream>, asks: Asks) -> Answer {
    match asks {
        Asks::NpmPing => Ok(Reply::json(&json!({}))),
        Asks::NpmWhoami => whoami(&call.permit),
        Asks::NpmPackument | Asks::NpmVersion | Asks::NpmDistTags => document(call, upstream, asks).await,
        Asks::NpmTarball => tarball(call, upstream).await,
        Asks::NpmReceive => publish::receive(call, upstream).await,
        Asks::NpmUnpublish | Asks::NpmTarballDelete | Asks::NpmDistTagPut | Asks::NpmDistTagDelete => {
            change::serve(call, upstream, asks).await
        }
        other => Err(not_served(other.id())),
    }
}

fn whoami(permit: &Permit) -> Answer {
    let principal = permit.gathered().principal().ok_or_else(Fault::not_found)?;
    Ok(Reply::json(&json!({"username": principal.login})))
}

/// The address of a package at the registry, made of the name that was decided on.
fn address(key: &PackageKey) -> String {
    format!("/{}", key.name.normal.replacen('/', "%2f", 1))
}

fn parameter<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let mut all = request.parameters.iter();
    all.find(|(known, _)| *known == name)
        .map(|(_, value)| value.as_str())
}

async fn document(call: StreamCall, upstream: &Arc<Upstream>, asks: Asks) -> Answer {
    let mut request = call.request;
    told::for_document(&mut request);
    let key = package(&call.permit)?;
    let target = match (asks, &key.version) {
        (Asks::NpmVersion, Some(version)) => format!("{}/{version}", address(&key)),
        (Asks::NpmDistTags, _) => format!("/-/package{}/dist-tags", address(&key)),
        _ if parameter(&request, "write").is_some() => format!("{}?write=true", address(&key)),
        _ => address(&key),
    };
    let passing = Passing::new(call.authority, call.permit, request, upstream).await?;
    let (bytes, kind) = told::document(&passing, target).await?;
    let home = passing.home();
    let led = lead_home(&bytes, home, &key.name.normal).ok_or_else(|| {
        crate::fault::of_error(upstream, &UpstreamError::Malformed("a document that is no JSON"))
    })?;
    let short = kind.is_some_and(|kind| kind.as_bytes().starts_with(SHORT.as_bytes()));
    Ok(told::told(if short { SHORT } else { JSON }, led))
}

async fn tarball(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let mut request = call.request;
    told::for_file(&mut request);
    let key = package(&call.permit)?;
    let file = parameter(&request, "file").ok_or_else(Fault::not_found)?;
    let target = format!("{}/-/{file}", address(&key));
    let passing = Passing::new(call.authority, call.permit, request, upstream).await?;
    told::file(&passing, target).await
}
