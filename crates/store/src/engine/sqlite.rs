//! SQLite: one writing connection behind a mutex, a pool of read-only ones, write-ahead log, full synchronisation.

use super::pool::Pool;
use super::{Connection, Engine};
use crate::{EngineKind, Result, Row, StoreError, Value};
use rusqlite::config::DbConfig;
use rusqlite::{OpenFlags, ffi, types::ValueRef};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long to wait for another process's lock.
const BUSY: Duration = Duration::from_secs(5);
/// Prepared statements kept per connection.
const STATEMENTS_MAX: usize = 128;

/// The refusal that the audit triggers raise, and how `{append_only}` is written.
const APPEND_ONLY: &str = "\
CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event \
BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END;
CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event \
WHEN NOT EXISTS (SELECT 1 FROM audit_prune WHERE node = OLD.node AND position >= OLD.position) \
BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END;";

/// An SQLite database.
pub(crate) struct Sqlite {
    path: PathBuf,
    // INVARIANT: before the writer, so that the writer closes last: only it can fold the log into the file.
    readers: Pool<rusqlite::Connection>,
    writer: Mutex<rusqlite::Connection>,
}

impl Sqlite {
    /// Opens or creates the file, readable by its owner alone.
    pub(crate) fn open(path: PathBuf) -> Result<Sqlite> {
        create_private(&path, false)?;
        let writer = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        writer
            .execute_batch(
                // A batch of audit events changes a page for nearly each: room for all of them, and several batches of the
                // same pages before they are folded into the file (32 MB; usual are 2 MB and 4 MB).
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864; \
                 PRAGMA wal_autocheckpoint = 8192; PRAGMA cache_size = -8192;",
            )
            .map_err(|error| map_error(&error))?;
        Ok(Sqlite {
            path,
            writer: Mutex::new(writer),
            readers: Pool::new(),
        })
    }
}

/// Creates an empty file with mode 0600: SQLite gives its log and shared-memory files the same.
fn create_private(path: &Path, new: bool) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).create_new(new);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|error| StoreError::Unreachable {
        message: format!("{}: {error}", path.display()),
    })?;
    drop(file);
    Ok(())
}

fn connect(path: &Path, mode: OpenFlags) -> Result<rusqlite::Connection> {
    let open = || -> rusqlite::Result<rusqlite::Connection> {
        let connection = rusqlite::Connection::open_with_flags(path, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        // A misspelt column in double quotes must be an error, as it is on PostgreSQL, not a text.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.execute_batch(
            "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; \
             PRAGMA recursive_triggers = ON;",
        )?;
        Ok(connection)
    };
    open().map_err(|error| map_error(&error))
}

impl Engine for Sqlite {
    fn kind(&self) -> EngineKind {
        EngineKind::Sqlite
    }

    fn begin_read(&self) -> Result<Box<dyn Connection + '_>> {
        let connection = self
            .readers
            .take(|| connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY))?;
        let mut tx = SqliteTx {
            hold: Hold::Reader(&self.readers, Some(connection)),
            open: false,
        };
        tx.execute("BEGIN", &[])?;
        tx.open = true;
        Ok(Box::new(tx))
    }

    fn begin_write(&self) -> Result<Box<dyn Connection + '_>> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tx = SqliteTx {
            hold: Hold::Writer(writer),
            open: false,
        };
        tx.execute("BEGIN IMMEDIATE", &[])?;
        tx.open = true;
        Ok(Box::new(tx))
    }

    fn backup(&self, to: &Path) -> Result<()> {
        let name = to
            .to_str()
            .ok_or_else(|| StoreError::shape("a backup path in UTF-8"))?;
        create_private(to, true)?;
        // VACUUM INTO copies one snapshot; a connection of its own keeps readers and the writer going.
        let connection = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection
            .execute("VACUUM INTO ?1", [name])
            .map_err(|error| map_error(&error))?;
        std::fs::File::open(to)
            .and_then(|file| file.sync_all())
            .map_err(|error| StoreError::Unreachable {
                message: format!("{}: {error}", to.display()),
            })
    }
}

enum Hold<'a> {
    Writer(MutexGuard<'a, rusqlite::Connection>),
    Reader(&'a Pool<rusqlite::Connection>, Option<rusqlite::Connection>),
}

struct SqliteTx<'a> {
    hold: Hold<'a>,
    open: bool,
}

impl SqliteTx<'_> {
    fn connection(&self) -> Result<&rusqlite::Connection> {
        match &self.hold {
            Hold::Writer(connection) => Ok(connection),
            Hold::Reader(_, connection) => connection.as_ref().ok_or(StoreError::Aborted),
        }
    }

    fn prepare(&self, sql: &str, values: &[Value]) -> Result<rusqlite::CachedStatement<'_>> {
        let mut statement = self
            .connection()?
            .prepare_cached(sql)
            .map_err(|error| map_error(&error))?;
        for place in 1..=statement.parameter_count() {
            // `$3` is a name to SQLite, numbered by first appearance: the number in the name is what counts.
            let value = statement
                .parameter_name(place)
                .and_then(|name| name.strip_prefix('$')?.parse::<usize>().ok()?.checked_sub(1))
                .and_then(|index| values.get(index))
                .ok_or_else(|| StoreError::shape("a value for each parameter"))?;
            let bound = match value {
                Value::Null => statement.raw_bind_parameter(place, rusqlite::types::Null),
                Value::Int(number) => statement.raw_bind_parameter(place, number),
                Value::Text(text) => statement.raw_bind_parameter(place, text),
                Value::Blob(bytes) => statement.raw_bind_parameter(place, bytes),
            };
            bound.map_err(|error| map_error(&error))?;
        }
        Ok(statement)
    }
}

impl Connection for SqliteTx<'_> {
    fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        let mut statement = self.prepare(sql, values)?;
        let width = statement.column_count();
        let mut rows = statement.raw_query();
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(|error| map_error(&error))? {
            let mut columns = Vec::with_capacity(width);
            for place in 0..width {
                columns.push(value(row.get_ref(place).map_err(|error| map_error(&error))?)?);
            }
            found.push(Row::new(columns));
        }
        Ok(found)
    }

    fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64> {
        let mut statement = self.prepare(sql, values)?;
        let count = statement.raw_execute().map_err(|error| map_error(&error))?;
        Ok(count as u64)
    }

    fn batch(&mut self, sql: &str) -> Result<()> {
        self.connection()?
            .execute_batch(sql)
            .map_err(|error| map_error(&error))
    }

    fn dialect(&self, sql: &str) -> String {
        sql.replace("{append_only}", APPEND_ONLY)
    }

    fn commit(&mut self) -> Result<()> {
        self.execute("COMMIT", &[])?;
        self.open = false;
        Ok(())
    }
}

impl Drop for SqliteTx<'_> {
    fn drop(&mut self) {
        let healthy = !self.open || self.batch("ROLLBACK").is_ok();
        if let Hold::Reader(pool, connection) = &mut self.hold {
            pool.give(connection.take().filter(|_| healthy));
        }
    }
}

fn value(value: ValueRef<'_>) -> Result<Value> {
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Int(number)),
        ValueRef::Text(bytes) => String::from_utf8(bytes.to_vec())
            .map(Value::Text)
            .map_err(|_| StoreError::shape("text in UTF-8")),
        ValueRef::Blob(bytes) => Ok(Value::Blob(bytes.to_vec())),
        ValueRef::Real(_) => Err(StoreError::shape("no floating-point column")),
    }
}

fn map_error(error: &rusqlite::Error) -> StoreError {
    let rusqlite::Error::SqliteFailure(code, message) = error else {
        return StoreError::Engine {
            code: None,
            message: error.to_string(),
        };
    };
    let message = message.clone().unwrap_or_else(|| code.to_string());
    match code.extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE => StoreError::Conflict {
            constraint: constraint(&message, "key"),
        },
        ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => StoreError::Conflict {
            constraint: constraint(&message, "pkey"),
        },
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => StoreError::Reference,
        ffi::SQLITE_CONSTRAINT_TRIGGER => StoreError::AppendOnly,
        extended => match code.code {
            rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked => StoreError::Busy,
            rusqlite::ErrorCode::CannotOpen | rusqlite::ErrorCode::NotADatabase => {
                StoreError::Unreachable { message }
            }
            _ => StoreError::Engine {
                code: Some(extended.to_string()),
                message,
            },
        },
    }
}

/// SQLite names columns (`UNIQUE constraint failed: team.organization_id, team.slug`), PostgreSQL the index.
/// Indexes are named after their columns (`team_organization_id_slug_key`), so one leads to the other.
fn constraint(message: &str, suffix: &str) -> String {
    let columns = message.rsplit_once(": ").map_or(message, |(_, columns)| columns);
    let mut name = String::new();
    for column in columns.split(", ") {
        let (table, column) = column.split_once('.').unwrap_or(("", column));
        if name.is_empty() {
            name.push_str(table);
        }
        if suffix == "key" {
            name.push('_');
            name.push_str(column);
        }
    }
    format!("{name}_{suffix}")
}
