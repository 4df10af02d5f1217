//! Who belongs to an organization, and who decides or reads its tokens without owning it.

use crate::column::word_enum;
use crate::record::record;
use crate::{AccountRow, ChangeKey, Result, Tx, values};
use bailiwick_model::{AccountId, OrganizationRole, Timestamp};

record! {
    /// A user's membership of an organization.
    pub struct MembershipRow in "membership" {
        /// The organization.
        pub organization_id: AccountId,
        /// The user.
        pub user_id: AccountId,
        /// What the user is there: a member or an owner.
        pub role: OrganizationRole,
        /// Whether everybody may know.
        pub public: bool,
        /// Since when.
        pub created_at: Timestamp,
    }
}

word_enum! {
    /// What a user who is not an owner may do with the tokens that reach an organization.
    TokenRole {
        /// Decide access requests.
        Approver = "approver",
        /// Read tokens, requests and the audit log.
        Auditor = "auditor",
    }
}

/// The membership of a user in an organization.
pub fn get(tx: &mut Tx<'_>, organization: AccountId, user: AccountId) -> Result<Option<MembershipRow>> {
    MembershipRow::find(
        tx,
        "membership WHERE organization_id = $1 AND user_id = $2",
        values![organization, user],
    )
}

/// Adds a member or changes the role of one; the publicity of an existing membership stays.
pub fn set(
    tx: &mut Tx<'_>,
    organization: AccountId,
    user: AccountId,
    role: OrganizationRole,
    now: Timestamp,
) -> Result<()> {
    tx.changed(ChangeKey::Account(user));
    tx.execute(
        "INSERT INTO membership (organization_id, user_id, role, public, created_at) VALUES ($1, $2, $3, 0, $4) \
         ON CONFLICT (organization_id, user_id) DO UPDATE SET role = $3",
        values![organization, user, role, now],
    )
    .map(|_| ())
}

/// Makes a membership public or not; tells whether there is one.
pub fn set_public(tx: &mut Tx<'_>, organization: AccountId, user: AccountId, public: bool) -> Result<bool> {
    let count = tx.execute(
        "UPDATE membership SET public = $3 WHERE organization_id = $1 AND user_id = $2",
        values![organization, user, public],
    )?;
    Ok(count > 0)
}

/// Ends a membership with its teams and token roles there; tells whether there was one. Grants are the caller's.
pub fn remove(tx: &mut Tx<'_>, organization: AccountId, user: AccountId) -> Result<bool> {
    tx.changed(ChangeKey::Account(user));
    tx.execute(
        "DELETE FROM team_member WHERE user_id = $2 \
         AND team_id IN (SELECT id FROM team WHERE organization_id = $1)",
        values![organization, user],
    )?;
    tx.execute(
        "DELETE FROM token_role WHERE organization_id = $1 AND user_id = $2",
        values![organization, user],
    )?;
    let count = tx.execute(
        "DELETE FROM membership WHERE organization_id = $1 AND user_id = $2",
        values![organization, user],
    )?;
    Ok(count > 0)
}

/// The live members of an organization with their accounts, in the order of ids; `role` narrows to one role.
pub fn list(
    tx: &mut Tx<'_>,
    organization: AccountId,
    role: Option<OrganizationRole>,
) -> Result<Vec<(MembershipRow, AccountRow)>> {
    let sql = format!(
        "SELECT {}, {} FROM membership JOIN account ON account.id = membership.user_id \
         WHERE membership.organization_id = $1 AND ($2 = '' OR membership.role = $2) \
         AND account.deleted_at IS NULL ORDER BY account.id",
        MembershipRow::COLUMNS,
        AccountRow::COLUMNS
    );
    let role = role.map_or("", OrganizationRole::word);
    pairs(tx, &sql, values![organization, role])
}

/// The live organizations of a user with their accounts, in the order of ids.
pub fn of_user(tx: &mut Tx<'_>, user: AccountId) -> Result<Vec<(MembershipRow, AccountRow)>> {
    let sql = format!(
        "SELECT {}, {} FROM membership JOIN account ON account.id = membership.organization_id \
         WHERE membership.user_id = $1 AND account.deleted_at IS NULL ORDER BY account.id",
        MembershipRow::COLUMNS,
        AccountRow::COLUMNS
    );
    pairs(tx, &sql, values![user])
}

fn pairs(tx: &mut Tx<'_>, sql: &str, values: &[crate::Value]) -> Result<Vec<(MembershipRow, AccountRow)>> {
    let mut rows = tx.query(sql, values)?;
    rows.iter_mut()
        .map(|row| Ok((MembershipRow::read(row)?, AccountRow::read(row)?)))
        .collect()
}

/// How many live owners an organization has.
pub fn count_owners(tx: &mut Tx<'_>, organization: AccountId) -> Result<i64> {
    tx.one(
        "SELECT COUNT(*) FROM membership JOIN account ON account.id = membership.user_id \
         WHERE organization_id = $1 AND role = 'owner' AND account.deleted_at IS NULL",
        values![organization],
    )?
    .int()
}

/// Gives a user a token role.
pub fn add_token_role(
    tx: &mut Tx<'_>,
    organization: AccountId,
    user: AccountId,
    role: TokenRole,
) -> Result<()> {
    tx.changed(ChangeKey::Account(user));
    tx.execute(
        "INSERT INTO token_role (organization_id, user_id, role) VALUES ($1, $2, $3) \
         ON CONFLICT (organization_id, user_id, role) DO NOTHING",
        values![organization, user, role],
    )
    .map(|_| ())
}

/// Takes a token role away; tells whether it was held.
pub fn remove_token_role(
    tx: &mut Tx<'_>,
    organization: AccountId,
    user: AccountId,
    role: TokenRole,
) -> Result<bool> {
    tx.changed(ChangeKey::Account(user));
    let count = tx.execute(
        "DELETE FROM token_role WHERE organization_id = $1 AND user_id = $2 AND role = $3",
        values![organization, user, role],
    )?;
    Ok(count > 0)
}

/// The token roles of an organization with the accounts that hold them, in the order of ids.
pub fn token_roles(tx: &mut Tx<'_>, organization: AccountId) -> Result<Vec<(TokenRole, AccountRow)>> {
    let sql = format!(
        "SELECT token_role.role, {} FROM token_role JOIN account ON account.id = token_role.user_id \
         WHERE token_role.organization_id = $1 AND account.deleted_at IS NULL ORDER BY account.id, token_role.role",
        AccountRow::COLUMNS
    );
    let mut rows = tx.query(&sql, values![organization])?;
    rows.iter_mut()
        .map(|row| Ok((row.get()?, AccountRow::read(row)?)))
        .collect()
}
