//! Every permission and operation as data, and the only router: method and path → operation. No rules.

pub mod operation;

pub use operation::{Anonymous, Door, Kinds, Operation, OperationIndex, Requirement, Role, ScopeAlternative, Target, Term, When};
