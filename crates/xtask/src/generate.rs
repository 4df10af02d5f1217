//! Writes the generated documents again: each is checked by a test of the crate that owns it, and that same test
//! writes it when `UPDATE_EXPECT` is set. So there is one place that knows how a document is made.

use crate::run::{cargo, finish};

/// The crates whose tests compare a committed file with what the code says.
const OWNERS: [&str; 4] = [
    "bailiwick-catalogue",
    "bailiwick-decision",
    "bailiwick-rest",
    "bailiwick",
];

/// Runs the owning crates' tests in update mode: once to write, once to see that the result is stable.
pub fn run() -> Result<(), String> {
    let mut write = cargo();
    // The first run fails where something changed and was not written by `expect-test` itself; the second decides.
    drop(finish(
        arguments(&mut write)
            .env("UPDATE_EXPECT", "1")
            .arg("--no-fail-fast"),
    ));
    finish(arguments(&mut cargo()))
}

fn arguments(command: &mut std::process::Command) -> &mut std::process::Command {
    command.arg("test").arg("--quiet");
    for owner in OWNERS {
        command.args(["-p", owner]);
    }
    // Whole servers are started by the end-to-end tests only; they own no generated file.
    command.args(["--lib", "--bins"]);
    for suite in ["all", "main", "command"] {
        command.args(["--test", suite]);
    }
    command
}
