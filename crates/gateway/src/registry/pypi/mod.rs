//! The protocols of Python's indexes before one: pages whose links lead here, files, uploads and removals.

mod remove;
mod upload;

use super::not_served;
use super::passing::Passing;
use super::told::{self, package};
use crate::fault;
use bailiwick_authority::Fault;
use bailiwick_authority::upstream::Upstream;
use bailiwick_gate::{Answer, Reply, StreamCall};
use bailiwick_upstream::{HeaderValue, UpstreamError};
use bailiwick_wire::pypi::{PageFile, files_of, page_of};
use bailiwick_wire::registry::Asks;
use http::{StatusCode, header};
use std::sync::Arc;

const HTML: &str = "text/html; charset=utf-8";

/// Serves what was asked of it.
pub async fn serve(call: StreamCall, upstream: &Arc<Upstream>, asks: Asks) -> Answer {
    match asks {
        Asks::PyPiSimple => page(call, upstream).await,
        Asks::PyPiFile => file(call, upstream).await,
        Asks::PyPiReceive => upload::receive(call, upstream).await,
        other => Err(not_served(other.id())),
    }
}

async fn page(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let mut request = call.request;
    let normal = package(&call.permit)?.name.normal;
    let moved = request.parameters.iter().any(|(name, _)| *name == "moved");
    told::for_document(&mut request);
    request
        .headers
        .insert(header::ACCEPT, HeaderValue::from_static("text/html"));
    let passing = Passing::new(call.authority, call.permit, request, upstream).await?;
    if moved {
        let here = format!("{}/simple/{normal}/", passing.home());
        return Ok(Reply::status(StatusCode::MOVED_PERMANENTLY).with(header::LOCATION, &here));
    }
    let files = listed(&passing, &normal).await?;
    Ok(told::told(HTML, page_of(&normal, passing.home(), &files)))
}

/// The project's own files, as the index lists them.
async fn listed(passing: &Passing, normal: &str) -> Result<Vec<PageFile>, Fault> {
    let page = told::document(passing, format!("/simple/{normal}/")).await;
    let (bytes, _) = page.map_err(elsewhere)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| {
        fault::of_error(
            &passing.upstream,
            &UpstreamError::Malformed("a page that is no text"),
        )
    })?;
    let base = passing.upstream.web()?.address();
    Ok(files_of(text, normal, &|address| {
        base.below(address).map(str::to_owned)
    }))
}

/// An index that does not have a project sends clients to a public one.
// SECURITY: not followed, and not passed on: whoever has taken the name there would be installed from.
fn elsewhere(fault: Fault) -> Fault {
    if fault.code == "registry.failed" || fault.code == "upstream.redirect" {
        return Fault::new(
            bailiwick_authority::FaultKind::NotFound,
            "registry.not_there",
            "the index has no such project here",
        );
    }
    fault
}

async fn file(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let mut request = call.request;
    told::for_file(&mut request);
    let path = request.parameters.iter().find(|(name, _)| *name == "path");
    let target = path
        .map(|(_, path)| format!("/packages/{path}"))
        .ok_or_else(Fault::not_found)?;
    let passing = Passing::new(call.authority, call.permit, request, upstream).await?;
    told::file(&passing, target).await
}
