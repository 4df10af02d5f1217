//! Check suites and check runs: what outside services find in a commit.

use crate::filter::Filter;
use crate::record::record;
use crate::{Object, Result, Tx, values};
use bailiwick_model::{AccountId, CheckRunId, CheckSuiteId, RepositoryId, Timestamp};

record! {
    /// A check suite: the check runs of one commit.
    pub struct CheckSuiteRow in "check_suite" {
        /// Its id; `insert_suite` gives it.
        pub id: CheckSuiteId,
        /// The repository.
        pub repository_id: RepositoryId,
        /// The commit.
        pub head_sha: String,
        /// The branch that the commit was pushed to.
        pub head_branch: Option<String>,
        /// `queued`, `in_progress` or `completed`.
        pub status: String,
        /// How it ended.
        pub conclusion: Option<String>,
        /// Who made it.
        pub creator_id: AccountId,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it was last changed.
        pub updated_at: Timestamp,
    }
}

record! {
    /// A check run.
    pub struct CheckRunRow in "check_run" {
        /// Its id; `insert_run` gives it.
        pub id: CheckRunId,
        /// The repository.
        pub repository_id: RepositoryId,
        /// Its suite.
        pub suite_id: CheckSuiteId,
        /// The commit.
        pub head_sha: String,
        /// Its name.
        pub name: String,
        /// `queued`, `in_progress` or `completed`.
        pub status: String,
        /// How it ended.
        pub conclusion: Option<String>,
        /// The service's own reference.
        pub external_id: Option<String>,
        /// Where to read more.
        pub details_url: Option<String>,
        /// When it began.
        pub started_at: Option<Timestamp>,
        /// When it ended.
        pub completed_at: Option<Timestamp>,
        /// Title, summary and text.
        pub output: Object,
        /// Remarks on lines of files.
        pub annotations: Vec<serde_json::Value>,
        /// Who made it.
        pub creator_id: AccountId,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it was last changed.
        pub updated_at: Timestamp,
    }
}

/// Adds a suite under a new id.
pub fn insert_suite(tx: &mut Tx<'_>, mut row: CheckSuiteRow) -> Result<CheckSuiteRow> {
    row.id = CheckSuiteId(tx.next_id("check_suite")?);
    row.insert_row(tx)?;
    Ok(row)
}

/// Writes every field of a suite.
pub fn update_suite(tx: &mut Tx<'_>, row: &CheckSuiteRow) -> Result<()> {
    row.update_row(tx)
}

/// The suite of an id in a repository.
pub fn suite(tx: &mut Tx<'_>, repository: RepositoryId, id: CheckSuiteId) -> Result<Option<CheckSuiteRow>> {
    CheckSuiteRow::find(
        tx,
        "check_suite WHERE repository_id = $1 AND id = $2",
        values![repository, id],
    )
}

/// The suites of a commit in the order of ids.
pub fn suites(tx: &mut Tx<'_>, repository: RepositoryId, sha: &str) -> Result<Vec<CheckSuiteRow>> {
    CheckSuiteRow::select(
        tx,
        "check_suite WHERE repository_id = $1 AND head_sha = $2 ORDER BY id",
        values![repository, sha],
    )
}

/// Adds a run under a new id.
pub fn insert_run(tx: &mut Tx<'_>, mut row: CheckRunRow) -> Result<CheckRunRow> {
    row.id = CheckRunId(tx.next_id("check_run")?);
    row.insert_row(tx)?;
    Ok(row)
}

/// Writes every field of a run.
pub fn update_run(tx: &mut Tx<'_>, row: &CheckRunRow) -> Result<()> {
    row.update_row(tx)
}

/// The run of an id in a repository.
pub fn run(tx: &mut Tx<'_>, repository: RepositoryId, id: CheckRunId) -> Result<Option<CheckRunRow>> {
    CheckRunRow::find(
        tx,
        "check_run WHERE repository_id = $1 AND id = $2",
        values![repository, id],
    )
}

/// Which runs of a repository to list, newest first.
#[derive(Clone, Debug, Default)]
pub struct CheckRunQuery {
    /// Of this commit.
    pub head_sha: Option<String>,
    /// Of this suite.
    pub suite: Option<CheckSuiteId>,
    /// Of this name.
    pub name: Option<String>,
    /// Of this status.
    pub status: Option<String>,
    /// Only the newest of each name in each suite.
    pub latest: bool,
    /// Skip so many.
    pub offset: usize,
    /// Return at most so many.
    pub limit: usize,
}

/// Runs of a repository, newest first.
pub fn runs(tx: &mut Tx<'_>, repository: RepositoryId, query: &CheckRunQuery) -> Result<Vec<CheckRunRow>> {
    let mut filter = conditions(repository, query);
    let tail = filter.tail(
        "check_run",
        "ORDER BY id DESC LIMIT ? OFFSET ?",
        &[query.limit.into(), query.offset.into()],
    );
    CheckRunRow::select(tx, &tail, filter.values())
}

/// How many runs the query would list without offset and limit.
pub fn count_runs(tx: &mut Tx<'_>, repository: RepositoryId, query: &CheckRunQuery) -> Result<i64> {
    let mut filter = conditions(repository, query);
    let tail = filter.tail("check_run", "", &[]);
    tx.one(&format!("SELECT COUNT(*) FROM {tail}"), filter.values())?
        .int()
}

fn conditions(repository: RepositoryId, query: &CheckRunQuery) -> Filter {
    let mut filter = Filter::new("1 = 1");
    filter.and("check_run.repository_id = ?", repository);
    filter.and_some("check_run.head_sha = ?", query.head_sha.as_ref());
    filter.and_some("check_run.suite_id = ?", query.suite);
    filter.and_some("check_run.name = ?", query.name.as_ref());
    filter.and_some("check_run.status = ?", query.status.as_ref());
    if query.latest {
        filter.and_text(
            "NOT EXISTS (SELECT 1 FROM check_run AS later WHERE later.suite_id = check_run.suite_id \
             AND later.name = check_run.name AND later.id > check_run.id)",
        );
    }
    filter
}
