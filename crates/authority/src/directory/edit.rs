//! Editing a repository: name (the old path leads on), texts, visibility, default branch, archiving.

use super::check;
use super::create::{about, check_row, check_visibility, conflict, git_fault};
use super::repository::{RepositoryView, view_of};
use crate::Authority;
use crate::act::Act;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::{RepositoryId, Visibility};
use bailiwick_store::{RepositoryRow, Tx, repository};

/// What shall change: `None` stays, an inner `None` removes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RepositoryInput {
    /// A new name.
    pub name: Option<String>,
    /// What it is.
    pub description: Option<Option<String>>,
    /// Its web site.
    pub homepage: Option<Option<String>>,
    /// Who may see it.
    pub visibility: Option<Visibility>,
    /// Its default branch, which must exist unless there is none at all.
    pub default_branch: Option<String>,
    /// Whether it is read-only.
    pub archived: Option<bool>,
    /// Whether it has issues.
    pub has_issues: Option<bool>,
}

impl Authority {
    /// Edits the repository that the path names.
    pub fn repository_edit(&self, permit: Permit, input: &RepositoryInput) -> Result<RepositoryView, Fault> {
        let (record, owner) = permit.repository_record()?;
        let (id, owner) = (record.facts.id, owner.clone());
        self.act(permit, |act, permit| {
            let before = live(act.tx, id)?;
            check_archived(&before, input)?;
            let mut row = before.clone();
            apply(&mut row, input);
            if row.visibility != before.visibility {
                check_visibility(&owner, row.visibility)?;
            }
            row.archived_at = match input.archived {
                Some(true) => before.archived_at.or(Some(permit.now())),
                Some(false) => None,
                None => before.archived_at,
            };
            row.updated_at = permit.now();
            check_row(&row)?;
            repository::update(act.tx, &row).map_err(conflict)?;
            about(act, &row, &owner.row);
            note(act, &before, &row);
            if row.default_branch != before.default_branch {
                // The last step: where it fails nothing has changed.
                self.lead_head(&row)?;
            }
            view_of(act.tx, permit, row)
        })
    }

    fn lead_head(&self, row: &RepositoryRow) -> Result<(), Fault> {
        let branch = &row.default_branch;
        let git = self.open_row(row)?;
        let exists = git
            .find_ref(&format!("refs/heads/{branch}"))
            .map_err(git_fault)?
            .is_some();
        if !exists && !git.branches().map_err(git_fault)?.is_empty() {
            let message =
                "The branch was not found. Please push that ref first or create it via the Git Data API.";
            return Err(Fault::invalid("Repository", "default_branch", "invalid", message));
        }
        git.set_default_branch(branch).map_err(git_fault)
    }
}

/// The live row of an id.
pub(crate) fn live(tx: &mut Tx<'_>, id: RepositoryId) -> Result<RepositoryRow, Fault> {
    repository::by_id(tx, id)?
        .filter(|row| row.deleted_at.is_none())
        .ok_or_else(Fault::not_found)
}

/// An archived repository takes no edit but its unarchiving.
fn check_archived(before: &RepositoryRow, input: &RepositoryInput) -> Result<(), Fault> {
    let others = RepositoryInput {
        archived: None,
        ..input.clone()
    } != RepositoryInput::default();
    if before.archived_at.is_some() && input.archived != Some(false) && others {
        return Err(Fault::forbidden(
            "repository.archived",
            "Repository was archived so is read-only.",
        ));
    }
    Ok(())
}

fn apply(row: &mut RepositoryRow, input: &RepositoryInput) {
    if let Some(name) = &input.name {
        row.name.clone_from(name);
    }
    if let Some(description) = &input.description {
        row.description = check::kept(description.as_deref());
    }
    if let Some(homepage) = &input.homepage {
        row.homepage = check::kept(homepage.as_deref());
    }
    if let Some(branch) = &input.default_branch {
        row.default_branch.clone_from(branch);
    }
    row.visibility = input.visibility.unwrap_or(row.visibility);
    row.has_issues = input.has_issues.unwrap_or(row.has_issues);
}

/// The event's action is the gravest change; every other one gets an event of its own.
fn note(act: &mut Act<'_, '_>, before: &RepositoryRow, after: &RepositoryRow) {
    let mut actions: Vec<(&'static str, &'static str, String, String)> = Vec::new();
    if before.visibility != after.visibility {
        let words = (
            before.visibility.word().to_owned(),
            after.visibility.word().to_owned(),
        );
        actions.push(("repo.access", "visibility", words.0, words.1));
    }
    if before.name != after.name {
        actions.push(("repo.rename", "name", before.name.clone(), after.name.clone()));
    }
    match (before.archived_at, after.archived_at) {
        (None, Some(_)) => actions.push(("repo.archived", "archived", "false".into(), "true".into())),
        (Some(_), None) => actions.push(("repo.unarchived", "archived", "true".into(), "false".into())),
        (None, None) | (Some(_), Some(_)) => {}
    }
    if before.default_branch != after.default_branch {
        let branches = (before.default_branch.clone(), after.default_branch.clone());
        actions.push((
            "repo.update_default_branch",
            "default_branch",
            branches.0,
            branches.1,
        ));
    }
    for (place, (action, field, old, new)) in actions.into_iter().enumerate() {
        let event = if place == 0 {
            act.action(action);
            &mut act.event
        } else {
            act.another(action)
        };
        event.data.insert(format!("old_{field}"), old.into());
        event.data.insert(field.to_owned(), new.into());
    }
}
