//! Calls of the gateway itself to GitHub: small, in JSON, with a credential of its own, and never twice.

use crate::fault;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_upstream::{Client, Fields, HeaderValue, Outgoing, OutgoingBody};
use http::{HeaderName, Method, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

/// The largest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// The longest that one call may take altogether.
const CALL_FOR_MAX: Duration = Duration::from_secs(30);
/// The version of GitHub's API that these calls are written for.
const VERSION: &str = "2022-11-28";

/// A call.
pub struct Call<'a> {
    /// The client of the web address or of the API.
    pub client: &'a Arc<Client>,
    /// The method.
    pub method: Method,
    /// The path below the client's address.
    pub target: String,
    /// The value of `Authorization`.
    pub authorization: Option<Zeroizing<String>>,
    /// The body with its type.
    pub body: Option<(&'static str, Zeroizing<String>)>,
}

/// Asks, and reads the whole answer.
pub async fn ask(upstream: &Upstream, call: Call<'_>) -> Result<(StatusCode, Value), Fault> {
    let slow = || {
        let name = &upstream.name;
        let message = format!("the upstream {name} did not answer in time");
        Fault::new(FaultKind::GatewayTimeout, "upstream.timeout", message)
    };
    tokio::time::timeout(CALL_FOR_MAX, exchange(upstream, call))
        .await
        .unwrap_or_else(|_| Err(slow()))
}

async fn exchange(upstream: &Upstream, call: Call<'_>) -> Result<(StatusCode, Value), Fault> {
    let mut headers = Fields::default();
    let accept = if call.authorization.is_some() {
        "application/vnd.github+json"
    } else {
        "application/json"
    };
    headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
    headers.insert(header::USER_AGENT, HeaderValue::from_static("bailiwick"));
    if let Some(text) = &call.authorization {
        headers.insert(
            HeaderName::from_static("x-github-api-version"),
            HeaderValue::from_static(VERSION),
        );
        let value = HeaderValue::from_str(text).map_err(|_| {
            Fault::internal("upstream.credential", "a credential cannot be put into a header")
        })?;
        headers.insert(header::AUTHORIZATION, value);
    }
    let body = match call.body {
        Some((kind, text)) => {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            OutgoingBody::Whole(bytes::Bytes::copy_from_slice(text.as_bytes()))
        }
        None => OutgoingBody::Nothing,
    };
    let request = Outgoing::new(call.method, &call.target, headers);
    let answer = call
        .client
        .send(&request, body)
        .await
        .map_err(|error| fault::of_error(upstream, &error))?;
    let bytes = Limited::new(answer.body, ANSWER_BYTES_MAX)
        .collect()
        .await
        .map_err(|_| misunderstood(upstream, "an answer that ended early or is too large"))?
        .to_bytes();
    // Some refusals have no body, or a page: their status says enough.
    let value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Ok((answer.status, value))
}

/// GitHub answered what is not understood. Its words are not repeated: they could hold what was sent.
pub fn misunderstood(upstream: &Upstream, what: &str) -> Fault {
    tracing::warn!(
        upstream = upstream.name,
        what,
        "an upstream's answer is not understood"
    );
    Fault::new(
        FaultKind::BadGateway,
        "upstream.not_understood",
        format!(
            "the upstream {} gave {what} where the gateway asked for a credential",
            upstream.name
        ),
    )
}
