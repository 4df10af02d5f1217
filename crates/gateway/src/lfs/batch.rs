//! The batch API: what is asked is written anew, and of the answer only what this server offers in its own name.

use super::{Asked, document, read};
use crate::credential;
use crate::git::path;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_gate::{Answer, Request, StreamCall};
use bailiwick_model::limit::{LFS_BATCH_OBJECTS_MAX, LFS_OBJECT_BYTES_MAX};
use bailiwick_wire::lfs::{Batch, BatchObject, LfsOid, RefName};
use bailiwick_wire::refname;
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// `POST info/lfs/objects/batch`.
pub async fn serve(call: StreamCall, upstream: &Arc<Upstream>, operation: &'static str) -> Answer {
    let StreamCall {
        authority,
        permit,
        mut request,
        body,
    } = call;
    let batch: Batch = read((&authority, &permit), &mut request, body).await?;
    check(&batch, operation)?;
    let cleared = authority.clear(permit, upstream, true)?;
    let permit = cleared.permit();
    let credential = credential::of(&authority, permit, upstream).await?;
    let objects: Vec<(LfsOid, u64)> = batch
        .objects
        .iter()
        .filter_map(|object| object.checked(LFS_OBJECT_BYTES_MAX).ok())
        .collect();
    // Known before anything is asked: the path cannot be made otherwise.
    path(permit, upstream)?;
    if permit.operation().writes {
        let receipt = authority.forward_begin(&cleared, upstream);
        receipt.durable().await?;
    }
    let asked = Asked {
        permit,
        upstream,
        credential: &credential,
        headers: &request.headers,
    };
    let offered = asked.batch(operation, &objects, batch.r#ref.as_ref()).await?;
    let url = lfs_url(&request);
    let listed: Vec<Value> = batch
        .objects
        .iter()
        .map(|object| match object.checked(LFS_OBJECT_BYTES_MAX) {
            Ok((oid, size)) => listed(&url, operation, &oid, size, offered.get(oid.as_str())),
            Err(fault) => error(object, 422, &fault.to_string()),
        })
        .collect();
    let answer = json!({"transfer": "basic", "objects": listed, "hash_algo": "sha256"});
    Ok(document(StatusCode::OK, &answer))
}

/// Refuses a batch that is not of the operation that was permitted, or that cannot be passed on.
fn check(batch: &Batch, operation: &str) -> Result<(), Fault> {
    let (kind, code, message) = if batch.operation != operation {
        (
            FaultKind::BadRequest,
            "lfs.operation",
            "the operation is ambiguous",
        )
    } else if !batch.is_sha256() {
        (
            FaultKind::Conflict,
            "lfs.hash_algo",
            "only sha256 is supported as hash_algo",
        )
    } else if !batch.takes_basic() {
        (
            FaultKind::Invalid,
            "lfs.transfers",
            "only the basic transfer is supported",
        )
    } else if batch.objects.len() > LFS_BATCH_OBJECTS_MAX {
        (
            FaultKind::TooLarge,
            "lfs.too_many",
            "too many objects in one batch",
        )
    } else {
        return Ok(());
    };
    Err(Fault::new(kind, code, message))
}

/// What an upstream offers for one object.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The size that it has there.
    pub size: Option<u64>,
    /// Why there is nothing to be had.
    pub error: Option<(u64, String)>,
    /// The addresses by what they are for.
    pub actions: Map<String, Value>,
}

impl Asked<'_> {
    /// Asks for objects, and reads what is offered.
    pub async fn batch(
        &self,
        operation: &str,
        objects: &[(LfsOid, u64)],
        named: Option<&RefName>,
    ) -> Result<HashMap<String, Offer>, Fault> {
        if objects.is_empty() {
            return Ok(HashMap::new());
        }
        let listed: Vec<Value> = objects
            .iter()
            .map(|(oid, size)| json!({"oid": oid.as_str(), "size": size}))
            .collect();
        let mut body = json!({
            "operation": operation,
            "transfers": ["basic"],
            "objects": listed,
            "hash_algo": "sha256",
        });
        if let (Some(named), Some(fields)) = (named, body.as_object_mut())
            && refname::check(&named.name).is_ok()
        {
            fields.insert("ref".into(), json!({"name": named.name}));
        }
        let (status, answer) = self.document(Method::POST, "objects/batch", Some(&body)).await?;
        let not_lfs = || {
            let message = format!(
                "the upstream {} did not answer as an LFS server does",
                self.upstream.name
            );
            Fault::new(FaultKind::BadGateway, "upstream.not_lfs", message)
        };
        let basic = answer
            .get("transfer")
            .is_none_or(|name| name.is_null() || name == "basic");
        let listed = answer.get("objects").and_then(Value::as_array);
        let listed = listed
            .filter(|_| status == StatusCode::OK && basic)
            .ok_or_else(not_lfs)?;
        Ok(listed.iter().filter_map(offer).collect())
    }
}

fn offer(object: &Value) -> Option<(String, Offer)> {
    let oid = object.get("oid")?.as_str()?.to_owned();
    let error = object.get("error").filter(|error| !error.is_null()).map(|error| {
        let code = error.get("code").and_then(Value::as_u64).unwrap_or(500);
        let text = error.get("message").and_then(Value::as_str).unwrap_or_default();
        (code, text.to_owned())
    });
    // Older servers write `_links`.
    let actions = object.get("actions").or_else(|| object.get("_links"));
    let actions = actions.and_then(Value::as_object).cloned().unwrap_or_default();
    let size = object.get("size").and_then(Value::as_u64);
    Some((oid, Offer { size, error, actions }))
}

/// One object of the answer. Every address leads here; the size travels in it, since the upstream will be asked with it.
fn listed(url: &str, operation: &str, oid: &LfsOid, asked: u64, offer: Option<&Offer>) -> Value {
    let size = offer.and_then(|offer| offer.size).unwrap_or(asked);
    let mut object = json!({"oid": oid.as_str(), "size": size});
    let refuse = |code: u64, message: &str| {
        let words: String = message.chars().filter(|c| !c.is_control()).take(200).collect();
        json!({"oid": oid.as_str(), "size": size, "error": {"code": code, "message": words}})
    };
    let Some(offer) = offer else {
        return refuse(404, "Object does not exist");
    };
    if let Some((code, message)) = &offer.error {
        return refuse(*code, message);
    }
    let mut actions = Map::new();
    let address = format!("{url}/objects/{oid}");
    if offer.actions.contains_key(operation) {
        actions.insert(
            operation.to_owned(),
            json!({"href": format!("{address}?size={size}")}),
        );
    } else if operation == "download" {
        return refuse(404, "Object does not exist");
    }
    if operation == "upload" && offer.actions.contains_key("verify") {
        actions.insert("verify".to_owned(), json!({"href": format!("{address}/verify")}));
    }
    if let (false, Some(fields)) = (actions.is_empty(), object.as_object_mut()) {
        fields.insert("actions".into(), Value::Object(actions));
    }
    object
}

fn error(object: &BatchObject, code: u16, message: &str) -> Value {
    // What the client wrote, cut: it is shown back as text.
    let oid: String = object.oid.chars().take(64).collect();
    json!({"oid": oid, "size": object.size.max(0), "error": {"code": code, "message": message}})
}

/// The LFS address of the repository that the path names.
fn lfs_url(request: &Request) -> String {
    let (owner, name) = (request.parameter("owner"), request.parameter("repo"));
    format!("{}/{owner}/{name}.git/info/lfs", request.base_url)
}
