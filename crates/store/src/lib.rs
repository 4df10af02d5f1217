//! Persistence: one SQL for SQLite and PostgreSQL, migrations, change feed, audit log.
//!
//! A module is a noun: its row and the statements about it. No rules live here; what may happen is decided above.

pub mod access_request;
pub mod account;
pub mod audit;
pub mod change;
pub mod check;
pub mod collaborator;
mod column;
pub mod comment;
mod engine;
pub mod enterprise;
mod error;
pub mod facts;
mod filter;
pub mod grant;
pub mod issue;
pub mod label;
pub mod lfs_lock;
pub mod membership;
pub mod migration;
pub mod push_intent;
mod record;
pub mod redirect;
pub mod repository;
pub mod session;
pub mod setting;
pub mod status;
mod store;
pub mod team;
pub mod token;
mod tx;
mod value;

pub use access_request::AccessRequestRow;
pub use account::{AccountKind, AccountRow};
pub use audit::EventRow;
pub use change::{Change, ChangeKey, Committed};
pub use check::{CheckRunRow, CheckSuiteRow};
pub use column::{Object, Permissions, Secret};
pub use comment::CommentRow;
pub use enterprise::EnterpriseRow;
pub use error::{Result, StoreError};
pub use grant::GrantRow;
pub use issue::IssueRow;
pub use label::LabelRow;
pub use lfs_lock::LfsLockRow;
pub use membership::{MembershipRow, TokenRole};
pub use push_intent::PushIntentRow;
pub use repository::RepositoryRow;
pub use session::SessionRow;
pub use status::StatusRow;
pub use store::{EngineKind, Store, Target};
pub use team::{TeamPrivacy, TeamRole, TeamRow};
pub use token::TokenRow;
pub use tx::Tx;
pub use value::{FromValue, Row, ToValue, Value};
