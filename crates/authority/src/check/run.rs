//! Check runs.

use super::input::{RESOURCE, RunInput};
use super::suite::{settle, suite_for};
use crate::Authority;
use crate::act::Act;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_git::Commit;
use bailiwick_model::{CheckRunId, CheckSuiteId};
use bailiwick_store::check::{self, CheckRunQuery};
use bailiwick_store::{CheckRunRow, Object, Tx};

/// Which runs to list, and which part of them.
#[derive(Clone, Debug, Default)]
pub struct RunList {
    /// Of this name.
    pub name: Option<String>,
    /// Of this status.
    pub status: Option<&'static str>,
    /// Only the newest of each name in each suite.
    pub latest: bool,
    /// Skip so many.
    pub offset: usize,
    /// Return at most so many.
    pub size: usize,
}

/// The run of an id in the permitted repository; one of another repository does not exist here.
fn found(tx: &mut Tx<'_>, permit: &Permit, id: CheckRunId) -> Result<CheckRunRow, Fault> {
    check::run(tx, permit.repository()?.id, id)?.ok_or_else(Fault::not_found)
}

fn note(act: &mut Act<'_, '_>, row: &CheckRunRow) {
    act.note("check_run_id", row.id.0);
    act.note("name", row.name.as_str());
    act.note("head_sha", row.head_sha.as_str());
    act.note("status", row.status.as_str());
    act.note("conclusion", row.conclusion.as_deref());
}

impl Authority {
    /// Makes a run, in the caller's suite of that commit.
    pub fn check_run_create(
        &self,
        permit: Permit,
        head_sha: &str,
        input: &RunInput,
    ) -> Result<CheckRunRow, Fault> {
        let commit = self.commit_of_id(&permit, head_sha)?;
        let branch = self.head_branch(&permit, &commit)?;
        let creator = permit.person()?;
        let repository = permit.repository()?.id;
        if input.name.is_none() {
            return Err(Fault::invalid(RESOURCE, "name", "missing_field", ""));
        }
        self.act(permit, |act, permit| {
            let now = permit.now();
            let (suite, _) = suite_for(act.tx, (repository, creator), &commit, branch, now)?;
            let mut row = CheckRunRow {
                id: CheckRunId(0),
                repository_id: repository,
                suite_id: suite.id,
                head_sha: commit.oid.to_string(),
                name: String::new(),
                status: String::from("queued"),
                conclusion: None,
                external_id: None,
                details_url: None,
                started_at: Some(now),
                completed_at: None,
                output: Object::new(),
                annotations: Vec::new(),
                creator_id: creator,
                created_at: now,
                updated_at: now,
            };
            input.apply(&mut row, now)?;
            let row = check::insert_run(act.tx, row)?;
            settle(act.tx, suite, now)?;
            note(act, &row);
            Ok(row)
        })
    }

    /// Changes a run.
    pub fn check_run_update(
        &self,
        permit: Permit,
        id: CheckRunId,
        input: &RunInput,
    ) -> Result<CheckRunRow, Fault> {
        self.act(permit, |act, permit| {
            let mut row = found(act.tx, permit, id)?;
            input.apply(&mut row, permit.now())?;
            save(act, permit, &mut row)?;
            note(act, &row);
            Ok(row)
        })
    }

    /// Asks for a run to be done again.
    pub fn check_run_rerequest(&self, permit: Permit, id: CheckRunId) -> Result<(), Fault> {
        self.act(permit, |act, permit| {
            let mut row = found(act.tx, permit, id)?;
            queue(act, permit, &mut row)?;
            note(act, &row);
            Ok(())
        })
    }

    /// One run.
    pub fn check_run(&self, permit: &Permit, id: CheckRunId) -> Result<CheckRunRow, Fault> {
        self.read(permit, |tx| found(tx, permit, id))
    }

    /// Runs of a commit or of a suite, newest first, and how many there are.
    pub fn check_runs(
        &self,
        permit: &Permit,
        of: RunsOf<'_>,
        list: &RunList,
    ) -> Result<(Vec<CheckRunRow>, i64), Fault> {
        let repository = permit.repository()?.id;
        self.read(permit, |tx| {
            let mut query = CheckRunQuery {
                name: list.name.clone(),
                status: list.status.map(str::to_owned),
                latest: list.latest,
                offset: list.offset,
                limit: list.size,
                ..CheckRunQuery::default()
            };
            match of {
                RunsOf::Commit(commit) => query.head_sha = Some(commit.oid.to_string()),
                RunsOf::Suite(id) => {
                    check::suite(tx, repository, id)?.ok_or_else(Fault::not_found)?;
                    query.suite = Some(id);
                }
            }
            let count = check::count_runs(tx, repository, &query)?;
            Ok((check::runs(tx, repository, &query)?, count))
        })
    }
}

/// Whose runs.
#[derive(Clone, Copy, Debug)]
pub enum RunsOf<'a> {
    /// Those of a commit.
    Commit(&'a Commit),
    /// Those of a suite.
    Suite(CheckSuiteId),
}

/// A run back in the queue.
pub(super) fn queue(act: &mut Act<'_, '_>, permit: &Permit, row: &mut CheckRunRow) -> Result<(), Fault> {
    row.status = String::from("queued");
    row.conclusion = None;
    row.completed_at = None;
    save(act, permit, row)
}

fn save(act: &mut Act<'_, '_>, permit: &Permit, row: &mut CheckRunRow) -> Result<(), Fault> {
    row.updated_at = permit.now();
    check::update_run(act.tx, row)?;
    let suite = check::suite(act.tx, row.repository_id, row.suite_id)?.ok_or_else(Fault::not_found)?;
    settle(act.tx, suite, permit.now())
}
