//! PostgreSQL: a pool of clients; writers take turns by an advisory lock, readers see one snapshot.

use super::pool::Pool;
use super::tls::Endpoint;
use super::{Connection, Engine};
use crate::{EngineKind, Result, Row, StoreError, Value};
use postgres::types::{FromSql, IsNull, ToSql, Type, private::BytesMut};
use postgres::{Client, Statement};
use std::collections::HashMap;
use std::error::Error;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Prepared statements kept per connection.
const STATEMENTS_MAX: usize = 256;
/// The key of the lock that writers of every node take, spelling "bailiwic".
const WRITERS: i64 = 0x6261_696c_6977_6963;

/// A node that hangs inside a transaction loses it, and with it the writers' lock.
const SESSION: &str = "SET statement_timeout = '60s'; SET idle_in_transaction_session_timeout = '60s'; \
    SET TIME ZONE 'UTC'; SET client_min_messages = warning; SET standard_conforming_strings = on";
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// Not stricter than READ COMMITTED: the snapshot must be taken after the lock is held, and with the lock
/// transactions are serial anyway, so nothing has to be retried.
const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

/// The refusal that the audit triggers raise, and how `{append_only}` is written.
const APPEND_ONLY: &str = "\
CREATE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
  IF TG_OP = 'DELETE' THEN \
    IF EXISTS (SELECT 1 FROM audit_prune WHERE node = OLD.node AND position >= OLD.position) THEN RETURN OLD; END IF; \
  END IF; \
  RAISE EXCEPTION 'audit events are never changed' USING ERRCODE = 'BW001'; END $$;
CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event \
FOR EACH ROW EXECUTE FUNCTION audit_event_refuse();
CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event \
FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse();";

struct Session {
    client: Client,
    statements: HashMap<String, Statement>,
}

/// A PostgreSQL database.
pub(crate) struct Postgres {
    endpoint: Endpoint,
    pool: Pool<Session>,
    // Writers of this process queue here, so that only one of its connections waits for the lock of all nodes.
    turn: Mutex<()>,
}

impl Postgres {
    /// Connects once to see that it works.
    pub(crate) fn open(url: &str) -> Result<Postgres> {
        let store = Postgres {
            endpoint: Endpoint::parse(url)?,
            pool: Pool::new(),
            turn: Mutex::new(()),
        };
        let session = store.pool.take(|| store.connect())?;
        store.pool.give(Some(session));
        Ok(store)
    }

    fn connect(&self) -> Result<Session> {
        let mut client = self.endpoint.connect()?;
        client.batch_execute(SESSION).map_err(|error| map_error(&error))?;
        Ok(Session {
            client,
            statements: HashMap::new(),
        })
    }

    fn begin<'a>(&'a self, turn: Option<MutexGuard<'a, ()>>, sql: &str) -> Result<PostgresTx<'a>> {
        let mut session = self.pool.take(|| self.connect())?;
        if session.client.batch_execute(sql).is_err() {
            // An idle connection may have died. Nothing has happened yet, so one fresh try is safe.
            drop(session);
            session = self.connect().inspect_err(|_| self.pool.give(None))?;
            if let Err(error) = session.client.batch_execute(sql) {
                self.pool.give(None);
                return Err(map_error(&error));
            }
        }
        Ok(PostgresTx {
            pool: &self.pool,
            session: Some(session),
            open: true,
            _turn: turn,
        })
    }
}

impl Engine for Postgres {
    fn kind(&self) -> EngineKind {
        EngineKind::Postgres
    }

    fn begin_read(&self) -> Result<Box<dyn Connection + '_>> {
        Ok(Box::new(self.begin(None, BEGIN_READ)?))
    }

    fn begin_write(&self) -> Result<Box<dyn Connection + '_>> {
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tx = self.begin(Some(turn), BEGIN_WRITE)?;
        tx.batch(&format!("SELECT pg_advisory_xact_lock({WRITERS})"))?;
        Ok(Box::new(tx))
    }

    fn backup(&self, _to: &Path) -> Result<()> {
        Err(StoreError::Unsupported {
            what: String::from(
                "back up a PostgreSQL database with pg_dump, which is consistent while running",
            ),
        })
    }
}

struct PostgresTx<'a> {
    pool: &'a Pool<Session>,
    session: Option<Session>,
    open: bool,
    _turn: Option<MutexGuard<'a, ()>>,
}

impl PostgresTx<'_> {
    fn prepare(&mut self, sql: &str) -> Result<(&mut Client, Statement)> {
        let session = self.session.as_mut().ok_or(StoreError::Aborted)?;
        let statement = match session.statements.get(sql) {
            Some(statement) => statement.clone(),
            None => {
                let statement = session.client.prepare(sql).map_err(|error| map_error(&error))?;
                if session.statements.len() >= STATEMENTS_MAX {
                    session.statements.clear();
                }
                session.statements.insert(sql.to_owned(), statement.clone());
                statement
            }
        };
        Ok((&mut session.client, statement))
    }
}

fn parameters<'v>(statement: &Statement, values: &'v [Value]) -> Result<Vec<&'v (dyn ToSql + Sync)>> {
    // The driver panics when the counts differ.
    let needed = values.get(..statement.params().len());
    let needed = needed.ok_or_else(|| StoreError::shape("a value for each parameter"))?;
    Ok(needed.iter().map(|value| value as &(dyn ToSql + Sync)).collect())
}

impl Connection for PostgresTx<'_> {
    fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        let (client, statement) = self.prepare(sql)?;
        let parameters = parameters(&statement, values)?;
        let rows = client
            .query(&statement, &parameters)
            .map_err(|error| map_error(&error))?;
        rows.iter().map(read_row).collect()
    }

    fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64> {
        let (client, statement) = self.prepare(sql)?;
        let parameters = parameters(&statement, values)?;
        client
            .execute(&statement, &parameters)
            .map_err(|error| map_error(&error))
    }

    fn batch(&mut self, sql: &str) -> Result<()> {
        let session = self.session.as_mut().ok_or(StoreError::Aborted)?;
        session
            .client
            .batch_execute(sql)
            .map_err(|error| map_error(&error))
    }

    fn dialect(&self, sql: &str) -> String {
        // `COLLATE "C"`: text sorts and compares by bytes, as in SQLite, whatever the cluster's locale is.
        sql.replace(" STRICT", "")
            .replace(" INTEGER", " BIGINT")
            .replace(" BLOB", " BYTEA")
            .replace(" TEXT", " TEXT COLLATE \"C\"")
            .replace("{append_only}", APPEND_ONLY)
    }

    fn commit(&mut self) -> Result<()> {
        let result = self.batch("COMMIT");
        // After a failed commit the connection's state is unknown: leave it open so that Drop closes it.
        self.open = result.is_err();
        result
    }
}

impl Drop for PostgresTx<'_> {
    fn drop(&mut self) {
        let healthy = !self.open || self.batch("ROLLBACK").is_ok();
        let session = self.session.take();
        self.pool
            .give(session.filter(|session| healthy && !session.client.is_closed()));
    }
}

fn read_row(row: &postgres::Row) -> Result<Row> {
    let mut values = Vec::with_capacity(row.len());
    for place in 0..row.len() {
        values.push(
            row.try_get::<_, Value>(place)
                .map_err(|error| StoreError::shape(error.to_string()))?,
        );
    }
    Ok(Row::new(values))
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(number) if *kind == Type::INT8 => number.to_sql(kind, out),
            Value::Int(number) if *kind == Type::INT4 => i32::try_from(*number)?.to_sql(kind, out),
            Value::Text(text) if <&str as ToSql>::accepts(kind) => text.as_str().to_sql(kind, out),
            Value::Blob(bytes) if *kind == Type::BYTEA => bytes.as_slice().to_sql(kind, out),
            other => Err(format!("{} given where {kind} is expected", other.kind()).into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    postgres::types::to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> std::result::Result<Value, Box<dyn Error + Sync + Send>> {
        match *kind {
            Type::INT8 => i64::from_sql(kind, raw).map(Value::Int),
            Type::INT4 => i32::from_sql(kind, raw).map(|number| Value::Int(i64::from(number))),
            Type::BYTEA => Vec::<u8>::from_sql(kind, raw).map(Value::Blob),
            _ => String::from_sql(kind, raw).map(Value::Text),
        }
    }

    fn from_sql_null(_: &Type) -> std::result::Result<Value, Box<dyn Error + Sync + Send>> {
        Ok(Value::Null)
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::INT4 | Type::BYTEA) || <String as FromSql>::accepts(kind)
    }
}

fn map_error(error: &postgres::Error) -> StoreError {
    let Some(refusal) = error.as_db_error() else {
        return if error.is_closed() {
            StoreError::Unreachable {
                message: error.to_string(),
            }
        } else {
            StoreError::Engine {
                code: None,
                message: error.to_string(),
            }
        };
    };
    // SECURITY: `detail` would repeat values; `message` does not.
    let message = refusal.message().to_owned();
    match refusal.code().code() {
        "23505" => StoreError::Conflict {
            constraint: refusal.constraint().unwrap_or_default().to_owned(),
        },
        "23503" => StoreError::Reference,
        "25P02" => StoreError::Aborted,
        "BW001" => StoreError::AppendOnly,
        "40001" | "40P01" | "55P03" | "57014" => StoreError::Busy,
        code if code.starts_with("08") || code.starts_with("57P") => StoreError::Unreachable { message },
        code => StoreError::Engine {
            code: Some(code.to_owned()),
            message,
        },
    }
}
