//! Upkeep of what time ends by itself: sessions, sign-ins that waited, requests whose token is over, the change feed.

use crate::Authority;
use crate::fault::Fault;
use crate::token::ask::about_token;
use bailiwick_model::{Event, RequestState, Timestamp};
use bailiwick_store::access_request::{self, AccessRequestRow};
use bailiwick_store::{Tx, account, audit, change, linking, pending_sign_in, session, token};

/// Days that a session which ended is kept.
const SESSION_DAYS: i64 = 30;
/// Entries of the change feed that are kept for readers that are behind.
const CHANGES_KEPT: i64 = 100_000;
/// Requests that expire in one transaction, so that writers do not wait long.
const BATCH: usize = 200;

/// What was swept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Swept {
    /// Sessions removed.
    pub sessions: u64,
    /// Sign-ins removed that never got their second factor.
    pub pending_sign_ins: u64,
    /// Access requests that expired with their token.
    pub requests: u64,
    /// Entries removed from the change feed.
    pub changes: u64,
    /// Endings of planted things that were tried.
    pub planted: u64,
}

impl Swept {
    /// Whether there was anything to do.
    pub fn is_empty(&self) -> bool {
        *self == Swept::default()
    }
}

impl Authority {
    /// Sweeps what is over at an instant. Running it again changes nothing.
    // SECURITY: not reachable by any request, and it only ends what no decision would allow any more.
    pub fn sweep(&self, now: Timestamp) -> Result<Swept, Fault> {
        let mut swept = self.store.write(|tx| {
            let sessions = session::prune(tx, now.plus_days(-SESSION_DAYS))?;
            let pending_sign_ins = pending_sign_in::prune(tx, now)?;
            linking::prune(tx, now)?;
            let head = change::head(tx)?;
            Ok::<_, Fault>(Swept {
                sessions,
                pending_sign_ins,
                requests: 0,
                planted: 0,
                changes: change::prune(tx, head - CHANGES_KEPT)?,
            })
        })?;
        loop {
            let expired = self.store.write(|tx| self.expire_requests(tx, now))?;
            swept.requests += u64::try_from(expired).unwrap_or_default();
            if expired < BATCH {
                break;
            }
        }
        swept.planted = self.planted_sweep(now)?;
        Ok(swept)
    }

    /// Ends the requests whose token expired before anybody decided them, each with its event.
    fn expire_requests(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<usize, Fault> {
        let mut events = Vec::new();
        for row in access_request::overdue(tx, now)?.into_iter().take(BATCH) {
            let ended = AccessRequestRow {
                state: RequestState::Expired,
                decided_at: Some(now),
                ..row
            };
            if access_request::decide(tx, &ended)? {
                events.push(event(tx, &ended, now)?);
            }
        }
        let count = events.len();
        if count > 0 {
            audit::append(tx, &self.node, &events)?;
        }
        Ok(count)
    }
}

/// The event of an expired request: nobody acts, it concerns the token's holder and the resource owner.
fn event(tx: &mut Tx<'_>, row: &AccessRequestRow, now: Timestamp) -> Result<Event, Fault> {
    use bailiwick_model::grant::ResourceOwner;
    let token = token::by_id(tx, row.token_id)?;
    let holder = match &token {
        Some(token) => account::by_id(tx, token.owner_id)?,
        None => None,
    };
    let (owner, enterprise) = match row.owner() {
        ResourceOwner::Account(id) => (account::by_id(tx, id)?, None),
        ResourceOwner::Enterprise(id) => (None, Some(id)),
    };
    let mut event = Event {
        user: holder.map(|holder| holder.login),
        enterprise: enterprise.or(owner.as_ref().and_then(|owner| owner.enterprise_id)),
        owner: owner.as_ref().map(|owner| owner.id),
        owner_login: owner.map(|owner| owner.login),
        ..Event::of_nobody(
            now,
            "personal_access_token.request_expired",
            "modify",
            "token.expired",
        )
    };
    if let Some(token) = &token {
        about_token(&mut event, token);
    }
    event
        .data
        .insert("user_programmatic_access_request_id".into(), row.id.0.into());
    Ok(event)
}
