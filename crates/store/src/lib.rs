//! Persistence: one SQL for SQLite and PostgreSQL, migrations, change feed, audit log.
//!
//! A module is a noun: its row and the statements about it. No rules live here; what may happen is decided above.

pub mod change;
mod column;
mod engine;
mod error;
pub mod migration;
mod record;
pub mod setting;
mod store;
mod tx;
mod value;

pub use change::{Change, ChangeKey, Committed};
pub use column::{Object, Permissions};
pub use error::{Result, StoreError};
pub use store::{EngineKind, Store, Target};
pub use tx::Tx;
pub use value::{FromValue, Row, ToValue, Value};
