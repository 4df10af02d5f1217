//! Checks of the tree itself, as ordinary tests: layers, files, words, packages, documents. The lists of exceptions
//! may only shrink: an entry that is no longer needed fails the test that reads it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a check that finds something else than it expects must fail"
)]

mod documents;
mod files;
mod layers;
mod packages;
mod words;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap()
        .to_path_buf()
}

/// Every file that git knows or would add, relative to the root.
fn tree() -> Vec<String> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git lists the files");
    assert!(
        output.status.success(),
        "git ls-files: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let names = String::from_utf8(output.stdout).expect("file names are UTF-8");
    let mut names: Vec<String> = names
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    // A file deleted but not yet committed is still listed.
    names.retain(|name| root().join(name).is_file());
    names.sort();
    assert!(names.len() > 50, "this is not the whole tree: {names:?}");
    names
}

/// The text of a file, or nothing when it is not text.
fn read(name: &str) -> Option<String> {
    String::from_utf8(fs::read(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))).ok()
}

/// Fails with the whole list, so that one run shows everything there is to mend.
fn none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n  {}", found.join("\n  "));
}

/// Compares what was found with an allow-list that may only shrink.
fn only(found: &[String], allowed: &[&str], rule: &str) {
    let new: Vec<String> = found
        .iter()
        .filter(|name| !allowed.contains(&name.as_str()))
        .cloned()
        .collect();
    none(&new, rule);
    let gone: Vec<String> = allowed
        .iter()
        .filter(|name| !found.iter().any(|it| it == *name))
        .map(|name| (*name).to_owned())
        .collect();
    none(&gone, "no longer an exception, so take it off the list");
}
