//! Enterprises: groups of organizations under shared policy, and their owners.

use crate::record::record;
use crate::{AccountRow, ChangeKey, Result, Tx, values};
use bailiwick_model::{AccountId, EnterpriseId, Policy, Timestamp};

record! {
    /// An enterprise.
    pub struct EnterpriseRow in "enterprise" {
        /// Its id; `insert` gives it.
        pub id: EnterpriseId,
        /// Its name in paths, lower-case.
        pub slug: String,
        /// Its name for people.
        pub name: String,
        /// Its policy.
        pub policy: Policy,
        /// When it was created.
        pub created_at: Timestamp,
    }
}

impl EnterpriseRow {
    /// An enterprise without policy.
    pub fn new(slug: &str, name: &str, created_at: Timestamp) -> EnterpriseRow {
        EnterpriseRow {
            id: EnterpriseId(0),
            slug: slug.to_owned(),
            name: name.to_owned(),
            policy: Policy::default(),
            created_at,
        }
    }
}

/// Adds an enterprise under a new id.
pub fn insert(tx: &mut Tx<'_>, mut row: EnterpriseRow) -> Result<EnterpriseRow> {
    row.id = EnterpriseId(tx.next_id("enterprise")?);
    row.insert_row(tx)?;
    tx.changed(ChangeKey::Enterprise(row.id));
    Ok(row)
}

/// Writes every field.
pub fn update(tx: &mut Tx<'_>, row: &EnterpriseRow) -> Result<()> {
    tx.changed(ChangeKey::Enterprise(row.id));
    row.update_row(tx)
}

/// The enterprise of an id.
pub fn by_id(tx: &mut Tx<'_>, id: EnterpriseId) -> Result<Option<EnterpriseRow>> {
    EnterpriseRow::find(tx, "enterprise WHERE id = $1", values![id])
}

/// The enterprise of a slug, in whatever case it is written.
pub fn by_slug(tx: &mut Tx<'_>, slug: &str) -> Result<Option<EnterpriseRow>> {
    EnterpriseRow::find(
        tx,
        "enterprise WHERE slug = $1",
        values![bailiwick_model::name::fold(slug)],
    )
}

/// Every enterprise in the order of ids.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<EnterpriseRow>> {
    EnterpriseRow::select(tx, "enterprise ORDER BY id", &[])
}

/// Makes a user an owner.
pub fn add_owner(tx: &mut Tx<'_>, enterprise: EnterpriseId, user: AccountId) -> Result<()> {
    changed(tx, enterprise, user);
    tx.execute(
        "INSERT INTO enterprise_owner (enterprise_id, user_id) VALUES ($1, $2) \
         ON CONFLICT (enterprise_id, user_id) DO NOTHING",
        values![enterprise, user],
    )
    .map(|_| ())
}

/// Ends a user's ownership; tells whether there was any.
pub fn remove_owner(tx: &mut Tx<'_>, enterprise: EnterpriseId, user: AccountId) -> Result<bool> {
    changed(tx, enterprise, user);
    let count = tx.execute(
        "DELETE FROM enterprise_owner WHERE enterprise_id = $1 AND user_id = $2",
        values![enterprise, user],
    )?;
    Ok(count > 0)
}

/// The owners in the order of ids.
pub fn owners(tx: &mut Tx<'_>, enterprise: EnterpriseId) -> Result<Vec<AccountRow>> {
    AccountRow::select(
        tx,
        "account JOIN enterprise_owner ON enterprise_owner.user_id = account.id \
         WHERE enterprise_owner.enterprise_id = $1 AND account.deleted_at IS NULL ORDER BY account.id",
        values![enterprise],
    )
}

fn changed(tx: &mut Tx<'_>, enterprise: EnterpriseId, user: AccountId) {
    tx.changed(ChangeKey::Enterprise(enterprise));
    tx.changed(ChangeKey::Account(user));
}
