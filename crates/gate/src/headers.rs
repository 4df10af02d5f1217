//! The headers that every answer has: request id, rate, expiry, accepted permissions, versions, CORS, safety.

use crate::message::Response;
use crate::rate::Standing;
use crate::reply::whole;
use crate::version::ApiVersion;
use bailiwick_authority::{Credential, Gathered};
use bailiwick_catalogue::Operation;
use bailiwick_model::TokenKind;
use bailiwick_upstream::{Fields, HeaderValue};
use bytes::Bytes;
use http::{HeaderName, StatusCode, header};
use std::sync::{LazyLock, OnceLock};

/// What clients in browsers may read.
const EXPOSED: &str = "ETag, Link, Location, Retry-After, X-GitHub-OTP, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Used, X-RateLimit-Resource, X-RateLimit-Reset, X-OAuth-Scopes, X-Accepted-OAuth-Scopes, X-Poll-Interval, X-GitHub-Media-Type, X-GitHub-SSO, X-GitHub-Request-Id, Deprecation, Sunset, X-Accepted-GitHub-Permissions, GitHub-Authentication-Token-Expiration";

// Read once, by the compiler: names are checked letter by letter.
const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const GITHUB_AUTHENTICATION_TOKEN_EXPIRATION: HeaderName =
    HeaderName::from_static("github-authentication-token-expiration");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const X_ACCEPTED_GITHUB_PERMISSIONS: HeaderName = HeaderName::from_static("x-accepted-github-permissions");
const X_ACCEPTED_OAUTH_SCOPES: HeaderName = HeaderName::from_static("x-accepted-oauth-scopes");
const X_GITHUB_API_VERSION_SELECTED: HeaderName = HeaderName::from_static("x-github-api-version-selected");
const X_GITHUB_REQUEST_ID: HeaderName = HeaderName::from_static("x-github-request-id");
const X_OAUTH_SCOPES: HeaderName = HeaderName::from_static("x-oauth-scopes");
const X_RATELIMIT_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const X_RATELIMIT_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const X_RATELIMIT_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
const X_RATELIMIT_RESOURCE: HeaderName = HeaderName::from_static("x-ratelimit-resource");
const X_RATELIMIT_USED: HeaderName = HeaderName::from_static("x-ratelimit-used");
const X_GITHUB_MEDIA_TYPE: HeaderName = HeaderName::from_static("x-github-media-type");

fn put(headers: &mut Fields, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// What is no page of this server is nothing that a browser runs, in an origin of its own.
// SECURITY: a file of a repository and an answer of a server behind the gateway can be HTML, and come from the host where
// people's sessions are. A form in it would post there, a base would lead the page's own links elsewhere.
const INERT: &str =
    "default-src 'none'; sandbox; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// A request's id as its answer tells it. It is of letters, digits and colons, which a header can hold.
pub fn request_id(id: &str) -> HeaderValue {
    HeaderValue::from_str(id).unwrap_or(const { HeaderValue::from_static("") })
}

/// Headers of every answer, whatever the door.
pub fn common(headers: &mut Fields, request_id: HeaderValue) {
    headers.insert(X_GITHUB_REQUEST_ID, request_id);
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        const { HeaderValue::from_static("nosniff") },
    );
    headers.insert(
        header::X_FRAME_OPTIONS,
        const { HeaderValue::from_static("deny") },
    );
    headers.insert_missing(
        header::REFERRER_POLICY,
        const { HeaderValue::from_static("no-referrer") },
    );
    headers.insert_missing(
        header::CONTENT_SECURITY_POLICY,
        const { HeaderValue::from_static(INERT) },
    );
}

/// Keeps browsers from ever asking this host without TLS again.
pub fn strict_transport(headers: &mut Fields) {
    headers.insert(
        header::STRICT_TRANSPORT_SECURITY,
        const { HeaderValue::from_static("max-age=31536000") },
    );
}

/// Headers of pages: everything comes from here, nothing is inline, nobody frames them, nothing is kept.
pub fn page(headers: &mut Fields) {
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'",
        ),
    );
    // Under `no-referrer` browsers hide the origin of a form from the server that has to check it.
    headers.insert(
        header::REFERRER_POLICY,
        const { HeaderValue::from_static("same-origin") },
    );
    headers.insert_missing(
        header::CACHE_CONTROL,
        const { HeaderValue::from_static("no-store") },
    );
    put(headers, CROSS_ORIGIN_OPENER_POLICY, "same-origin");
    put(headers, CROSS_ORIGIN_RESOURCE_POLICY, "same-origin");
    put(
        headers,
        PERMISSIONS_POLICY,
        "camera=(), geolocation=(), microphone=()",
    );
}

/// Headers of API answers.
pub fn api(headers: &mut Fields, version: ApiVersion) {
    headers.insert(
        X_GITHUB_API_VERSION_SELECTED,
        HeaderValue::from_static(version.word()),
    );
    headers.insert_missing(
        X_GITHUB_MEDIA_TYPE,
        const { HeaderValue::from_static("github.v3; format=json") },
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        const { HeaderValue::from_static("*") },
    );
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        const { HeaderValue::from_static(EXPOSED) },
    );
    headers.insert_missing(
        header::CACHE_CONTROL,
        const { HeaderValue::from_static("private, max-age=0, must-revalidate") },
    );
    headers.insert(
        header::VARY,
        const { HeaderValue::from_static("Accept, Authorization, X-GitHub-Api-Version") },
    );
}

/// Whether a cache that several use may keep nothing of an answer.
fn is_unshared(headers: &Fields) -> bool {
    let mut unshared = false;
    for value in headers.get_all(header::CACHE_CONTROL) {
        let Ok(text) = value.to_str() else { return false };
        // What is quoted could be taken for a directive, here or there.
        if text.contains('"') {
            return false;
        }
        for directive in text.split(',') {
            let directive = directive.trim();
            let is = |word: &str| directive.eq_ignore_ascii_case(word);
            // Who understands the status need not obey a `no-store` beside it (RFC 9111, section 5.2.2.3).
            if is("public") || is("must-understand") {
                return false;
            }
            unshared |= is("private") || is("no-store");
        }
    }
    unshared
}

/// Takes away what would let caches on the way keep an answer that somebody got by a credential.
// SECURITY: whatever a server behind says of its own, which shows it to the gateway alone: a cache on the way would answer
// others with what this caller may see. A key of NuGet's is no `Authorization`, by which caches would know.
pub fn unshared(headers: &mut Fields) {
    if !is_unshared(headers) {
        let kept = const { HeaderValue::from_static("private, max-age=0, must-revalidate") };
        headers.insert(header::CACHE_CONTROL, kept);
    }
    headers.retain(|name| !is_for_caches(name));
}

/// Whether a header tells caches what they may keep, beside `Cache-Control`; those of several users obey theirs before all
/// else.
fn is_for_caches(name: &HeaderName) -> bool {
    let name = name.as_str();
    matches!(
        name,
        "expires" | "pragma" | "age" | "surrogate-control" | "edge-control"
    ) || name.ends_with("cdn-cache-control")
        || name.starts_with("x-litespeed-cache")
}

/// Rate limit headers.
pub fn rate(headers: &mut Fields, standing: &Standing) {
    // Without a limit there is nothing to tell.
    if standing.is_unlimited() {
        return;
    }
    headers.insert(X_RATELIMIT_LIMIT, HeaderValue::from(u64::from(standing.limit)));
    headers.insert(
        X_RATELIMIT_REMAINING,
        HeaderValue::from(u64::from(standing.remaining())),
    );
    headers.insert(X_RATELIMIT_USED, HeaderValue::from(u64::from(standing.used)));
    headers.insert(
        X_RATELIMIT_RESET,
        HeaderValue::from(u64::try_from(standing.reset).unwrap_or_default()),
    );
    headers.insert(X_RATELIMIT_RESOURCE, const { HeaderValue::from_static("core") });
}

/// Headers about the credential itself: expiry, and a classic token's scopes.
pub fn credential(headers: &mut Fields, gathered: &Gathered, operation: Option<&Operation>) {
    let Credential::Token(token, _) = &gathered.credential else {
        return;
    };
    if let Some(end) = token.end() {
        put(headers, GITHUB_AUTHENTICATION_TOKEN_EXPIRATION, end);
    }
    if token.facts.kind == TokenKind::Classic {
        put(headers, X_OAUTH_SCOPES, &token.stored_scopes.words());
        if let Some(operation) = operation {
            let accepted: Vec<String> = operation
                .scopes
                .iter()
                .map(|alternative| alternative.set.words())
                .collect();
            put(headers, X_ACCEPTED_OAUTH_SCOPES, &accepted.join(", "));
        }
    }
}

/// Which permissions the operation accepts. Only where the resource may be known.
pub fn accepted(headers: &mut Fields, operation: &Operation) {
    // An operation never changes, and its place in the table, built in or loaded, is never another's.
    static TEXTS: LazyLock<Vec<OnceLock<HeaderValue>>> =
        LazyLock::new(|| vec![OnceLock::new(); bailiwick_catalogue::OPERATIONS.len()]);
    let write = |text: &str| HeaderValue::from_str(text).unwrap_or(const { HeaderValue::from_static("") });
    let value = match TEXTS.get(usize::from(operation.index.0)) {
        Some(kept) => kept
            .get_or_init(|| write(&bailiwick_catalogue::accepted_header(operation)))
            .clone(),
        None => write(bailiwick_catalogue::accepted_header_of_loaded(operation.index).unwrap_or_default()),
    };
    headers.insert(X_ACCEPTED_GITHUB_PERMISSIONS, value);
}

/// The answer to a browser that asks whether it may ask.
pub(crate) fn preflight() -> Response {
    let mut response = Response::new(whole(Bytes::new()));
    response.status = StatusCode::NO_CONTENT;
    let all = &mut response.headers;
    api(all, ApiVersion::default());
    for (name, value) in [
        (
            "access-control-allow-headers",
            "Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since, Accept-Encoding, X-GitHub-OTP, X-Requested-With, User-Agent, X-GitHub-Api-Version",
        ),
        ("access-control-allow-methods", "GET, POST, PATCH, PUT, DELETE"),
        ("access-control-max-age", "86400"),
    ] {
        all.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

/// At the most 200 letters of it: a header that is text is ASCII.
pub(crate) fn user_agent(headers: &Fields) -> Option<std::sync::Arc<str>> {
    let text = headers.get(header::USER_AGENT)?.to_str().ok()?;
    Some(text.get(..200).unwrap_or(text).into())
}

#[cfg(test)]
mod tests {
    use super::unshared;
    use bailiwick_upstream::{Fields, HeaderValue};
    use http::{HeaderName, header};

    const OURS: &str = "private, max-age=0, must-revalidate";

    #[test]
    fn no_shared_cache_keeps_what_a_credential_opened() {
        for (said, kept) in [
            (&[][..], OURS),
            (&["public, max-age=31536000"], OURS),
            (&["max-age=31536000"], OURS),
            (&["no-cache"], OURS),
            (&["private, max-age=60", "public"], OURS),
            (&["private, Public"], OURS),
            (&["private=\"set-cookie\", max-age=60"], OURS),
            (&["no-store, must-understand, max-age=60"], OURS),
            (&["max-age=60, x=\"a, private, b\""], OURS),
            (&["no-store"], "no-store"),
            (&["max-age=0, private"], "max-age=0, private"),
            (
                &["private, max-age=60, s-maxage=60"],
                "private, max-age=60, s-maxage=60",
            ),
        ] {
            let mut headers = Fields::default();
            headers.insert(header::EXPIRES, HeaderValue::from_static("0"));
            for name in ["surrogate-control", "cloudflare-cdn-cache-control"] {
                headers.insert(
                    HeaderName::from_static(name),
                    HeaderValue::from_static("max-age=9"),
                );
            }
            for said in said {
                headers.append(header::CACHE_CONTROL, HeaderValue::from_static(said));
            }
            unshared(&mut headers);
            let all: Vec<_> = headers.get_all(header::CACHE_CONTROL).collect();
            assert_eq!(all, [kept], "{said:?}");
            assert_eq!(
                headers.names().collect::<Vec<_>>(),
                [&header::CACHE_CONTROL],
                "{said:?}"
            );
        }
    }
}
