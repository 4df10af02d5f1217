//! Git LFS: batches, objects and locks. Addresses that are handed out lead to this server and carry nothing: the
//! client sends its own credential again, so no address outlives a revocation.

mod batch;
mod lock;
mod object;

use bailiwick_authority::{Fault, FaultKind};
use bailiwick_catalogue::op;
use bailiwick_gate::{Reply, Request, Routes};
use bailiwick_git::LfsOid;
use bailiwick_wire::lfs::MEDIA_TYPE;
use http::{StatusCode, header};

/// Registers every LFS operation.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::LFS_BATCH_DOWNLOAD, batch::download)
        .on(op::LFS_BATCH_UPLOAD, batch::upload)
        .stream(op::LFS_DOWNLOAD, object::download)
        .stream(op::LFS_UPLOAD, object::upload)
        .on(op::LFS_VERIFY, object::verify)
        .on(op::LFS_LOCKS_LIST, lock::list)
        .on(op::LFS_LOCK, lock::create)
        .on(op::LFS_VERIFY_LOCKS, lock::verify)
        .on(op::LFS_UNLOCK, lock::delete);
}

/// An LFS document with a status.
fn document(status: StatusCode, value: &serde_json::Value) -> Reply {
    let mut reply = Reply::json_with(status, value);
    reply.headers.remove(header::CONTENT_TYPE);
    reply
        .with(header::CONTENT_TYPE, MEDIA_TYPE)
        .with(header::CACHE_CONTROL, "no-cache, max-age=0, must-revalidate")
}

/// The body as an LFS document of a shape.
fn parse<T: serde::de::DeserializeOwned>(request: &Request) -> Result<T, Fault> {
    let given = request
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let media_type = given.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case(MEDIA_TYPE) && !media_type.eq_ignore_ascii_case("application/json") {
        let message = format!("the content type must be {MEDIA_TYPE}");
        return Err(Fault::new(FaultKind::BadRequest, "lfs.content_type", message));
    }
    request.json()
}

/// The object that the path names. The router has looked at its form.
fn path_oid(request: &Request) -> Result<LfsOid, Fault> {
    LfsOid::parse(request.parameter("oid")).map_err(|_| Fault::not_found())
}

/// The LFS address of the repository that the path names.
fn lfs_url(request: &Request) -> String {
    let (owner, name) = (request.parameter("owner"), request.parameter("repo"));
    format!("{}/{owner}/{name}.git/info/lfs", request.base_url)
}
