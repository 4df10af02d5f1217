//! Comments on issues.

use crate::record::record;
use crate::{Result, Tx, values};
use bailiwick_model::{AccountId, CommentId, IssueId, RepositoryId, Timestamp};

record! {
    /// A comment.
    pub struct CommentRow in "issue_comment" {
        /// Its id; `insert` gives it.
        pub id: CommentId,
        /// The repository.
        pub repository_id: RepositoryId,
        /// The issue.
        pub issue_id: IssueId,
        /// Who wrote it.
        pub user_id: AccountId,
        /// Its text.
        pub body: String,
        /// When it was written.
        pub created_at: Timestamp,
        /// When it was last edited.
        pub updated_at: Timestamp,
    }
}

/// Adds a comment under a new id and counts it at its issue.
pub fn insert(
    tx: &mut Tx<'_>,
    (repository_id, issue_id): (RepositoryId, IssueId),
    user_id: AccountId,
    body: &str,
    now: Timestamp,
) -> Result<CommentRow> {
    let row = CommentRow {
        id: CommentId(tx.next_id("comment")?),
        repository_id,
        issue_id,
        user_id,
        body: body.to_owned(),
        created_at: now,
        updated_at: now,
    };
    row.insert_row(tx)?;
    count(tx, issue_id, now)?;
    Ok(row)
}

fn count(tx: &mut Tx<'_>, issue: IssueId, now: Timestamp) -> Result<()> {
    tx.execute(
        "UPDATE issue SET comments = (SELECT COUNT(*) FROM issue_comment WHERE issue_id = $1), updated_at = $2 \
         WHERE id = $1",
        values![issue, now],
    )
    .map(|_| ())
}

/// Writes a comment's text.
pub fn update(tx: &mut Tx<'_>, id: CommentId, body: &str, now: Timestamp) -> Result<Option<CommentRow>> {
    tx.execute(
        "UPDATE issue_comment SET body = $2, updated_at = $3 WHERE id = $1",
        values![id, body, now],
    )?;
    by_id(tx, id)
}

/// Deletes a comment; tells whether it was there.
pub fn delete(tx: &mut Tx<'_>, id: CommentId, now: Timestamp) -> Result<bool> {
    let Some(row) = by_id(tx, id)? else {
        return Ok(false);
    };
    tx.execute("DELETE FROM issue_comment WHERE id = $1", values![id])?;
    count(tx, row.issue_id, now)?;
    Ok(true)
}

/// The comment of an id.
pub fn by_id(tx: &mut Tx<'_>, id: CommentId) -> Result<Option<CommentRow>> {
    CommentRow::find(tx, "issue_comment WHERE id = $1", values![id])
}

/// Which comments to list, in the order of ids.
#[derive(Clone, Copy, Debug)]
pub struct CommentQuery {
    /// Edited at or after this instant.
    pub since: Option<Timestamp>,
    /// Skip so many.
    pub offset: usize,
    /// Return at most so many.
    pub limit: usize,
}

/// The comments of an issue, oldest first.
pub fn list(tx: &mut Tx<'_>, issue: IssueId, query: CommentQuery) -> Result<Vec<CommentRow>> {
    CommentRow::select(
        tx,
        "issue_comment WHERE issue_id = $1 AND updated_at >= $2 ORDER BY id LIMIT $3 OFFSET $4",
        values![
            issue,
            query.since.unwrap_or(Timestamp(i64::MIN)),
            query.limit,
            query.offset
        ],
    )
}

/// The comments of every issue of a repository, oldest first.
pub fn of_repository(
    tx: &mut Tx<'_>,
    repository: RepositoryId,
    query: CommentQuery,
) -> Result<Vec<CommentRow>> {
    CommentRow::select(
        tx,
        "issue_comment WHERE repository_id = $1 AND updated_at >= $2 ORDER BY id LIMIT $3 OFFSET $4",
        values![
            repository,
            query.since.unwrap_or(Timestamp(i64::MIN)),
            query.limit,
            query.offset
        ],
    )
}

/// The same by time: of the last edit or of the writing, newest or oldest first.
pub fn of_repository_by_time(
    tx: &mut Tx<'_>,
    repository: RepositoryId,
    query: CommentQuery,
    (edited, descending): (bool, bool),
) -> Result<Vec<CommentRow>> {
    let column = if edited { "updated_at" } else { "created_at" };
    let order = if descending { "DESC" } else { "ASC" };
    let tail = format!(
        "issue_comment WHERE repository_id = $1 AND updated_at >= $2 \
         ORDER BY {column} {order}, id {order} LIMIT $3 OFFSET $4"
    );
    CommentRow::select(
        tx,
        &tail,
        values![
            repository,
            query.since.unwrap_or(Timestamp(i64::MIN)),
            query.limit,
            query.offset
        ],
    )
}
