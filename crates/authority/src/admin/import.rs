//! Importing a repository from a directory of the server or from an address, for administrators.

use crate::Authority;
use crate::directory::check;
use crate::directory::create::{Placed, check_visibility, directory, git_fault};
use crate::directory::repository::RepositoryView;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_git::{Error, ImportSource};
use bailiwick_model::Visibility;
use bailiwick_store::RepositoryRow;
use std::path::PathBuf;

/// What to import, and as what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportInput {
    /// The owner's login.
    pub owner: String,
    /// The repository's name.
    pub name: String,
    /// A directory of the server; either this or an address.
    pub directory: Option<String>,
    /// An http or https address, without credentials in it.
    pub url: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Its default branch; the source's by default.
    pub default_branch: Option<String>,
}

impl Authority {
    /// Imports a repository.
    pub fn repository_import(&self, permit: Permit, input: &ImportInput) -> Result<RepositoryView, Fault> {
        let source = source(input)?;
        let owner = self
            .store
            .read(|tx| crate::records::owner_by_login(tx, &input.owner))?
            .ok_or_else(Fault::not_found)?;
        check_visibility(&owner, input.visibility)?;
        let mut row = RepositoryRow::new(owner.facts.id, &input.name, input.visibility, permit.now());
        row.description = check::kept(input.description.as_deref());
        row.pushed_at = Some(permit.now());
        let (git, wanted) = (self.git.clone(), input.default_branch.clone());
        let from = source.clone();
        let fill = move |row: &mut RepositoryRow| {
            let first = wanted.as_deref().unwrap_or("main");
            let made = git
                .import(directory(row.id), &from, first)
                .map_err(import_fault)?;
            if let Some(branch) = &wanted {
                let exists = made
                    .find_ref(&format!("refs/heads/{branch}"))
                    .map_err(git_fault)?
                    .is_some();
                if !exists && !made.branches().map_err(git_fault)?.is_empty() {
                    let message = "the source has no such branch";
                    return Err(Fault::invalid("Repository", "default_branch", "invalid", message));
                }
                made.set_default_branch(branch).map_err(git_fault)?;
            }
            row.default_branch = made.default_branch().map_err(git_fault)?;
            Ok(())
        };
        let words = match &source {
            ImportSource::Directory(path) => path.display().to_string(),
            ImportSource::Url(url) => url.clone(),
        };
        self.place(
            permit,
            Placed {
                owner: &owner,
                row,
                creator_administers: false,
            },
            fill,
            move |act, _| {
                act.note("source", words);
                Ok(())
            },
        )
    }
}

// SECURITY: the server reads a path of its own disk, or an address that only it may reach. Both are for
// administrators in sudo mode alone, who hold the machine's data anyway.
fn source(input: &ImportInput) -> Result<ImportSource, Fault> {
    let invalid = |field: &str, message: &str| Err(Fault::invalid("Repository", field, "invalid", message));
    match (&input.directory, &input.url) {
        (Some(directory), None) => {
            let path = PathBuf::from(directory);
            if !path.is_absolute() || directory.contains('\0') {
                return invalid("directory", "must be an absolute path on the server");
            }
            if !path.is_dir() {
                return invalid("directory", "there is no such directory on the server");
            }
            Ok(ImportSource::Directory(path))
        }
        (None, Some(url)) => {
            let rest = url
                .strip_prefix("https://")
                .or_else(|| url.strip_prefix("http://"));
            let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or(""));
            match host {
                None | Some("") => invalid("url", "must be an http or https address"),
                // It would be written to the log.
                Some(host) if host.contains('@') => invalid("url", "must not hold credentials"),
                Some(_) => Ok(ImportSource::Url(url.clone())),
            }
        }
        (None, None) => invalid("directory", "name a directory or a url"),
        (Some(_), Some(_)) => invalid("url", "name either a directory or a url"),
    }
}

fn import_fault(error: Error) -> Fault {
    match error {
        Error::Git { .. } | Error::TimedOut | Error::NotFound(_) => {
            tracing::warn!(%error, "an import failed");
            Fault::invalid(
                "Repository",
                "source",
                "unprocessable",
                "the source cannot be read as a git repository",
            )
        }
        other => git_fault(other),
    }
}
