//! The least that a gate does: who comes, whether the token still lives, one more in its count, a name for the server
//! behind, and the headers that our answers have. It routes nothing, decides nothing and has no log, so no gate over the
//! same HTTP can cost less.

use crate::clock::now;
use crate::{Outcome, tokens};
use bailiwick_model::{Digest, Timestamp};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

/// Whose a token is, and until when.
struct Holder {
    digest: Digest,
    login: HeaderValue,
    ends: Timestamp,
    end: HeaderValue,
    count: AtomicU64,
}

/// Tokens by the beginning of their digests, which is as good as any hash of it.
pub struct Least(HashMap<u64, Holder, BuildHasherDefault<Plain>>);

#[derive(Default)]
struct Plain(u64);

impl Hasher for Plain {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _bytes: &[u8]) {}

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

fn beginning(digest: &Digest) -> u64 {
    let bytes = digest.bytes().first_chunk().copied();
    u64::from_le_bytes(bytes.unwrap_or_default())
}

impl Least {
    /// Of so many tokens, the same ones that are in the store.
    pub fn new(stored: usize) -> Outcome<Least> {
        let ends = now()?.plus_days(30);
        let holder = |digest| Holder {
            digest,
            login: HeaderValue::from_static("person-7"),
            ends,
            end: HeaderValue::from_static("2100-01-01 00:00:00 UTC"),
            count: AtomicU64::new(0),
        };
        let digests = tokens::secrets().take(stored).map(|secret| secret.digest());
        let all = digests.map(|digest| (beginning(&digest), holder(digest)));
        Ok(Least(all.collect()))
    }

    /// The headers for the server behind and those for the caller, if the token is good.
    pub fn admit(&self, mut headers: HeaderMap) -> Option<(HeaderMap, HeaderMap)> {
        let sent = headers.remove(header::AUTHORIZATION)?;
        let digest = Digest::of(sent.as_bytes().strip_prefix(b"Bearer ")?);
        let holder = self.0.get(&beginning(&digest))?;
        let now = now().ok()?;
        if holder.digest != digest || holder.ends <= now {
            return None;
        }
        holder.count.fetch_add(1, Ordering::Relaxed);
        headers.insert(LOGIN, holder.login.clone());
        let mut told = HeaderMap::with_capacity(16);
        told.insert(REQUEST_ID, HeaderValue::from(now.0));
        told.insert(EXPIRATION, holder.end.clone());
        for (name, value) in FIXED {
            told.insert(name, HeaderValue::from_static(value));
        }
        Some((headers, told))
    }
}

const LOGIN: HeaderName = HeaderName::from_static("x-forwarded-user");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-github-request-id");
const EXPIRATION: HeaderName = HeaderName::from_static("github-authentication-token-expiration");
const FIXED: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "deny"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; sandbox; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::CACHE_CONTROL, "private, max-age=0, must-revalidate"),
    (
        HeaderName::from_static("x-accepted-github-permissions"),
        "issues=read",
    ),
];
