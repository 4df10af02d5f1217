//! Issues of repositories with their comments, labels and assignees. This host keeps no pull requests: whatever
//! has a number is an issue.

pub mod assignee;
pub mod comment;
pub mod edit;
pub mod label;
pub mod list;
mod text;
mod viewing;

pub use viewing::{Author, CommentView, IssueView};

use crate::act::Act;
use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use crate::token::RepositoryName;
use bailiwick_store::{IssueRow, Tx, issue};
use std::sync::Arc;

/// The resource name in field errors.
pub(crate) const RESOURCE: &str = "Issue";

/// The permitted repository and its owner, as answers name them.
pub(crate) fn place(permit: &Permit) -> Result<Arc<RepositoryName>, Fault> {
    let (repository, owner) = permit.repository_record()?;
    Ok(Arc::new(RepositoryName {
        row: repository.row.clone(),
        owner: owner.row.clone(),
    }))
}

/// Refuses where the repository has issues turned off, as GitHub does.
pub(crate) fn require_issues(permit: &Permit) -> Result<(), Fault> {
    if permit.repository()?.has_issues {
        Ok(())
    } else {
        let message = "Issues are disabled for this repo";
        Err(Fault::new(FaultKind::Gone, "issues.disabled", message))
    }
}

/// The issue of a number in the permitted repository.
pub(crate) fn found(tx: &mut Tx<'_>, permit: &Permit, number: i64) -> Result<IssueRow, Fault> {
    let repository = permit.repository()?.id;
    issue::by_number(tx, repository, number)?.ok_or_else(Fault::not_found)
}

/// Says in the event which issue it is about.
pub(crate) fn note(act: &mut Act<'_, '_>, row: &IssueRow) {
    act.note("issue_id", row.id.0);
    act.note("number", row.number);
}
