//! Grants as resource owners see them: listing and revoking.

use super::request::{Filters, ListInput, filters};
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use crate::token::RepositoryName;
use crate::token::edit::grant_event;
use crate::token::view::{GrantView, RequestView, load_grant, load_request};
use bailiwick_model::{GrantId, RequestState};
use bailiwick_store::grant::GrantQuery;
use bailiwick_store::{AccountRow, TokenRow, access_request, account, grant, token};

/// A grant with its token and who holds it.
#[derive(Clone, PartialEq, Debug)]
pub struct HeldGrantView {
    /// The grant.
    pub grant: GrantView,
    /// Its token.
    pub token: TokenRow,
    /// Who holds it.
    pub holder: AccountRow,
}

/// Requests told of one grant.
const TRAIL_MAX: usize = 100;

fn query(filters: Filters, input: &ListInput) -> GrantQuery {
    GrantQuery {
        active: true,
        holders: filters.holders,
        tokens: input.tokens.clone(),
        repository: filters.repository,
        permission: input.permission.clone(),
        used_before: input.used_before,
        used_after: input.used_after,
        ascending: input.ascending,
        offset: input.offset,
        limit: input.limit,
    }
}

impl Authority {
    /// How many grants are active at the owner that the path names, with the same filters.
    pub fn grants_count(&self, permit: &Permit, input: &ListInput) -> Result<u64, Fault> {
        let owner = permit.resource_owner()?;
        self.read(permit, |tx| {
            let Some(filters) = filters(tx, owner, input)? else {
                return Ok(0);
            };
            let count = grant::count(tx, owner, &query(filters, input))?;
            Ok(u64::try_from(count).unwrap_or(0))
        })
    }

    /// What was asked and decided of a grant at the owner that the path names, newest first.
    pub fn grant_trail(&self, permit: &Permit, id: GrantId) -> Result<Vec<RequestView>, Fault> {
        let owner = permit.resource_owner()?;
        self.read(permit, |tx| {
            grant::by_id(tx, id)?
                .filter(|row| row.owner() == owner)
                .ok_or_else(Fault::not_found)?;
            access_request::of_grant(tx, id, TRAIL_MAX)?
                .into_iter()
                .map(|row| load_request(tx, row))
                .collect()
        })
    }

    /// Active grants at the owner that the path names.
    pub fn grants(&self, permit: &Permit, input: &ListInput) -> Result<Vec<HeldGrantView>, Fault> {
        let owner = permit.resource_owner()?;
        self.read(permit, |tx| {
            let Some(filters) = filters(tx, owner, input)? else {
                return Ok(Vec::new());
            };
            let held = grant::list(tx, owner, &query(filters, input))?;
            held.into_iter()
                .map(|held| {
                    Ok(HeldGrantView {
                        grant: load_grant(tx, held.grant)?,
                        token: held.token,
                        holder: held.holder,
                    })
                })
                .collect()
        })
    }

    /// One active grant at the owner that the path names.
    pub fn grant(&self, permit: &Permit, id: GrantId) -> Result<HeldGrantView, Fault> {
        let owner = permit.resource_owner()?;
        self.read(permit, |tx| {
            let row = grant::by_id(tx, id)?
                .filter(|row| row.owner() == owner && row.active)
                .ok_or_else(Fault::not_found)?;
            let token = token::by_id(tx, row.token_id)?.ok_or_else(Fault::not_found)?;
            let holder = account::by_id(tx, token.owner_id)?.ok_or_else(Fault::not_found)?;
            Ok(HeldGrantView {
                grant: load_grant(tx, row)?,
                token,
                holder,
            })
        })
    }

    /// One grant at the owner that the path names, also one that has ended, and who ended it.
    pub fn grant_ever(
        &self,
        permit: &Permit,
        id: GrantId,
    ) -> Result<(HeldGrantView, Option<AccountRow>), Fault> {
        let owner = permit.resource_owner()?;
        self.read(permit, |tx| {
            let row = grant::by_id(tx, id)?
                .filter(|row| row.owner() == owner)
                .ok_or_else(Fault::not_found)?;
            let token = token::by_id(tx, row.token_id)?.ok_or_else(Fault::not_found)?;
            let holder = account::by_id(tx, token.owner_id)?.ok_or_else(Fault::not_found)?;
            let by = match row.revoked_by.filter(|_| !row.active) {
                Some(by) => account::by_id(tx, by)?,
                None => None,
            };
            let grant = load_grant(tx, row)?;
            Ok((HeldGrantView { grant, token, holder }, by))
        })
    }

    /// The repositories of a grant.
    pub fn grant_repositories(&self, permit: &Permit, id: GrantId) -> Result<Vec<RepositoryName>, Fault> {
        Ok(self.grant(permit, id)?.grant.repositories)
    }

    /// Revokes grants at the owner that the path names: all of them, or on any obstacle none.
    pub fn grants_revoke(&self, permit: Permit, ids: &[GrantId]) -> Result<(), Fault> {
        super::check_ids("PersonalAccessToken", "pat_ids", ids)?;
        let owner = permit.resource_owner()?;
        self.act(permit, |act, permit| {
            act.action("personal_access_token.access_revoked");
            for (place, id) in ids.iter().enumerate() {
                let row = grant::by_id(act.tx, *id)?
                    .filter(|row| row.owner() == owner)
                    .ok_or_else(Fault::not_found)?;
                let token = token::by_id(act.tx, row.token_id)?.ok_or_else(Fault::not_found)?;
                let selection = grant::selection(act.tx, &row)?;
                access_request::end_of_grant(act.tx, row.id, RequestState::Superseded, permit.now())?;
                grant::revoke(act.tx, row.id, permit.actor(), permit.now())?;
                grant_event(
                    act,
                    "personal_access_token.access_revoked",
                    &token,
                    &row,
                    &selection,
                )?;
                if place == 0
                    && let Some(event) = act.more.pop()
                {
                    act.event = event;
                }
            }
            Ok(())
        })
    }
}
