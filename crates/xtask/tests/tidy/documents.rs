//! What a newcomer reads is there, and tells the truth about commands and files.

use std::fs;
use std::process::Command;

use crate::{none, read, root};

const DOCUMENTS: &[&str] = &[
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    "Cargo.lock",
    "deny.toml",
    ".ci/run",
];

#[test]
fn what_a_newcomer_reads_is_there() {
    let is_missing = |name: &&&str| fs::metadata(root().join(name)).map_or(true, |it| it.len() < 100);
    let found: Vec<String> = DOCUMENTS
        .iter()
        .filter(is_missing)
        .map(|name| (*name).to_owned())
        .collect();
    none(&found, "documents that are missing or empty");
}

#[test]
fn the_lock_file_is_committed() {
    let output = Command::new("git")
        .args(["check-ignore", "Cargo.lock"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(!output.status.success(), "Cargo.lock must not be ignored");
}

#[test]
fn the_changelog_has_a_place_for_what_comes() {
    let text = read("CHANGELOG.md").unwrap();
    assert!(
        text.lines()
            .any(|line| line.trim_start_matches("## ").trim_matches(['[', ']']) == "Unreleased")
    );
}

/// The words after `cargo` that the README and CONTRIBUTING tell people to type.
fn cargo_commands(document: &str) -> Vec<String> {
    let text = read(document).unwrap();
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            inside = !inside;
        } else if let Some(rest) = line
            .trim_start_matches("$ ")
            .strip_prefix("cargo ")
            .filter(|_| inside)
        {
            found.push(rest.split('#').next().unwrap_or(rest).trim().to_owned());
        }
    }
    found
}

#[test]
fn the_readme_starts_with_two_commands() {
    let commands = cargo_commands("README.md");
    assert!(
        commands.iter().any(|it| it == "run --release -- demo"),
        "the README says how to start: {commands:?}"
    );
}

#[test]
fn commands_in_the_documents_exist() {
    let known = [
        "run", "test", "bench", "build", "xtask", "fmt", "clippy", "doc", "install",
    ];
    let tasks = ["test", "tidy", "generate", "install"];
    let mut found = Vec::new();
    for document in ["README.md", "CONTRIBUTING.md"] {
        for command in cargo_commands(document) {
            let mut words = command.split_whitespace();
            let first = words.next().unwrap_or_default();
            let second = words.next().unwrap_or_default();
            if !known.contains(&first) || (first == "xtask" && !tasks.contains(&second)) {
                found.push(format!("{document}: cargo {command}"));
            }
        }
    }
    none(&found, "commands that do not exist");
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut found = Vec::new();
    for document in crate::tree().into_iter().filter(|name| name.ends_with(".md")) {
        let text = read(&document).unwrap_or_default();
        let folder = root().join(&document).parent().unwrap().to_path_buf();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split([')', '#', ' ']).next())
        {
            let is_file = !link.is_empty()
                && !link.contains("://")
                && !link.starts_with("mailto:")
                && !link.starts_with('/');
            if is_file && !folder.join(link).exists() {
                found.push(format!("{document}: {link}"));
            }
        }
    }
    none(&found, "links that lead nowhere");
}
