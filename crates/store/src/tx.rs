//! A transaction: statements with `$1` placeholders, new ids, and the change keys to announce.

use crate::engine::Connection;
use crate::{ChangeKey, Result, Row, StoreError, Value, values};
use bailiwick_model::ID_MAX;

/// More keys than this in one transaction become [`ChangeKey::Everything`].
const CHANGES_MAX: usize = 1000;

/// One open transaction.
pub struct Tx<'a> {
    connection: Box<dyn Connection + 'a>,
    changed: Vec<ChangeKey>,
    // INVARIANT: once a statement has failed nothing more runs and nothing commits. PostgreSQL works so by
    // itself; without this, code that goes on after an error would commit half of its work on SQLite only.
    failed: bool,
}

impl std::fmt::Debug for Tx<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Tx({} changes)", self.changed.len())
    }
}

impl<'a> Tx<'a> {
    pub(crate) fn new(connection: Box<dyn Connection + 'a>) -> Tx<'a> {
        Tx {
            connection,
            changed: Vec::new(),
            failed: false,
        }
    }

    fn run<T>(&mut self, values: &[Value], work: impl FnOnce(&mut dyn Connection) -> Result<T>) -> Result<T> {
        if self.failed {
            return Err(StoreError::Aborted);
        }
        // PostgreSQL cannot hold NUL in text. SQLite can, so it is refused here for both.
        let nul = values
            .iter()
            .any(|value| matches!(value, Value::Text(text) if text.contains('\0')));
        let result = if nul {
            Err(StoreError::shape("text without NUL"))
        } else {
            work(&mut *self.connection)
        };
        self.failed = result.is_err();
        result
    }

    /// Runs a query and returns all its rows.
    pub fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        self.run(values, |connection| connection.query(sql, values))
    }

    /// Runs a query and returns its first row, if any.
    pub fn optional(&mut self, sql: &str, values: &[Value]) -> Result<Option<Row>> {
        Ok(self.query(sql, values)?.into_iter().next())
    }

    /// Runs a query and returns its first row; none is [`StoreError::Absent`].
    pub fn one(&mut self, sql: &str, values: &[Value]) -> Result<Row> {
        self.optional(sql, values)?.ok_or(StoreError::Absent)
    }

    /// Runs a statement and returns how many rows it changed.
    pub fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64> {
        self.run(values, |connection| connection.execute(sql, values))
    }

    pub(crate) fn batch(&mut self, sql: &str) -> Result<()> {
        self.run(&[], |connection| connection.batch(sql))
    }

    pub(crate) fn dialect(&self, sql: &str) -> String {
        self.connection.dialect(sql)
    }

    /// A new id of a kind. Ids are never reused, also not after a rollback of their use elsewhere.
    pub fn next_id(&mut self, kind: &str) -> Result<i64> {
        self.next_ids(kind, 1)
    }

    /// The first of `count` consecutive new ids of a kind.
    pub fn next_ids(&mut self, kind: &str, count: i64) -> Result<i64> {
        let first = self
            .one(
                "INSERT INTO ids (kind, next) VALUES ($1, CAST($2 AS BIGINT) + 1) \
                 ON CONFLICT (kind) DO UPDATE SET next = ids.next + CAST($2 AS BIGINT) \
                 RETURNING next - CAST($2 AS BIGINT)",
                values![kind, count],
            )?
            .int()?;
        if first.saturating_add(count) > ID_MAX {
            self.failed = true;
            return Err(StoreError::Exhausted {
                kind: kind.to_owned(),
            });
        }
        Ok(first)
    }

    /// Notes that facts under a key have changed. They are announced after the commit, before the writer goes on.
    pub fn changed(&mut self, key: ChangeKey) {
        if self.changed.len() >= CHANGES_MAX {
            self.changed = vec![ChangeKey::Everything];
        }
        if !self.changed.contains(&key) && self.changed.first() != Some(&ChangeKey::Everything) {
            self.changed.push(key);
        }
    }

    pub(crate) fn take_changed(&mut self) -> Vec<ChangeKey> {
        std::mem::take(&mut self.changed)
    }

    pub(crate) fn commit(mut self) -> Result<()> {
        if self.failed {
            return Err(StoreError::Aborted);
        }
        self.connection.commit()
    }
}
