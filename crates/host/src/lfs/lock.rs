//! The locking API.

use super::{document, parse};
use bailiwick_authority::lfs::{LfsLock, Locked};
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_gate::{Answer, Call};
use bailiwick_model::limit::PAGE_MAX;
use bailiwick_wire::lfs::{LockRequest, UnlockRequest, VerifyLocksRequest};
use http::StatusCode;
use serde_json::{Map, Value, json};

/// `GET info/lfs/locks`.
pub fn list(call: Call) -> Answer {
    let query = &call.request.query;
    let bad = |name: &str| Fault::new(FaultKind::Invalid, "lfs.query", format!("{name} is not a number"));
    let id = query
        .get("id")
        .map(|text| text.parse::<i64>().map_err(|_| bad("id")))
        .transpose()?;
    let (after, limit) = window(
        query.get("cursor"),
        query.get("limit").and_then(|text| text.parse().ok()),
    )?;
    let locks = call
        .authority
        .lfs_locks(&call.permit, query.get("path"), id, after, limit + 1)?;
    let (locks, next) = cut(locks, limit);
    let mut answer = Map::new();
    answer.insert("locks".into(), locks.iter().map(lock_json).collect());
    put_cursor(&mut answer, next);
    Ok(document(StatusCode::OK, &Value::Object(answer)))
}

/// `POST info/lfs/locks`.
pub fn create(call: Call) -> Answer {
    let asked: LockRequest = parse(&call.request)?;
    let ref_name = asked.r#ref.map(|named| named.name);
    Ok(
        match call.authority.lfs_lock(call.permit, &asked.path, ref_name)? {
            Locked::Made(lock) => document(StatusCode::CREATED, &json!({"lock": lock_json(&lock)})),
            Locked::Already(lock) => {
                let body = json!({"lock": lock_json(&lock), "message": "already created lock"});
                document(StatusCode::CONFLICT, &body)
            }
        },
    )
}

/// `POST info/lfs/locks/verify`.
pub fn verify(call: Call) -> Answer {
    let asked: VerifyLocksRequest = parse(&call.request)?;
    let person = call.permit.person()?;
    let (after, limit) = window(asked.cursor.as_deref(), asked.limit)?;
    let locks = call
        .authority
        .lfs_locks(&call.permit, None, None, after, limit + 1)?;
    let (locks, next) = cut(locks, limit);
    let (ours, theirs): (Vec<&LfsLock>, Vec<&LfsLock>) = locks.iter().partition(|lock| lock.owner == person);
    let mut answer = Map::new();
    answer.insert("ours".into(), ours.into_iter().map(lock_json).collect());
    answer.insert("theirs".into(), theirs.into_iter().map(lock_json).collect());
    put_cursor(&mut answer, next);
    Ok(document(StatusCode::OK, &Value::Object(answer)))
}

/// `POST info/lfs/locks/{id}/unlock`.
pub fn delete(call: Call) -> Answer {
    let asked: UnlockRequest = parse(&call.request)?;
    let id = call.request.id("lock_id")?;
    let lock = call.authority.lfs_unlock(call.permit, id, asked.force)?;
    Ok(document(StatusCode::OK, &json!({"lock": lock_json(&lock)})))
}

/// Where a page begins and how long it is. The cursor is the id of the last lock seen.
fn window(cursor: Option<&str>, limit: Option<i64>) -> Result<(i64, usize), Fault> {
    let after = match cursor.filter(|text| !text.is_empty()) {
        None => 0,
        Some(text) => text.parse::<i64>().map_err(|_| {
            Fault::new(
                FaultKind::Invalid,
                "lfs.cursor",
                "the cursor is none of this server's",
            )
        })?,
    };
    let limit = limit
        .and_then(|limit| usize::try_from(limit).ok())
        .filter(|limit| *limit > 0);
    Ok((after, limit.unwrap_or(PAGE_MAX).min(PAGE_MAX)))
}

fn cut(mut locks: Vec<LfsLock>, limit: usize) -> (Vec<LfsLock>, Option<i64>) {
    let more = locks.len() > limit;
    locks.truncate(limit);
    let next = locks.last().filter(|_| more).map(|lock| lock.id);
    (locks, next)
}

fn put_cursor(answer: &mut Map<String, Value>, next: Option<i64>) {
    if let Some(next) = next {
        answer.insert("next_cursor".into(), next.to_string().into());
    }
}

fn lock_json(lock: &LfsLock) -> Value {
    json!({
        "id": lock.id.to_string(),
        "path": lock.path,
        "locked_at": lock.locked_at.rfc3339(),
        "owner": {"name": lock.owner_login},
    })
}
