//! The one mapping from faults and refusals to responses, for each protocol.

mod registry;

use crate::message::Response;
use crate::reply::whole;
use bailiwick_authority::{Description, Fault, FaultKind};
use bailiwick_decision::Refusal;
use bailiwick_model::RegistryKind;
use bailiwick_upstream::HeaderValue;
use http::{HeaderName, StatusCode, header};
use serde_json::{Map, Value, json};

/// How the answer is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protocol {
    /// GitHub's JSON.
    Api,
    /// Lines for people, which git prints after `remote:`.
    Git,
    /// Git LFS JSON.
    Lfs,
    /// A registry's own form.
    Registry(RegistryKind),
    /// A page; lines for people where no pages are drawn.
    Page,
}

/// The reason in a refusal's body, kept beside it for whoever cannot pass the body on.
#[derive(Clone, Debug)]
pub(crate) struct ReasonCode(pub(crate) Box<str>);

/// The page that error bodies point to.
const DOCUMENTATION: &str = "https://docs.github.com/rest";

/// The status of a fault.
pub const fn status(kind: FaultKind) -> StatusCode {
    match kind {
        FaultKind::BadRequest => StatusCode::BAD_REQUEST,
        FaultKind::Unauthorized => StatusCode::UNAUTHORIZED,
        FaultKind::Forbidden => StatusCode::FORBIDDEN,
        FaultKind::NotFound => StatusCode::NOT_FOUND,
        FaultKind::Conflict => StatusCode::CONFLICT,
        FaultKind::Gone => StatusCode::GONE,
        FaultKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        FaultKind::TooSlow => StatusCode::REQUEST_TIMEOUT,
        FaultKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        FaultKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        FaultKind::NotImplemented => StatusCode::NOT_IMPLEMENTED,
        FaultKind::BadGateway => StatusCode::BAD_GATEWAY,
        FaultKind::GatewayTimeout => StatusCode::GATEWAY_TIMEOUT,
        FaultKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        FaultKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The response of a fault.
pub fn of_fault(protocol: Protocol, fault: &Fault) -> Response {
    let status = status(fault.kind);
    let mut fields = Map::new();
    fields.insert("message".into(), json!(fault.message));
    if !fault.errors.is_empty() {
        let errors = fault
            .errors
            .iter()
            .map(|error| {
                let mut entry = json!({"resource": error.resource, "field": error.field, "code": error.code});
                if let (Some(message), Some(entry)) = (&error.message, entry.as_object_mut()) {
                    entry.insert("message".into(), json!(message));
                }
                entry
            })
            .collect::<Vec<_>>();
        fields.insert("errors".into(), Value::Array(errors));
    }
    // A plain 404 says nothing that a hidden thing would not say.
    let code = if fault.kind == FaultKind::NotFound {
        None
    } else {
        Some(fault.code)
    };
    let mut response = write(protocol, status, fields, code, None);
    if matches!(fault.code, "two_factor.required" | "two_factor.bad_code") && protocol == Protocol::Api {
        let required = HeaderValue::from_static("required; app");
        response
            .headers
            .insert(HeaderName::from_static("x-github-otp"), required);
    }
    if let Some(seconds) = fault.retry_after {
        let headers = &mut response.headers;
        headers.insert(header::RETRY_AFTER, HeaderValue::from(u64::from(seconds)));
    }
    response
}

/// The status of a refusal. On the Git door a visitor is asked for a credential first, whatever is behind it.
pub fn refusal_status(protocol: Protocol, refusal: Refusal, visitor: bool) -> StatusCode {
    match refusal {
        Refusal::Unauthorized => StatusCode::UNAUTHORIZED,
        Refusal::NotFound if visitor && asks_for_credential(protocol) => StatusCode::UNAUTHORIZED,
        Refusal::NotFound => StatusCode::NOT_FOUND,
        Refusal::Forbidden => StatusCode::FORBIDDEN,
        Refusal::TooMany => StatusCode::TOO_MANY_REQUESTS,
    }
}

/// Whether clients of the protocol send a credential only when they are asked for one.
fn asks_for_credential(protocol: Protocol) -> bool {
    matches!(protocol, Protocol::Git | Protocol::Lfs | Protocol::Registry(_))
}

/// The response of a refusal.
pub fn of_description(protocol: Protocol, status: StatusCode, description: &Description) -> Response {
    let mut fields = Map::new();
    fields.insert("message".into(), json!(description.message));
    if let Some(stage) = description.stage {
        fields.insert("stage".into(), json!(stage));
    }
    if let Some(missing) = &description.missing {
        fields.insert("missing".into(), json!(missing));
    }
    write(
        protocol,
        status,
        fields,
        description.reason,
        description.help.as_deref(),
    )
}

fn write(
    protocol: Protocol,
    status: StatusCode,
    mut fields: Map<String, Value>,
    reason: Option<&str>,
    help: Option<&str>,
) -> Response {
    if let Some(reason) = reason {
        fields.insert("reason".into(), json!(reason));
    }
    let kept = reason.map(|reason| ReasonCode(reason.into()));
    if let Some(help) = help {
        fields.insert("help".into(), json!(help));
    }
    let phrase = match protocol {
        Protocol::Registry(kind) => registry::phrase(kind, status, &fields),
        Protocol::Api | Protocol::Git | Protocol::Lfs | Protocol::Page => None,
    };
    let (content_type, body) = match protocol {
        Protocol::Api => {
            fields.insert("documentation_url".into(), json!(DOCUMENTATION));
            fields.insert("status".into(), json!(status.as_str()));
            (
                "application/json; charset=utf-8",
                Value::Object(fields).to_string(),
            )
        }
        Protocol::Lfs => {
            fields.insert("documentation_url".into(), json!(DOCUMENTATION));
            ("application/vnd.git-lfs+json", Value::Object(fields).to_string())
        }
        Protocol::Registry(kind) => registry::body(kind, status, &fields),
        Protocol::Git | Protocol::Page => ("text/plain; charset=utf-8", git_lines(status, &fields)),
    };
    let mut response = Response::new(whole(body));
    response.status = status;
    response
        .headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(kept) = kept {
        response.extensions.insert(kept);
    }
    challenge(protocol, &mut response);
    if let Some(phrase) = phrase {
        response.extensions.insert(phrase);
    }
    if let Protocol::Registry(RegistryKind::Oci) = protocol {
        let version = HeaderValue::from_static("registry/2.0");
        response.headers.insert(
            HeaderName::from_static("docker-distribution-api-version"),
            version,
        );
    }
    response
}

/// Asks for a credential where clients send one only when they are asked.
pub(crate) fn challenge(protocol: Protocol, response: &mut Response) {
    if response.status != StatusCode::UNAUTHORIZED || !asks_for_credential(protocol) {
        return;
    }
    let realm = HeaderValue::from_static("Basic realm=\"Bailiwick\", charset=\"UTF-8\"");
    response.headers.insert(header::WWW_AUTHENTICATE, realm.clone());
    if protocol == Protocol::Lfs {
        response
            .headers
            .insert(HeaderName::from_static("lfs-authenticate"), realm);
    }
}

/// What git shows a person, a line each.
fn git_lines(status: StatusCode, fields: &Map<String, Value>) -> String {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let mut lines = match (status, text("message")) {
        (StatusCode::UNAUTHORIZED, _) => String::from(
            "Invalid username or token. Password authentication is not supported for Git operations.\n",
        ),
        // The same lines whether it is missing or hidden.
        (StatusCode::NOT_FOUND, _) => String::from(
            "Repository not found.\n\
             help: check the name. If it is right, this token has no approved grant that reaches it: it may be\n\
             waiting for approval. `bailiwick explain 'git clone OWNER/NAME' --token-id ID` tells its holder why.\n",
        ),
        (_, message) => format!("{}\n", message.unwrap_or("refused")),
    };
    for (label, name) in [("missing", "missing"), ("reason", "reason"), ("help", "help")] {
        if let Some(value) = text(name) {
            lines.push_str(&format!("{label}: {value}\n"));
        }
    }
    lines
}

#[cfg(test)]
mod tests;
