//! The reference of permissions and operations: public data of the catalogue, searched and cut into pages here.

mod index;
mod operations;
mod permission;

use bailiwick_catalogue::{PermissionKind, op};
use bailiwick_gate::Routes;

/// The operations of this area.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_PERMISSIONS, index::show)
        .on(op::WEB_PERMISSION, permission::show);
}

/// The kinds in the order in which forms show them, with their headings.
const KINDS: [(PermissionKind, &str); 4] = [
    (PermissionKind::Repository, "Repository permissions"),
    (PermissionKind::Organization, "Organization permissions"),
    (PermissionKind::Account, "Account permissions"),
    (PermissionKind::Enterprise, "Enterprise permissions"),
];
