//! Tokens: what is known of each credential but its text.

use crate::filter::Filter;
use crate::record::record;
use crate::{AccountRow, ChangeKey, Result, StoreError, Tx, values};
use bailiwick_model::name::fold;
use bailiwick_model::{AccountId, Digest, Timestamp, TokenId, TokenKind};

record! {
    /// A token.
    pub struct TokenRow in "token" {
        /// Its id (`token_id`); `insert` gives it and regenerating keeps it.
        pub id: TokenId,
        /// Fine-grained or classic.
        pub kind: TokenKind,
        /// The account it acts as.
        pub owner_id: AccountId,
        /// Its name, unique among its owner's.
        pub name: String,
        /// The name as it is compared; `insert` and `update` set it.
        pub folded: String,
        /// What it is for.
        pub description: Option<String>,
        /// The digest of its present secret.
        pub digest: Digest,
        /// The last eight characters of its present secret.
        pub last_eight: String,
        /// Scopes of a classic token, comma-separated.
        pub scopes: String,
        /// When it was first created.
        pub created_at: Timestamp,
        /// When its present secret was made: where its lifetime starts.
        pub issued_at: Timestamp,
        /// When it ends; `None` is never.
        pub expires_at: Option<Timestamp>,
        /// When it was revoked.
        pub revoked_at: Option<Timestamp>,
        /// Why it was revoked.
        pub revoked_reason: Option<String>,
        /// When it was deleted; its name is free again since.
        pub deleted_at: Option<Timestamp>,
        /// When it was last used, roughly.
        pub last_used_at: Option<Timestamp>,
        /// Who created it, where that is not its owner.
        pub created_by: Option<AccountId>,
        /// The token that minted it, if a token did.
        pub parent_id: Option<TokenId>,
    }
}

/// The unique index of an owner's live token names.
pub const NAME_TAKEN: &str = "token_owner_id_folded_key";

/// Not ended in any way at `$now`: the text to put after `AND`.
fn live(now: usize) -> String {
    format!("deleted_at IS NULL AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ${now})")
}

impl TokenRow {
    /// A token without description, scopes or end.
    pub fn new(
        kind: TokenKind,
        owner_id: AccountId,
        name: &str,
        digest: Digest,
        created_at: Timestamp,
    ) -> TokenRow {
        TokenRow {
            id: TokenId(0),
            kind,
            owner_id,
            name: name.to_owned(),
            folded: fold(name),
            description: None,
            digest,
            last_eight: String::new(),
            scopes: String::new(),
            created_at,
            issued_at: created_at,
            expires_at: None,
            revoked_at: None,
            revoked_reason: None,
            deleted_at: None,
            last_used_at: None,
            created_by: None,
            parent_id: None,
        }
    }
}

/// Adds a token under a new id. A taken name is a conflict of [`NAME_TAKEN`].
pub fn insert(tx: &mut Tx<'_>, mut row: TokenRow) -> Result<TokenRow> {
    row.id = TokenId(tx.next_id("token")?);
    row.folded = fold(&row.name);
    row.insert_row(tx)?;
    tx.changed(ChangeKey::Token(row.id));
    Ok(row)
}

/// Writes every field. A changed digest goes by [`regenerate`], which remembers the old one.
pub fn update(tx: &mut Tx<'_>, row: &TokenRow) -> Result<()> {
    let row = TokenRow {
        folded: fold(&row.name),
        ..row.clone()
    };
    tx.changed(ChangeKey::Token(row.id));
    row.update_row(tx)
}

/// Gives a token a new secret and a new lifetime; the old secret is dead and remembered as dead.
pub fn regenerate(
    tx: &mut Tx<'_>,
    id: TokenId,
    digest: Digest,
    last_eight: &str,
    now: Timestamp,
    expires_at: Option<Timestamp>,
) -> Result<TokenRow> {
    let mut row = by_id(tx, id)?.ok_or(StoreError::Absent)?;
    tx.execute(
        "INSERT INTO token_digest_history (digest, token_id, replaced_at) VALUES ($1, $2, $3)",
        values![row.digest, id, now],
    )?;
    row.digest = digest;
    last_eight.clone_into(&mut row.last_eight);
    row.issued_at = now;
    row.expires_at = expires_at;
    update(tx, &row)?;
    Ok(row)
}

/// Revokes a token; tells whether it was not revoked before.
pub fn revoke(tx: &mut Tx<'_>, id: TokenId, reason: &str, now: Timestamp) -> Result<bool> {
    tx.changed(ChangeKey::Token(id));
    let count = tx.execute(
        "UPDATE token SET revoked_at = $2, revoked_reason = $3 WHERE id = $1 AND revoked_at IS NULL",
        values![id, now, reason],
    )?;
    Ok(count > 0)
}

/// Marks a token deleted and frees its name; tells whether it was not deleted before.
pub fn delete(tx: &mut Tx<'_>, id: TokenId, now: Timestamp) -> Result<bool> {
    tx.changed(ChangeKey::Token(id));
    let count = tx.execute(
        "UPDATE token SET deleted_at = $2 WHERE id = $1 AND deleted_at IS NULL",
        values![id, now],
    )?;
    Ok(count > 0)
}

/// The live tokens that a token minted.
pub fn children(tx: &mut Tx<'_>, id: TokenId) -> Result<Vec<TokenRow>> {
    TokenRow::select(
        tx,
        "token WHERE parent_id = $1 AND revoked_at IS NULL AND deleted_at IS NULL ORDER BY id",
        values![id],
    )
}

/// The token of an id, ended or not.
pub fn by_id(tx: &mut Tx<'_>, id: TokenId) -> Result<Option<TokenRow>> {
    TokenRow::find(tx, "token WHERE id = $1", values![id])
}

/// The token of its present digest, ended or not.
pub fn by_digest(tx: &mut Tx<'_>, digest: &Digest) -> Result<Option<TokenRow>> {
    TokenRow::find(tx, "token WHERE digest = $1", values![digest])
}

/// The token that once had a digest it has no more.
pub fn by_former_digest(tx: &mut Tx<'_>, digest: &Digest) -> Result<Option<TokenRow>> {
    TokenRow::find(
        tx,
        "token WHERE id = (SELECT token_id FROM token_digest_history WHERE digest = $1)",
        values![digest],
    )
}

/// Every digest that a token ever had, the present one first.
pub fn digests(tx: &mut Tx<'_>, id: TokenId) -> Result<Vec<Digest>> {
    let mut all = vec![by_id(tx, id)?.ok_or(StoreError::Absent)?.digest];
    let mut rows = tx.query(
        "SELECT digest FROM token_digest_history WHERE token_id = $1 ORDER BY replaced_at DESC",
        values![id],
    )?;
    for row in &mut rows {
        all.push(row.get()?);
    }
    Ok(all)
}

/// Which tokens to list. The default is every token that is not deleted.
#[derive(Clone, Debug, Default)]
pub struct TokenQuery {
    /// Of this account.
    pub owner: Option<AccountId>,
    /// Of this kind.
    pub kind: Option<TokenKind>,
    /// Neither revoked nor expired at this instant.
    pub live_at: Option<Timestamp>,
}

/// Tokens in the order of ids.
pub fn list(tx: &mut Tx<'_>, query: &TokenQuery) -> Result<Vec<TokenRow>> {
    let mut filter = Filter::new("deleted_at IS NULL");
    filter.and_some("owner_id = ?", query.owner);
    filter.and_some("kind = ?", query.kind);
    filter.and_some(
        "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)",
        query.live_at,
    );
    let tail = filter.tail("token", "ORDER BY id", &[]);
    TokenRow::select(tx, &tail, filter.values())
}

/// A classic token that concerns an organization.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassicToken {
    /// The token.
    pub token: TokenRow,
    /// Who holds it.
    pub holder: AccountRow,
    /// Whether the holder is a member.
    pub member: bool,
    /// When the log last saw it at this organization, whether it was let in or refused.
    pub seen_at: Option<Timestamp>,
}

/// Live classic tokens that concern an organization: those of its members and of collaborators on its
/// repositories, and whatever else the log saw there. The last used ones first.
pub fn classic_at(
    tx: &mut Tx<'_>,
    organization: AccountId,
    now: Timestamp,
    offset: usize,
    limit: usize,
) -> Result<Vec<ClassicToken>> {
    let sql = format!(
        "SELECT {}, {}, \
         CASE WHEN EXISTS (SELECT 1 FROM membership WHERE organization_id = $1 AND user_id = token.owner_id) \
         THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END, \
         (SELECT MAX(audit_event.at) FROM audit_event \
          WHERE audit_event.token_id = token.id AND audit_event.owner_id = $1) \
         FROM token JOIN account ON account.id = token.owner_id \
         WHERE token.kind = 'classic' AND token.deleted_at IS NULL AND token.revoked_at IS NULL \
         AND (token.expires_at IS NULL OR token.expires_at > $2) \
         AND (token.owner_id IN (SELECT user_id FROM membership WHERE organization_id = $1) \
          OR token.owner_id IN (SELECT collaborator.user_id FROM collaborator \
           JOIN repository ON repository.id = collaborator.repository_id \
           WHERE repository.owner_id = $1 AND repository.deleted_at IS NULL) \
          OR EXISTS (SELECT 1 FROM audit_event \
           WHERE audit_event.token_id = token.id AND audit_event.owner_id = $1)) \
         ORDER BY COALESCE(token.last_used_at, 0) DESC, token.id DESC LIMIT $3 OFFSET $4",
        TokenRow::COLUMNS,
        AccountRow::COLUMNS
    );
    let mut rows = tx.query(&sql, values![organization, now, limit, offset])?;
    rows.iter_mut()
        .map(|row| {
            Ok(ClassicToken {
                token: TokenRow::read(row)?,
                holder: AccountRow::read(row)?,
                member: row.get::<i64>()? == 1,
                seen_at: row.get()?,
            })
        })
        .collect()
}

/// A page of the tokens of a kind that an account holds, newest first.
pub fn page(
    tx: &mut Tx<'_>,
    owner: AccountId,
    kind: TokenKind,
    offset: i64,
    limit: i64,
) -> Result<Vec<TokenRow>> {
    TokenRow::select(
        tx,
        "token WHERE deleted_at IS NULL AND owner_id = $1 AND kind = $2 ORDER BY id DESC LIMIT $3 OFFSET $4",
        values![owner, kind, limit, offset],
    )
}

/// How many tokens of a kind an account holds, ended ones too.
pub fn count(tx: &mut Tx<'_>, owner: AccountId, kind: TokenKind) -> Result<i64> {
    tx.one(
        "SELECT COUNT(*) FROM token WHERE deleted_at IS NULL AND owner_id = $1 AND kind = $2",
        values![owner, kind],
    )?
    .int()
}

/// How many live tokens of a kind an account holds. Inside a write nobody can add one meanwhile.
pub fn count_live(tx: &mut Tx<'_>, owner: AccountId, kind: TokenKind, now: Timestamp) -> Result<i64> {
    let sql = format!(
        "SELECT COUNT(*) FROM token WHERE owner_id = $1 AND kind = $2 AND {}",
        live(3)
    );
    tx.one(&sql, values![owner, kind, now])?.int()
}

/// Notes when tokens were last used, in one batch. No decision depends on it, so nothing is announced.
pub fn touch(tx: &mut Tx<'_>, used: &[(TokenId, Timestamp)]) -> Result<()> {
    for (id, at) in used {
        tx.execute(
            "UPDATE token SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)",
            values![id, at],
        )?;
    }
    Ok(())
}
