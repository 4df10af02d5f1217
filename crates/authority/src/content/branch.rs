//! Branches and tags: listing, one by name, renaming.

use super::{find_commit, unprocessable};
use crate::Authority;
use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use bailiwick_git::{Commit, Oid, Ref, RefUpdate};

/// A branch with the commit at its tip.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Its short name.
    pub name: String,
    /// The commit at its tip.
    pub commit: Commit,
}

impl Authority {
    /// Every branch, by name.
    pub fn branch_list(&self, permit: &Permit) -> Result<Vec<Ref>, Fault> {
        Ok(self.repository_of(permit)?.branches()?)
    }

    /// Every tag that leads to a commit, by name, with that commit.
    pub fn tag_list(&self, permit: &Permit) -> Result<Vec<(String, Oid)>, Fault> {
        let tags = self.repository_of(permit)?.tags()?;
        // The newest version first, as far as names tell: GitHub lists them in reverse.
        Ok(tags
            .iter()
            .rev()
            .filter_map(|tag| Some((tag.short_name().to_owned(), tag.commit()?)))
            .collect())
    }

    /// One branch.
    pub fn branch_get(&self, permit: &Permit, name: &str) -> Result<Branch, Fault> {
        let repository = self.repository_of(permit)?;
        let missing = || Fault::new(FaultKind::NotFound, "branch.missing", "Branch not found");
        let found = repository
            .find_ref(&format!("refs/heads/{name}"))?
            .ok_or_else(missing)?;
        Ok(Branch {
            name: name.to_owned(),
            commit: repository.commit(found.oid)?,
        })
    }

    /// The branches that have a commit at their tip.
    pub fn branches_where_head(&self, permit: &Permit, sha: &str) -> Result<Vec<Ref>, Fault> {
        let repository = self.repository_of(permit)?;
        let oid = find_commit(&repository, sha)?
            .ok_or_else(|| unprocessable("commit.missing", format!("No commit found for SHA: {sha}")))?;
        let mut branches = repository.branches()?;
        branches.retain(|branch| branch.oid == oid);
        Ok(branches)
    }

    /// Renames a branch. The default branch is renamed with the repository's settings, which name it.
    pub fn branch_rename(&self, permit: Permit, name: &str, new_name: &str) -> Result<Branch, Fault> {
        let repository = self.repository_of(&permit)?;
        let missing = || Fault::new(FaultKind::NotFound, "branch.missing", "Branch not found");
        let old = repository
            .find_ref(&format!("refs/heads/{name}"))?
            .ok_or_else(missing)?;
        if permit.repository()?.default_branch == name {
            let message = "The default branch cannot be renamed: make another branch the default first";
            return Err(unprocessable("branch.default", message));
        }
        if repository.find_ref(&format!("refs/heads/{new_name}"))?.is_some() {
            return Err(Fault::invalid(
                "Branch",
                "new_name",
                "already_exists",
                "a branch of that name exists",
            ));
        }
        let commit = repository.commit(old.oid)?;
        let updates = [
            RefUpdate {
                name: format!("refs/heads/{new_name}"),
                old: None,
                new: Some(old.oid),
            },
            RefUpdate {
                name: old.name.clone(),
                old: Some(old.oid),
                new: None,
            },
        ];
        super::reference::check_name(&format!("refs/heads/{new_name}"))?;
        self.move_refs(permit, &repository, &updates, |act, _| {
            act.note("old_branch", name);
            act.note("new_branch", new_name);
            Ok(())
        })?;
        Ok(Branch {
            name: new_name.to_owned(),
            commit,
        })
    }
}
