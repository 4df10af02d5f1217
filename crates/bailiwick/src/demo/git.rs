//! Making the demo's histories with the system's git, in a directory of its own, untouched by the user's settings.

use super::history::{Change, History};
use crate::failure::Failure;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A directory that goes when this goes.
pub struct Workshop {
    path: PathBuf,
}

impl Workshop {
    /// A new directory, closed to other users.
    pub fn open() -> Result<Workshop, Failure> {
        let path = std::env::temp_dir().join(format!("bailiwick-demo-{}", std::process::id()));
        // SECURITY: never one that somebody else prepared: creating fails if it exists.
        DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .map_err(|error| Failure::local(path.display(), error))?;
        Ok(Workshop { path })
    }

    /// Makes a repository with a history; gives its directory.
    pub fn make(&self, name: &str, history: &History) -> Result<PathBuf, Failure> {
        let directory = self.path.join(name);
        fs::create_dir_all(&directory).map_err(|error| Failure::local(directory.display(), error))?;
        git(&directory, &["init", "--quiet", "--initial-branch=main"], &[])?;
        for change in history.changes {
            commit(&directory, change)?;
        }
        for (branch, change) in history.branches {
            git(&directory, &["checkout", "--quiet", "-b", branch], &[])?;
            commit(&directory, change)?;
            git(&directory, &["checkout", "--quiet", "main"], &[])?;
        }
        for tag in history.tags {
            git(&directory, &["tag", tag], &[])?;
        }
        Ok(directory)
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        let _leftover = fs::remove_dir_all(&self.path);
    }
}

fn commit(directory: &Path, change: &Change) -> Result<(), Failure> {
    for (path, text) in change.files {
        let file = directory.join(path);
        let written = match file.parent() {
            Some(parent) => fs::create_dir_all(parent).and_then(|()| fs::write(&file, text)),
            None => Ok(()),
        };
        written.map_err(|error| Failure::local(file.display(), error))?;
    }
    git(directory, &["add", "--all"], &[])?;
    let email = change.author.email();
    let who = [
        ("GIT_AUTHOR_NAME", change.author.name()),
        ("GIT_AUTHOR_EMAIL", &email),
        ("GIT_AUTHOR_DATE", change.at),
        ("GIT_COMMITTER_NAME", change.author.name()),
        ("GIT_COMMITTER_EMAIL", &email),
        ("GIT_COMMITTER_DATE", change.at),
    ];
    git(
        directory,
        &["commit", "--quiet", "--no-gpg-sign", "--message", change.message],
        &who,
    )
}

fn git(directory: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Result<(), Failure> {
    let output = Command::new("git")
        .current_dir(directory)
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .envs(environment.iter().copied())
        .output()
        .map_err(|error| Failure::local("git", error))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::Local(format!(
        "git {}: {}",
        arguments.first().unwrap_or(&""),
        said.trim()
    )))
}
