//! One repository on disk: a handle that every other file of this crate adds calls to.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use crate::Oid;
use crate::error::{Error, Result};
use crate::process::Run;
use crate::reader::{Kind, Reader};
use crate::repositories::Shared;

/// A handle on one repository; cheap to clone.
#[derive(Clone, Debug)]
pub struct Repository {
    pub(crate) shared: Arc<Shared>,
    git_dir: PathBuf,
    quarantine: Option<Quarantine>,
}

/// Objects of a push that were received and are not part of the repository yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantine {
    directory: PathBuf,
}

impl Quarantine {
    /// The quarantine at `directory`, which must be one that git made inside this repository.
    pub fn of(repository: &Repository, directory: &Path) -> Result<Self> {
        let objects = std::fs::canonicalize(repository.git_dir.join("objects"))?;
        let joined = repository.git_dir.join(directory);
        let directory = std::fs::canonicalize(&joined).map_err(|_| Error::NotFound("quarantine"))?;
        let named = directory.file_name().is_some_and(is_quarantine);
        // SECURITY: a hook that names another directory would have us decide on objects git does not take.
        if directory.parent() != Some(objects.as_path()) || !named {
            return Err(Error::Invalid(String::from(
                "the quarantine lies outside the repository",
            )));
        }
        Ok(Self { directory })
    }
}

/// Whether git gives this name to the quarantine of a push.
pub(crate) fn is_quarantine(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(b"tmp_objdir-incoming-") || name.starts_with(b"incoming-")
}

impl Repository {
    pub(crate) fn new(shared: Arc<Shared>, git_dir: PathBuf) -> Self {
        Self {
            shared,
            git_dir,
            quarantine: None,
        }
    }

    /// Where it lies on disk.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.git_dir
    }

    /// The same repository with the objects of a quarantine visible; for reading only.
    #[must_use]
    pub fn with_quarantine(&self, quarantine: &Quarantine) -> Self {
        Self {
            quarantine: Some(quarantine.clone()),
            ..self.clone()
        }
    }

    /// A git process here, without hooks.
    pub(crate) fn command(&self, subcommand: &'static str) -> Command {
        let mut command = self.shared.git.command(Some(&self.git_dir), None, subcommand);
        if let Some(quarantine) = &self.quarantine {
            // As git's own hooks see it, except that the path variable stays unset: we write nothing there.
            command.env("GIT_OBJECT_DIRECTORY", &quarantine.directory);
            command.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", self.git_dir.join("objects"));
        }
        command
    }

    /// A prepared run of `subcommand` with these arguments and the ordinary limits.
    pub(crate) fn run<'a, A: Into<OsString>>(
        &self,
        subcommand: &'static str,
        arguments: impl IntoIterator<Item = A>,
        input: &'a [u8],
    ) -> Run<'a> {
        let mut command = self.command(subcommand);
        command.args(arguments.into_iter().map(Into::into));
        self.shared.run(subcommand, command, input)
    }

    /// A process that reads objects by id.
    pub(crate) fn reader(&self) -> Result<Reader> {
        Reader::start(self.command("cat-file"))
    }

    /// The kind and size in bytes of an object; nothing when it is missing.
    pub fn object_info(&self, oid: Oid) -> Result<Option<(Kind, u64)>> {
        self.reader()?.info(oid)
    }
}
