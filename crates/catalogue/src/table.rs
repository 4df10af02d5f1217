//! The generated tables, and looking things up in them.

use crate::named::{AccountName, Names, RepositoryName};
use crate::operation::{
    Anonymous, Door, Kinds, Operation, OperationIndex, Requirement, Role, ScopeAlternative, Target, Term,
    When,
};
use crate::permission::{Permission, PermissionKind};
use crate::route::{Node, Shape};
use bailiwick_model::{
    EnterpriseRole, Level, OrganizationRole, PermissionId, RepositoryRole, Scope, ScopeSet,
};
use std::borrow::Cow;

mod generated {
    #![allow(
        missing_docs,
        clippy::all,
        reason = "generated from data that is checked when it is read"
    )]
    use super::*;
    include!(concat!(env!("OUT_DIR"), "/tables.rs"));
}

pub(crate) use generated::{API, BY_ID, GIT, GITEA, NAMES, PAGE, PARAMS, ROOT};
pub use generated::{OPERATIONS, PERMISSIONS, op, perm};

/// The operation at a place in the table, or of a mounted upstream; `None` for a place of another process.
#[inline]
pub fn operation(index: OperationIndex) -> Option<&'static Operation> {
    match OPERATIONS.get(usize::from(index.0)) {
        None => crate::registry::operation(index),
        found => found,
    }
}

/// The built-in operation of an id.
pub fn by_id(id: &str) -> Option<&'static Operation> {
    let at = BY_ID.binary_search_by(|(known, _)| (*known).cmp(id)).ok()?;
    BY_ID
        .get(at)
        .and_then(|(_, index)| operation(OperationIndex(*index)))
}
