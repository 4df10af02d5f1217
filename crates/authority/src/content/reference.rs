//! Refs as Git data: reading, making, moving, removing.

use super::{empty, parse_oid, require_content, unprocessable};
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_git::{Kind, Oid, Ref, RefUpdate, Repository};
use bailiwick_wire::refname;

impl Authority {
    /// The ref of a name below `refs/`.
    pub fn ref_get(&self, permit: &Permit, name: &str) -> Result<Ref, Fault> {
        let repository = self.repository_of(permit)?;
        let full = format!("refs/{name}");
        let found = if full.starts_with("refs/bailiwick/") {
            None
        } else {
            repository.find_ref(&full)?
        };
        match found {
            Some(found) => Ok(found),
            None => {
                require_content(&repository)?;
                Err(Fault::not_found())
            }
        }
    }

    /// The refs whose name below `refs/` begins so.
    pub fn ref_matching(&self, permit: &Permit, prefix: &str) -> Result<Vec<Ref>, Fault> {
        let repository = self.repository_of(permit)?;
        let found = repository.refs(&format!("refs/{prefix}"))?;
        if found.is_empty() {
            require_content(&repository)?;
        }
        Ok(found)
    }

    /// Makes a ref. The name is a full one.
    pub fn ref_create(&self, permit: Permit, name: &str, sha: &str) -> Result<Ref, Fault> {
        check_name(name)?;
        let repository = self.repository_of(&permit)?;
        if repository.branches()?.is_empty() {
            return Err(empty());
        }
        let (oid, kind) = target(&repository, name, sha)?;
        if repository.find_ref(name)?.is_some() {
            return Err(unprocessable("ref.exists", "Reference already exists"));
        }
        let update = RefUpdate {
            name: name.to_owned(),
            old: None,
            new: Some(oid),
        };
        self.move_refs(permit, &repository, &[update], |_, _| Ok(()))?;
        Ok(Ref {
            name: name.to_owned(),
            oid,
            kind,
            peeled: None,
        })
    }

    /// Moves a ref. Without `force` only forwards.
    pub fn ref_update(&self, permit: Permit, name: &str, sha: &str, force: bool) -> Result<Ref, Fault> {
        let name = format!("refs/{name}");
        let repository = self.repository_of(&permit)?;
        let old = existing(&repository, &name)?;
        let (oid, kind) = target(&repository, &name, sha)?;
        if !force && !is_forward(&repository, &old, oid, kind)? {
            return Err(unprocessable("ref.not_forward", "Update is not a fast forward"));
        }
        let update = RefUpdate {
            name: name.clone(),
            old: Some(old.oid),
            new: Some(oid),
        };
        self.move_refs(permit, &repository, &[update], |act, _| {
            act.note("force", force);
            Ok(())
        })?;
        Ok(Ref {
            name,
            oid,
            kind,
            peeled: None,
        })
    }

    /// Removes a ref.
    pub fn ref_delete(&self, permit: Permit, name: &str) -> Result<(), Fault> {
        let name = format!("refs/{name}");
        let repository = self.repository_of(&permit)?;
        let old = existing(&repository, &name)?;
        if name == super::default_ref(&permit)? {
            return Err(unprocessable("ref.default", "Cannot delete the default branch"));
        }
        let update = RefUpdate {
            name,
            old: Some(old.oid),
            new: None,
        };
        self.move_refs(permit, &repository, &[update], |_, _| Ok(()))
    }
}

/// Refuses a name that no ref may have.
pub(super) fn check_name(name: &str) -> Result<(), Fault> {
    let good = match name.strip_prefix("refs/heads/") {
        Some(branch) => refname::check_branch(branch).is_ok(),
        None => refname::check(name).is_ok(),
    };
    if good {
        Ok(())
    } else {
        Err(unprocessable(
            "ref.name",
            format!("{name} is not a valid ref name."),
        ))
    }
}

fn existing(repository: &Repository, name: &str) -> Result<Ref, Fault> {
    repository
        .find_ref(name)?
        .ok_or_else(|| unprocessable("ref.missing", "Reference does not exist"))
}

/// The object that a ref shall name. It must be here already; a branch names a commit.
fn target(repository: &Repository, name: &str, sha: &str) -> Result<(Oid, Kind), Fault> {
    let missing = || unprocessable("object.missing", "Object does not exist");
    let oid = parse_oid(sha).ok_or_else(missing)?;
    let (kind, _) = repository.object_info(oid)?.ok_or_else(missing)?;
    if name.starts_with("refs/heads/") && kind != Kind::Commit {
        return Err(unprocessable("object.not_commit", "Object is not a commit"));
    }
    Ok((oid, kind))
}

fn is_forward(repository: &Repository, old: &Ref, new: Oid, kind: Kind) -> Result<bool, Fault> {
    if old.oid == new {
        return Ok(true);
    }
    // Only history between commits has a direction.
    match (old.kind, kind) {
        (Kind::Commit, Kind::Commit) => Ok(repository.is_ancestor(old.oid, new)?),
        _ => Ok(false),
    }
}
