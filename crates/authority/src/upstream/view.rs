//! Upstreams, links and what is bound, as administrators see them: never a secret, only which ones are set.

use super::load::{link_place, upstream_place};
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::{AccountId, RepositoryId, UpstreamSettings};
use bailiwick_store::{AccountRow, RepositoryRow, Tx, UpstreamLinkRow, UpstreamRow, account, upstream};
use std::collections::BTreeMap;

/// An upstream as administrators see it.
#[derive(Clone, Debug)]
pub struct UpstreamView {
    /// What is stored.
    pub row: UpstreamRow,
    /// Its settings.
    pub settings: UpstreamSettings,
    /// The names of the secrets that are set; `None` if they cannot be opened.
    pub secrets: Option<Vec<String>>,
    /// How many accounts live there.
    pub accounts: i64,
    /// How many repositories live there.
    pub repositories: i64,
    /// How many accounts here are linked to one there.
    pub links: usize,
}

/// A link with both its ends.
#[derive(Clone, Debug)]
pub struct LinkView {
    /// What is stored.
    pub row: UpstreamLinkRow,
    /// The account here.
    pub account: AccountRow,
    /// The upstream.
    pub upstream: UpstreamRow,
    /// The names of the secrets that are set; `None` if they cannot be opened.
    pub secrets: Option<Vec<String>>,
}

/// A repository that lives at an upstream.
#[derive(Clone, Debug)]
pub struct BoundView {
    /// What is stored.
    pub row: RepositoryRow,
    /// Who owns it here.
    pub owner: AccountRow,
}

impl Authority {
    /// Every upstream, in the order of ids.
    pub fn upstream_views(&self, permit: &Permit) -> Result<Vec<UpstreamView>, Fault> {
        self.read(permit, |tx| {
            let rows = upstream::all(tx)?;
            rows.into_iter()
                .map(|row| self.upstream_view_of(tx, row))
                .collect()
        })
    }

    /// The upstream of a name.
    pub fn upstream_view(&self, permit: &Permit, name: &str) -> Result<UpstreamView, Fault> {
        self.read(permit, |tx| {
            let row = by_name(tx, name)?;
            self.upstream_view_of(tx, row)
        })
    }

    /// The links of an upstream, in the order of ids.
    pub fn upstream_links(&self, permit: &Permit, name: &str) -> Result<Vec<LinkView>, Fault> {
        self.read(permit, |tx| {
            let there = by_name(tx, name)?;
            let rows = upstream::links(tx, there.id)?;
            let ids: Vec<AccountId> = rows.iter().map(|row| row.account_id).collect();
            let accounts: BTreeMap<AccountId, AccountRow> = account::by_ids(tx, &ids)?
                .into_iter()
                .map(|row| (row.id, row))
                .collect();
            Ok(rows
                .into_iter()
                .filter_map(|row| {
                    let account = accounts.get(&row.account_id)?.clone();
                    Some(self.link_view(row, account, there.clone()))
                })
                .collect())
        })
    }

    /// The links of whoever acts.
    pub fn own_upstream_links(&self, permit: &Permit) -> Result<Vec<LinkView>, Fault> {
        let id = permit.person()?;
        self.read(permit, |tx| {
            let own = crate::directory::account::live(tx, id)?;
            let mut views = Vec::new();
            for row in upstream::links_of(tx, id)? {
                let there = upstream::by_id(tx, row.upstream_id)?.filter(|there| there.deleted_at.is_none());
                if let Some(there) = there {
                    views.push(self.link_view(row, own.clone(), there));
                }
            }
            Ok(views)
        })
    }

    /// The accounts that live at an upstream.
    pub fn upstream_owners(&self, permit: &Permit, name: &str) -> Result<Vec<AccountRow>, Fault> {
        self.read(permit, |tx| {
            let there = by_name(tx, name)?;
            Ok(upstream::accounts(tx, there.id)?)
        })
    }

    /// Repositories that live at an upstream, in the order of ids, after one.
    pub fn upstream_repositories(
        &self,
        permit: &Permit,
        name: &str,
        after: RepositoryId,
        limit: usize,
    ) -> Result<Vec<BoundView>, Fault> {
        self.read(permit, |tx| {
            let there = by_name(tx, name)?;
            let rows = upstream::repositories(tx, there.id, after, limit)?;
            let ids: Vec<AccountId> = rows.iter().map(|row| row.owner_id).collect();
            let owners: BTreeMap<AccountId, AccountRow> = account::by_ids(tx, &ids)?
                .into_iter()
                .map(|row| (row.id, row))
                .collect();
            Ok(rows
                .into_iter()
                .filter_map(|row| {
                    let owner = owners.get(&row.owner_id)?.clone();
                    Some(BoundView { row, owner })
                })
                .collect())
        })
    }

    pub(super) fn upstream_view_of(&self, tx: &mut Tx<'_>, row: UpstreamRow) -> Result<UpstreamView, Fault> {
        let (accounts, repositories) = upstream::bound(tx, row.id)?;
        let opened = self.open_secrets(row.credential.as_ref(), &upstream_place(row.id));
        Ok(UpstreamView {
            // What cannot be read is shown as nothing set; the gateway refuses what lives there meanwhile.
            settings: serde_json::from_str(&row.settings).unwrap_or_default(),
            secrets: opened.ok().map(|secrets| secrets.into_keys().collect()),
            accounts,
            repositories,
            links: upstream::links(tx, row.id)?.len(),
            row,
        })
    }

    pub(super) fn link_view(
        &self,
        row: UpstreamLinkRow,
        account: AccountRow,
        upstream: UpstreamRow,
    ) -> LinkView {
        let opened = self.open_secrets(
            row.credential.as_ref(),
            &link_place(row.upstream_id, row.account_id),
        );
        LinkView {
            secrets: opened.ok().map(|secrets| secrets.into_keys().collect()),
            row,
            account,
            upstream,
        }
    }
}

/// The live upstream of a name.
pub(crate) fn by_name(tx: &mut Tx<'_>, name: &str) -> Result<UpstreamRow, Fault> {
    upstream::by_name(tx, name)?.ok_or_else(Fault::not_found)
}
