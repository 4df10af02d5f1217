//! LFS: objects that come and go as files, and locks, each change with its event.

use crate::Authority;
use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use bailiwick_catalogue::Target;
use bailiwick_decision::{TargetFacts, effective::repository_role};
use bailiwick_git::{LfsOid, LfsReceived};
use bailiwick_model::limit::LFS_LOCK_PATH_BYTES_MAX;
use bailiwick_model::{AccountId, Outcome, RepositoryId, RepositoryRole, Timestamp};
use bailiwick_store::{LfsLockRow, Tx, account, lfs_lock};
use bailiwick_wire::lfs::check_lock_path;

/// A lock as clients see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LfsLock {
    /// Its id.
    pub id: i64,
    /// The path.
    pub path: String,
    /// Since when.
    pub locked_at: Timestamp,
    /// Who holds it.
    pub owner: AccountId,
    /// Their login.
    pub owner_login: String,
}

/// What became of a request for a lock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Locked {
    /// It is the caller's now.
    Made(LfsLock),
    /// The path was locked already, by this lock.
    Already(LfsLock),
}

impl Authority {
    /// Records that addresses to upload to were handed out.
    pub fn lfs_batch_upload(&self, permit: Permit, objects: usize, bytes: u64) -> Result<(), Fault> {
        self.act(permit, |act, _| {
            act.note("objects", objects);
            act.note("bytes", bytes);
            Ok(())
        })
    }

    /// Makes a received object part of the repository.
    pub fn lfs_store(&self, permit: Permit, oid: &LfsOid, received: LfsReceived) -> Result<(), Fault> {
        // SECURITY: an upload may take hours; what was allowed at its beginning need not be now.
        let permit = self.confirm(permit, false).map_err(Fault::refused)?;
        self.act(permit, |act, _| {
            act.note("oid", oid.as_str());
            act.note("bytes", received.size_bytes);
            // Last: an object without its event must not be, an event of an object that could not be moved neither.
            received
                .publish()
                .map_err(|error| Fault::internal("lfs.publish", error))
        })
    }

    /// Locks a path.
    pub fn lfs_lock(&self, permit: Permit, path: &str, ref_name: Option<String>) -> Result<Locked, Fault> {
        check_lock_path(path, LFS_LOCK_PATH_BYTES_MAX)
            .map_err(|fault| Fault::new(FaultKind::Invalid, "lfs.path", fault.to_string()))?;
        let ref_name = ref_name.filter(|name| bailiwick_wire::refname::check(name).is_ok());
        let owner = permit.person()?;
        let repository = permit.repository()?.id;
        self.act(permit, |act, permit| {
            act.note("path", path);
            if let Some(row) = lfs_lock::by_path(act.tx, repository, path)? {
                act.event.outcome = Outcome::Failed;
                act.event.reason = String::from("lfs.locked_already");
                return Ok(Locked::Already(view(act.tx, row)?));
            }
            let row = LfsLockRow {
                id: 0,
                repository_id: repository,
                path: path.to_owned(),
                ref_name,
                owner_id: owner,
                locked_at: permit.now(),
            };
            let row = lfs_lock::insert(act.tx, row)?;
            act.note("lock_id", row.id);
            Ok(Locked::Made(view(act.tx, row)?))
        })
    }

    /// Gives a lock up. Somebody else's takes `force` and the role maintain: who may write here may not undo what
    /// another writer has claimed, or locks would protect nobody.
    pub fn lfs_unlock(&self, permit: Permit, id: i64, force: bool) -> Result<LfsLock, Fault> {
        let person = permit.person()?;
        let repository = permit.repository()?.id;
        let maintains = role(&permit) >= RepositoryRole::Maintain;
        self.act(permit, |act, _| {
            let row = lfs_lock::by_id(act.tx, repository, id)?.ok_or_else(Fault::not_found)?;
            if row.owner_id != person && !(force && maintains) {
                let message = match maintains {
                    true => "somebody else holds this lock: repeat with --force",
                    false => {
                        "somebody else holds this lock: only the repository role maintain can force it open"
                    }
                };
                return Err(Fault::forbidden("lfs.lock_of_another", message));
            }
            lfs_lock::delete(act.tx, row.id)?;
            act.note("path", row.path.as_str());
            act.note("lock_id", row.id);
            act.note("forced", row.owner_id != person);
            view(act.tx, row)
        })
    }

    /// The locks of the repository: of one path, of one id, or a page of all with ids above `after`.
    pub fn lfs_locks(
        &self,
        permit: &Permit,
        path: Option<&str>,
        id: Option<i64>,
        after: i64,
        limit: usize,
    ) -> Result<Vec<LfsLock>, Fault> {
        let repository: RepositoryId = permit.repository()?.id;
        self.read(permit, |tx| {
            let rows = match (path, id) {
                (Some(path), _) => lfs_lock::by_path(tx, repository, path)?.into_iter().collect(),
                (None, Some(id)) => lfs_lock::by_id(tx, repository, id)?.into_iter().collect(),
                (None, None) => lfs_lock::list(tx, repository, after, limit)?,
            };
            let wanted = |row: &LfsLockRow| id.is_none_or(|id| row.id == id);
            rows.into_iter().filter(wanted).map(|row| view(tx, row)).collect()
        })
    }
}

fn view(tx: &mut Tx<'_>, row: LfsLockRow) -> Result<LfsLock, Fault> {
    let owner_login =
        account::by_id(tx, row.owner_id)?.map_or_else(|| String::from("ghost"), |owner| owner.login);
    Ok(LfsLock {
        id: row.id,
        path: row.path,
        locked_at: row.locked_at,
        owner: row.owner_id,
        owner_login,
    })
}

fn role(permit: &Permit) -> RepositoryRole {
    match (permit.target(Target::Repository), permit.gathered().principal()) {
        (TargetFacts::Repository(repository, owner), Some(principal)) => {
            repository_role(principal, repository, owner)
        }
        _ => RepositoryRole::None,
    }
}
