//! The two engines. Every difference between them is in this folder: locking, types, errors, triggers, backup.

mod pool;
pub(crate) mod postgres;
pub(crate) mod sqlite;
mod tls;

use crate::{EngineKind, Result, Row, Value};
use std::path::Path;

/// A connection with an open transaction. Dropping it rolls back.
pub(crate) trait Connection {
    /// Runs a query.
    fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>>;
    /// Runs a statement and counts the rows it changed.
    fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64>;
    /// Runs several statements without parameters.
    fn batch(&mut self, sql: &str) -> Result<()>;
    /// The engine's form of a schema definition that is written in SQLite's words.
    fn dialect(&self, sql: &str) -> String;
    /// Commits; durable when it returns.
    fn commit(&mut self) -> Result<()>;
}

/// A database.
pub(crate) trait Engine: Send + Sync {
    /// Which one.
    fn kind(&self) -> EngineKind;
    /// Opens a read-only transaction on one snapshot.
    fn begin_read(&self) -> Result<Box<dyn Connection + '_>>;
    /// Opens the only writing transaction of all processes, after waiting for its turn.
    fn begin_write(&self) -> Result<Box<dyn Connection + '_>>;
    /// Writes a consistent copy to a new file.
    fn backup(&self, to: &Path) -> Result<()>;
}
