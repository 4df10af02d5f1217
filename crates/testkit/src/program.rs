//! The programs that people use, run with captured output, a clean environment and a limit of time.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The longest a program may run before it is ended and the test fails.
const PATIENCE: Duration = Duration::from_secs(600);

/// What a program did.
#[derive(Debug)]
pub struct Ran {
    /// The command, for messages.
    pub command: String,
    /// Whether it ended well.
    pub ok: bool,
    /// The code it ended with, if it ended by itself.
    pub code: Option<i32>,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Ran {
    /// Fails with everything it said unless it ended well.
    #[track_caller]
    #[must_use]
    pub fn works(self) -> Ran {
        assert!(
            self.ok,
            "{} failed\nstdout: {}\nstderr: {}",
            self.command, self.stdout, self.stderr
        );
        self
    }

    /// Fails with everything it said if it ended well.
    #[track_caller]
    #[must_use]
    pub fn fails(self) -> Ran {
        assert!(
            !self.ok,
            "{} must fail\nstdout: {}\nstderr: {}",
            self.command, self.stdout, self.stderr
        );
        self
    }

    /// Standard output and standard error together.
    pub fn said(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// Runs a command to its end. Output goes through files, so that a full pipe can never block it.
pub fn run(command: &mut Command) -> Ran {
    let shown = format!("{command:?}");
    let directory = tempfile::tempdir().expect("a temporary directory");
    let (out, err) = (directory.path().join("stdout"), directory.path().join("stderr"));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(File::create(&out).unwrap())
        .stderr(File::create(&err).unwrap())
        .spawn()
        .unwrap_or_else(|error| panic!("{shown}: {error}; `cargo xtask install` installs what tests need"));
    let started = Instant::now();
    let mut pause = Duration::from_millis(2);
    let status = loop {
        match child.try_wait().expect("a child can be waited for") {
            Some(status) => break Some(status),
            None if started.elapsed() > PATIENCE => {
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
            None => {
                std::thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(50));
            }
        }
    };
    let text = |path: &Path| String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned();
    let ran = Ran {
        command: shown,
        ok: status.is_some_and(|it| it.success()),
        code: status.and_then(|it| it.code()),
        stdout: text(&out),
        stderr: text(&err),
    };
    assert!(
        status.is_some(),
        "{} did not end within {PATIENCE:?}\n{}",
        ran.command,
        ran.said()
    );
    ran
}

/// The system's git in a directory, untouched by the settings of whoever runs the tests.
pub fn git(directory: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(directory);
    for (name, _) in std::env::vars_os() {
        // A test run from a hook would otherwise work on the outer repository.
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    let home = directory.join(".no-settings");
    command
        .env("HOME", &home)
        .env("XDG_CONFIG_HOME", &home)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ASKPASS", "/bin/false")
        .env("GIT_AUTHOR_NAME", "Bob Brown")
        .env("GIT_AUTHOR_EMAIL", "bob@example.com")
        .env("GIT_COMMITTER_NAME", "Bob Brown")
        .env("GIT_COMMITTER_EMAIL", "bob@example.com")
        .env("no_proxy", "*");
    command
}

/// Runs git in a directory.
pub fn git_run<I: IntoIterator<Item: AsRef<OsStr>>>(directory: &Path, arguments: I) -> Ran {
    run(git(directory).args(arguments))
}

/// The Python of the environment that holds the Python clients.
pub fn python() -> Command {
    Command::new(tool("venv/bin/python"))
}

/// node with the JavaScript clients in reach of a script, wherever the script lies.
pub fn node(script: &Path) -> Command {
    let modules = tool("node/node_modules");
    let mut command = Command::new("node");
    // Modules in the new style are found beside the script only, so a script asks for this folder by name.
    command
        .env("NODE_PATH", &modules)
        .env("BAILIWICK_NODE_MODULES", &modules)
        .env("no_proxy", "*")
        .arg(script);
    command
}

/// A file that `cargo xtask install` puts under `.tools`.
pub fn tool(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap()
        .join(".tools")
        .join(name);
    assert!(
        path.exists(),
        "{} is missing: run `cargo xtask install`",
        path.display()
    );
    path
}
