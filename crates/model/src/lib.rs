//! The words of the system as types: ids, names, time, levels, roles, tokens, scopes, grants,
//! requests, policies and audit events. No I/O, no clock, no randomness, no HTTP.

pub mod event;
pub mod grant;
pub mod id;
pub mod level;
pub mod limit;
pub mod name;
pub mod network;
pub mod policy;
pub mod principal;
pub mod repository;
pub mod role;
pub mod scope;
pub mod time;
pub mod token;
pub mod upstream;

pub use event::{Event, Outcome};
pub use grant::{AccessRequest, Grant, RequestState, Selection};
pub use id::*;
pub use level::{Level, Levels, PermissionId};
pub use network::network;
pub use policy::{KindPolicy, Policy, ResolvedKindPolicy, ResolvedPolicy};
pub use principal::{PrincipalFacts, SessionFacts, TokenFacts};
pub use repository::{EnterpriseFacts, OwnerFacts, OwnerKind, RepositoryFacts, Visibility};
pub use role::{EnterpriseRole, OrganizationRole, RepositoryRole};
pub use scope::{Scope, ScopeSet};
pub use time::Timestamp;
pub use token::{Digest, TokenKind, TokenText};
pub use upstream::{RegistryKind, UpstreamKind, UpstreamMode, UpstreamSettings};

#[cfg(test)]
mod tests;
