//! The only place that names the git program: an empty environment, fixed configuration, no shell.
//! Arguments from users reach git as validated object ids or refs, after `--`, or on standard input.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::{Error, Result};

/// Configuration of every git process, set by environment so that it wins over the repository's own file
/// and is inherited by git's children.
const CONFIG: &[(&str, &str)] = &[
    // The server may own the directory through another user (a mounted volume). Repositories are found by id only;
    // whose those outside the root are is checked where they are opened.
    ("safe.directory", "*"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("receive.autogc", "false"),
    ("core.attributesFile", "/dev/null"),
    ("core.excludesFile", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.protectHFS", "true"),
    ("core.protectNTFS", "true"),
    ("core.quotePath", "false"),
    ("core.logAllRefUpdates", "false"),
    ("credential.helper", ""),
    ("protocol.version", "2"),
    ("uploadpack.allowFilter", "true"),
    ("uploadpack.allowAnySHA1InWant", "false"),
    ("uploadpack.allowTipSHA1InWant", "false"),
    ("uploadpack.advertiseBundleURIs", "false"),
    ("receive.denyDeletes", "false"),
    ("receive.denyNonFastForwards", "false"),
    ("receive.advertisePushOptions", "false"),
    // `limit::PACK_BYTES_MAX` of the model, which this crate does not know: git says it to the client in words.
    ("receive.maxInputSize", "2147483648"),
    // Refs of our own are neither shown nor pushed to; refs/pull is ours to write.
    ("transfer.hideRefs", "refs/bailiwick"),
    ("receive.hideRefs", "refs/bailiwick"),
    ("receive.hideRefs", "refs/pull"),
    // SECURITY: checks what a checkout would trip over (`.git` in disguise, `.gitmodules`, broken trees). The
    // faults let through below are harmless and common in histories of real projects.
    ("transfer.fsckObjects", "true"),
    ("receive.fsck.zeroPaddedFilemode", "ignore"),
    ("receive.fsck.missingSpaceBeforeDate", "ignore"),
    ("receive.fsck.badTimezone", "ignore"),
    ("receive.fsck.zeroPaddedDate", "ignore"),
    ("receive.fsck.missingNameBeforeEmail", "ignore"),
    ("fetch.fsck.zeroPaddedFilemode", "ignore"),
    ("fetch.fsck.missingSpaceBeforeDate", "ignore"),
    ("fetch.fsck.badTimezone", "ignore"),
    ("fetch.fsck.zeroPaddedDate", "ignore"),
    ("fetch.fsck.missingNameBeforeEmail", "ignore"),
];

/// The git program, found once.
#[derive(Clone, Debug)]
pub(crate) struct Git {
    program: PathBuf,
    path: OsString,
}

impl Git {
    /// Finds git among the directories of `search`, a `PATH`-like list.
    pub(crate) fn find(search: &OsStr) -> Result<Self> {
        for directory in std::env::split_paths(search).filter(|directory| directory.is_absolute()) {
            let program = directory.join("git");
            if program.is_file() {
                let mut path = directory.into_os_string();
                path.push(":/usr/bin:/bin");
                return Ok(Self { program, path });
            }
        }
        Err(Error::NotFound("the git program"))
    }

    /// A git process for the repository at `git_dir`, whose hooks are those of `hooks` or none.
    pub(crate) fn command(
        &self,
        git_dir: Option<&Path>,
        hooks: Option<&Path>,
        subcommand: &'static str,
    ) -> Command {
        let mut command = Command::new(&self.program);
        command
            .env_clear()
            .env("PATH", &self.path)
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .env("HOME", "/nonexistent")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_ATTR_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ASKPASS", "/bin/false")
            // SECURITY: a pushed refs/replace/… must not change what we read.
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_LITERAL_PATHSPECS", "1")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_ADVICE", "0")
            // No protocol at all; an import names the one it needs.
            .env("GIT_ALLOW_PROTOCOL", "none");
        let hooks = hooks.unwrap_or_else(|| Path::new("/dev/null"));
        let own = [("core.hooksPath", hooks.as_os_str())];
        let fixed = CONFIG.iter().map(|(key, value)| (*key, OsStr::new(value)));
        let mut count = 0_usize;
        for (key, value) in fixed.chain(own) {
            command.env(format!("GIT_CONFIG_KEY_{count}"), key);
            command.env(format!("GIT_CONFIG_VALUE_{count}"), value);
            count += 1;
        }
        command.env("GIT_CONFIG_COUNT", count.to_string());
        if let Some(git_dir) = git_dir {
            command.env("GIT_DIR", git_dir).current_dir(git_dir);
        }
        // A group of its own, so that ending it ends git's children too.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.arg(subcommand);
        command
    }
}
