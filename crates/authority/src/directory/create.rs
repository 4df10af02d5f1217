//! Making repositories: the directory first, then the row with its event; what fails in between leaves neither.

use super::check;
use super::repository::{RepositoryView, view_of};
use crate::Authority;
use crate::act::Act;
use crate::fault::{Fault, FaultKind};
use crate::gather::OwnerRecord;
use crate::permit::Permit;
use crate::upstream::disk::owner_must_be_hosted;
use bailiwick_git::{FileChangeKind, Repository, Signature};
use bailiwick_model::{OrganizationRole, OwnerKind, RepositoryId, RepositoryRole, Timestamp, Visibility};
use bailiwick_store::{AccountRow, RepositoryRow, StoreError, collaborator, repository};

/// The default branch where none is asked for.
const DEFAULT_BRANCH: &str = "main";

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CreateInput {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// Its web site.
    pub homepage: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Whether it has issues.
    pub has_issues: bool,
    /// Whether it starts with a commit of a README.
    pub auto_init: bool,
    /// Its default branch.
    pub default_branch: Option<String>,
}

/// A repository on its way in.
pub(crate) struct Placed<'a> {
    /// Whose it will be.
    pub owner: &'a OwnerRecord,
    /// Its row, still without an id.
    pub row: RepositoryRow,
    /// Whether a member who makes it administers it.
    pub creator_administers: bool,
}

impl Authority {
    /// Makes a repository at the organization that the path names, or at the caller's own account.
    pub fn repository_create(&self, permit: Permit, input: &CreateInput) -> Result<RepositoryView, Fault> {
        let owner = match permit.owner_record() {
            Ok(owner) => owner.clone(),
            Err(_) => match permit.gathered().named(bailiwick_catalogue::Target::Own) {
                crate::Named::Account(own) => own.clone(),
                _ => return Err(Fault::not_found()),
            },
        };
        check_visibility(&owner, input.visibility)?;
        let mut row = RepositoryRow::new(owner.facts.id, &input.name, input.visibility, permit.now());
        row.description = check::kept(input.description.as_deref());
        row.homepage = check::kept(input.homepage.as_deref());
        row.has_issues = input.has_issues;
        row.default_branch = input
            .default_branch
            .clone()
            .unwrap_or_else(|| String::from(DEFAULT_BRANCH));
        let author = permit
            .gathered()
            .principal_record()
            .map(|record| record.row.clone());
        let signature = author.as_ref().map(|author| self.signature(author, permit.now()));
        let (git, auto_init) = (self.git.clone(), input.auto_init);
        let fill = move |row: &mut RepositoryRow| {
            let made = git
                .create(directory(row.id), &row.default_branch)
                .map_err(git_fault)?;
            if let (true, Some(signature)) = (auto_init, &signature) {
                first_commit(&made, row, signature).map_err(git_fault)?;
                row.pushed_at = Some(row.created_at);
            }
            Ok(())
        };
        self.place(
            permit,
            Placed {
                owner: &owner,
                row,
                creator_administers: true,
            },
            fill,
            |_, _| Ok(()),
        )
    }

    /// Makes a repository: checks it, reserves its id, fills its directory, and writes its row with its event.
    pub(crate) fn place(
        &self,
        permit: Permit,
        placed: Placed<'_>,
        fill: impl FnOnce(&mut RepositoryRow) -> Result<(), Fault>,
        note: impl FnOnce(&mut Act<'_, '_>, &RepositoryRow) -> Result<(), Fault>,
    ) -> Result<RepositoryView, Fault> {
        let Placed {
            owner,
            mut row,
            creator_administers,
        } = placed;
        check_row(&row)?;
        owner_must_be_hosted(&owner.row)?;
        let taken = self
            .store
            .read(|tx| repository::by_name(tx, row.owner_id, &row.name))?;
        if taken.is_some() {
            return Err(name_taken());
        }
        row.id = self
            .store
            .write(|tx| tx.next_id("repository").map(RepositoryId))?;
        if let Err(fault) = fill(&mut row) {
            let _leftover = self.git.delete(directory(row.id));
            return Err(fault);
        }
        let id = row.id;
        let by_member = creator_administers
            && permit.organization_role(owner) < OrganizationRole::Owner
            && owner.facts.kind == OwnerKind::Organization;
        let made = self.act(permit, |act, permit| {
            let row = repository::insert_reserved(act.tx, row).map_err(conflict)?;
            if let (true, Some(creator)) = (by_member, permit.actor()) {
                // Whoever makes a repository administers it.
                collaborator::set(act.tx, row.id, creator, RepositoryRole::Admin, permit.now())?;
            }
            about(act, &row, &owner.row);
            act.note("visibility", row.visibility.word());
            note(act, &row)?;
            view_of(act.tx, permit, row)
        });
        if made.is_err() {
            self.forget_directory(id);
        }
        made
    }

    /// Removes the directory of a repository that has no live row. One that cannot be looked up stays: the next
    /// start clears it up.
    pub(crate) fn forget_directory(&self, id: RepositoryId) {
        let row = self.store.read(|tx| repository::by_id(tx, id));
        if matches!(&row, Ok(None)) || matches!(&row, Ok(Some(row)) if row.deleted_at.is_some()) {
            self.forget_mirror(id);
            match self.git.delete(directory(id)) {
                Ok(()) | Err(bailiwick_git::Error::NotFound(_)) => {}
                Err(error) => {
                    tracing::warn!(%error, repository = id.0, "a directory without repository is left")
                }
            }
        }
    }

    /// Who an account is in commits that the server makes for it.
    pub(crate) fn signature(&self, account: &AccountRow, now: Timestamp) -> Signature {
        let name = account
            .name
            .as_deref()
            .filter(|name| !name.contains(['<', '>', '\n', '\0']));
        let host = self.settings.base_url.split("://").nth(1).unwrap_or("localhost");
        let host = host.split(['/', ':']).next().unwrap_or("localhost");
        Signature {
            name: name.unwrap_or(&account.login).to_owned(),
            email: format!("{}+{}@users.noreply.{host}", account.id, account.login),
            seconds: now.seconds(),
            offset_minutes: 0,
        }
    }
}

/// Where git keeps a repository.
pub(crate) fn directory(id: RepositoryId) -> u64 {
    // Ids are positive.
    u64::try_from(id.0).unwrap_or(u64::MAX)
}

fn first_commit(
    made: &Repository,
    row: &RepositoryRow,
    signature: &Signature,
) -> Result<(), bailiwick_git::Error> {
    let text = match &row.description {
        Some(description) => format!("# {}\n\n{description}\n", row.name),
        None => format!("# {}\n", row.name),
    };
    let change = FileChangeKind::Put(text.into_bytes());
    let prepared = made.prepare_file(
        &row.default_branch,
        "README.md",
        &change,
        None,
        "Initial commit",
        signature,
        signature,
    )?;
    made.update_refs(&[prepared.update])
}

/// Whether an owner can have repositories of a visibility.
pub(crate) fn check_visibility(owner: &OwnerRecord, visibility: Visibility) -> Result<(), Fault> {
    if visibility == Visibility::Internal && owner.facts.enterprise.is_none() {
        let message = "only organizations of an enterprise can have internal repositories";
        return Err(Fault::invalid("Repository", "visibility", "invalid", message));
    }
    Ok(())
}

/// Checks every text of a repository.
pub(crate) fn check_row(row: &RepositoryRow) -> Result<(), Fault> {
    check::repository_name(&row.name)?;
    let description = row.description.as_deref().unwrap_or("");
    check::line(
        "Repository",
        "description",
        description,
        check::DESCRIPTION_CHARS_MAX,
    )?;
    check::web_address("Repository", "homepage", row.homepage.as_deref().unwrap_or(""))
}

/// The fault of a taken name.
pub(crate) fn name_taken() -> Fault {
    let mut fault = Fault::invalid(
        "Repository",
        "name",
        "custom",
        "name already exists on this account",
    );
    fault.message = String::from("Repository creation failed.");
    fault
}

/// A conflict of names in GitHub's words.
pub(crate) fn conflict(error: StoreError) -> Fault {
    if error.is_conflict_of(repository::NAME_TAKEN) {
        name_taken()
    } else {
        error.into()
    }
}

/// Makes an event one about a repository and its owner.
pub(crate) fn about(act: &mut Act<'_, '_>, row: &RepositoryRow, owner: &AccountRow) {
    act.event.repository = Some(row.id);
    act.event.repository_name = Some(format!("{}/{}", owner.login, row.name));
    act.event.owner = Some(owner.id);
    act.event.owner_login = Some(owner.login.clone());
    act.event.enterprise = owner.enterprise_id;
}

/// What git could not do, without git's own words.
pub(crate) fn git_fault(error: bailiwick_git::Error) -> Fault {
    match error {
        bailiwick_git::Error::Invalid(why) => Fault::invalid("Repository", "base", "custom", why),
        bailiwick_git::Error::TimedOut => Fault::new(
            FaultKind::Unavailable,
            "git.timed_out",
            "git took too long; try again later",
        ),
        other => Fault::internal("git", other),
    }
}
