//! Schema versions: each migration runs once, in a transaction with the record of it.

use crate::{Result, StoreError, Tx, values};

struct Migration {
    version: i64,
    name: &'static str,
    sql: &'static str,
}

macro_rules! migrations {
    ($($version:literal $name:literal),* $(,)?) => {
        &[$(Migration { version: $version, name: $name, sql: include_str!(concat!("../migrations/", $name, ".sql")) }),*]
    };
}

/// In order. A released one is never edited; write SQLite's types (the engines' file translates for PostgreSQL).
const MIGRATIONS: &[Migration] = migrations![
    1 "0001_identity",
    2 "0002_token",
    3 "0003_audit",
    4 "0004_resource",
    5 "0005_transport",
    6 "0006_lineage",
    7 "0007_sign_in",
    8 "0008_audit_count",
    9 "0009_token_ask",
    10 "0010_grant_order",
    11 "0011_upstream",
    12 "0012_planted",
    13 "0013_synchronise",
    14 "0014_linking",
    15 "0015_observation",
    16 "0016_package",
    17 "0017_barred",
    18 "0018_audit_write",
];

/// Brings the schema up to date. Running it again changes nothing.
pub(crate) fn migrate(tx: &mut Tx<'_>) -> Result<()> {
    let table = tx.dialect(
        "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT",
    );
    tx.batch(&table)?;
    let found = version(tx)?;
    let known = MIGRATIONS.last().map_or(0, |migration| migration.version);
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > found) {
        let sql = tx.dialect(migration.sql);
        tx.batch(&sql)?;
        tx.execute(
            "INSERT INTO schema_version (version, name) VALUES ($1, $2)",
            values![migration.version, migration.name],
        )?;
    }
    Ok(())
}

/// The version of the schema, zero for an empty database.
pub fn version(tx: &mut Tx<'_>) -> Result<i64> {
    tx.one("SELECT COALESCE(MAX(version), 0) FROM schema_version", &[])?
        .int()
}
