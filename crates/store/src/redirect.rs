//! Old paths of repositories, left behind by renames and transfers. A live repository at a path always wins.

use crate::{ChangeKey, Result, Tx, values};
use bailiwick_model::{AccountId, RepositoryId, Timestamp};

/// Makes an old path lead to a repository.
pub(crate) fn set(
    tx: &mut Tx<'_>,
    owner: &str,
    name: &str,
    repository: RepositoryId,
    now: Timestamp,
) -> Result<()> {
    tx.execute(
        "INSERT INTO redirect (owner_folded, name_folded, repository_id, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (owner_folded, name_folded) DO UPDATE SET repository_id = $3, created_at = $4",
        values![owner, name, repository, now],
    )?;
    tx.changed(ChangeKey::Repository(repository));
    Ok(())
}

/// Removes the redirect at a path that a live repository takes.
pub(crate) fn clear(tx: &mut Tx<'_>, owner: AccountId, name: &str) -> Result<()> {
    let rows = tx.query(
        "DELETE FROM redirect WHERE name_folded = $2 \
         AND owner_folded = (SELECT folded FROM account WHERE id = $1) RETURNING repository_id",
        values![owner, name],
    )?;
    for mut row in rows {
        tx.changed(ChangeKey::Repository(row.get()?));
    }
    Ok(())
}

/// Removes the redirects at every path that an account's live repositories have.
pub(crate) fn clear_live(tx: &mut Tx<'_>, owner: AccountId) -> Result<()> {
    let rows = tx.query(
        "DELETE FROM redirect WHERE owner_folded = (SELECT folded FROM account WHERE id = $1) \
         AND name_folded IN (SELECT folded FROM repository WHERE owner_id = $1 AND deleted_at IS NULL) \
         RETURNING repository_id",
        values![owner],
    )?;
    for mut row in rows {
        tx.changed(ChangeKey::Repository(row.get()?));
    }
    Ok(())
}

/// Where an old path leads, if anywhere.
pub fn find(tx: &mut Tx<'_>, owner_folded: &str, name_folded: &str) -> Result<Option<RepositoryId>> {
    tx.optional(
        "SELECT redirect.repository_id FROM redirect JOIN repository ON repository.id = redirect.repository_id \
         WHERE owner_folded = $1 AND name_folded = $2 AND repository.deleted_at IS NULL",
        values![owner_folded, name_folded],
    )?
    .map(|mut row| row.get())
    .transpose()
}
