//! Comments on issues.

use super::edit::would_here;
use super::viewing::Viewing;
use super::{CommentView, found, place, require_issues, text};
use crate::Authority;
use crate::act::Act;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_catalogue::op;
use bailiwick_model::{CommentId, IssueId, Timestamp};
use bailiwick_store::comment::{self, CommentQuery};
use bailiwick_store::{CommentRow, Tx, issue};
use std::collections::HashMap;

const RESOURCE: &str = "IssueComment";

/// Which comments to list, and which part of them.
#[derive(Clone, Copy, Debug)]
pub struct CommentList {
    /// Edited at or after this instant.
    pub since: Option<Timestamp>,
    /// By the last edit instead of the writing. Only for a repository's.
    pub edited: bool,
    /// Newest first. Only for a repository's.
    pub descending: bool,
    /// Skip so many.
    pub offset: usize,
    /// Return at most so many.
    pub size: usize,
}

impl CommentList {
    fn query(&self) -> CommentQuery {
        CommentQuery {
            since: self.since,
            offset: self.offset,
            // One more tells whether more follow.
            limit: self.size.saturating_add(1),
        }
    }
}

/// The comment of an id.
// SECURITY: an id of another repository is answered as one that does not exist.
fn found_comment(tx: &mut Tx<'_>, permit: &Permit, id: CommentId) -> Result<(CommentRow, i64), Fault> {
    let repository = permit.repository()?.id;
    let row = comment::by_id(tx, id)?
        .filter(|row| row.repository_id == repository)
        .ok_or_else(Fault::not_found)?;
    let number = number_of(tx, row.issue_id)?;
    Ok((row, number))
}

fn number_of(tx: &mut Tx<'_>, id: IssueId) -> Result<i64, Fault> {
    Ok(issue::by_id(tx, id)?.ok_or_else(Fault::not_found)?.number)
}

fn checked(text: &str) -> Result<(), Fault> {
    if text.trim().is_empty() {
        return Err(Fault::invalid(RESOURCE, "body", "missing_field", ""));
    }
    text::body(RESOURCE, text)
}

fn note(act: &mut Act<'_, '_>, row: &CommentRow, number: i64) {
    act.note("comment_id", row.id.0);
    act.note("issue_id", row.issue_id.0);
    act.note("number", number);
}

impl Authority {
    /// The comments of an issue, oldest first, and whether more follow.
    pub fn comments(
        &self,
        permit: &Permit,
        number: i64,
        list: &CommentList,
    ) -> Result<(Vec<CommentView>, bool), Fault> {
        require_issues(permit)?;
        let place = place(permit)?;
        self.read(permit, |tx| {
            let on = found(tx, permit, number)?;
            let mut rows = comment::list(tx, on.id, list.query())?;
            let more = rows.len() > list.size;
            rows.truncate(list.size);
            let mut viewing = Viewing::default();
            let views = rows
                .into_iter()
                .map(|row| viewing.comment(tx, permit, &place, number, row))
                .collect::<Result<_, _>>()?;
            Ok((views, more))
        })
    }

    /// The comments of every issue of the permitted repository, and whether more follow.
    pub fn repository_comments(
        &self,
        permit: &Permit,
        list: &CommentList,
    ) -> Result<(Vec<CommentView>, bool), Fault> {
        require_issues(permit)?;
        let place = place(permit)?;
        self.read(permit, |tx| {
            let order = (list.edited, list.descending);
            let mut rows = comment::of_repository_by_time(tx, place.row.id, list.query(), order)?;
            let more = rows.len() > list.size;
            rows.truncate(list.size);
            let mut viewing = Viewing::default();
            let mut numbers: HashMap<IssueId, i64> = HashMap::new();
            let mut views = Vec::with_capacity(rows.len());
            for row in rows {
                let number = match numbers.get(&row.issue_id) {
                    Some(number) => *number,
                    None => number_of(tx, row.issue_id)?,
                };
                numbers.insert(row.issue_id, number);
                views.push(viewing.comment(tx, permit, &place, number, row)?);
            }
            Ok((views, more))
        })
    }

    /// One comment.
    pub fn comment(&self, permit: &Permit, id: CommentId) -> Result<CommentView, Fault> {
        require_issues(permit)?;
        let place = place(permit)?;
        self.read(permit, |tx| {
            let (row, number) = found_comment(tx, permit, id)?;
            Viewing::default().comment(tx, permit, &place, number, row)
        })
    }

    /// Writes a comment.
    pub fn comment_create(&self, permit: Permit, number: i64, text: &str) -> Result<CommentView, Fault> {
        require_issues(&permit)?;
        let place = place(&permit)?;
        let author = permit.person()?;
        self.act(permit, |act, permit| {
            let on = found(act.tx, permit, number)?;
            // A locked conversation is open to those who could unlock it.
            if on.locked && !would_here(permit, op::ISSUES_LOCK) {
                let message = "Unable to create comment because issue is locked.";
                return Err(Fault::forbidden("issue.locked", message));
            }
            checked(text)?;
            let row = comment::insert(act.tx, (place.row.id, on.id), author, text, permit.now())?;
            note(act, &row, number);
            Viewing::default().comment(act.tx, permit, &place, number, row)
        })
    }

    /// Changes a comment's text.
    pub fn comment_update(&self, permit: Permit, id: CommentId, text: &str) -> Result<CommentView, Fault> {
        require_issues(&permit)?;
        let place = place(&permit)?;
        self.act(permit, |act, permit| {
            let (_, number) = found_comment(act.tx, permit, id)?;
            checked(text)?;
            let row = comment::update(act.tx, id, text, permit.now())?.ok_or_else(Fault::not_found)?;
            note(act, &row, number);
            Viewing::default().comment(act.tx, permit, &place, number, row)
        })
    }

    /// Deletes a comment.
    pub fn comment_delete(&self, permit: Permit, id: CommentId) -> Result<(), Fault> {
        require_issues(&permit)?;
        self.act(permit, |act, permit| {
            let (row, number) = found_comment(act.tx, permit, id)?;
            comment::delete(act.tx, id, permit.now())?;
            note(act, &row, number);
            Ok(())
        })
    }
}
