//! The credentials of persons at upstreams that give them for a while: the next one is stored, or the link ends. No
//! request reaches these: they follow from what an upstream said.

use super::load::link_place;
use super::{Linked, Secrets};
use crate::Authority;
use crate::fault::Fault;
use bailiwick_model::{AccountId, Event, Timestamp, UpstreamId};
use bailiwick_store::{AccountRow, Tx, UpstreamLinkRow, account, audit, upstream};
use zeroize::Zeroizing;

/// A credential as an upstream gave it for a person.
#[derive(Clone)]
pub struct Given {
    /// What requests carry.
    pub token: Zeroizing<String>,
    /// What the next one is asked for with, once.
    pub refresh: Option<Zeroizing<String>>,
    /// When the token ends.
    pub expires_at: Option<Timestamp>,
}

impl std::fmt::Debug for Given {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Given(hidden)")
    }
}

impl Authority {
    /// Stores the credential that an upstream gave for the refresh token `used`. Tells whether it is the link's now:
    /// a link that was made anew, or ended, meanwhile keeps what it has.
    pub fn link_renewed(
        &self,
        upstream_id: UpstreamId,
        account: AccountId,
        used: &str,
        given: &Given,
    ) -> Result<bool, Fault> {
        let now = self.now();
        self.store.write(|tx| {
            let Some(mut row) = upstream::link(tx, upstream_id, account)? else {
                return Ok(false);
            };
            // INVARIANT: a refresh token works once. Two nodes can use one at a time; the one that was refused may
            // have ended the link before the other, which has the next pair, comes here.
            // SECURITY: what somebody switched off stays off, whatever the upstream gives.
            let ended = row.credential.is_none() && !row.active && row.barred.is_none();
            if !ended && !self.refreshes_with(&row, used)? {
                return Ok(false);
            }
            row.active |= ended;
            self.put_given(&mut row, given)?;
            row.updated_at = now;
            upstream::put_link(tx, row)?;
            Ok(true)
        })
    }

    /// Ends a link whose refresh token `used` the upstream refuses; tells whether it still was the link's.
    pub fn link_ended(&self, upstream_id: UpstreamId, account: AccountId, used: &str) -> Result<bool, Fault> {
        let now = self.now();
        self.store.write(|tx| {
            let Some(mut row) = upstream::link(tx, upstream_id, account)? else {
                return Ok(false);
            };
            if !self.refreshes_with(&row, used)? {
                return Ok(false);
            }
            row.active = false;
            row.credential = None;
            row.expires_at = None;
            row.updated_at = now;
            let event = ended_event(tx, &row, now)?;
            upstream::put_link(tx, row)?;
            audit::append(tx, &self.node, &[event])?;
            Ok(true)
        })
    }

    /// Who an account is at an upstream as it is stored, past everything that is kept in memory.
    pub fn link_stored(&self, upstream_id: UpstreamId, account: AccountId) -> Result<Option<Linked>, Fault> {
        let row = self.store.read(|tx| upstream::link(tx, upstream_id, account))?;
        row.map(|row| self.linked(row)).transpose()
    }

    /// Seals a credential into a link's row.
    pub(crate) fn put_given(&self, row: &mut UpstreamLinkRow, given: &Given) -> Result<(), Fault> {
        let mut secrets = Secrets::from([(String::from("token"), given.token.clone())]);
        if let Some(refresh) = &given.refresh {
            secrets.insert(String::from("refresh"), refresh.clone());
        }
        row.credential = Some(self.seal_secrets(&secrets, &link_place(row.upstream_id, row.account_id))?);
        row.expires_at = given.expires_at;
        Ok(())
    }

    fn refreshes_with(&self, row: &UpstreamLinkRow, used: &str) -> Result<bool, Fault> {
        let place = link_place(row.upstream_id, row.account_id);
        let secrets = self.open_secrets(row.credential.as_ref(), &place)?;
        Ok(secrets
            .get("refresh")
            .is_some_and(|refresh| refresh.as_str() == used))
    }
}

/// Nobody acts here: the upstream has ended it.
fn ended_event(tx: &mut Tx<'_>, row: &UpstreamLinkRow, now: Timestamp) -> Result<Event, Fault> {
    let holder: Option<AccountRow> = account::by_id(tx, row.account_id)?;
    let there = upstream::by_id(tx, row.upstream_id)?;
    let mut data = serde_json::Map::new();
    data.insert("upstream_login".into(), row.login.clone().into());
    if let Some(there) = there {
        data.insert("upstream".into(), there.name.into());
    }
    Ok(Event {
        user: holder.map(|holder| holder.login),
        data,
        ..Event::of_nobody(now, "upstream_link.end", "modify", "upstream.refresh_refused")
    })
}
