//! Check suites: the runs of one commit by one account.

use super::run::queue;
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_git::Commit;
use bailiwick_model::{AccountId, CheckSuiteId, RepositoryId, Timestamp};
use bailiwick_store::check::{self, CheckRunQuery};
use bailiwick_store::{CheckRunRow, CheckSuiteRow, Tx};

/// More runs of one suite than this are not looked at.
const RUNS_MAX: usize = 10_000;
/// How suites end, the worst of their runs first.
const WORST_FIRST: [&str; 7] = [
    "failure",
    "timed_out",
    "action_required",
    "cancelled",
    "success",
    "neutral",
    "skipped",
];

/// A suite as answers show it.
#[derive(Clone, Debug)]
pub struct SuiteView {
    /// What is stored.
    pub row: CheckSuiteRow,
    /// How many runs it has, the newest of each name.
    pub runs: i64,
    /// Its commit.
    pub commit: Commit,
}

fn latest(tx: &mut Tx<'_>, suite: &CheckSuiteRow) -> Result<Vec<CheckRunRow>, Fault> {
    let query = CheckRunQuery {
        suite: Some(suite.id),
        latest: true,
        limit: RUNS_MAX,
        ..CheckRunQuery::default()
    };
    Ok(check::runs(tx, suite.repository_id, &query)?)
}

/// The account's suite of a commit, made if there is none; and whether it was made.
pub(super) fn suite_for(
    tx: &mut Tx<'_>,
    (repository, creator): (RepositoryId, AccountId),
    commit: &Commit,
    head_branch: Option<String>,
    now: Timestamp,
) -> Result<(CheckSuiteRow, bool), Fault> {
    let sha = commit.oid.to_string();
    let existing = check::suites(tx, repository, &sha)?;
    if let Some(suite) = existing.into_iter().find(|suite| suite.creator_id == creator) {
        return Ok((suite, false));
    }
    let row = CheckSuiteRow {
        id: CheckSuiteId(0),
        repository_id: repository,
        head_sha: sha,
        head_branch,
        status: String::from("queued"),
        conclusion: None,
        creator_id: creator,
        created_at: now,
        updated_at: now,
    };
    Ok((check::insert_suite(tx, row)?, true))
}

/// Brings a suite's status into line with its runs.
pub(super) fn settle(tx: &mut Tx<'_>, mut suite: CheckSuiteRow, now: Timestamp) -> Result<(), Fault> {
    let runs = latest(tx, &suite)?;
    let all = |status: &str| runs.iter().all(|run| run.status == status);
    let (status, conclusion) = if runs.is_empty() || all("queued") {
        ("queued", None)
    } else if all("completed") {
        let worst = WORST_FIRST.into_iter().find(|conclusion| {
            runs.iter()
                .any(|run| run.conclusion.as_deref() == Some(*conclusion))
        });
        ("completed", worst)
    } else {
        ("in_progress", None)
    };
    suite.status = status.to_owned();
    suite.conclusion = conclusion.map(str::to_owned);
    suite.updated_at = now;
    Ok(check::update_suite(tx, &suite)?)
}

impl Authority {
    /// A branch with the commit at its tip; the default branch before others.
    pub(super) fn head_branch(&self, permit: &Permit, commit: &Commit) -> Result<Option<String>, Fault> {
        let default = &permit.repository()?.default_branch;
        let names: Vec<String> = self
            .branches_where_head(permit, &commit.oid.to_string())?
            .into_iter()
            .map(|found| found.name.trim_start_matches("refs/heads/").to_owned())
            .collect();
        let named = names.iter().find(|name| *name == default).or(names.first());
        Ok(named.cloned())
    }

    fn suite_view(&self, permit: &Permit, row: CheckSuiteRow) -> Result<SuiteView, Fault> {
        let commit = self.commit_of_id(permit, &row.head_sha)?;
        let runs = self.read(permit, |tx| Ok(latest(tx, &row)?.len()))?;
        Ok(SuiteView {
            row,
            runs: i64::try_from(runs).unwrap_or(i64::MAX),
            commit,
        })
    }

    /// Makes the caller's suite of a commit, or finds it; and tells whether it was made.
    pub fn check_suite_create(&self, permit: Permit, head_sha: &str) -> Result<(SuiteView, bool), Fault> {
        let commit = self.commit_of_id(&permit, head_sha)?;
        let branch = self.head_branch(&permit, &commit)?;
        let creator = permit.person()?;
        let repository = permit.repository()?.id;
        self.act(permit, |act, permit| {
            let (row, made) = suite_for(act.tx, (repository, creator), &commit, branch, permit.now())?;
            act.note("check_suite_id", row.id.0);
            act.note("head_sha", row.head_sha.as_str());
            let runs = i64::try_from(latest(act.tx, &row)?.len()).unwrap_or(i64::MAX);
            Ok((SuiteView { row, runs, commit }, made))
        })
    }

    /// One suite.
    pub fn check_suite(&self, permit: &Permit, id: CheckSuiteId) -> Result<SuiteView, Fault> {
        let repository = permit.repository()?.id;
        let found = self.read(permit, |tx| Ok(check::suite(tx, repository, id)?))?;
        self.suite_view(permit, found.ok_or_else(Fault::not_found)?)
    }

    /// The suites of a commit; with a name only those that have a run of it.
    pub fn check_suites(
        &self,
        permit: &Permit,
        commit: &Commit,
        name: Option<&str>,
    ) -> Result<Vec<SuiteView>, Fault> {
        let repository = permit.repository()?.id;
        self.read(permit, |tx| {
            let mut views = Vec::new();
            for row in check::suites(tx, repository, &commit.oid.to_string())? {
                let runs = latest(tx, &row)?;
                if name.is_none_or(|name| runs.iter().any(|run| run.name == name)) {
                    views.push(SuiteView {
                        row,
                        runs: i64::try_from(runs.len()).unwrap_or(i64::MAX),
                        commit: commit.clone(),
                    });
                }
            }
            Ok(views)
        })
    }

    /// Asks for every run of a suite to be done again.
    pub fn check_suite_rerequest(&self, permit: Permit, id: CheckSuiteId) -> Result<(), Fault> {
        let repository = permit.repository()?.id;
        self.act(permit, |act, permit| {
            let suite = check::suite(act.tx, repository, id)?.ok_or_else(Fault::not_found)?;
            for mut run in latest(act.tx, &suite)? {
                queue(act, permit, &mut run)?;
            }
            act.note("check_suite_id", suite.id.0);
            act.note("head_sha", suite.head_sha);
            Ok(())
        })
    }
}
