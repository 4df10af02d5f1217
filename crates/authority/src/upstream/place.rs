//! Where a permitted request is served: here, or at the upstream where its target lives.

use crate::gather::Named;
use crate::permit::Permit;
use bailiwick_catalogue::{Door, Operation, Target};
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

/// Operations on the directory that every repository and its owner have here, wherever the content lives, besides those on
/// teams. What cannot be done to a repository that lives elsewhere says so by itself, and where to do it instead.
const KEPT: &[&str] = &[
    "orgs/check-membership-for-user",
    "orgs/check-public-membership-for-user",
    "orgs/convert-member-to-outside-collaborator",
    "orgs/get",
    "orgs/get-membership-for-authenticated-user",
    "orgs/get-membership-for-user",
    "orgs/list-members",
    "orgs/list-outside-collaborators",
    "orgs/list-public-members",
    "orgs/remove-member",
    "orgs/remove-membership-for-user",
    "orgs/remove-outside-collaborator",
    "orgs/remove-public-membership-for-authenticated-user",
    "orgs/set-membership-for-user",
    "orgs/set-public-membership-for-authenticated-user",
    "orgs/update",
    "orgs/update-membership-for-authenticated-user",
    "repos/add-collaborator",
    "repos/check-collaborator",
    "repos/create-fork",
    "repos/create-in-org",
    "repos/delete",
    "repos/get",
    "repos/get-all-topics",
    "repos/get-collaborator-permission-level",
    "repos/list-collaborators",
    "repos/list-for-org",
    "repos/list-teams",
    "repos/remove-collaborator",
    "repos/transfer",
    "repos/update",
];

/// Whether an operation on what lives at an upstream of some kind is served here all the same: the directory's, where the
/// upstream has no API for it; that of packages, which are at registries, unless it has a Packages API of its own.
// SECURITY: for GitHub and Gitea the directory is what they say. Written here alone, it would lead away from theirs.
pub fn is_kept(operation: &Operation, kind: UpstreamKind) -> bool {
    if operation.id.starts_with("packages/") {
        return kind != UpstreamKind::GitHub;
    }
    is_of_directory(operation) && !matches!(kind, UpstreamKind::GitHub | UpstreamKind::Gitea)
}

/// Whether it depends on the kind of an upstream where an operation is served.
pub fn may_be_kept(operation: &Operation) -> bool {
    operation.id.starts_with("packages/") || is_of_directory(operation)
}

fn is_of_directory(operation: &Operation) -> bool {
    operation.door == Door::Api && (operation.id.starts_with("teams/") || KEPT.contains(&operation.id))
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
