//! Commit statuses: what outside services say of a commit.

use crate::Authority;
use crate::directory::check::web_address;
use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use bailiwick_git::Commit;
use bailiwick_model::StatusId;
use bailiwick_model::limit::{
    STATUS_CONTEXT_CHARS_MAX, STATUS_DESCRIPTION_CHARS_MAX, STATUSES_PER_COMMIT_MAX,
};
use bailiwick_model::name::is_plain_text;
use bailiwick_store::{AccountRow, StatusRow, Tx, account, status};

const RESOURCE: &str = "Status";
const STATES: [&str; 4] = ["error", "failure", "pending", "success"];

/// What a body says of a commit.
#[derive(Clone, Debug, Default)]
pub struct StatusInput {
    /// `error`, `failure`, `pending` or `success`.
    pub state: String,
    /// What it is about.
    pub context: Option<String>,
    /// A line for people.
    pub description: Option<String>,
    /// Where to read more.
    pub target_url: Option<String>,
}

/// A status with who set it.
#[derive(Clone, Debug)]
pub struct StatusView {
    /// What is stored.
    pub row: StatusRow,
    /// Who set it; `None` if that account is gone.
    pub creator: Option<AccountRow>,
}

/// What the newest statuses of a commit say together.
#[derive(Clone, Debug)]
pub struct Combined {
    /// `failure`, `pending` or `success`.
    pub state: &'static str,
    /// The newest status of each context.
    pub statuses: Vec<StatusView>,
}

fn view(tx: &mut Tx<'_>, row: StatusRow) -> Result<StatusView, Fault> {
    let creator = account::by_id(tx, row.creator_id)?.filter(|creator| creator.deleted_at.is_none());
    Ok(StatusView { row, creator })
}

impl Authority {
    /// The commit of a whole id in the permitted repository: statuses and checks are about commits, not names.
    pub(crate) fn commit_of_id(&self, permit: &Permit, sha: &str) -> Result<Commit, Fault> {
        let missing = || {
            let message = format!("No commit found for SHA: {sha}");
            Fault::new(FaultKind::Invalid, "commit.missing", message)
        };
        let commit = self.commit_find(permit, sha).map_err(|fault| match fault.kind {
            FaultKind::Internal | FaultKind::Unavailable => fault,
            _ => missing(),
        })?;
        if commit.oid.to_string().eq_ignore_ascii_case(sha) {
            Ok(commit)
        } else {
            Err(missing())
        }
    }

    /// Says something of a commit.
    pub fn status_create(&self, permit: Permit, sha: &str, input: &StatusInput) -> Result<StatusView, Fault> {
        let commit = self.commit_of_id(&permit, sha)?;
        let repository = permit.repository()?.id;
        let creator = permit.person()?;
        check(input)?;
        self.act(permit, |act, permit| {
            let sha = commit.oid.to_string();
            if status::count(act.tx, repository, &sha)? >= STATUSES_PER_COMMIT_MAX {
                let message = "This SHA and context has reached the maximum number of statuses.";
                return Err(Fault::invalid(RESOURCE, "sha", "custom", message));
            }
            let row = StatusRow {
                id: StatusId(0),
                repository_id: repository,
                sha,
                state: input.state.clone(),
                context: input.context.clone().unwrap_or_else(|| String::from("default")),
                description: input.description.clone(),
                target_url: input.target_url.clone().filter(|url| !url.is_empty()),
                creator_id: creator,
                created_at: permit.now(),
                updated_at: permit.now(),
            };
            let row = status::insert(act.tx, row)?;
            act.note("sha", row.sha.as_str());
            act.note("state", row.state.as_str());
            act.note("context", row.context.as_str());
            view(act.tx, row)
        })
    }

    /// The statuses of a commit, newest first, and whether more follow.
    pub fn statuses(
        &self,
        permit: &Permit,
        commit: &Commit,
        (offset, size): (usize, usize),
    ) -> Result<(Vec<StatusView>, bool), Fault> {
        let repository = permit.repository()?.id;
        self.read(permit, |tx| {
            let cut = (offset, size.saturating_add(1));
            let mut rows = status::list(tx, repository, &commit.oid.to_string(), cut)?;
            let more = rows.len() > size;
            rows.truncate(size);
            let views = rows
                .into_iter()
                .map(|row| view(tx, row))
                .collect::<Result<_, _>>()?;
            Ok((views, more))
        })
    }

    /// What the statuses of a commit say together.
    pub fn status_combined(&self, permit: &Permit, commit: &Commit) -> Result<Combined, Fault> {
        let repository = permit.repository()?.id;
        self.read(permit, |tx| {
            let rows = status::latest(tx, repository, &commit.oid.to_string())?;
            let any = |states: &[&str]| rows.iter().any(|row| states.contains(&row.state.as_str()));
            let state = if any(&["error", "failure"]) {
                "failure"
            } else if rows.is_empty() || any(&["pending"]) {
                "pending"
            } else {
                "success"
            };
            let statuses = rows
                .into_iter()
                .map(|row| view(tx, row))
                .collect::<Result<_, _>>()?;
            Ok(Combined { state, statuses })
        })
    }
}

fn check(input: &StatusInput) -> Result<(), Fault> {
    let invalid = |field: &str, message: String| Err(Fault::invalid(RESOURCE, field, "custom", message));
    if !STATES.contains(&input.state.as_str()) {
        let code = if input.state.is_empty() {
            "missing_field"
        } else {
            "invalid"
        };
        return Err(Fault::invalid(
            RESOURCE,
            "state",
            code,
            "use error, failure, pending or success",
        ));
    }
    for (field, text, chars_max) in [
        ("context", &input.context, STATUS_CONTEXT_CHARS_MAX),
        ("description", &input.description, STATUS_DESCRIPTION_CHARS_MAX),
    ] {
        let Some(text) = text else { continue };
        if text.chars().count() > chars_max {
            return invalid(
                field,
                format!("{field} is too long (maximum is {chars_max} characters)"),
            );
        }
        if !is_plain_text(text, false) {
            return invalid(
                field,
                format!("{field} holds characters that hide or reorder text"),
            );
        }
    }
    if input
        .context
        .as_deref()
        .is_some_and(|context| context.trim().is_empty())
    {
        return invalid("context", String::from("context can't be blank"));
    }
    match &input.target_url {
        Some(url) => web_address(RESOURCE, "target_url", url),
        None => Ok(()),
    }
}
