//! Opening, editing, closing and locking issues.

use super::viewing::Viewing;
use super::{IssueView, RESOURCE, assignee, found, label, note, place, require_issues, text};
use crate::Authority;
use crate::act::Act;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_catalogue::{OperationIndex, Target, op};
use bailiwick_store::{IssueRow, issue};

/// What a body says of an issue; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct IssueInput {
    /// The title.
    pub title: Option<String>,
    /// The text; `Some(None)` removes it.
    pub body: Option<Option<String>>,
    /// `open` or `closed`.
    pub state: Option<String>,
    /// Why the state changes.
    pub state_reason: Option<String>,
    /// Exactly these labels. Dropped without a word for whoever may not label, as at GitHub.
    pub labels: Option<Vec<String>>,
    /// Exactly these assignees. Dropped in the same way.
    pub assignees: Option<Vec<String>>,
}

const LOCK_REASONS: [&str; 4] = ["off-topic", "too heated", "resolved", "spam"];

/// Whether the caller would also be allowed another operation on the same repository.
pub(crate) fn would_here(permit: &Permit, index: OperationIndex) -> bool {
    let here = permit.gathered().named(Target::Repository).clone();
    permit.would(index, &[(Target::Repository, here)])
}

impl Authority {
    /// Opens an issue.
    pub fn issue_create(&self, permit: Permit, input: &IssueInput) -> Result<IssueView, Fault> {
        require_issues(&permit)?;
        let place = place(&permit)?;
        let author = permit.person()?;
        self.act(permit, |act, permit| {
            let title = input.title.as_deref().unwrap_or("");
            text::title(title)?;
            let mut row = IssueRow::new(place.row.id, author, title, permit.now());
            row.body = checked_body(input.body.clone().flatten())?;
            let row = issue::insert(act.tx, row)?;
            set_labels_and_assignees(act, permit, &row, input)?;
            note(act, &row);
            act.note("title", row.title.as_str());
            Viewing::default().issue(act.tx, permit, &place, row)
        })
    }

    /// Edits an issue.
    pub fn issue_update(&self, permit: Permit, number: i64, input: &IssueInput) -> Result<IssueView, Fault> {
        require_issues(&permit)?;
        let place = place(&permit)?;
        self.act(permit, |act, permit| {
            let mut row = found(act.tx, permit, number)?;
            let before = row.clone();
            if let Some(title) = &input.title {
                text::title(title)?;
                row.title.clone_from(title);
            }
            if let Some(body) = &input.body {
                row.body = checked_body(body.clone())?;
            }
            change_state(permit, &mut row, input)?;
            let others = set_labels_and_assignees(act, permit, &row, input)?;
            if others || row != before {
                row.updated_at = permit.now();
                issue::update(act.tx, &row)?;
            }
            note(act, &row);
            note_changes(act, &before, &row);
            Viewing::default().issue(act.tx, permit, &place, row)
        })
    }

    /// Closes the conversation to all but those who may lock it.
    pub fn issue_lock(&self, permit: Permit, number: i64, reason: Option<&str>) -> Result<(), Fault> {
        require_issues(&permit)?;
        self.act(permit, |act, permit| {
            let mut row = found(act.tx, permit, number)?;
            if let Some(reason) = reason.filter(|reason| !LOCK_REASONS.contains(reason)) {
                let message = format!("{reason:?} is not one of off-topic, too heated, resolved, spam");
                return Err(Fault::invalid(RESOURCE, "lock_reason", "invalid", message));
            }
            row.locked = true;
            row.lock_reason = reason.map(str::to_owned);
            row.updated_at = permit.now();
            issue::update(act.tx, &row)?;
            note(act, &row);
            act.note("lock_reason", reason);
            Ok(())
        })
    }

    /// Opens the conversation again.
    pub fn issue_unlock(&self, permit: Permit, number: i64) -> Result<(), Fault> {
        require_issues(&permit)?;
        self.act(permit, |act, permit| {
            let mut row = found(act.tx, permit, number)?;
            row.locked = false;
            row.lock_reason = None;
            row.updated_at = permit.now();
            issue::update(act.tx, &row)?;
            note(act, &row);
            Ok(())
        })
    }
}

fn checked_body(body: Option<String>) -> Result<Option<String>, Fault> {
    if let Some(body) = &body {
        text::body(RESOURCE, body)?;
    }
    Ok(body.filter(|body| !body.is_empty()))
}

/// Labels and assignees, for whoever may set them. Tells whether anything was set.
fn set_labels_and_assignees(
    act: &mut Act<'_, '_>,
    permit: &Permit,
    row: &IssueRow,
    input: &IssueInput,
) -> Result<bool, Fault> {
    let mut set = false;
    if let Some(names) = &input.labels
        && would_here(permit, op::ISSUES_SET_LABELS)
    {
        label::replace(act, permit, row, names)?;
        set = true;
    }
    if let Some(logins) = &input.assignees
        && would_here(permit, op::ISSUES_ADD_ASSIGNEES)
    {
        let users = assignee::wanted(act.tx, permit, logins)?;
        issue::set_assignees(act.tx, row.id, &users)?;
        set = true;
    }
    Ok(set)
}

fn change_state(permit: &Permit, row: &mut IssueRow, input: &IssueInput) -> Result<(), Fault> {
    let reason = input.state_reason.as_deref();
    if let Some(reason) = reason
        && !["completed", "not_planned", "duplicate", "reopened"].contains(&reason)
    {
        let message = "use completed, not_planned, duplicate or reopened";
        return Err(Fault::invalid(RESOURCE, "state_reason", "invalid", message));
    }
    match input.state.as_deref() {
        None => {}
        Some("open") => {
            if row.state != "open" {
                row.state_reason = Some(String::from("reopened"));
                row.closed_at = None;
                row.closed_by = None;
            }
            row.state = String::from("open");
        }
        Some("closed") => {
            if reason == Some("reopened") {
                let message = "a closed issue is completed, not_planned or duplicate";
                return Err(Fault::invalid(RESOURCE, "state_reason", "invalid", message));
            }
            if row.state != "closed" {
                row.closed_at = Some(permit.now());
                row.closed_by = permit.actor();
                row.state_reason = Some(reason.unwrap_or("completed").to_owned());
            } else if let Some(reason) = reason {
                row.state_reason = Some(reason.to_owned());
            }
            row.state = String::from("closed");
        }
        Some(_) => return Err(Fault::invalid(RESOURCE, "state", "invalid", "use open or closed")),
    }
    Ok(())
}

/// The event tells what changed, not the texts: those are in the issue.
fn note_changes(act: &mut Act<'_, '_>, before: &IssueRow, after: &IssueRow) {
    let mut changed = Vec::new();
    if before.title != after.title {
        changed.push("title");
        act.note("title", after.title.as_str());
        act.note("old_title", before.title.as_str());
    }
    if before.body != after.body {
        changed.push("body");
    }
    if before.state != after.state {
        changed.push("state");
        act.note("state", after.state.as_str());
        act.note("state_reason", after.state_reason.as_deref());
    }
    act.note("changed", changed);
}
