//! Who is behind a foreign credential: what its own upstream said, kept for a while, and whom an explicit link names.

use super::{ForeignDigest, Observed};
use crate::Authority;
use crate::fault::Fault;
use bailiwick_model::{AccountId, Timestamp, UpstreamId};
use bailiwick_store::upstream;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How long a person is remembered, in seconds.
const PERSON_SECONDS: i64 = 600;
/// How long it is remembered that there is none, in seconds.
const NOBODY_SECONDS: i64 = 60;
/// Credentials that are remembered at the most; at more, those whose time is over go, and then all.
const REMEMBERED_MAX: usize = 20_000;

/// What an upstream said of one of its credentials.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Known {
    /// Whose it is.
    Person {
        /// The login there.
        login: String,
        /// The immutable id there.
        key: String,
    },
    /// It does not say, or has nobody behind it.
    Nobody,
    /// It does not know it.
    Refused,
}

/// What is remembered of credentials.
#[derive(Debug, Default)]
pub(super) struct Persons(Mutex<HashMap<(UpstreamId, ForeignDigest), (Timestamp, Known)>>);

impl Persons {
    fn get(&self, upstream: UpstreamId, digest: &ForeignDigest, now: Timestamp) -> Option<Known> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, known) = kept.get(&(upstream, digest.clone()))?;
        (now < *until).then(|| known.clone())
    }

    fn keep(&self, upstream: UpstreamId, digest: &ForeignDigest, known: Known, now: Timestamp) {
        let seconds = match known {
            Known::Person { .. } => PERSON_SECONDS,
            Known::Nobody | Known::Refused => NOBODY_SECONDS,
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= REMEMBERED_MAX {
            kept.retain(|_, (until, _)| now < *until);
            if kept.len() >= REMEMBERED_MAX {
                kept.clear();
            }
        }
        kept.insert((upstream, digest.clone()), (now.plus_seconds(seconds), known));
    }
}

impl Authority {
    /// What is remembered of the person behind an observed request; `None`: the upstream is to be asked.
    pub fn observed_person(&self, observed: &Observed) -> Option<Known> {
        match observed.digest() {
            None => Some(Known::Nobody),
            Some(digest) => self
                .observer
                .persons
                .get(observed.upstream.id, digest, observed.now),
        }
    }

    /// Remembers what the upstream said of the credential.
    pub fn observed_person_is(&self, observed: &Observed, known: Known) {
        if let Some(digest) = observed.digest() {
            self.observer
                .persons
                .keep(observed.upstream.id, digest, known, observed.now);
        }
    }

    /// Whether the upstream vouched for the credential a short while ago.
    pub fn is_vouched(&self, observed: &Observed) -> bool {
        matches!(self.observed_person(observed), Some(Known::Person { .. }))
    }

    /// The account here that a person of an upstream is linked to, and whether the link is active.
    pub(crate) fn linked_account(
        &self,
        id: UpstreamId,
        key: &str,
    ) -> Result<Option<(AccountId, bool)>, Fault> {
        let rows = self.store.read(|tx| upstream::links(tx, id))?;
        let row = rows
            .into_iter()
            .find(|row| row.upstream_key.as_deref() == Some(key));
        Ok(row.map(|row| (row.account_id, row.active)))
    }
}
