//! Members who ask their organization's owners to allow a kind of token.

use crate::record::record;
use crate::{AccountRow, Result, Tx, values};
use bailiwick_model::{AccountId, Timestamp, TokenKind};

record! {
    /// One ask.
    pub struct TokenAskRow in "token_ask" {
        /// Its number; `insert` gives it.
        pub id: i64,
        /// The organization.
        pub organization_id: AccountId,
        /// Who asks.
        pub user_id: AccountId,
        /// For which kind of token.
        pub kind: TokenKind,
        /// When.
        pub created_at: Timestamp,
    }
}

/// Asks once: whoever has asked already is told as `false`, and nothing is written.
pub fn insert(
    tx: &mut Tx<'_>,
    organization: AccountId,
    user: AccountId,
    kind: TokenKind,
    now: Timestamp,
) -> Result<bool> {
    let found = TokenAskRow::find(
        tx,
        "token_ask WHERE organization_id = $1 AND user_id = $2 AND kind = $3",
        values![organization, user, kind],
    )?;
    if found.is_some() {
        return Ok(false);
    }
    let row = TokenAskRow {
        id: tx.next_id("token_ask")?,
        organization_id: organization,
        user_id: user,
        kind,
        created_at: now,
    };
    row.insert_row(tx)?;
    Ok(true)
}

/// What members of an organization ask for, newest first, with who they are. Whoever left asks no longer.
pub fn of_organization(
    tx: &mut Tx<'_>,
    organization: AccountId,
    limit: i64,
) -> Result<Vec<(TokenAskRow, AccountRow)>> {
    let sql = format!(
        "SELECT {}, {} FROM token_ask JOIN account ON account.id = token_ask.user_id \
         JOIN membership ON membership.organization_id = token_ask.organization_id \
         AND membership.user_id = token_ask.user_id \
         WHERE token_ask.organization_id = $1 ORDER BY token_ask.id DESC LIMIT $2",
        TokenAskRow::COLUMNS,
        AccountRow::COLUMNS
    );
    tx.query(&sql, values![organization, limit])?
        .iter_mut()
        .map(|row| Ok((TokenAskRow::read(row)?, AccountRow::read(row)?)))
        .collect()
}

/// What a person asks for, everywhere.
pub fn of_user(tx: &mut Tx<'_>, user: AccountId) -> Result<Vec<TokenAskRow>> {
    TokenAskRow::select(tx, "token_ask WHERE user_id = $1 ORDER BY id", values![user])
}

/// Ends the asks for a kind: it is allowed now.
pub fn clear(tx: &mut Tx<'_>, organization: AccountId, kind: TokenKind) -> Result<()> {
    tx.execute(
        "DELETE FROM token_ask WHERE organization_id = $1 AND kind = $2",
        values![organization, kind],
    )
    .map(|_| ())
}
