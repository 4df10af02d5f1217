//! The headers that every answer has: request id, rate, expiry, accepted permissions, versions, CORS, safety.

use crate::rate::Standing;
use crate::version::ApiVersion;
use bailiwick_authority::{Credential, Gathered};
use bailiwick_catalogue::Operation;
use bailiwick_model::TokenKind;
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// What clients in browsers may read.
const EXPOSED: &str = "ETag, Link, Location, Retry-After, X-GitHub-OTP, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Used, X-RateLimit-Resource, X-RateLimit-Reset, X-OAuth-Scopes, X-Accepted-OAuth-Scopes, X-Poll-Interval, X-GitHub-Media-Type, X-GitHub-SSO, X-GitHub-Request-Id, Deprecation, Sunset, X-Accepted-GitHub-Permissions, GitHub-Authentication-Token-Expiration";

fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// Headers of every answer, whatever the door.
pub fn common(headers: &mut HeaderMap, request_id: &str) {
    put(headers, "x-github-request-id", request_id);
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("deny"));
    headers
        .entry(header::REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("no-referrer"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(
            "default-src 'none'; frame-ancestors 'none'",
        ));
}

/// Keeps browsers from ever asking this host without TLS again.
pub fn strict_transport(headers: &mut HeaderMap) {
    headers.insert(
        header::STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static("max-age=31536000"),
    );
}

/// Headers of pages: everything comes from here, nothing is inline, nobody frames them, nothing is kept.
pub fn page(headers: &mut HeaderMap) {
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'",
        ),
    );
    // Under `no-referrer` browsers hide the origin of a form from the server that has to check it.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    put(headers, "cross-origin-opener-policy", "same-origin");
    put(headers, "cross-origin-resource-policy", "same-origin");
    put(
        headers,
        "permissions-policy",
        "camera=(), geolocation=(), microphone=()",
    );
}

/// Headers of API answers.
pub fn api(headers: &mut HeaderMap, version: ApiVersion) {
    put(headers, "x-github-api-version-selected", version.word());
    headers
        .entry("x-github-media-type")
        .or_insert(HeaderValue::from_static("github.v3; format=json"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(EXPOSED),
    );
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("private, max-age=0, must-revalidate"));
    headers.insert(
        header::VARY,
        HeaderValue::from_static("Accept, Authorization, X-GitHub-Api-Version"),
    );
}

/// Rate limit headers.
pub fn rate(headers: &mut HeaderMap, standing: &Standing) {
    put(headers, "x-ratelimit-limit", &standing.limit.to_string());
    put(
        headers,
        "x-ratelimit-remaining",
        &standing.remaining().to_string(),
    );
    put(headers, "x-ratelimit-used", &standing.used.to_string());
    put(headers, "x-ratelimit-reset", &standing.reset.to_string());
    put(headers, "x-ratelimit-resource", "core");
}

/// Headers about the credential itself: expiry, and a classic token's scopes.
pub fn credential(headers: &mut HeaderMap, gathered: &Gathered, operation: Option<&Operation>) {
    let Credential::Token(token, _) = &gathered.credential else {
        return;
    };
    if let Some(end) = token.facts.expires_at {
        put(headers, "github-authentication-token-expiration", &end.header());
    }
    if token.facts.kind == TokenKind::Classic {
        put(headers, "x-oauth-scopes", &token.stored_scopes.words());
        if let Some(operation) = operation {
            let accepted: Vec<String> = operation
                .scopes
                .iter()
                .map(|alternative| alternative.set.words())
                .collect();
            put(headers, "x-accepted-oauth-scopes", &accepted.join(", "));
        }
    }
}

/// Which permissions the operation accepts. Only where the resource may be known.
pub fn accepted(headers: &mut HeaderMap, operation: &Operation) {
    put(
        headers,
        "x-accepted-github-permissions",
        &bailiwick_catalogue::accepted_header(operation),
    );
}
