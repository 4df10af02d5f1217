//! Packages at registries behind the gateway: whose each is, and what becomes of it when somebody publishes or deletes.

pub(crate) mod gather;
mod label;
pub mod link;
pub mod list;
pub mod publish;
mod resolve;
pub(crate) mod touch;
pub mod view;

pub(crate) use list::owner_of;
pub(crate) use resolve::resolve;

use crate::Authority;
use crate::fault::Fault;
use crate::names::{Names, PackageKey};
use crate::permit::{Permit, Refused};
use crate::registry::Narrowing;
use bailiwick_catalogue::OperationIndex;
use bailiwick_model::{AccountId, PackageId, RegistryKind, RepositoryId, UpstreamId};
use bailiwick_store::PackageHow;
use std::sync::Arc;

/// Whose a package is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PackageRecord {
    /// Its row, if it was ever published or linked.
    pub id: Option<PackageId>,
    /// What its registry speaks.
    pub kind: RegistryKind,
    /// Its registry; none where only a name is known, and the only registry of the kind is meant.
    pub upstream: Option<UpstreamId>,
    /// The name in the normal form.
    pub name: String,
    /// The owner.
    pub owner: AccountId,
    /// The repository that it belongs to; none if it belongs to the owner as a whole.
    pub repository: Option<RepositoryId>,
    /// Whether everybody may read one that belongs to the owner as a whole.
    pub public: bool,
    /// How it is known.
    pub how: PackageHow,
}

/// The names of a request about a package alone.
pub(crate) fn only(package: PackageKey, narrowed: Option<Arc<Narrowing>>) -> Arc<Names> {
    Arc::new(Names {
        registry: package.upstream,
        package: Some(package),
        narrowed,
        ..Names::default()
    })
}

impl Authority {
    /// Decides, for the same caller, another operation on a package: a second one that a request names, one whose name
    /// stands in a body, or what a token may be good for. From memory where it is warm, else blocking.
    // SECURITY: the decision itself. The permit that was asked first lends nothing but who asks.
    pub fn also_package(
        &self,
        permit: &Permit,
        operation: OperationIndex,
        package: PackageKey,
    ) -> Result<Permit, Fault> {
        let operation = bailiwick_catalogue::operation(operation);
        let presented = permit.gathered().presented;
        // SECURITY: who was narrowed for the first is narrowed for the second.
        let names = only(package, permit.gathered().names.narrowed.clone());
        let gathered = match self.gather_warm(&presented, operation, &names) {
            Some(gathered) => gathered,
            None => self.gather(&presented, operation, &names)?,
        };
        crate::permit::decide(operation, gathered, permit.caller().clone(), self.now()).map_err(|refused| {
            let refused: Box<Refused> = refused;
            Fault::from(refused)
        })
    }
}
