//! The locking API: requests are written anew, answers pass.

use super::{Asked, document, read};
use crate::credential;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::upstream::forward::Cleared;
use bailiwick_authority::{Authority, Fault, FaultKind, Witness};
use bailiwick_gate::{Answer, StreamCall, encode};
use bailiwick_model::limit::LFS_LOCK_PATH_BYTES_MAX;
use bailiwick_upstream::Fields;
use bailiwick_wire::lfs::{LockRequest, RefName, UnlockRequest, VerifyLocksRequest, check_lock_path};
use bailiwick_wire::refname;
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// What of a query is passed on.
const QUERY: [&str; 5] = ["path", "id", "cursor", "limit", "refspec"];

/// `GET info/lfs/locks`.
pub async fn list(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let StreamCall {
        authority,
        permit,
        request,
        ..
    } = call;
    let pairs: Vec<String> = QUERY
        .iter()
        .filter_map(|name| Some(format!("{name}={}", encode(request.query.get(name)?))))
        .collect();
    let below = if pairs.is_empty() {
        String::from("locks")
    } else {
        format!("locks?{}", pairs.join("&"))
    };
    let cleared = authority.clear(permit, upstream, true)?;
    ask(
        &authority,
        &cleared,
        upstream,
        &request.headers,
        (Method::GET, &below),
        None,
    )
    .await
}

/// `POST info/lfs/locks/verify`.
pub async fn verify(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let StreamCall {
        authority,
        permit,
        mut request,
        body,
    } = call;
    let asked: VerifyLocksRequest = read((&authority, &permit), &mut request, body).await?;
    let mut fields = Map::new();
    if let Some(cursor) = asked.cursor {
        fields.insert("cursor".into(), cursor.into());
    }
    if let Some(limit) = asked.limit {
        fields.insert("limit".into(), limit.into());
    }
    put_ref(&mut fields, asked.r#ref);
    let cleared = authority.clear(permit, upstream, true)?;
    let body = Value::Object(fields);
    ask(
        &authority,
        &cleared,
        upstream,
        &request.headers,
        (Method::POST, "locks/verify"),
        Some(&body),
    )
    .await
}

/// `POST info/lfs/locks`.
pub async fn create(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let StreamCall {
        authority,
        permit,
        mut request,
        body,
    } = call;
    let asked: LockRequest = read((&authority, &permit), &mut request, body).await?;
    check_lock_path(&asked.path, LFS_LOCK_PATH_BYTES_MAX)
        .map_err(|fault| Fault::new(FaultKind::Invalid, "lfs.path", fault.to_string()))?;
    let mut fields = Map::new();
    fields.insert("path".into(), asked.path.into());
    put_ref(&mut fields, asked.r#ref);
    let cleared = authority.clear(permit, upstream, true)?;
    change(
        &authority,
        &cleared,
        upstream,
        &request.headers,
        "locks",
        Value::Object(fields),
    )
    .await
}

/// `POST info/lfs/locks/{id}/unlock`.
pub async fn delete(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let StreamCall {
        authority,
        permit,
        mut request,
        body,
    } = call;
    let asked: UnlockRequest = read((&authority, &permit), &mut request, body).await?;
    let below = format!("locks/{}/unlock", encode(request.parameter("lock_id")));
    let cleared = authority.clear(permit, upstream, true)?;
    let body = json!({"force": asked.force});
    change(&authority, &cleared, upstream, &request.headers, &below, body).await
}

fn put_ref(fields: &mut Map<String, Value>, named: Option<RefName>) {
    if let Some(named) = named.filter(|named| refname::check(&named.name).is_ok()) {
        fields.insert("ref".into(), json!({"name": named.name}));
    }
}

/// A change: on record before the upstream hears of it, and again if it was not made.
async fn change(
    authority: &Arc<Authority>,
    cleared: &Cleared,
    upstream: &Arc<Upstream>,
    headers: &Fields,
    below: &str,
    body: Value,
) -> Answer {
    let witness: Witness = authority.witness(cleared.permit());
    let receipt = authority.forward_begin(cleared, upstream);
    receipt.durable().await?;
    let answer = ask(
        authority,
        cleared,
        upstream,
        headers,
        (Method::POST, below),
        Some(&body),
    )
    .await?;
    if answer.status.is_client_error() {
        let status = Some(answer.status.as_u16());
        let receipt = authority.forward_failed(&witness, upstream, "upstream.refused", status);
        receipt.durable().await?;
    }
    Ok(answer)
}

async fn ask(
    authority: &Arc<Authority>,
    cleared: &Cleared,
    upstream: &Arc<Upstream>,
    headers: &Fields,
    (method, below): (Method, &str),
    body: Option<&Value>,
) -> Answer {
    let permit = cleared.permit();
    let credential = credential::of(authority, permit, upstream).await?;
    let asked = Asked {
        permit,
        upstream,
        credential: &credential,
        headers,
    };
    let (status, value) = asked.document(method, below, body).await?;
    let status = if status == StatusCode::CONFLICT || status == StatusCode::CREATED {
        status
    } else {
        StatusCode::OK
    };
    Ok(document(status, &told(&value)))
}

/// What is told of an answer: locks, and no address or word of the upstream beside them.
fn told(answer: &Value) -> Value {
    let mut fields = Map::new();
    for name in ["lock", "locks", "ours", "theirs", "next_cursor", "message"] {
        if let Some(value) = answer.get(name) {
            fields.insert(name.to_owned(), value.clone());
        }
    }
    Value::Object(fields)
}
