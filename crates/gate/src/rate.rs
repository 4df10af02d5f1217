//! Rate limits: one bucket per credential (not per person), one per anonymous address. In memory, fixed hours.

use bailiwick_authority::Credential;
use bailiwick_model::{Timestamp, network};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

/// Whose requests are counted together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Bucket {
    /// One token.
    Token(i64),
    /// One session.
    Session(i64),
    /// One address without a (good) credential.
    Address(Option<IpAddr>),
}

impl Bucket {
    /// Where a request of a credential is counted, and whether the credential is a bad one.
    pub(crate) fn of(credential: &Credential, address: Option<IpAddr>) -> (Bucket, bool) {
        match credential {
            Credential::Anonymous => (Bucket::Address(address), false),
            Credential::Unknown => (Bucket::Address(address), true),
            Credential::Token(token, _) => (Bucket::Token(token.facts.id.0), false),
            Credential::Session(session, _) => (Bucket::Session(session.facts.id.0), false),
        }
    }
}

/// How a bucket stands after a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Standing {
    /// Requests per hour.
    pub limit: u32,
    /// Requests counted in this hour.
    pub used: u32,
    /// When the hour ends, in seconds since the epoch.
    pub reset: i64,
}

impl Standing {
    /// Whether nothing limits it.
    pub fn is_unlimited(&self) -> bool {
        self.limit == u32::MAX
    }

    /// Requests left.
    pub fn remaining(&self) -> u32 {
        self.limit.saturating_sub(self.used)
    }

    /// Whether this request was one too many.
    pub fn exceeded(&self) -> bool {
        self.used > self.limit
    }
}

/// Counters of the current hour. Restarting forgets them, which errs on the caller's side.
#[derive(Debug)]
pub struct RateLimiter {
    token_per_hour: u32,
    anonymous_per_hour: u32,
    windows: Mutex<Windows>,
}

#[derive(Debug, Default)]
struct Windows {
    // When the hour ends, and what was used of it.
    by_bucket: HashMap<Bucket, (i64, u32), foldhash::fast::RandomState>,
    // Entries at the last sweep that stayed.
    stayed: usize,
}

/// More buckets than this make the limiter drop those of past hours.
const SWEEP_AT: usize = 50_000;
const HOUR_SECONDS: i64 = 3600;

impl RateLimiter {
    /// A limiter; a limit of 0 never refuses.
    pub fn new(token_per_hour: u32, anonymous_per_hour: u32) -> RateLimiter {
        RateLimiter {
            token_per_hour,
            anonymous_per_hour,
            windows: Mutex::default(),
        }
    }

    /// Counts a request (`cost` 1) or only looks (`cost` 0).
    pub fn count(&self, bucket: Bucket, cost: u32, now: Timestamp) -> Standing {
        let limit = match bucket {
            Bucket::Token(_) | Bucket::Session(_) => self.token_per_hour,
            Bucket::Address(_) => self.anonymous_per_hour,
        };
        let seconds = now.seconds();
        // Nobody is told of what counts for nothing.
        if limit == 0 {
            return Standing {
                limit: u32::MAX,
                used: 0,
                reset: seconds + HOUR_SECONDS,
            };
        }
        let mut windows = self
            .windows
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let windows = &mut *windows;
        // Twice what stayed: where many are of this hour, not each request looks through all.
        if windows.by_bucket.len() > SWEEP_AT.max(2 * windows.stayed) {
            windows.by_bucket.retain(|_, (reset, _)| *reset > seconds);
            windows.stayed = windows.by_bucket.len();
        }
        // SECURITY: whoever has one IPv6 address has the whole network, and would have as many buckets.
        let bucket = match bucket {
            Bucket::Address(address) => Bucket::Address(address.map(network)),
            Bucket::Token(_) | Bucket::Session(_) => bucket,
        };
        let window = windows
            .by_bucket
            .entry(bucket)
            .or_insert((seconds + HOUR_SECONDS, 0));
        // A clock that goes back keeps the window; one that passes its end starts a new one.
        if seconds >= window.0 {
            *window = (seconds + HOUR_SECONDS, 0);
        }
        window.1 = window.1.saturating_add(cost);
        let (reset, used) = *window;
        Standing { limit, used, reset }
    }
}
