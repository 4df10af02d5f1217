//! Makes a repository from another one: its branches and tags, nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bailiwick_wire::refname;

use crate::error::{Error, Result};
use crate::repositories::Repositories;
use crate::repository::Repository;

/// How long an import may take.
const IMPORT_TIME_LIMIT: Duration = Duration::from_secs(60 * 60);

/// Where an import comes from. The caller has decided that whoever asks may read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportSource {
    /// A repository in a directory of this machine.
    Directory(PathBuf),
    /// An `https://` or `http://` address, read without credentials and without following redirects.
    Url(String),
}

impl Repositories {
    /// Creates the repository `id` with the branches and tags of `source`, and its default branch where it names one.
    pub fn import(&self, id: u64, source: &ImportSource, default_branch: &str) -> Result<Repository> {
        let (address, protocol) = address(source)?;
        let stage = self.stage(id, default_branch)?;
        let fetched = self
            .fetch(&stage, &address, protocol, source)
            .and_then(|()| self.publish(id, &stage));
        if fetched.is_err() {
            let _leftover = fs::remove_dir_all(stage.directory());
        }
        fetched
    }

    fn fetch(&self, stage: &Repository, address: &str, protocol: &str, source: &ImportSource) -> Result<()> {
        // Git forgets our configuration when it serves another directory, so the ownership check is answered by a file.
        let config = stage.directory().join("import.config");
        let mut text = String::from("[http]\n\tfollowRedirects = false\n");
        if let ImportSource::Directory(directory) = source {
            text.push_str(&safe_directory(directory)?);
        }
        fs::write(&config, text)?;
        let prepare = |subcommand: &'static str, arguments: &[&str]| {
            let mut command = self.git().command(Some(stage.directory()), None, subcommand);
            command
                .env("GIT_ALLOW_PROTOCOL", protocol)
                .env("GIT_CONFIG_GLOBAL", &config);
            command.args(arguments).arg("--").arg(address);
            command
        };
        let mut fetch = prepare(
            "fetch",
            &[
                "--quiet",
                "--no-tags",
                "--no-write-fetch-head",
                "--no-auto-maintenance",
            ],
        );
        fetch.args(["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]);
        let mut run = stage.shared.run("fetch", fetch, &[]);
        run.time_limit = IMPORT_TIME_LIMIT;
        run.stdout()?;
        let head = stage
            .shared
            .run("ls-remote", prepare("ls-remote", &["--symref"]), &[])
            .stdout()?;
        if let Some(branch) = head_branch(&head) {
            stage.set_default_branch(branch)?;
        }
        Ok(fs::remove_file(&config)?)
    }
}

/// The address as git takes it and the one protocol that may be used.
fn address(source: &ImportSource) -> Result<(String, &'static str)> {
    match source {
        ImportSource::Directory(directory) => {
            let directory = fs::canonicalize(directory).map_err(|_| Error::NotFound("source directory"))?;
            if !directory.is_dir() {
                return Err(Error::Invalid(String::from("the source is not a directory")));
            }
            let text = directory
                .to_str()
                .ok_or_else(|| Error::Invalid(String::from("the source is not UTF-8")))?;
            Ok((text.to_owned(), "file"))
        }
        ImportSource::Url(url) => {
            let protocol = match url.split_once("://") {
                Some(("https", _)) => "https",
                Some(("http", _)) => "http",
                _ => {
                    return Err(Error::Invalid(String::from(
                        "the address is neither https:// nor http://",
                    )));
                }
            };
            if url.chars().any(|c| c.is_control() || c == ' ') {
                return Err(Error::Invalid(String::from(
                    "the address holds blanks or control characters",
                )));
            }
            Ok((url.clone(), protocol))
        }
    }
}

fn safe_directory(directory: &Path) -> Result<String> {
    let directory = fs::canonicalize(directory)?;
    let text = directory.to_str().ok_or(Error::NotFound("source directory"))?;
    let quoted: String = text
        .chars()
        .flat_map(|c| matches!(c, '"' | '\\').then_some('\\').into_iter().chain([c]))
        .collect();
    if quoted.contains('\n') {
        return Err(Error::Invalid(String::from(
            "the source directory's name holds a line break",
        )));
    }
    Ok(format!(
        "[safe]\n\tdirectory = \"{quoted}\"\n\tdirectory = \"{quoted}/.git\"\n"
    ))
}

/// The branch that `ref: refs/heads/…<TAB>HEAD` names.
fn head_branch(listing: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(listing).ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("ref: refs/heads/"))?;
    let branch = line.strip_suffix("\tHEAD")?;
    refname::check_branch(branch).is_ok().then_some(branch)
}
