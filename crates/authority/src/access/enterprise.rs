//! Enterprises as their owners see them: which ones there are, their organizations, and what there is to count.

use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::ResolvedPolicy;
use bailiwick_model::grant::ResourceOwner;
use bailiwick_store::inventory::{self, InventoryQuery, Standing};
use bailiwick_store::{AccountRow, EnterpriseRow, enterprise};

pub use bailiwick_store::inventory::OrganizationCount;

/// An enterprise with what there is to count.
#[derive(Clone, PartialEq, Debug)]
pub struct EnterpriseView {
    /// What is stored.
    pub row: EnterpriseRow,
    /// Its owners.
    pub owners: Vec<AccountRow>,
    /// How many organizations it has.
    pub organizations: i64,
    /// Tokens that open something here.
    pub tokens: i64,
    /// Requests that wait for the enterprise itself.
    pub pending: i64,
    /// Requests that wait at its organizations.
    pub pending_below: i64,
}

impl Authority {
    /// The enterprises that the person owns.
    pub fn enterprises_owned(&self, permit: &Permit) -> Result<Vec<EnterpriseRow>, Fault> {
        let person = permit.person()?;
        self.read(permit, |tx| Ok(inventory::owned_by(tx, person)?))
    }

    /// The enterprise that the path names.
    pub fn enterprise(&self, permit: &Permit) -> Result<EnterpriseView, Fault> {
        let ResourceOwner::Enterprise(id) = permit.resource_owner()? else {
            return Err(Fault::not_found());
        };
        self.read(permit, |tx| {
            let row = enterprise::by_id(tx, id)?.ok_or_else(Fault::not_found)?;
            let (organizations, pending, pending_below) = inventory::totals(tx, id)?;
            let tokens = inventory::count(
                tx,
                &InventoryQuery {
                    standing: Standing::Active,
                    ..InventoryQuery::new(id, permit.now())
                },
            )?;
            Ok(EnterpriseView {
                row,
                owners: enterprise::owners(tx, id)?,
                organizations,
                tokens,
                pending,
                pending_below,
            })
        })
    }

    /// A page of its organizations, by login.
    pub fn enterprise_organizations(
        &self,
        permit: &Permit,
        offset: usize,
        limit: usize,
    ) -> Result<Vec<OrganizationCount>, Fault> {
        let ResourceOwner::Enterprise(id) = permit.resource_owner()? else {
            return Err(Fault::not_found());
        };
        self.read(permit, |tx| {
            Ok(inventory::organizations_of(tx, id, offset, limit)?)
        })
    }

    /// A page of its organizations, each with the policy that holds there.
    pub fn policies_below(
        &self,
        permit: &Permit,
        offset: usize,
        limit: usize,
    ) -> Result<Vec<(AccountRow, ResolvedPolicy)>, Fault> {
        let ResourceOwner::Enterprise(id) = permit.resource_owner()? else {
            return Err(Fault::not_found());
        };
        self.read(permit, |tx| {
            let row = enterprise::by_id(tx, id)?.ok_or_else(Fault::not_found)?;
            let organizations = inventory::organizations_of(tx, id, offset, limit)?;
            Ok(organizations
                .into_iter()
                .map(|one| {
                    let resolved =
                        bailiwick_decision::policy::resolve(Some(&row.policy), Some(&one.row.policy));
                    (one.row, resolved)
                })
                .collect())
        })
    }
}
