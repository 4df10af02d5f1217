//! Where a permitted request is served: here, or at the upstream where its target lives.

use crate::gather::Named;
use crate::permit::Permit;
use bailiwick_catalogue::{Door, Target};
use bailiwick_model::{UpstreamId, UpstreamKind};
use bailiwick_store::AccountKind;

/// The upstream that serves a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Location {
    /// The one where the target lives.
    Of(UpstreamId),
    /// The one that has the operation.
    Named(&'static str),
    /// The only one of its kind: nothing that the request names lives anywhere.
    Sole(UpstreamKind),
    /// None, though nothing here serves it: what the request names is kept here, or is not there.
    Nowhere,
}

/// Where a permitted request is served; `None` is here.
pub fn upstream_of(permit: &Permit) -> Option<Location> {
    let operation = permit.operation();
    if let Some(name) = bailiwick_catalogue::upstream_of(operation) {
        return Some(Location::Named(name));
    }
    if operation.door == Door::Registry {
        return Some(at_registry(permit));
    }
    if matches!(operation.door, Door::Page | Door::Root) || is_own(operation.id) {
        return None;
    }
    let gathered = permit.gathered();
    let id = gathered.upstream();
    if operation.door == Door::Gitea {
        return Some(at_gitea(permit, id));
    }
    id.map(Location::Of)
}

/// Registries are behind the gateway alone: the one whose mount was asked, the one that has the package, or the only one of
/// images.
fn at_registry(permit: &Permit) -> Location {
    let gathered = permit.gathered();
    let of_package = gathered.package.as_ref().and_then(|package| package.upstream);
    match of_package.or(gathered.names.registry) {
        Some(id) => Location::Of(id),
        None => Location::Sole(UpstreamKind::Oci),
    }
}

/// Gitea's door leads to servers behind the gateway alone.
fn at_gitea(permit: &Permit, bound: Option<UpstreamId>) -> Location {
    let gathered = permit.gathered();
    match (
        bound,
        gathered.named(Target::Repository),
        gathered.named(Target::Organization),
    ) {
        (Some(id), ..) => Location::Of(id),
        (None, Named::Absent, Named::Absent) => Location::Sole(UpstreamKind::Gitea),
        // Persons live nowhere: they have a link to each server that knows them.
        (None, Named::Absent, Named::Account(owner)) if owner.row.kind == AccountKind::User => {
            Location::Sole(UpstreamKind::Gitea)
        }
        (None, ..) => Location::Nowhere,
    }
}

/// Whether an operation is about Bailiwick's own things, wherever the repository or the organization lives: tokens,
/// grants and requests, policies, the audit log.
// SECURITY: an upstream's answer to one of these would be about its own tokens and its own log.
pub fn is_own(id: &str) -> bool {
    id.starts_with("bailiwick/") || id.contains("pat-grant") || id.contains("audit-log")
}
