//! What resource owners do with tokens: read and decide requests, read and revoke grants, set policy, end
//! tokens in an incident.

pub mod asks;
pub mod classic;
pub mod decide;
pub mod enterprise;
pub mod grant;
pub mod incident;
pub mod inventory;
pub mod policy;
pub mod request;
pub mod roles;

pub use asks::{AskView, OwnAsk};
pub use decide::{Approval, Review};
pub use enterprise::EnterpriseView;
pub use incident::{EndInput, Ended};
pub use inventory::{Inventoried, InventoryDetail, InventoryInput, Standing};
pub use request::{ListInput, RequestCase};

use crate::fault::Fault;
use crate::gather::Named;
use crate::permit::Permit;
use bailiwick_catalogue::Target;
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::limit::BULK_IDS_MAX;
use std::collections::BTreeSet;

impl Permit {
    /// The resource owner that the path names: an organization, or an enterprise.
    pub fn resource_owner(&self) -> Result<ResourceOwner, Fault> {
        match (
            self.gathered().named(Target::Enterprise),
            self.gathered().named(Target::Organization),
        ) {
            (Named::Enterprise(enterprise), _) => Ok(ResourceOwner::Enterprise(enterprise.facts.id)),
            (_, Named::Account(owner)) => Ok(ResourceOwner::Account(owner.facts.id)),
            _ => Err(Fault::not_found()),
        }
    }
}

/// Checks the ids of a change in bulk: some, not too many, and none of them twice. A second mention would meet
/// what the first has done and tell of a conflict that is none.
fn check_ids<Id: Copy + Ord + std::fmt::Display>(
    resource: &'static str,
    field: &str,
    ids: &[Id],
) -> Result<(), Fault> {
    let invalid = |message: String| Err(Fault::invalid(resource, field, "invalid", message));
    if ids.is_empty() || ids.len() > BULK_IDS_MAX {
        return invalid(format!("give 1 to {BULK_IDS_MAX} ids"));
    }
    let mut seen = BTreeSet::new();
    match ids.iter().find(|id| !seen.insert(**id)) {
        Some(twice) => invalid(format!("{twice} is given more than once")),
        None => Ok(()),
    }
}
