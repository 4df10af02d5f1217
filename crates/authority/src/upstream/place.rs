//! Where a permitted request is served: here, or at the upstream where its target lives.

use crate::gather::Named;
use crate::permit::Permit;
use bailiwick_catalogue::{Door, Target};
use bailiwick_model::UpstreamId;

/// The upstream that serves a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Location {
    /// The one where the target lives.
    Of(UpstreamId),
    /// The one that has the operation.
    Named(&'static str),
}

/// Where a permitted request is served; `None` is here.
pub fn upstream_of(permit: &Permit) -> Option<Location> {
    let operation = permit.operation();
    if let Some(name) = bailiwick_catalogue::upstream_of(operation) {
        return Some(Location::Named(name));
    }
    if matches!(operation.door, Door::Page | Door::Root) || is_own(operation.id) {
        return None;
    }
    let gathered = permit.gathered();
    let id = match (
        gathered.named(Target::Repository),
        gathered.named(Target::Organization),
    ) {
        (Named::Repository(repository, _), _) => repository.row.upstream_id,
        (_, Named::Account(owner)) => owner.row.upstream_id,
        _ => None,
    };
    id.map(Location::Of)
}

/// Whether an operation is about Bailiwick's own things, wherever the repository or the organization lives: tokens,
/// grants and requests, policies, the audit log.
// SECURITY: an upstream's answer to one of these would be about its own tokens and its own log.
fn is_own(id: &str) -> bool {
    id.starts_with("bailiwick/") || id.contains("pat-grant") || id.contains("audit-log")
}
