//! The store: opening, transactions, the listener for changes, backups. Blocking: call it on blocking threads.

use crate::engine::{self, Engine};
use crate::{ChangeKey, Committed, Result, StoreError, Tx, change, migration};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// Where the data is.
#[derive(Clone)]
pub enum Target {
    /// An SQLite database file; created if absent.
    Sqlite(PathBuf),
    /// A PostgreSQL URL.
    Postgres(String),
}

/// Which engine holds the data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EngineKind {
    /// SQLite, embedded.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl EngineKind {
    /// Its name for people and metrics.
    pub const fn word(self) -> &'static str {
        match self {
            EngineKind::Sqlite => "sqlite",
            EngineKind::Postgres => "postgresql",
        }
    }
}

type Listener = Arc<dyn Fn(&Committed) + Send + Sync>;

struct Inner {
    engine: Box<dyn Engine>,
    listener: RwLock<Option<Listener>>,
}

/// A database, shared by cloning.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Store({})", self.engine().word())
    }
}

impl Store {
    /// Opens the database and brings its schema up to date; a schema newer than the program is refused.
    pub fn open(target: Target) -> Result<Store> {
        let engine: Box<dyn Engine> = match target {
            Target::Sqlite(path) => Box::new(engine::sqlite::Sqlite::open(path)?),
            Target::Postgres(url) => Box::new(engine::postgres::Postgres::open(&url)?),
        };
        let store = Store {
            inner: Arc::new(Inner {
                engine,
                listener: RwLock::new(None),
            }),
        };
        store.write(migration::migrate)?;
        Ok(store)
    }

    /// Which engine holds the data.
    pub fn engine(&self) -> EngineKind {
        self.inner.engine.kind()
    }

    /// Registers who hears of changes after each commit and before `write` returns. It must not use the store.
    pub fn on_commit(&self, listener: impl Fn(&Committed) + Send + Sync + 'static) {
        let mut slot = self
            .inner
            .listener
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *slot = Some(Arc::new(listener));
    }

    /// Runs a read-only transaction on one consistent snapshot. Do not nest.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut tx = Tx::new(self.inner.engine.begin_read()?);
        let value = work(&mut tx)?;
        tx.commit()?;
        Ok(value)
    }

    /// Runs the only writing transaction of the moment: it commits if `work` returns `Ok`, with its change keys,
    /// and rolls back otherwise. Do not nest.
    pub fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut tx = Tx::new(self.inner.engine.begin_write()?);
        let value = work(&mut tx)?;
        let keys = tx.take_changed();
        let position = if keys.is_empty() {
            0
        } else {
            change::append(&mut tx, &keys)?
        };
        let outcome = tx.commit();
        // Also after a failed commit: a lost connection does not tell whether it happened, and forgetting is harmless.
        self.announce(keys, position);
        outcome?;
        Ok(value)
    }

    fn announce(&self, keys: Vec<ChangeKey>, position: i64) {
        if keys.is_empty() {
            return;
        }
        let listener = self
            .inner
            .listener
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(listener) = listener {
            listener(&Committed { keys, position });
        }
    }

    /// Writes a consistent copy of the database to a new file while everything runs (SQLite only).
    pub fn backup(&self, to: &Path) -> Result<()> {
        self.inner.engine.backup(to)
    }
}
