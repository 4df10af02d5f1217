//! Users with a role of their own at a repository. Whether one is an outside collaborator follows from memberships.

use crate::{AccountRow, ChangeKey, RepositoryRow, Result, Tx, values};
use bailiwick_model::{AccountId, RepositoryId, RepositoryRole, Timestamp};

/// Gives a user a role at a repository or changes it.
pub fn set(
    tx: &mut Tx<'_>,
    repository: RepositoryId,
    user: AccountId,
    role: RepositoryRole,
    now: Timestamp,
) -> Result<()> {
    tx.changed(ChangeKey::Account(user));
    tx.execute(
        "INSERT INTO collaborator (repository_id, user_id, role, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (repository_id, user_id) DO UPDATE SET role = $3",
        values![repository, user, role, now],
    )
    .map(|_| ())
}

/// Takes the role away; tells whether there was one.
pub fn remove(tx: &mut Tx<'_>, repository: RepositoryId, user: AccountId) -> Result<bool> {
    tx.changed(ChangeKey::Account(user));
    let count = tx.execute(
        "DELETE FROM collaborator WHERE repository_id = $1 AND user_id = $2",
        values![repository, user],
    )?;
    Ok(count > 0)
}

/// Takes a user's roles at every repository of an owner away and returns these repositories.
pub fn remove_all(tx: &mut Tx<'_>, owner: AccountId, user: AccountId) -> Result<Vec<RepositoryId>> {
    tx.changed(ChangeKey::Account(user));
    tx.query(
        "DELETE FROM collaborator WHERE user_id = $2 \
         AND repository_id IN (SELECT id FROM repository WHERE owner_id = $1) RETURNING repository_id",
        values![owner, user],
    )?
    .iter_mut()
    .map(|row| row.get())
    .collect()
}

/// The role that a user was given at a repository.
pub fn get(tx: &mut Tx<'_>, repository: RepositoryId, user: AccountId) -> Result<Option<RepositoryRole>> {
    tx.optional(
        "SELECT role FROM collaborator WHERE repository_id = $1 AND user_id = $2",
        values![repository, user],
    )?
    .map(|mut row| row.get())
    .transpose()
}

/// The live collaborators of a repository in the order of ids.
pub fn list(tx: &mut Tx<'_>, repository: RepositoryId) -> Result<Vec<(RepositoryRole, AccountRow)>> {
    let sql = format!(
        "SELECT collaborator.role, {} FROM collaborator JOIN account ON account.id = collaborator.user_id \
         WHERE collaborator.repository_id = $1 AND account.deleted_at IS NULL ORDER BY account.id",
        AccountRow::COLUMNS
    );
    let mut rows = tx.query(&sql, values![repository])?;
    rows.iter_mut()
        .map(|row| Ok((row.get()?, AccountRow::read(row)?)))
        .collect()
}

/// The live collaborators of an organization's repositories who are not its members, in the order of ids.
pub fn outside(tx: &mut Tx<'_>, organization: AccountId) -> Result<Vec<AccountRow>> {
    AccountRow::select(
        tx,
        "account WHERE deleted_at IS NULL AND id IN (SELECT collaborator.user_id FROM collaborator \
         JOIN repository ON repository.id = collaborator.repository_id \
         WHERE repository.owner_id = $1 AND repository.deleted_at IS NULL) \
         AND id NOT IN (SELECT user_id FROM membership WHERE organization_id = $1) ORDER BY id",
        values![organization],
    )
}

/// The live repositories where a user is a collaborator and that pass the caller's filter, in the order of ids.
pub fn repositories(
    tx: &mut Tx<'_>,
    user: AccountId,
    filter: &impl Fn(&RepositoryRow) -> bool,
) -> Result<Vec<RepositoryRow>> {
    let mut rows = RepositoryRow::select(
        tx,
        "repository JOIN collaborator ON collaborator.repository_id = repository.id \
         WHERE collaborator.user_id = $1 AND repository.deleted_at IS NULL ORDER BY repository.id",
        values![user],
    )?;
    rows.retain(|row| filter(row));
    Ok(rows)
}
