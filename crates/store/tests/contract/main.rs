//! The contract of the store: every test here runs on both engines.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that finds something else than it expects must fail"
)]

mod account;
mod audit;
mod backup;
mod facts;
mod fixture;
mod grant;
mod inventory;
mod issue;
mod observation;
mod package;
mod planted;
mod repository;
mod sign_in;
mod synchronise;
mod tls;
mod token;
mod transaction;
mod upstream;

use bailiwick_model::Timestamp;
use bailiwick_store::{EngineKind, Result, Store, StoreError, Target, Tx};
use bailiwick_testkit::postgres::Cluster;
use std::sync::Arc;

/// An instant for tests.
pub(crate) const NOW: Timestamp = Timestamp(1_760_000_000_000_000);

/// An empty database of one engine and what keeps it alive.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) target: Target,
    _directory: Option<tempfile::TempDir>,
    _cluster: Option<Arc<Cluster>>,
}

impl World {
    pub(crate) fn new(kind: EngineKind) -> World {
        let (target, directory, cluster) = match kind {
            EngineKind::Sqlite => {
                let directory = tempfile::tempdir().unwrap();
                (
                    Target::Sqlite(directory.path().join("store.db")),
                    Some(directory),
                    None,
                )
            }
            EngineKind::Postgres => {
                let cluster = Cluster::shared();
                (Target::Postgres(cluster.create_database()), None, Some(cluster))
            }
        };
        let store = Store::open(target.clone()).unwrap();
        World {
            store,
            target,
            _directory: directory,
            _cluster: cluster,
        }
    }

    pub(crate) fn write<T>(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> T {
        self.store.write(work).unwrap()
    }

    pub(crate) fn read<T>(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> T {
        self.store.read(work).unwrap()
    }

    pub(crate) fn refused<T: std::fmt::Debug>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T>,
    ) -> StoreError {
        self.store.write(work).unwrap_err()
    }
}

/// Makes one test per engine out of each function that takes a world.
#[macro_export]
macro_rules! on_both_engines {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                super::$name(&$crate::World::new(bailiwick_store::EngineKind::Sqlite));
            }

            #[test]
            fn postgres() {
                super::$name(&$crate::World::new(bailiwick_store::EngineKind::Postgres));
            }
        }
    )*};
}
