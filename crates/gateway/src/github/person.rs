//! A person's own token of the App. It lasts for hours; the next one is asked for with a refresh token that works
//! once, so what comes back is stored before anything else happens, whoever has stopped waiting for it.

use super::linking::{Refreshed, refresh};
use crate::credential::link_of;
use crate::{blocking, fault};
use bailiwick_authority::upstream::minted::Lent;
use bailiwick_authority::upstream::renew::Given;
use bailiwick_authority::upstream::{Linked, Upstream};
use bailiwick_authority::{Authority, Basis, Fault, Permit};
use bailiwick_model::{AccountId, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

/// A token is not used in its last minutes, in seconds.
const BEFORE_END_SECONDS: i64 = 300;
/// How often a link is read again after a refusal, before it is ended: another node may just have renewed it.
const REREADS: usize = 5;
const REREAD_AFTER: Duration = Duration::from_millis(200);

/// The token of whoever acts; `None` for visitors of what is public.
pub async fn token(
    authority: &Arc<Authority>,
    permit: &Permit,
    upstream: &Arc<Upstream>,
) -> Result<Option<Zeroizing<String>>, Fault> {
    let Some(account) = permit.actor() else {
        return Ok(None);
    };
    let link = match link_of(authority, upstream, account).await? {
        Some(link) if link.active => link,
        Some(_) => return Err(fault::inactive(upstream)),
        // What visitors may do needs nobody there.
        None if permit.basis() == Basis::Anonymous => return Ok(None),
        None => return Err(fault::not_linked(upstream)),
    };
    if let Some(token) = usable(&link, authority.now(), BEFORE_END_SECONDS) {
        return Ok(Some(token));
    }
    // INVARIANT: on a task of its own. A caller who hangs up must not take the next refresh token along.
    let task = tokio::spawn(renew(authority.clone(), upstream.clone(), account));
    task.await
        .unwrap_or_else(|error| Err(Fault::internal("upstream.renew", error)))
        .map(Some)
}

/// A link's token, if it lasts that much longer.
fn usable(link: &Linked, now: Timestamp, seconds: i64) -> Option<Zeroizing<String>> {
    let token = link.reveal("token")?;
    link.expires_at
        .is_none_or(|end| now.plus_seconds(seconds) < end)
        .then(|| Zeroizing::new(token.to_owned()))
}

/// Renews a link's token: once for all who wait.
async fn renew(
    authority: Arc<Authority>,
    upstream: Arc<Upstream>,
    account: AccountId,
) -> Result<Zeroizing<String>, Fault> {
    let slot = upstream.minted().renewing(account);
    let mut unsaved = slot.lock().await;
    // What could not be stored the last time goes first: the link still has the refresh token that was used up.
    if let Some(lent) = &*unsaved {
        let (used, given) = read_unsaved(&lent.text)?;
        store(&authority, &upstream, account, used, given).await?;
        *unsaved = None;
    }
    let link = reread(&authority, &upstream, account).await?;
    let now = authority.now();
    if let Some(token) = usable(&link, now, BEFORE_END_SECONDS) {
        return Ok(token);
    }
    let Some(used) = link.reveal("refresh").map(|text| Zeroizing::new(text.to_owned())) else {
        return usable(&link, now, 0).ok_or_else(|| fault::link_again(&upstream));
    };
    match refresh(&upstream, &used, now).await {
        Ok(Refreshed::Given(given)) => {
            let token = given.token.clone();
            let kept = write_unsaved(&used, &given, now);
            match store(&authority, &upstream, account, used, given).await {
                Ok(true) => Ok(token),
                // Ended, or made anew, meanwhile.
                Ok(false) => Err(fault::link_again(&upstream)),
                Err(fault) => {
                    let name = &upstream.name;
                    tracing::error!(upstream = name, %fault, "a person's next credential could not be stored");
                    *unsaved = Some(kept);
                    Ok(token)
                }
            }
        }
        Ok(Refreshed::Refused) => after_refusal(&authority, &upstream, account, used).await,
        // Not reached, or not understood: what is still good serves meanwhile.
        Err(fault) => usable(&link, now, 0).ok_or(fault),
    }
}

/// The refresh token has been used, or was taken back. Another node may have used it: then the link changes soon.
async fn after_refusal(
    authority: &Arc<Authority>,
    upstream: &Arc<Upstream>,
    account: AccountId,
    used: Zeroizing<String>,
) -> Result<Zeroizing<String>, Fault> {
    for _ in 0..REREADS {
        tokio::time::sleep(REREAD_AFTER).await;
        let link = reread(authority, upstream, account).await?;
        if let Some(token) = usable(&link, authority.now(), 0)
            && link.reveal("refresh") != Some(used.as_str())
        {
            return Ok(token);
        }
    }
    let (authority, id) = (authority.clone(), upstream.id);
    blocking(move || authority.link_ended(id, account, &used)).await?;
    Err(fault::link_again(upstream))
}

/// The link as it is stored now: another node's change may not have been heard of.
async fn reread(
    authority: &Arc<Authority>,
    upstream: &Arc<Upstream>,
    account: AccountId,
) -> Result<Arc<Linked>, Fault> {
    let (authority, id) = (authority.clone(), upstream.id);
    let link = blocking(move || authority.link_stored(id, account)).await?;
    link.filter(|link| link.active)
        .map(Arc::new)
        .ok_or_else(|| fault::link_again(upstream))
}

async fn store(
    authority: &Arc<Authority>,
    upstream: &Arc<Upstream>,
    account: AccountId,
    used: Zeroizing<String>,
    given: Given,
) -> Result<bool, Fault> {
    let (authority, id) = (authority.clone(), upstream.id);
    blocking(move || authority.link_renewed(id, account, &used, &given)).await
}

/// What was given, as it waits in memory for the store.
fn write_unsaved(used: &str, given: &Given, now: Timestamp) -> Lent {
    let refresh = given.refresh.as_ref().map(|text| text.as_str());
    let end = given.expires_at.map(|at| at.0);
    Lent {
        text: Zeroizing::new(serde_json::json!([used, given.token.as_str(), refresh, end]).to_string()),
        until: now,
    }
}

fn read_unsaved(text: &str) -> Result<(Zeroizing<String>, Given), Fault> {
    type Parts = (String, String, Option<String>, Option<i64>);
    let (used, token, refresh, end): Parts =
        serde_json::from_str(text).map_err(|error| Fault::internal("upstream.unsaved", error))?;
    let given = Given {
        token: Zeroizing::new(token),
        refresh: refresh.map(Zeroizing::new),
        expires_at: end.map(Timestamp),
    };
    Ok((Zeroizing::new(used), given))
}
