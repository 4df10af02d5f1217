//! Runs every test of the workspace with plain `cargo test` and adds up what the test binaries say. A test that did
//! not run is a failure: ignored tests count as failed, and so does a binary that ended without a result.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::install;
use crate::run::{cargo, finish};

/// Passed and failed, over all test binaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Totals {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Totals {
    /// Adds one line of output, when it is the closing line of a test binary.
    fn add(&mut self, line: &str) {
        let Some(rest) = line.trim().strip_prefix("test result: ") else {
            return;
        };
        let Some((_, counts)) = rest.split_once(". ") else {
            return;
        };
        for part in counts.split("; ") {
            let Some((number, word)) = part.split_once(' ') else {
                continue;
            };
            let number: u64 = number.parse().unwrap_or(0);
            match word {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }
}

/// `cargo xtask test [--no-install] [FILTER]`.
pub fn run(arguments: &[&str]) -> Result<(), String> {
    let (install, filter) = match arguments {
        [] => (true, None),
        ["--no-install"] => (false, None),
        ["--no-install", filter] => (false, Some(*filter)),
        [filter] if !filter.starts_with('-') => (true, Some(*filter)),
        _ => return Err("usage: cargo xtask test [--no-install] [FILTER]".to_owned()),
    };
    if install {
        install::run()?;
    }
    let mut tests = cargo();
    // The benchmarks are no tests; they are checked by clippy and run by `cargo bench`.
    tests.args([
        "test",
        "--workspace",
        "--exclude",
        "bailiwick-bench",
        "--no-fail-fast",
    ]);
    // Built first, so that an error of the compiler is not mistaken for a failed test.
    finish(cargo().args(["test", "--workspace", "--exclude", "bailiwick-bench", "--no-run"]))?;
    if let Some(filter) = filter {
        tests.arg(filter);
    }
    let (mut totals, ended_well) = follow(&mut tests)?;
    if totals.ignored > 0 {
        println!(
            "{} tests were ignored: a test that does not run counts as failed",
            totals.ignored
        );
        totals.failed += totals.ignored;
    }
    if !ended_well && totals.failed == 0 {
        println!(
            "cargo test failed although every result that was printed is good: a test binary was cut off"
        );
        totals.failed = 1;
    }
    println!("{} passed, {} failed", totals.passed, totals.failed);
    match totals {
        Totals {
            passed: 1..,
            failed: 0,
            ..
        } => Ok(()),
        Totals {
            passed: 0, failed: 0, ..
        } => Err("no test was run".to_owned()),
        Totals { .. } => Err("some tests failed".to_owned()),
    }
}

/// `cargo xtask tidy`.
pub fn tidy() -> Result<(), String> {
    finish(cargo().args(["test", "--quiet", "--package", "xtask"]))
}

/// Runs the command, shows its output as it comes, and adds up the results.
fn follow(command: &mut Command) -> Result<(Totals, bool), String> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{command:?}: {error}"))?;
    let mut totals = Totals::default();
    if let Some(stdout) = child.stdout.take() {
        let mut lines = BufReader::new(stdout);
        let mut line = Vec::new();
        // Bytes, not `lines()`: a failing test may print anything, and that must not hide the counts after it.
        while lines
            .read_until(b'\n', &mut line)
            .map_err(|error| error.to_string())?
            > 0
        {
            let text = String::from_utf8_lossy(&line);
            print!("{text}");
            totals.add(&text);
            line.clear();
        }
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    Ok((totals, status.success()))
}

#[cfg(test)]
mod tests {
    use super::Totals;

    #[test]
    fn results_are_added_up() {
        let mut totals = Totals::default();
        totals.add(
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.00s\n",
        );
        totals.add("test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.02s");
        totals.add("test some::name ... ok");
        totals.add("a line that speaks of a test result: ok. 9 passed");
        assert_eq!(
            totals,
            Totals {
                passed: 7,
                failed: 2,
                ignored: 1
            }
        );
    }
}
