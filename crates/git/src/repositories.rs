//! The directory of repositories: where each lies, how one is made and how one is removed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bailiwick_wire::refname;

use crate::command::Git;
use crate::error::{Error, Result};
use crate::process::{OUTPUT_BYTES_MAX, Overflow, Run, TIME_LIMIT};
use crate::repository::Repository;

/// All repositories under one root, each located by its immutable id.
#[derive(Clone, Debug)]
pub struct Repositories {
    shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) git: Git,
    root: PathBuf,
    pub(crate) hooks: PathBuf,
    // Distinguishes the staging and trash directories of this process.
    serial: AtomicU64,
}

impl Repositories {
    /// Prepares `root` and, beside it, the directory `hooks` whose only entry leads to `hook_program`.
    pub fn new(root: PathBuf, hook_program: PathBuf) -> Result<Self> {
        let search = std::env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
        let git = Git::find(&search)?;
        fs::create_dir_all(&root)?;
        let root = fs::canonicalize(root)?;
        let hooks = root
            .parent()
            .ok_or(Error::NotFound("the root's parent"))?
            .join("hooks");
        fs::create_dir_all(&hooks)?;
        let shared = Shared {
            git,
            root,
            hooks,
            serial: AtomicU64::new(0),
        };
        shared.link_hook(&fs::canonicalize(hook_program)?)?;
        shared.clear_leftovers()?;
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Repositories of another kind in a directory of this name beside this one, with the same hook.
    pub fn beside(&self, name: &str) -> Result<Self> {
        let parent = self.shared.root.parent();
        let root = parent.ok_or(Error::NotFound("the root's parent"))?.join(name);
        fs::create_dir_all(&root)?;
        let shared = Shared {
            git: self.shared.git.clone(),
            root: fs::canonicalize(root)?,
            hooks: self.shared.hooks.clone(),
            serial: AtomicU64::new(0),
        };
        shared.clear_leftovers()?;
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Creates an empty repository; fails when the id is taken.
    pub fn create(&self, id: u64, default_branch: &str) -> Result<Repository> {
        let stage = self.stage(id, default_branch)?;
        self.publish(id, &stage)
    }

    /// The repository of this id.
    pub fn open(&self, id: u64) -> Result<Repository> {
        let git_dir = self.shared.directory(id);
        if git_dir.join("HEAD").is_file() {
            Ok(Repository::new(Arc::clone(&self.shared), git_dir))
        } else {
            Err(Error::NotFound("repository"))
        }
    }

    /// The directory that holds them all.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.shared.root
    }

    /// The ids of all repositories that lie here, in order.
    pub fn ids(&self) -> Result<Vec<u64>> {
        let mut ids = Vec::new();
        for bucket in fs::read_dir(&self.shared.root)? {
            let bucket = bucket?;
            // Buckets are two hexadecimal digits; staging and trash are not repositories.
            if bucket.file_name().len() != 2 || !bucket.file_type()?.is_dir() {
                continue;
            }
            for entry in fs::read_dir(bucket.path())? {
                let name = entry?.file_name();
                let id = name.to_str().and_then(|name| name.strip_suffix(".git"));
                ids.extend(id.and_then(|id| id.parse::<u64>().ok()));
            }
        }
        ids.sort_unstable();
        Ok(ids)
    }

    /// Removes a repository: unreachable at once, gone when the call returns.
    pub fn delete(&self, id: u64) -> Result<()> {
        let trash = self.shared.trash();
        fs::create_dir_all(&trash)?;
        let grave = trash.join(format!("{id}-{}", self.shared.next_serial()));
        match fs::rename(self.shared.directory(id), &grave) {
            Ok(()) => Ok(fs::remove_dir_all(&grave)?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Error::NotFound("repository")),
            Err(error) => Err(error.into()),
        }
    }

    /// An empty repository that is not reachable yet.
    pub(crate) fn stage(&self, id: u64, default_branch: &str) -> Result<Repository> {
        refname::check_branch(default_branch).map_err(|fault| Error::Invalid(fault.to_string()))?;
        if self.shared.directory(id).exists() {
            return Err(Error::Invalid(String::from("the repository exists already")));
        }
        let stage = self
            .shared
            .staging()
            .join(format!("{id}-{}.git", self.shared.next_serial()));
        fs::create_dir_all(&stage)?;
        let mut command = self.shared.git.command(None, None, "init");
        command
            .args(["--quiet", "--bare", "--template=", "--object-format=sha1"])
            .arg(format!("--initial-branch={default_branch}"))
            .arg("--")
            .arg(&stage)
            .env("GIT_DEFAULT_REF_FORMAT", "files");
        self.shared.run("init", command, &[]).stdout()?;
        Ok(Repository::new(Arc::clone(&self.shared), stage))
    }

    /// Makes a staged repository reachable under its id, in one step.
    pub(crate) fn publish(&self, id: u64, stage: &Repository) -> Result<Repository> {
        let target = self.shared.directory(id);
        fs::create_dir_all(target.parent().ok_or(Error::Corrupt("repository directory"))?)?;
        // A rename onto a directory that is not empty fails, so a repository is never replaced.
        fs::rename(stage.directory(), &target)?;
        self.open(id)
    }

    pub(crate) fn git(&self) -> &Git {
        &self.shared.git
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

impl Shared {
    fn directory(&self, id: u64) -> PathBuf {
        self.root
            .join(format!("{:02x}", id % 256))
            .join(format!("{id}.git"))
    }

    fn staging(&self) -> PathBuf {
        self.root.join("staging")
    }

    fn trash(&self) -> PathBuf {
        self.root.join("trash")
    }

    /// Removes what a crash left; nobody can reach it.
    fn clear_leftovers(&self) -> Result<()> {
        for leftover in [self.staging(), self.trash()] {
            if leftover.exists() {
                fs::remove_dir_all(&leftover)?;
            }
        }
        Ok(())
    }

    fn next_serial(&self) -> u64 {
        self.serial.fetch_add(1, Ordering::Relaxed)
    }

    /// Points `pre-receive` at the program, replacing what was there in one step.
    fn link_hook(&self, program: &Path) -> Result<()> {
        let link = self.hooks.join("pre-receive");
        if fs::read_link(&link).is_ok_and(|target| target == program) {
            return Ok(());
        }
        let fresh = self.hooks.join("pre-receive.new");
        let _absent = fs::remove_file(&fresh);
        std::os::unix::fs::symlink(program, &fresh)?;
        Ok(fs::rename(&fresh, &link)?)
    }

    /// A prepared run with the ordinary limits.
    pub(crate) fn run<'a>(
        &self,
        name: &'static str,
        command: std::process::Command,
        input: &'a [u8],
    ) -> Run<'a> {
        Run {
            name,
            command,
            input,
            time_limit: TIME_LIMIT,
            output_bytes_max: OUTPUT_BYTES_MAX,
            overflow: Overflow::Fail,
        }
    }
}
