//! What resource owners do with tokens: read and decide requests, read and revoke grants, set policy, end
//! tokens in an incident.

pub mod decide;
pub mod grant;
pub mod incident;
pub mod policy;
pub mod request;
pub mod roles;

pub use decide::{Approval, Review};
pub use incident::{EndInput, Ended};
pub use request::ListInput;

use crate::fault::Fault;
use crate::gather::Named;
use crate::permit::Permit;
use bailiwick_catalogue::Target;
use bailiwick_model::grant::ResourceOwner;

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
