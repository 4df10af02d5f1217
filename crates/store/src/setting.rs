//! Settings of the installation: its id, sealed secrets, marks of work that is done once.

use crate::{Result, Tx, values};

/// The value of a setting.
pub fn get(tx: &mut Tx<'_>, key: &str) -> Result<Option<String>> {
    let row = tx.optional("SELECT value FROM setting WHERE key = $1", values![key])?;
    row.map(|mut row| row.text()).transpose()
}

/// Sets a setting; setting it to the same value again changes nothing.
pub fn set(tx: &mut Tx<'_>, key: &str, value: &str) -> Result<()> {
    tx.execute(
        "INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = $2",
        values![key, value],
    )
    .map(|_| ())
}

/// Sets a setting unless it is set, and returns the one that holds.
pub fn set_once(tx: &mut Tx<'_>, key: &str, value: &str) -> Result<String> {
    tx.execute(
        "INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING",
        values![key, value],
    )?;
    tx.one("SELECT value FROM setting WHERE key = $1", values![key])?
        .text()
}
