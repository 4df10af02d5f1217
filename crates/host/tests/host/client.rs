//! The plain client of Git, untouched by the settings of whoever runs the tests.

use std::path::Path;
use std::process::{Command, Output};

/// What a run of a client came to.
pub struct Ran {
    pub good: bool,
    pub out: String,
    pub err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            good: output.status.success(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs git in a directory.
pub fn git(directory: &Path, arguments: &[&str]) -> Ran {
    git_with(directory, &[], arguments)
}

/// The same with more of an environment.
pub fn git_with(directory: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let output = Command::new("git")
        .current_dir(directory)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ASKPASS", "/bin/false")
        .env("LC_ALL", "C")
        .env("HOME", directory)
        .env_remove("http_proxy")
        .env("GIT_AUTHOR_NAME", "Bob")
        .env("GIT_AUTHOR_EMAIL", "bob@example.org")
        .env("GIT_COMMITTER_NAME", "Bob")
        .env("GIT_COMMITTER_EMAIL", "bob@example.org")
        .envs(environment.iter().copied())
        .args(arguments)
        .output();
    output.unwrap().into()
}

/// Runs the client, which must succeed, and answers what it printed.
#[track_caller]
pub fn good(directory: &Path, arguments: &[&str]) -> String {
    let ran = git(directory, arguments);
    assert!(ran.good, "git {arguments:?}: {}", ran.err);
    ran.out
}

/// Runs the client, which must fail, and answers what it said.
#[track_caller]
pub fn bad(directory: &Path, arguments: &[&str]) -> String {
    let ran = git(directory, arguments);
    assert!(!ran.good, "git {arguments:?} succeeded: {}", ran.out);
    ran.err
}
