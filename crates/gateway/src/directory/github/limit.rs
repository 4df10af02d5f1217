//! What GitHub's answers say of its rate limits: how much is left, and until when it is enough.

use bailiwick_model::Timestamp;
use bailiwick_upstream::Fields;
use http::StatusCode;

/// How long to wait where nothing is told, in seconds.
const WAIT_SECONDS: i64 = 60;
/// The longest that is waited for a word of the upstream's, in seconds. A limit lasts for an hour.
const WAIT_SECONDS_MAX: i64 = 3600;

/// It is enough for now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limit {
    /// For this credential.
    Credential(Timestamp),
    /// For whoever asks so much.
    Everything(Timestamp),
}

/// How much may still be asked with a credential.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Told {
    /// Requests within an hour.
    pub limit: u64,
    /// Those that are left.
    pub remaining: u64,
    /// When all of them are there again.
    pub reset: Timestamp,
}

/// What an answer tells; GitHub Enterprise Servers may have no limits.
pub fn told(headers: &Fields, now: Timestamp) -> Option<Told> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.parse::<u64>().ok();
    let reset = number("x-ratelimit-reset").and_then(|seconds| i64::try_from(seconds).ok());
    Some(Told {
        limit: number("x-ratelimit-limit")?,
        remaining: number("x-ratelimit-remaining")?,
        reset: reset.map_or(now.plus_seconds(WAIT_SECONDS), |seconds| {
            within(Timestamp(0).plus_seconds(seconds), now)
        }),
    })
}

/// Whether an answer says that it is enough.
pub fn limit_of(status: StatusCode, headers: &Fields, body: &[u8], now: Timestamp) -> Option<Limit> {
    let limited = [
        StatusCode::FORBIDDEN,
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::SERVICE_UNAVAILABLE,
    ];
    if !limited.contains(&status) {
        return None;
    }
    let after = headers.get("retry-after").and_then(|value| value.to_str().ok());
    if let Some(after) = after {
        // A date is not written here by GitHub; whoever writes one is asked again in a minute.
        let seconds = after.trim().parse().unwrap_or(WAIT_SECONDS);
        return Some(Limit::Everything(within(now.plus_seconds(seconds), now)));
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        return None;
    }
    if let Some(told) = told(headers, now).filter(|told| told.remaining == 0) {
        return Some(Limit::Credential(told.reset));
    }
    // The word that GitHub's secondary limits come with, where they come without a time.
    let said = String::from_utf8_lossy(body).to_ascii_lowercase();
    (status == StatusCode::TOO_MANY_REQUESTS || said.contains("rate limit"))
        .then(|| Limit::Everything(now.plus_seconds(WAIT_SECONDS)))
}

/// A time soon after now: neither past nor for ever.
fn within(at: Timestamp, now: Timestamp) -> Timestamp {
    at.clamp(now.plus_seconds(1), now.plus_seconds(WAIT_SECONDS_MAX))
}

#[cfg(test)]
mod tests {
    use super::{Limit, limit_of};
    use bailiwick_model::Timestamp;
    use bailiwick_upstream::{Fields, HeaderValue};
    use http::{HeaderName, StatusCode};

    #[test]
    fn words_of_limits_are_understood_and_bounded() {
        let now = Timestamp(1_000_000_000_000_000);
        let at = |seconds: i64| now.plus_seconds(seconds);
        let primary = |reset: &'static str| {
            vec![
                ("x-ratelimit-limit", "5000"),
                ("x-ratelimit-remaining", "0"),
                ("x-ratelimit-reset", reset),
            ]
        };
        for (status, headers, body, expected) in [
            (200, primary("1000000900"), "", None),
            (
                403,
                vec![],
                r#"{"message":"Resource not accessible by integration"}"#,
                None,
            ),
            (403, primary("1000000900"), "", Some(Limit::Credential(at(900)))),
            (429, primary("1000000900"), "", Some(Limit::Credential(at(900)))),
            (403, primary("9999999999"), "", Some(Limit::Credential(at(3600)))),
            (403, primary("5"), "", Some(Limit::Credential(at(1)))),
            (403, primary("-1"), "", Some(Limit::Credential(at(60)))),
            (
                403,
                vec![("retry-after", "30")],
                "",
                Some(Limit::Everything(at(30))),
            ),
            (
                429,
                vec![("retry-after", "999999")],
                "",
                Some(Limit::Everything(at(3600))),
            ),
            (
                503,
                vec![("retry-after", "-5")],
                "",
                Some(Limit::Everything(at(1))),
            ),
            (
                429,
                vec![("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")],
                "",
                Some(Limit::Everything(at(60))),
            ),
            (503, vec![], "", None),
            (429, vec![], "", Some(Limit::Everything(at(60)))),
            (
                403,
                vec![],
                "You have exceeded a secondary rate limit.",
                Some(Limit::Everything(at(60))),
            ),
        ] {
            let headers: Fields = headers
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
                .collect();
            let status = StatusCode::from_u16(status).unwrap();
            let found = limit_of(status, &headers, body.as_bytes(), now);
            assert_eq!(found, expected, "{status} {headers:?} {body}");
        }
    }
}
