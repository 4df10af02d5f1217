//! What a described request asks: classified and named by the same code as a real one.

use super::Described;
use crate::classify::{Intent, classify, lfs_batch};
use crate::mount::Mounts;
use bailiwick_authority::Names;
use bailiwick_authority::explain::ListedPackage;
use bailiwick_catalogue::{Operation, op, operation};
use bailiwick_model::RegistryKind;

/// A described request as the gate understands it.
#[derive(Debug)]
pub struct Question {
    /// The operation; `None` is one that the catalogue does not know.
    pub operation: Option<&'static Operation>,
    /// What it names.
    pub names: Names,
    /// The package that a path of the Packages API names.
    pub listed: Option<ListedPackage>,
}

impl Described {
    /// What it asks, with this body, where these upstreams are mounted.
    // INVARIANT: by `classify` and `names`, as a request that arrives: an explanation is about the operation that the gate
    // would decide on.
    pub fn question(&self, body: &[u8], mounts: &Mounts) -> Question {
        let method = if self.method == "HEAD" {
            "GET"
        } else {
            &self.method
        };
        let intent = classify(method, &self.path, self.query.as_deref(), mounts);
        let (operation, parameters) = match intent {
            Intent::Operation(operation, parameters) => (Some(operation), parameters),
            Intent::LfsBatch(parameters) => {
                (lfs_batch(body).or(operation(op::LFS_BATCH_DOWNLOAD)), parameters)
            }
            Intent::Unknown(_) | Intent::UnknownOf(_) | Intent::Ambiguous(_) => (None, Vec::new()),
        };
        let get = |name: &str| {
            parameters
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value)
        };
        let listed = get("package_type")
            .zip(get("package_name"))
            .map(|(kind, name)| ListedPackage {
                kind: RegistryKind::of_package_type(kind),
                name: name.to_string(),
            });
        Question {
            operation,
            names: operation
                .map(|operation| crate::names(operation, &parameters, body))
                .unwrap_or_default(),
            listed,
        }
    }
}
