//! Issues of repositories and who is assigned to them.

use crate::filter::Filter;
use crate::record::record;
use crate::{AccountRow, Result, Tx, repository, values};
use bailiwick_model::{AccountId, IssueId, RepositoryId, Timestamp};

record! {
    /// An issue.
    pub struct IssueRow in "issue" {
        /// Its id; `insert` gives it.
        pub id: IssueId,
        /// The repository.
        pub repository_id: RepositoryId,
        /// Its number in the repository; `insert` gives it.
        pub number: i64,
        /// Its title.
        pub title: String,
        /// Its text.
        pub body: Option<String>,
        /// `open` or `closed`.
        pub state: String,
        /// `completed`, `not_planned`, `reopened` or nothing.
        pub state_reason: Option<String>,
        /// Who opened it.
        pub user_id: AccountId,
        /// Whether only collaborators may comment.
        pub locked: bool,
        /// Why it is locked.
        pub lock_reason: Option<String>,
        /// When it was closed.
        pub closed_at: Option<Timestamp>,
        /// Who closed it.
        pub closed_by: Option<AccountId>,
        /// How many comments it has; the comments' module counts.
        pub comments: i64,
        /// When it was opened.
        pub created_at: Timestamp,
        /// When it or a comment was last edited.
        pub updated_at: Timestamp,
    }
}

impl IssueRow {
    /// An open issue without text.
    pub fn new(
        repository_id: RepositoryId,
        user_id: AccountId,
        title: &str,
        created_at: Timestamp,
    ) -> IssueRow {
        IssueRow {
            id: IssueId(0),
            repository_id,
            number: 0,
            title: title.to_owned(),
            body: None,
            state: String::from("open"),
            state_reason: None,
            user_id,
            locked: false,
            lock_reason: None,
            closed_at: None,
            closed_by: None,
            comments: 0,
            created_at,
            updated_at: created_at,
        }
    }
}

/// Adds an issue under a new id and the repository's next number.
pub fn insert(tx: &mut Tx<'_>, mut row: IssueRow) -> Result<IssueRow> {
    row.id = IssueId(tx.next_id("issue")?);
    row.number = repository::take_number(tx, row.repository_id)?;
    row.insert_row(tx)?;
    Ok(row)
}

/// Writes every field.
pub fn update(tx: &mut Tx<'_>, row: &IssueRow) -> Result<()> {
    row.update_row(tx)
}

/// The issue of a number.
pub fn by_number(tx: &mut Tx<'_>, repository: RepositoryId, number: i64) -> Result<Option<IssueRow>> {
    IssueRow::find(
        tx,
        "issue WHERE repository_id = $1 AND number = $2",
        values![repository, number],
    )
}

/// The issue of an id.
pub fn by_id(tx: &mut Tx<'_>, id: IssueId) -> Result<Option<IssueRow>> {
    IssueRow::find(tx, "issue WHERE id = $1", values![id])
}

/// By what issues are sorted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum IssueOrder {
    /// When they were opened.
    #[default]
    Created,
    /// When they were last edited.
    Updated,
    /// How many comments they have.
    Comments,
}

/// Whom issues are assigned to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Assigned {
    /// This account.
    To(AccountId),
    /// Anybody.
    Anybody,
    /// Nobody.
    Nobody,
}

/// Which issues of a repository to list.
#[derive(Clone, Debug, Default)]
pub struct IssueQuery {
    /// `open` or `closed`; `None` is both.
    pub state: Option<String>,
    /// With every one of these labels, by their folded names.
    pub labels: Vec<String>,
    /// Assigned so.
    pub assigned: Option<Assigned>,
    /// Opened by this account.
    pub creator: Option<AccountId>,
    /// Edited at or after this instant.
    pub since: Option<Timestamp>,
    /// By what to sort.
    pub order: IssueOrder,
    /// Smallest first instead of largest first.
    pub ascending: bool,
    /// Skip so many.
    pub offset: usize,
    /// Return at most so many.
    pub limit: usize,
}

/// Issues of a repository in the chosen order.
pub fn list(tx: &mut Tx<'_>, repository: RepositoryId, query: &IssueQuery) -> Result<Vec<IssueRow>> {
    select(tx, conditions(repository, query), query)
}

/// Issues of several repositories in the chosen order; no repository is no issue. Which ones is decided above.
pub fn list_across(
    tx: &mut Tx<'_>,
    repositories: &[RepositoryId],
    query: &IssueQuery,
) -> Result<Vec<IssueRow>> {
    if repositories.is_empty() {
        return Ok(Vec::new());
    }
    let mut filter = Filter::new("1 = 1");
    // Ids as numbers in the text: engines bound the count of parameters.
    let ids: Vec<String> = repositories.iter().map(|id| id.0.to_string()).collect();
    filter.and_text(&format!("issue.repository_id IN ({})", ids.join(", ")));
    add_conditions(&mut filter, query);
    select(tx, filter, query)
}

/// The repositories with an issue that is assigned to an account.
pub fn repositories_assigned(tx: &mut Tx<'_>, user: AccountId) -> Result<Vec<RepositoryId>> {
    ids(
        tx,
        "SELECT DISTINCT issue.repository_id FROM issue JOIN issue_assignee ON issue_assignee.issue_id = issue.id \
         WHERE issue_assignee.user_id = $1",
        user,
    )
}

/// The repositories with an issue that an account opened.
pub fn repositories_created(tx: &mut Tx<'_>, user: AccountId) -> Result<Vec<RepositoryId>> {
    ids(
        tx,
        "SELECT DISTINCT repository_id FROM issue WHERE user_id = $1",
        user,
    )
}

fn ids(tx: &mut Tx<'_>, sql: &str, user: AccountId) -> Result<Vec<RepositoryId>> {
    tx.query(sql, values![user])?
        .iter_mut()
        .map(|row| row.get())
        .collect()
}

fn select(tx: &mut Tx<'_>, mut filter: Filter, query: &IssueQuery) -> Result<Vec<IssueRow>> {
    let column = match query.order {
        IssueOrder::Created => "created_at",
        IssueOrder::Updated => "updated_at",
        IssueOrder::Comments => "comments",
    };
    let order = if query.ascending { "ASC" } else { "DESC" };
    let end = format!("ORDER BY issue.{column} {order}, issue.id {order} LIMIT ? OFFSET ?");
    let tail = filter.tail("issue", &end, &[query.limit.into(), query.offset.into()]);
    IssueRow::select(tx, &tail, filter.values())
}

/// How many issues the query would list without offset and limit.
pub fn count(tx: &mut Tx<'_>, repository: RepositoryId, query: &IssueQuery) -> Result<i64> {
    let mut filter = conditions(repository, query);
    let tail = filter.tail("issue", "", &[]);
    tx.one(&format!("SELECT COUNT(*) FROM {tail}"), filter.values())?
        .int()
}

fn conditions(repository: RepositoryId, query: &IssueQuery) -> Filter {
    let mut filter = Filter::new("1 = 1");
    filter.and("issue.repository_id = ?", repository);
    add_conditions(&mut filter, query);
    filter
}

fn add_conditions(filter: &mut Filter, query: &IssueQuery) {
    filter.and_some("issue.state = ?", query.state.as_ref());
    filter.and_some("issue.user_id = ?", query.creator);
    filter.and_some("issue.updated_at >= ?", query.since);
    for label in &query.labels {
        filter.and(
            "EXISTS (SELECT 1 FROM issue_label JOIN label ON label.id = issue_label.label_id \
             WHERE issue_label.issue_id = issue.id AND label.folded = ?)",
            label,
        );
    }
    match query.assigned {
        None => {}
        Some(Assigned::To(user)) => filter.and(
            "EXISTS (SELECT 1 FROM issue_assignee WHERE issue_id = issue.id AND issue_assignee.user_id = ?)",
            user,
        ),
        Some(Assigned::Anybody) => {
            filter.and_text("EXISTS (SELECT 1 FROM issue_assignee WHERE issue_id = issue.id)");
        }
        Some(Assigned::Nobody) => {
            filter.and_text("NOT EXISTS (SELECT 1 FROM issue_assignee WHERE issue_id = issue.id)");
        }
    }
}

/// The accounts that an issue is assigned to, in the order of ids.
pub fn assignees(tx: &mut Tx<'_>, issue: IssueId) -> Result<Vec<AccountRow>> {
    AccountRow::select(
        tx,
        "account JOIN issue_assignee ON issue_assignee.user_id = account.id \
         WHERE issue_assignee.issue_id = $1 AND account.deleted_at IS NULL ORDER BY account.id",
        values![issue],
    )
}

/// Assigns an issue to exactly these accounts.
pub fn set_assignees(tx: &mut Tx<'_>, issue: IssueId, users: &[AccountId]) -> Result<()> {
    tx.execute("DELETE FROM issue_assignee WHERE issue_id = $1", values![issue])?;
    for user in users {
        tx.execute(
            "INSERT INTO issue_assignee (issue_id, user_id) VALUES ($1, $2) ON CONFLICT (issue_id, user_id) DO NOTHING",
            values![issue, user],
        )?;
    }
    Ok(())
}
