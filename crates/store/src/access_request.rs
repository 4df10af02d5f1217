//! Access requests: immutable targets for grants, each decided once.

use crate::filter::{Filter, containing};
use crate::grant::{OwnerWord, SelectionWord};
use crate::record::record;
use crate::{AccountRow, Permissions, Result, TokenRow, Tx, values};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{
    AccountId, GrantId, RepositoryId, RequestId, RequestState, Selection, Timestamp, TokenId,
};

record! {
    /// An access request (`pat_request_id`).
    pub struct AccessRequestRow in "access_request" {
        /// Its id; `insert` gives it.
        pub id: RequestId,
        /// The grant it is about.
        pub grant_id: GrantId,
        /// The token.
        pub token_id: TokenId,
        /// What kind of owner.
        pub owner_kind: OwnerWord,
        /// The owner's id.
        pub owner_id: i64,
        /// The whole set of permissions asked for: slug and word of the level.
        pub permissions: Permissions,
        /// Which repositories are asked for; read the whole by [`selection`].
        pub selection: SelectionWord,
        /// The grant's revision it was based on.
        pub base_revision: i64,
        /// Why it is asked for.
        pub reason: Option<String>,
        /// Where it stands.
        pub state: RequestState,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it was decided.
        pub decided_at: Option<Timestamp>,
        /// Who decided it.
        pub decided_by: Option<AccountId>,
        /// Why it was decided so.
        pub decision_reason: Option<String>,
        /// What was approved, if it was.
        pub approved_permissions: Option<Permissions>,
        /// Which repositories were approved, if it was.
        pub approved_selection: Option<SelectionWord>,
        /// The approved repositories of a subset.
        pub approved_repositories: Option<Vec<RepositoryId>>,
    }
}

/// The unique index that lets one request of a grant be pending at a time.
pub const ALREADY_PENDING: &str = "access_request_grant_id_key";

impl AccessRequestRow {
    /// A pending request for nothing.
    pub fn new(
        grant_id: GrantId,
        token_id: TokenId,
        owner: ResourceOwner,
        base_revision: i64,
        created_at: Timestamp,
    ) -> AccessRequestRow {
        let (owner_kind, owner_id) = OwnerWord::split(owner);
        AccessRequestRow {
            id: RequestId(0),
            grant_id,
            token_id,
            owner_kind,
            owner_id,
            permissions: Permissions::new(),
            selection: SelectionWord::None,
            base_revision,
            reason: None,
            state: RequestState::Pending,
            created_at,
            decided_at: None,
            decided_by: None,
            decision_reason: None,
            approved_permissions: None,
            approved_selection: None,
            approved_repositories: None,
        }
    }

    /// The resource owner.
    pub const fn owner(&self) -> ResourceOwner {
        self.owner_kind.owner(self.owner_id)
    }
}

/// Adds a request under a new id. A second pending one of the same grant is a conflict of [`ALREADY_PENDING`]:
/// supersede the first before.
pub fn insert(tx: &mut Tx<'_>, mut row: AccessRequestRow, selection: &Selection) -> Result<AccessRequestRow> {
    let (word, repositories) = SelectionWord::split(selection);
    row.id = RequestId(tx.next_id("request")?);
    row.selection = word;
    row.insert_row(tx)?;
    for repository in repositories {
        tx.execute(
            "INSERT INTO request_repository (request_id, repository_id) VALUES ($1, $2)",
            values![row.id, repository],
        )?;
    }
    Ok(row)
}

/// Writes the decision of a pending request: its state and the fields about the decision. False when the
/// request is not pending any more, and then nothing is written.
pub fn decide(tx: &mut Tx<'_>, row: &AccessRequestRow) -> Result<bool> {
    let count = tx.execute(
        "UPDATE access_request SET state = $2, decided_at = $3, decided_by = $4, decision_reason = $5, \
         approved_permissions = $6, approved_selection = $7, approved_repositories = $8 \
         WHERE id = $1 AND state = 'pending'",
        values![
            row.id,
            row.state,
            row.decided_at,
            row.decided_by,
            row.decision_reason,
            row.approved_permissions,
            row.approved_selection,
            row.approved_repositories
        ],
    )?;
    Ok(count > 0)
}

/// Ends every pending request of a token without a decision, as when it is deleted or expires; returns them.
pub fn end_of_token(
    tx: &mut Tx<'_>,
    token: TokenId,
    state: RequestState,
    now: Timestamp,
) -> Result<Vec<RequestId>> {
    tx.query(
        "UPDATE access_request SET state = $2, decided_at = $3 WHERE token_id = $1 AND state = 'pending' RETURNING id",
        values![token, state, now],
    )?
    .iter_mut()
    .map(|row| row.get())
    .collect()
}

/// Ends the pending request of a grant, as when a newer one supersedes it; returns its id, if there was one.
pub fn end_of_grant(
    tx: &mut Tx<'_>,
    grant: GrantId,
    state: RequestState,
    now: Timestamp,
) -> Result<Option<RequestId>> {
    tx.optional(
        "UPDATE access_request SET state = $2, decided_at = $3 WHERE grant_id = $1 AND state = 'pending' RETURNING id",
        values![grant, state, now],
    )?
    .map(|mut row| row.get())
    .transpose()
}

/// The request of an id.
pub fn by_id(tx: &mut Tx<'_>, id: RequestId) -> Result<Option<AccessRequestRow>> {
    AccessRequestRow::find(tx, "access_request WHERE id = $1", values![id])
}

/// The pending request of a grant.
pub fn pending_of_grant(tx: &mut Tx<'_>, grant: GrantId) -> Result<Option<AccessRequestRow>> {
    AccessRequestRow::find(
        tx,
        "access_request WHERE grant_id = $1 AND state = 'pending'",
        values![grant],
    )
}

/// The newest request of a grant, whatever became of it.
pub fn latest_of_grant(tx: &mut Tx<'_>, grant: GrantId) -> Result<Option<AccessRequestRow>> {
    AccessRequestRow::find(
        tx,
        "access_request WHERE grant_id = $1 ORDER BY id DESC LIMIT 1",
        values![grant],
    )
}

/// The requests of a grant, newest first, at most so many.
pub fn of_grant(tx: &mut Tx<'_>, grant: GrantId, limit: usize) -> Result<Vec<AccessRequestRow>> {
    AccessRequestRow::select(
        tx,
        "access_request WHERE grant_id = $1 ORDER BY id DESC LIMIT $2",
        values![grant, limit],
    )
}

/// The requests of a token, newest first.
pub fn of_token(tx: &mut Tx<'_>, token: TokenId) -> Result<Vec<AccessRequestRow>> {
    AccessRequestRow::select(
        tx,
        "access_request WHERE token_id = $1 ORDER BY id DESC",
        values![token],
    )
}

/// Pending requests of tokens that expired by an instant.
pub fn overdue(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<AccessRequestRow>> {
    AccessRequestRow::select(
        tx,
        "access_request JOIN token ON token.id = access_request.token_id \
         WHERE access_request.state = 'pending' AND token.expires_at <= $1 ORDER BY access_request.id",
        values![now],
    )
}

/// The requested repositories of a subset, in the order of ids.
pub fn repositories(tx: &mut Tx<'_>, id: RequestId) -> Result<Vec<RepositoryId>> {
    tx.query(
        "SELECT repository_id FROM request_repository WHERE request_id = $1 ORDER BY repository_id",
        values![id],
    )?
    .iter_mut()
    .map(|row| row.get())
    .collect()
}

/// The whole requested selection.
pub fn selection(tx: &mut Tx<'_>, row: &AccessRequestRow) -> Result<Selection> {
    Ok(row.selection.selection(repositories(tx, row.id)?))
}

/// Which requests at an owner to list.
#[derive(Clone, Debug, Default)]
pub struct RequestQuery {
    /// In this state.
    pub state: Option<RequestState>,
    /// Of tokens of these accounts; empty is any account.
    pub holders: Vec<AccountId>,
    /// Of these tokens; empty is any token.
    pub tokens: Vec<TokenId>,
    /// That ask for this repository.
    pub repository: Option<RepositoryId>,
    /// That ask for this permission, at whatever level.
    pub permission: Option<String>,
    /// Of tokens last used before this instant.
    pub used_before: Option<Timestamp>,
    /// Of tokens last used after this instant.
    pub used_after: Option<Timestamp>,
    /// Oldest first instead of newest first.
    pub ascending: bool,
    /// Skip so many.
    pub offset: usize,
    /// Return at most so many.
    pub limit: usize,
}

/// A request with its token and the account that holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldRequest {
    /// The request.
    pub request: AccessRequestRow,
    /// Its token.
    pub token: TokenRow,
    /// Who holds the token.
    pub holder: AccountRow,
}

const HELD: &str = "access_request JOIN token ON token.id = access_request.token_id \
    JOIN account ON account.id = token.owner_id";

/// Requests at an owner, by when they were made.
pub fn list(tx: &mut Tx<'_>, owner: ResourceOwner, query: &RequestQuery) -> Result<Vec<HeldRequest>> {
    let mut filter = conditions(owner, query);
    let order = if query.ascending { "ASC" } else { "DESC" };
    let order =
        format!("ORDER BY access_request.created_at {order}, access_request.id {order} LIMIT ? OFFSET ?");
    let tail = filter.tail(HELD, &order, &[query.limit.into(), query.offset.into()]);
    let sql = format!(
        "SELECT {}, {}, {} FROM {tail}",
        AccessRequestRow::COLUMNS,
        TokenRow::COLUMNS,
        AccountRow::COLUMNS
    );
    let mut rows = tx.query(&sql, filter.values())?;
    rows.iter_mut()
        .map(|row| {
            Ok(HeldRequest {
                request: AccessRequestRow::read(row)?,
                token: TokenRow::read(row)?,
                holder: AccountRow::read(row)?,
            })
        })
        .collect()
}

/// How many requests the query would list without offset and limit.
pub fn count(tx: &mut Tx<'_>, owner: ResourceOwner, query: &RequestQuery) -> Result<i64> {
    let mut filter = conditions(owner, query);
    let tail = filter.tail(HELD, "", &[]);
    tx.one(&format!("SELECT COUNT(*) FROM {tail}"), filter.values())?
        .int()
}

fn conditions(owner: ResourceOwner, query: &RequestQuery) -> Filter {
    let (kind, id) = OwnerWord::split(owner);
    let mut filter = Filter::new("token.deleted_at IS NULL");
    filter.and("access_request.owner_kind = ?", kind);
    filter.and("access_request.owner_id = ?", id);
    filter.and_some("access_request.state = ?", query.state);
    filter.and_in("token.owner_id", &query.holders);
    filter.and_in("token.id", &query.tokens);
    filter.and_some(
        "(access_request.selection = 'all' OR access_request.id IN \
         (SELECT request_id FROM request_repository WHERE repository_id = ?))",
        query.repository,
    );
    let slug = query
        .permission
        .as_ref()
        .map(|slug| containing(&format!("\"{slug}\":")));
    filter.and_some("access_request.permissions LIKE ? ESCAPE '!'", slug);
    filter.and_some("token.last_used_at < ?", query.used_before);
    filter.and_some("token.last_used_at > ?", query.used_after);
    filter
}
