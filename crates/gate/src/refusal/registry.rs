//! Refusals in the form that each registry's clients read and show.

use bailiwick_model::RegistryKind;
use http::StatusCode;
use hyper::ext::ReasonPhrase;
use serde_json::{Map, Value, json};

/// The content type and body of a refusal.
pub(super) fn body(
    kind: RegistryKind,
    status: StatusCode,
    fields: &Map<String, Value>,
) -> (&'static str, String) {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let message = text("message").unwrap_or("refused");
    match kind {
        RegistryKind::Oci => {
            let detail: Map<String, Value> = fields
                .iter()
                .filter(|(name, _)| *name != "message")
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            let error =
                json!({"code": code(status, text("reason")), "message": said(fields), "detail": detail});
            (
                "application/json; charset=utf-8",
                json!({"errors": [error]}).to_string(),
            )
        }
        RegistryKind::Npm => {
            // npm shows `error` to people, and nothing else.
            let body = json!({"error": said(fields), "reason": text("reason").unwrap_or(message)});
            ("application/json; charset=utf-8", body.to_string())
        }
        RegistryKind::Maven | RegistryKind::NuGet | RegistryKind::PyPi => {
            ("text/plain; charset=utf-8", format!("{}\n", said(fields)))
        }
    }
}

/// The most of a refusal that stands in the line of the status, in bytes.
const PHRASE_BYTES_MAX: usize = 400;

/// The refusal in the line of the status, for clients that show nothing else of an answer.
pub(super) fn phrase(
    kind: RegistryKind,
    status: StatusCode,
    fields: &Map<String, Value>,
) -> Option<ReasonPhrase> {
    let shown = match kind {
        // twine shows the body with --verbose alone.
        RegistryKind::Maven | RegistryKind::NuGet | RegistryKind::PyPi => true,
        // skopeo, podman and docker read the body of a refusal, of a failure this line alone.
        RegistryKind::Oci => status.is_server_error(),
        RegistryKind::Npm => false,
    };
    if !shown {
        return None;
    }
    let plain = |letter: char| match letter {
        ' '..='~' => letter,
        _ => ' ',
    };
    let said: String = said(fields).chars().take(PHRASE_BYTES_MAX).map(plain).collect();
    ReasonPhrase::try_from(said.into_bytes()).ok()
}

/// The word that clients of images know.
fn code(status: StatusCode, reason: Option<&str>) -> &'static str {
    match (status, reason) {
        (_, Some("registry.digest_wrong")) => "DIGEST_INVALID",
        (_, Some(reason)) if reason.starts_with("registry.manifest_") => "MANIFEST_INVALID",
        (_, Some("registry.foreign_layer")) => "MANIFEST_INVALID",
        (StatusCode::UNAUTHORIZED, _) => "UNAUTHORIZED",
        (StatusCode::FORBIDDEN, _) => "DENIED",
        (StatusCode::NOT_FOUND, _) => "NAME_UNKNOWN",
        (StatusCode::TOO_MANY_REQUESTS, _) => "TOOMANYREQUESTS",
        (StatusCode::PAYLOAD_TOO_LARGE, _) => "SIZE_INVALID",
        (StatusCode::NOT_IMPLEMENTED, _) => "UNSUPPORTED",
        _ => "UNKNOWN",
    }
}

/// Message, what is missing, and what to do, in one line: it is all that most clients show.
fn said(fields: &Map<String, Value>) -> String {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let mut said = text("message").unwrap_or("refused").to_owned();
    if let Some(missing) = text("missing") {
        said.push_str(&format!("; missing {missing}"));
    }
    if let Some(reason) = text("reason") {
        said.push_str(&format!(" ({reason})"));
    }
    if let Some(help) = text("help") {
        said.push_str(&format!(": {help}"));
    }
    said
}
