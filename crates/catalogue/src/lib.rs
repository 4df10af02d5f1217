//! Every permission and operation as data, and the only router: method and path → operation. No rules.
//! The rows are in `data/`; the build script checks them and makes them tables. Files of mounted upstreams are read by
//! the same code while the server runs.

mod describe;
mod extension;
mod named;
pub mod operation;
mod path;
mod permission;
#[allow(dead_code, reason = "the build script uses some of it, the library some")]
mod read;
mod reference;
mod registry;
mod route;
mod table;

pub use describe::{accepted_header, describe_requirement, describe_role, describe_scopes};
pub use extension::{EXTENSION_BYTES_MAX, EXTENSION_OPERATIONS_MAX, Extension, mount_name, upstream_of};
pub use named::{AccountName, Names, RepositoryName, names};
pub use operation::{
    Anonymous, Door, Kinds, Operation, OperationIndex, Requirement, Role, ScopeAlternative, Target, Term,
    When,
};
pub use permission::{
    LevelsError, Permission, PermissionKind, levels_from_slugs, permission, permission_by_id,
};
pub use read::faults::{Fault as FileFault, Faults as FileFaults};
pub use reference::{operation_line, reference_json, reference_markdown};
pub use registry::accepted_header_of_loaded;
pub use route::{Match, PARAMS_MAX, Params, RouteError, route};
pub use table::{OPERATIONS, PERMISSIONS, by_id, op, operation, perm};
