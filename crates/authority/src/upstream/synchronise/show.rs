//! Synchronisation as administrators see and want it, and the upstream's own hook, which is believed in nothing but that
//! something has happened.

use super::ask::Ask;
use super::run::{kept_here, state_of};
use super::state::{Stand, Synchronisation};
use crate::Authority;
use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use bailiwick_model::{Timestamp, UpstreamId, UpstreamKind, UpstreamSettings};
use bailiwick_store::{UpstreamRow, upstream};
use ring::hmac;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// How the synchronisation of an upstream stands.
#[derive(Clone, Debug)]
pub struct SynchronisationView {
    /// The upstream's name.
    pub upstream: String,
    /// Whether its directory is synchronised at all.
    pub synchronised: bool,
    /// When it was last what the upstream said.
    pub synchronised_at: Option<Timestamp>,
    /// Whether that is too long ago: requests for what lives there are refused then.
    pub stale: bool,
    /// How it stands.
    pub state: Synchronisation,
}

/// Hooks that were turned away.
#[derive(Debug, Default)]
pub(crate) struct HooksRefused(AtomicU64);

impl Authority {
    /// How the synchronisation of the upstream of a name stands.
    pub fn synchronisation(&self, permit: &Permit, name: &str) -> Result<SynchronisationView, Fault> {
        self.read(permit, |tx| {
            let row = upstream::by_name(tx, name)?.ok_or_else(Fault::not_found)?;
            Ok(view(row, permit.now()))
        })
    }

    /// Wants the upstream of a name synchronised at once. `confirmed` lets so many removals pass.
    pub fn synchronise_ask(
        &self,
        permit: Permit,
        name: &str,
        confirmed: Option<usize>,
    ) -> Result<SynchronisationView, Fault> {
        let (id, shown) = self.act(permit, |act, permit| {
            let row = upstream::by_name(act.tx, name)?.ok_or_else(Fault::not_found)?;
            let shown = view(row.clone(), permit.now());
            if !shown.synchronised {
                return Err(kept_here());
            }
            let state = state_of(act.tx, row.id)?;
            if let Some(until) = state.not_before.filter(|until| permit.now() < *until) {
                let message = format!(
                    "the upstream does not want to be asked before {}",
                    until.rfc3339()
                );
                return Err(Fault::conflict("upstream.rate_limited", message));
            }
            if let Some(count) = confirmed {
                check_confirmed(&state, count)?;
                act.note("confirm_removals", count);
            }
            act.note("upstream", row.name.clone());
            Ok((row.id, shown))
        })?;
        let ask = Ask {
            at_once: true,
            confirmed,
        };
        self.asks.put(id, ask);
        Ok(shown)
    }

    /// What a hook of the upstream of a name says: only that something has happened, and only if it is signed with the
    /// secret that was set. Which upstreams there are is told to nobody. Blocking, when one has changed.
    // SECURITY: nothing of the body is read. Whoever replays one makes the upstream be read once more, at the hook's pace.
    pub fn upstream_hook(
        &self,
        name: &str,
        signature: Option<&str>,
        event: Option<&str>,
        body: &[u8],
    ) -> Result<(), Fault> {
        let upstreams = self.upstreams()?;
        let found = upstreams.named(name);
        let secret = found.and_then(|upstream| upstream.reveal("webhook_secret"));
        // Hashed either way, so that an unknown name takes the same time.
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.unwrap_or_default().as_bytes());
        let given = signature.and_then(from_hex).unwrap_or_default();
        let signed = hmac::verify(&key, body, &given).is_ok();
        match found {
            Some(upstream) if signed && secret.is_some_and(|secret| !secret.is_empty()) => {
                let concerns = upstream.kind != UpstreamKind::GitHub || event.is_none_or(is_of_directory);
                if concerns && upstream.settings.facts_seconds_max.is_some() {
                    self.asks.put(upstream.id, Ask::default());
                }
                Ok(())
            }
            Some(_) | None => {
                self.hooks_refused.0.fetch_add(1, Ordering::Relaxed);
                Err(Fault::new(
                    FaultKind::Forbidden,
                    "upstream.hook_unsigned",
                    "the hook is not signed with the secret that is set for this upstream",
                ))
            }
        }
    }

    /// How many hooks were turned away since the start.
    pub fn upstream_hooks_refused(&self) -> u64 {
        self.hooks_refused.0.load(Ordering::Relaxed)
    }

    /// What is wanted.
    pub fn synchronise_asks(&self) -> BTreeMap<UpstreamId, Ask> {
        self.asks.all()
    }

    /// Resolves when something is wanted.
    pub async fn synchronise_asked(&self) {
        self.asks.heard().await;
    }
}

/// Whether an event of GitHub's is about people, repositories or where the App is installed. Reading takes of its rate
/// limit, and nothing is read for a push.
// SECURITY: the name is not signed. Whoever replays a hook under another name keeps nothing from being read but that.
fn is_of_directory(event: &str) -> bool {
    matches!(
        event,
        "installation"
            | "installation_repositories"
            | "installation_target"
            | "member"
            | "membership"
            | "organization"
            | "public"
            | "repository"
            | "team"
            | "team_add"
    )
}

fn check_confirmed(state: &Synchronisation, count: usize) -> Result<(), Fault> {
    let waiting = match (state.last(), &state.removals) {
        (Stand::Stopped, Some(removals)) => removals.total(),
        _ => {
            let message = "nothing waits for a confirmation";
            return Err(Fault::conflict("upstream.not_stopped", message));
        }
    };
    if count < waiting {
        let message = format!("{waiting} things would be removed: confirm that number, or look there first");
        return Err(Fault::conflict("upstream.many_removals", message));
    }
    Ok(())
}

pub(super) fn view(row: UpstreamRow, now: Timestamp) -> SynchronisationView {
    let settings: UpstreamSettings = serde_json::from_str(&row.settings).unwrap_or_default();
    let stale = settings.is_stale(row.synchronised_at, now);
    SynchronisationView {
        synchronised: settings.facts_seconds_max.is_some(),
        state: Synchronisation::read(row.synchronisation.as_deref()),
        upstream: row.name,
        synchronised_at: row.synchronised_at,
        stale,
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let nibble = |digit: u8| {
        char::from(digit)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let pairs = digits.chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Some(nibble(*high)? << 4 | nibble(*low)?),
            _ => None,
        })
        .collect()
}
