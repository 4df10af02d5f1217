//! Forks: a copy of the branches and tags at another owner. What is not public stays within its owner or enterprise.

use super::create::{Placed, directory, git_fault};
use super::repository::{RepositoryView, view_of};
use crate::Authority;
use crate::fault::Fault;
use crate::gather::{OwnerRecord, RepositoryRecord};
use crate::permit::Permit;
use crate::upstream::disk::must_be_hosted;
use bailiwick_git::{Error, ImportSource, RefUpdate, Repositories};
use bailiwick_model::{RepositoryId, Visibility};
use bailiwick_store::{RepositoryRow, repository};

/// How to fork.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ForkInput {
    /// Its name there; the source's by default.
    pub name: Option<String>,
    /// Only the default branch.
    pub default_branch_only: bool,
}

impl Authority {
    /// Forks the repository that the path names to the account that the body names. An existing fork of that name
    /// is the answer, as at GitHub.
    pub fn repository_fork(&self, permit: Permit, input: &ForkInput) -> Result<RepositoryView, Fault> {
        let (source, owner) = permit.repository_record()?;
        let (source, owner) = (source.clone(), owner.clone());
        let destination = permit.destination_record()?.clone();
        check_destination(&source, &owner, &destination)?;
        must_be_hosted(&source.row, "fork it there")?;
        let name = input.name.clone().unwrap_or_else(|| source.row.name.clone());
        let existing = self
            .store
            .read(|tx| repository::by_name(tx, destination.facts.id, &name))?;
        if let Some(existing) = existing.filter(|row| row.fork_of == Some(source.facts.id)) {
            return self.act(permit, |act, permit| {
                act.note("existing", true);
                view_of(act.tx, permit, existing)
            });
        }
        let mut row = RepositoryRow::new(destination.facts.id, &name, source.row.visibility, permit.now());
        row.description.clone_from(&source.row.description);
        row.homepage.clone_from(&source.row.homepage);
        row.default_branch.clone_from(&source.row.default_branch);
        row.fork_of = Some(source.facts.id);
        row.has_issues = false;
        row.pushed_at = source.row.pushed_at;
        if row.visibility == Visibility::Internal {
            row.visibility = Visibility::Private;
        }
        let parent = source.full_name.clone();
        let (git, only) = (self.git.clone(), input.default_branch_only);
        let fill = move |row: &mut RepositoryRow| copy(&git, source.facts.id, row, only).map_err(git_fault);
        let placed = Placed {
            owner: &destination,
            row,
            creator_administers: true,
        };
        self.place(permit, placed, fill, move |act, _| {
            act.note("fork_parent", parent);
            Ok(())
        })
    }
}

/// Whether a copy may lie there.
// SECURITY: a copy has its own members. What not everybody may read must not come under other people's hands by a
// fork: a private repository stays at its owner, an internal one within its enterprise.
fn check_destination(
    source: &RepositoryRecord,
    owner: &OwnerRecord,
    destination: &OwnerRecord,
) -> Result<(), Fault> {
    let good = match source.row.visibility {
        Visibility::Public => true,
        Visibility::Internal => {
            owner.facts.enterprise.is_some() && owner.facts.enterprise == destination.facts.enterprise
        }
        Visibility::Private => owner.facts.id == destination.facts.id,
    };
    if good {
        return Ok(());
    }
    let message = "a repository that is not public can be forked only within its owner or its enterprise";
    Err(Fault::forbidden("repository.fork_forbidden", message))
}

/// Copies branches and tags, or the default branch alone.
fn copy(git: &Repositories, source: RepositoryId, row: &RepositoryRow, only: bool) -> Result<(), Error> {
    let from = ImportSource::Directory(git.open(directory(source))?.directory().to_owned());
    let made = git.import(directory(row.id), &from, &row.default_branch)?;
    if !only {
        return Ok(());
    }
    let kept = format!("refs/heads/{}", row.default_branch);
    let others: Vec<RefUpdate> = made
        .refs("refs/")?
        .into_iter()
        .filter(|found| found.name != kept)
        .map(|found| RefUpdate {
            name: found.name,
            old: Some(found.oid),
            new: None,
        })
        .collect();
    if others.is_empty() {
        Ok(())
    } else {
        made.update_refs(&others)
    }
}
