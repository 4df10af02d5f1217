//! A fresh root of repositories, and a person's working copy that is driven by the plain git client.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use bailiwick_git::{Mode, Oid, RefUpdate, Repositories, Repository, Signature, TreeChange};
use tempfile::TempDir;

pub struct World {
    pub repositories: Repositories,
    pub directory: TempDir,
}

impl World {
    pub fn new() -> Self {
        let directory = TempDir::new().unwrap();
        // Git runs this as its hook; it leads back into this test binary, which is the only program at hand.
        let hook = directory.path().join("hook.sh");
        let test = std::env::current_exe().unwrap();
        let script = format!(
            "#!/bin/sh\nexec '{}' --exact push::runs_as_the_hook --nocapture\n",
            test.display()
        );
        fs::write(&hook, script).unwrap();
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
        let repositories = Repositories::new(directory.path().join("repositories"), hook).unwrap();
        Self {
            repositories,
            directory,
        }
    }

    pub fn repository(&self) -> Repository {
        self.repositories.create(1, "main").unwrap()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}

pub fn alice() -> Signature {
    Signature {
        name: "Alice Liddell".into(),
        email: "alice@example.org".into(),
        seconds: 1_700_000_000,
        offset_minutes: -90,
    }
}

/// Stores a commit with exactly these files.
pub fn commit(repository: &Repository, parents: &[Oid], files: &[(&str, &str)]) -> Oid {
    commit_on(repository, None, parents, files)
}

/// Stores a commit with these files on top of a base tree.
pub fn commit_on(repository: &Repository, base: Option<Oid>, parents: &[Oid], files: &[(&str, &str)]) -> Oid {
    let changes: Vec<TreeChange> = files
        .iter()
        .map(|(path, text)| TreeChange {
            path: (*path).into(),
            entry: Some((Mode::File, repository.create_blob(text.as_bytes()).unwrap())),
        })
        .collect();
    let tree = repository.create_tree(base, &changes).unwrap();
    let message = format!("change {}\n", files.first().map_or("nothing", |(path, _)| path));
    repository
        .create_commit(tree, parents, &message, &alice(), &alice())
        .unwrap()
}

pub fn create(name: &str, new: Oid) -> RefUpdate {
    RefUpdate {
        name: name.into(),
        old: None,
        new: Some(new),
    }
}

pub fn update(name: &str, old: Oid, new: Oid) -> RefUpdate {
    RefUpdate {
        name: name.into(),
        old: Some(old),
        new: Some(new),
    }
}

/// Runs the plain client and answers what it printed.
pub fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(directory)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", "Bob")
        .env("GIT_AUTHOR_EMAIL", "bob@example.org")
        .env("GIT_COMMITTER_NAME", "Bob")
        .env("GIT_COMMITTER_EMAIL", "bob@example.org")
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// A working copy with one commit.
pub fn working_copy(directory: &Path) -> PathBuf {
    fs::create_dir(directory).unwrap();
    git(directory, &["init", "--quiet", "--initial-branch=trunk"]);
    fs::write(directory.join("README"), "hello\n").unwrap();
    git(directory, &["add", "."]);
    git(directory, &["commit", "--quiet", "-m", "first"]);
    directory.to_owned()
}
