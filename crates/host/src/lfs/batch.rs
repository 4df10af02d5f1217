//! The batch API: which objects are here, and where the others go.

use super::{document, lfs_url, parse};
use crate::message::git_fault;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_gate::{Answer, Call, Request};
use bailiwick_git::{LfsOid, Repository};
use bailiwick_model::limit::{LFS_BATCH_OBJECTS_MAX, LFS_OBJECT_BYTES_MAX};
use bailiwick_wire::lfs::{Batch, BatchObject};
use http::StatusCode;
use serde_json::{Value, json};

/// `POST info/lfs/objects/batch` with `operation: download`.
pub fn download(call: Call) -> Answer {
    let batch = batch(&call.request, "download")?;
    let repository = call.authority.repository_of(&call.permit)?;
    let url = lfs_url(&call.request);
    let listed: Result<Vec<Value>, Fault> = batch
        .objects
        .iter()
        .map(|object| {
            let Ok((oid, _)) = object.checked(LFS_OBJECT_BYTES_MAX) else {
                return Ok(wrong(object));
            };
            Ok(match size_here(&repository, &oid)? {
                // The size is what is here: the client's own idea of it plays no part.
                Some(size) => json!({
                    "oid": oid.as_str(),
                    "size": size,
                    "actions": {"download": {"href": format!("{url}/objects/{oid}")}},
                }),
                None => error(object, 404, "Object does not exist"),
            })
        })
        .collect();
    Ok(document(StatusCode::OK, &answer(listed?)))
}

/// `POST info/lfs/objects/batch` with `operation: upload`.
pub fn upload(call: Call) -> Answer {
    let batch = batch(&call.request, "upload")?;
    let repository = call.authority.repository_of(&call.permit)?;
    let url = lfs_url(&call.request);
    let (mut listed, mut count, mut bytes) = (Vec::new(), 0_usize, 0_u64);
    for object in &batch.objects {
        let Ok((oid, size)) = object.checked(LFS_OBJECT_BYTES_MAX) else {
            listed.push(wrong(object));
            continue;
        };
        // An object without actions is here already: the client has nothing to send.
        if size_here(&repository, &oid)? == Some(size) {
            listed.push(json!({"oid": oid.as_str(), "size": size}));
            continue;
        }
        (count, bytes) = (count + 1, bytes.saturating_add(size));
        listed.push(json!({
            "oid": oid.as_str(),
            "size": size,
            "actions": {
                "upload": {"href": format!("{url}/objects/{oid}")},
                "verify": {"href": format!("{url}/objects/{oid}/verify")},
            },
        }));
    }
    call.authority.lfs_batch_upload(call.permit, count, bytes)?;
    Ok(document(StatusCode::OK, &answer(listed)))
}

/// The batch, for the operation that was permitted and no other.
fn batch(request: &Request, operation: &str) -> Result<Batch, Fault> {
    let batch: Batch = parse(request)?;
    let refuse = |kind, code, message: String| Err(Fault::new(kind, code, message));
    if batch.operation != operation {
        return refuse(
            FaultKind::BadRequest,
            "lfs.operation",
            String::from("the operation is ambiguous"),
        );
    }
    if !batch.is_sha256() {
        return refuse(
            FaultKind::Conflict,
            "lfs.hash_algo",
            String::from("only sha256 is supported as hash_algo"),
        );
    }
    if !batch.takes_basic() {
        return refuse(
            FaultKind::Invalid,
            "lfs.transfers",
            String::from("only the basic transfer is supported"),
        );
    }
    if batch.objects.len() > LFS_BATCH_OBJECTS_MAX {
        let message = format!("at most {LFS_BATCH_OBJECTS_MAX} objects in one batch");
        return refuse(FaultKind::TooLarge, "lfs.too_many", message);
    }
    Ok(batch)
}

fn answer(objects: Vec<Value>) -> Value {
    json!({"transfer": "basic", "objects": objects, "hash_algo": "sha256"})
}

fn error(object: &BatchObject, code: u16, message: &str) -> Value {
    // What the client wrote, cut: it is shown back as text.
    let oid: String = object.oid.chars().take(64).collect();
    json!({"oid": oid, "size": object.size.max(0), "error": {"code": code, "message": message}})
}

fn wrong(object: &BatchObject) -> Value {
    match object.checked(LFS_OBJECT_BYTES_MAX) {
        Ok(_) => error(object, 422, "the object cannot be"),
        Err(fault) => error(object, 422, &fault.to_string()),
    }
}

fn size_here(repository: &Repository, oid: &LfsOid) -> Result<Option<u64>, Fault> {
    repository.lfs_size(oid).map_err(git_fault)
}
