//! Grants: one row per token and resource owner, holding approved rights only.

use crate::column::word_enum;
use crate::filter::{Filter, containing};
use crate::record::record;
use crate::{AccountRow, ChangeKey, Permissions, Result, StoreError, TokenRow, Tx, values};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{AccountId, EnterpriseId, GrantId, RepositoryId, Selection, Timestamp, TokenId};

word_enum! {
    /// What kind of thing a resource owner's id names.
    OwnerWord {
        /// A user or an organization.
        Account = "account",
        /// An enterprise.
        Enterprise = "enterprise",
    }
}

impl OwnerWord {
    /// The kind and the id of a resource owner.
    pub const fn split(owner: ResourceOwner) -> (OwnerWord, i64) {
        match owner {
            ResourceOwner::Account(id) => (OwnerWord::Account, id.0),
            ResourceOwner::Enterprise(id) => (OwnerWord::Enterprise, id.0),
        }
    }

    /// The resource owner of this kind with an id.
    pub const fn owner(self, id: i64) -> ResourceOwner {
        match self {
            OwnerWord::Account => ResourceOwner::Account(AccountId(id)),
            OwnerWord::Enterprise => ResourceOwner::Enterprise(EnterpriseId(id)),
        }
    }
}

word_enum! {
    /// Which repositories are selected; a subset's ids are in a table of their own.
    SelectionWord {
        /// None.
        None = "none",
        /// All of the owner's.
        All = "all",
        /// Those listed.
        Subset = "subset",
    }
}

impl SelectionWord {
    /// The word and the ids of a selection.
    pub fn split(selection: &Selection) -> (SelectionWord, &[RepositoryId]) {
        match selection {
            Selection::None => (SelectionWord::None, &[]),
            Selection::All => (SelectionWord::All, &[]),
            Selection::Subset(ids) => (SelectionWord::Subset, ids),
        }
    }

    /// The selection of this word with these ids.
    pub fn selection(self, ids: Vec<RepositoryId>) -> Selection {
        match self {
            SelectionWord::None => Selection::None,
            SelectionWord::All => Selection::All,
            SelectionWord::Subset => Selection::subset(ids),
        }
    }
}

record! {
    /// A grant (`pat_id`).
    pub struct GrantRow in "token_grant" {
        /// Its id; `insert` gives it.
        pub id: GrantId,
        /// The token.
        pub token_id: TokenId,
        /// What kind of owner.
        pub owner_kind: OwnerWord,
        /// The owner's id.
        pub owner_id: i64,
        /// Approved permissions: slug and word of the level.
        pub permissions: Permissions,
        /// Which repositories are approved; read the whole by [`selection`].
        pub selection: SelectionWord,
        /// Raised by every change of the approved rights.
        pub revision: i64,
        /// Whether it was approved and is not revoked.
        pub active: bool,
        /// When it was first asked for.
        pub created_at: Timestamp,
        /// When it was last approved.
        pub granted_at: Option<Timestamp>,
        /// When it was revoked.
        pub revoked_at: Option<Timestamp>,
        /// Who revoked it.
        pub revoked_by: Option<AccountId>,
    }
}

impl GrantRow {
    /// A grant that allows nothing yet.
    pub fn new(token_id: TokenId, owner: ResourceOwner, created_at: Timestamp) -> GrantRow {
        let (owner_kind, owner_id) = OwnerWord::split(owner);
        GrantRow {
            id: GrantId(0),
            token_id,
            owner_kind,
            owner_id,
            permissions: Permissions::new(),
            selection: SelectionWord::None,
            revision: 0,
            active: false,
            created_at,
            granted_at: None,
            revoked_at: None,
            revoked_by: None,
        }
    }

    /// The resource owner.
    pub const fn owner(&self) -> ResourceOwner {
        self.owner_kind.owner(self.owner_id)
    }
}

/// Adds a grant under a new id. A second one for the same token and owner is a conflict.
pub fn insert(tx: &mut Tx<'_>, mut row: GrantRow, selection: &Selection) -> Result<GrantRow> {
    let (word, repositories) = SelectionWord::split(selection);
    row.id = GrantId(tx.next_id("grant")?);
    row.selection = word;
    row.insert_row(tx)?;
    set_repositories(tx, row.id, repositories)?;
    tx.changed(ChangeKey::Token(row.token_id));
    Ok(row)
}

/// Writes every field and the selection, and raises the revision; returns the row as written.
pub fn update(tx: &mut Tx<'_>, row: &GrantRow, selection: &Selection) -> Result<GrantRow> {
    let (word, repositories) = SelectionWord::split(selection);
    let row = GrantRow {
        selection: word,
        revision: row.revision + 1,
        ..row.clone()
    };
    row.update_row(tx)?;
    tx.execute(
        "DELETE FROM grant_repository WHERE grant_id = $1",
        values![row.id],
    )?;
    set_repositories(tx, row.id, repositories)?;
    tx.changed(ChangeKey::Token(row.token_id));
    Ok(row)
}

fn set_repositories(tx: &mut Tx<'_>, id: GrantId, repositories: &[RepositoryId]) -> Result<()> {
    for repository in repositories {
        tx.execute(
            "INSERT INTO grant_repository (grant_id, repository_id) VALUES ($1, $2)",
            values![id, repository],
        )?;
    }
    Ok(())
}

/// Revokes an active grant: it keeps its id and allows nothing. Tells whether it was active.
pub fn revoke(tx: &mut Tx<'_>, id: GrantId, by: Option<AccountId>, now: Timestamp) -> Result<bool> {
    let row = by_id(tx, id)?.ok_or(StoreError::Absent)?;
    let row = GrantRow {
        active: false,
        permissions: Permissions::new(),
        revoked_at: Some(now),
        revoked_by: by,
        ..row
    };
    let was_active = tx
        .optional(
            "SELECT id FROM token_grant WHERE id = $1 AND active = 1",
            values![id],
        )?
        .is_some();
    update(tx, &row, &Selection::None)?;
    Ok(was_active)
}

/// Revokes every active grant that the tokens of an account hold at an owner, and returns them as they were.
pub fn revoke_of_account(
    tx: &mut Tx<'_>,
    holder: AccountId,
    owner: ResourceOwner,
    by: Option<AccountId>,
    now: Timestamp,
) -> Result<Vec<GrantRow>> {
    let (kind, id) = OwnerWord::split(owner);
    let rows = GrantRow::select(
        tx,
        "token_grant WHERE owner_kind = $1 AND owner_id = $2 AND active = 1 \
         AND token_id IN (SELECT id FROM token WHERE owner_id = $3) ORDER BY id",
        values![kind, id, holder],
    )?;
    for row in &rows {
        revoke(tx, row.id, by, now)?;
    }
    Ok(rows)
}

/// Takes a repository out of every selection, of grants and of pending requests alike.
pub(crate) fn forget_repository(tx: &mut Tx<'_>, repository: RepositoryId) -> Result<()> {
    let touched = tx.query(
        "SELECT token_id FROM token_grant WHERE id IN (SELECT grant_id FROM grant_repository WHERE repository_id = $1)",
        values![repository],
    )?;
    for mut row in touched {
        let token = row.get()?;
        tx.changed(ChangeKey::Token(token));
    }
    tx.execute(
        "UPDATE token_grant SET revision = revision + 1 \
         WHERE id IN (SELECT grant_id FROM grant_repository WHERE repository_id = $1)",
        values![repository],
    )?;
    tx.execute(
        "DELETE FROM grant_repository WHERE repository_id = $1",
        values![repository],
    )?;
    tx.execute(
        "DELETE FROM request_repository WHERE repository_id = $1 \
         AND request_id IN (SELECT id FROM access_request WHERE state = 'pending')",
        values![repository],
    )
    .map(|_| ())
}

/// The grant of an id.
pub fn by_id(tx: &mut Tx<'_>, id: GrantId) -> Result<Option<GrantRow>> {
    GrantRow::find(tx, "token_grant WHERE id = $1", values![id])
}

/// The grant of a token at an owner.
pub fn by_owner(tx: &mut Tx<'_>, token: TokenId, owner: ResourceOwner) -> Result<Option<GrantRow>> {
    let (kind, id) = OwnerWord::split(owner);
    GrantRow::find(
        tx,
        "token_grant WHERE token_id = $1 AND owner_kind = $2 AND owner_id = $3",
        values![token, kind, id],
    )
}

/// The grants of a token, active or not, in the order of ids.
pub fn of_token(tx: &mut Tx<'_>, token: TokenId) -> Result<Vec<GrantRow>> {
    GrantRow::select(tx, "token_grant WHERE token_id = $1 ORDER BY id", values![token])
}

/// The approved repositories of a subset, in the order of ids.
pub fn repositories(tx: &mut Tx<'_>, id: GrantId) -> Result<Vec<RepositoryId>> {
    tx.query(
        "SELECT repository_id FROM grant_repository WHERE grant_id = $1 ORDER BY repository_id",
        values![id],
    )?
    .iter_mut()
    .map(|row| row.get())
    .collect()
}

/// The whole approved selection of a grant.
pub fn selection(tx: &mut Tx<'_>, row: &GrantRow) -> Result<Selection> {
    Ok(row.selection.selection(repositories(tx, row.id)?))
}

/// Which grants at an owner to list.
#[derive(Clone, Debug, Default)]
pub struct GrantQuery {
    /// Only active ones.
    pub active: bool,
    /// Of tokens of these accounts; empty is any account.
    pub holders: Vec<AccountId>,
    /// Of these tokens; empty is any token.
    pub tokens: Vec<TokenId>,
    /// With this repository selected.
    pub repository: Option<RepositoryId>,
    /// With this permission, at whatever level.
    pub permission: Option<String>,
    /// Last used before this instant.
    pub used_before: Option<Timestamp>,
    /// Last used after this instant.
    pub used_after: Option<Timestamp>,
    /// Oldest first instead of newest first.
    pub ascending: bool,
    /// Skip so many.
    pub offset: usize,
    /// Return at most so many.
    pub limit: usize,
}

/// A grant with its token and the account that holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldGrant {
    /// The grant.
    pub grant: GrantRow,
    /// Its token.
    pub token: TokenRow,
    /// Who holds the token.
    pub holder: AccountRow,
}

const HELD: &str = "token_grant JOIN token ON token.id = token_grant.token_id \
    JOIN account ON account.id = token.owner_id";

/// Grants at an owner whose tokens are not deleted, by when they were granted.
pub fn list(tx: &mut Tx<'_>, owner: ResourceOwner, query: &GrantQuery) -> Result<Vec<HeldGrant>> {
    let mut filter = conditions(owner, query);
    let order = if query.ascending { "ASC" } else { "DESC" };
    let order = format!(
        "ORDER BY COALESCE(token_grant.granted_at, token_grant.created_at) {order}, token_grant.id {order} \
         LIMIT ? OFFSET ?"
    );
    let tail = filter.tail(HELD, &order, &[query.limit.into(), query.offset.into()]);
    let sql = format!(
        "SELECT {}, {}, {} FROM {tail}",
        GrantRow::COLUMNS,
        TokenRow::COLUMNS,
        AccountRow::COLUMNS
    );
    let mut rows = tx.query(&sql, filter.values())?;
    rows.iter_mut()
        .map(|row| {
            Ok(HeldGrant {
                grant: GrantRow::read(row)?,
                token: TokenRow::read(row)?,
                holder: AccountRow::read(row)?,
            })
        })
        .collect()
}

/// How many grants the query would list without offset and limit.
pub fn count(tx: &mut Tx<'_>, owner: ResourceOwner, query: &GrantQuery) -> Result<i64> {
    let mut filter = conditions(owner, query);
    let tail = filter.tail(HELD, "", &[]);
    tx.one(&format!("SELECT COUNT(*) FROM {tail}"), filter.values())?
        .int()
}

fn conditions(owner: ResourceOwner, query: &GrantQuery) -> Filter {
    let (kind, id) = OwnerWord::split(owner);
    let mut filter = Filter::new("token.deleted_at IS NULL");
    filter.and("token_grant.owner_kind = ?", kind);
    filter.and("token_grant.owner_id = ?", id);
    if query.active {
        filter.and_text("token_grant.active = 1");
    }
    filter.and_in("token.owner_id", &query.holders);
    filter.and_in("token.id", &query.tokens);
    filter.and_some(
        "(token_grant.selection = 'all' OR token_grant.id IN \
         (SELECT grant_id FROM grant_repository WHERE repository_id = ?))",
        query.repository,
    );
    let slug = query
        .permission
        .as_ref()
        .map(|slug| containing(&format!("\"{slug}\":")));
    filter.and_some("token_grant.permissions LIKE ? ESCAPE '!'", slug);
    filter.and_some("token.last_used_at < ?", query.used_before);
    filter.and_some("token.last_used_at > ?", query.used_after);
    filter
}
