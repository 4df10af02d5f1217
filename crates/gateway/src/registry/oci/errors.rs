//! What a registry says when it refuses: its code, where it is one of the specification's, in our words. Its own words can
//! tell of paths and accounts there.

use super::VERSION;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_gate::{Reply, ReplyBody};
use http::StatusCode;
use http_body_util::{BodyExt, Limited};
use serde_json::{Value, json};

/// The largest refusal that is read, in bytes.
const BYTES_MAX: usize = 64 << 10;

const MANIFEST_UNKNOWN: &str = "MANIFEST_UNKNOWN";

/// The specification's codes, and what each means.
const CODES: &[(&str, &str)] = &[
    ("BLOB_UNKNOWN", "the registry has no such blob in this image"),
    (
        "BLOB_UPLOAD_INVALID",
        "the registry does not take the upload: begin it again",
    ),
    (
        "BLOB_UPLOAD_UNKNOWN",
        "the registry knows no such upload: begin it again",
    ),
    ("DIGEST_INVALID", "what was sent is not what its digest says"),
    (
        "MANIFEST_BLOB_UNKNOWN",
        "the manifest refers to a blob that is not in this image: push it first",
    ),
    ("MANIFEST_INVALID", "the registry does not take the manifest"),
    (
        MANIFEST_UNKNOWN,
        "the registry has no such manifest in this image",
    ),
    ("NAME_INVALID", "the registry does not take the image's name"),
    ("NAME_UNKNOWN", "the registry has no such image"),
    (
        "PAGINATION_NUMBER_INVALID",
        "the registry does not take that number of tags at once",
    ),
    ("RANGE_INVALID", "the range does not fit what is there"),
    ("SIZE_INVALID", "the size is not that of what was sent"),
    ("TAG_INVALID", "the registry does not take the tag"),
    (
        "TOOMANYREQUESTS",
        "the registry is asked too often: try again later",
    ),
    ("UNSUPPORTED", "the registry does not offer this"),
];

/// A registry's answer, with a refusal in our words.
pub async fn told(upstream: &Upstream, reply: Reply) -> Result<Reply, Fault> {
    told_and(upstream, reply, "").await
}

/// The same, with what more there is to say of a manifest that is unknown.
pub async fn told_and(upstream: &Upstream, reply: Reply, of_manifest: &str) -> Result<Reply, Fault> {
    let status = reply.status;
    if status.is_server_error() {
        tracing::warn!(
            upstream = upstream.name,
            status = status.as_u16(),
            "a registry failed"
        );
        return Err(Fault::new(
            FaultKind::BadGateway,
            "registry.failed",
            format!(
                "the registry {} failed at this: try again, or ask an administrator",
                upstream.name
            ),
        )
        .because(format!("the registry {} answered {status}", upstream.name)));
    }
    if status == StatusCode::FORBIDDEN {
        return Err(Fault::forbidden(
            "upstream.refused",
            format!(
                "the registry {} refuses this to the gateway: an administrator can change that there",
                upstream.name
            ),
        ));
    }
    if !status.is_client_error() {
        return Ok(reply);
    }
    let code = code(reply.body).await.unwrap_or_else(|| usual(status));
    let more = if code == MANIFEST_UNKNOWN { of_manifest } else { "" };
    Ok(refusal_and(status, code, more))
}

/// A refusal with one of the specification's codes.
pub fn refusal(status: StatusCode, code: &str) -> Reply {
    refusal_and(status, code, "")
}

fn refusal_and(status: StatusCode, code: &str, more: &str) -> Reply {
    let message = CODES.iter().find(|(known, _)| *known == code);
    let message = message.map_or("the registry refuses this", |(_, message)| message);
    let message = format!("{message}{more}");
    let body = json!({"errors": [{"code": code, "message": message}]});
    Reply::json_with(status, &body).with(VERSION, "registry/2.0")
}

/// The specification's code that a refusal names.
pub async fn code(body: ReplyBody) -> Option<&'static str> {
    let bytes = match body {
        ReplyBody::Empty => return None,
        ReplyBody::Bytes(bytes) => bytes,
        ReplyBody::Stream(body) => Limited::new(body, BYTES_MAX).collect().await.ok()?.to_bytes(),
    };
    let said: Value = serde_json::from_slice(&bytes).ok()?;
    let code = said.get("errors")?.get(0)?.get("code")?.as_str()?;
    let known = CODES.iter().find(|(known, _)| *known == code)?;
    Some(known.0)
}

fn usual(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "NAME_UNKNOWN",
        StatusCode::RANGE_NOT_SATISFIABLE => "RANGE_INVALID",
        StatusCode::PAYLOAD_TOO_LARGE => "SIZE_INVALID",
        StatusCode::TOO_MANY_REQUESTS => "TOOMANYREQUESTS",
        _ => "UNSUPPORTED",
    }
}
