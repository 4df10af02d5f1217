//! Each source file says what it is, stays small, and is finished.

use crate::{none, only, read, tree};

/// The most lines a source file may have; tables and tests may be longer.
const LINES_MAX: usize = 450;

/// Longer than that, and still waiting to be split. May only shrink.
const TOO_LONG: &[&str] = &[];

fn sources() -> Vec<(String, String)> {
    tree()
        .into_iter()
        .filter(|name| name.ends_with(".rs"))
        .map(|name| {
            let text = read(&name).unwrap_or_else(|| panic!("{name} is not UTF-8"));
            (name, text)
        })
        .collect()
}

/// Tests and tables of data are read by looking something up, so their length costs a reader nothing.
fn may_be_long(name: &str) -> bool {
    name.contains("/tests/")
        || name.contains("/benches/")
        || name.ends_with("tests.rs")
        || name.ends_with("_test.rs")
        || name.ends_with("table.rs")
        || name.ends_with("routes.rs")
}

#[test]
fn every_source_file_says_what_it_is() {
    let found: Vec<String> = sources()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(name, _)| name)
        .collect();
    none(
        &found,
        "a source file opens with `//!`: what lives here, what does not, who calls it",
    );
}

#[test]
fn source_files_are_small() {
    let long = |(name, text): &(String, String)| !may_be_long(name) && text.lines().count() > LINES_MAX;
    let found: Vec<String> = sources().into_iter().filter(long).map(|(name, _)| name).collect();
    only(
        &found,
        TOO_LONG,
        "a file of more than 450 lines holds more than one noun or verb: split it",
    );
}

#[test]
fn nothing_is_left_unfinished_or_ignored() {
    // Put together here, so that this file does not find itself.
    let words = [
        ["to", "do!("],
        ["un", "implemented!("],
        ["#[", "ignore"],
        ["db", "g!("],
        ["FIX", "ME"],
        ["XX", "X:"],
    ];
    let words: Vec<String> = words.iter().map(|halves| halves.concat()).collect();
    let mut found = Vec::new();
    for (name, text) in sources() {
        for (number, line) in text.lines().enumerate() {
            if let Some(word) = words.iter().find(|word| line.contains(word.as_str())) {
                found.push(format!("{name}:{}: {word}", number + 1));
            }
        }
    }
    none(
        &found,
        "unfinished code, ignored tests and debugging output do not stay",
    );
}

#[test]
fn no_file_is_named_after_nothing() {
    let vague = ["utils", "util", "helpers", "helper", "common", "manager", "misc"];
    let is_vague = |name: &String| name.split(['/', '.']).any(|part| vague.contains(&part));
    let found: Vec<String> = tree().into_iter().filter(is_vague).collect();
    none(&found, "a file is one noun or one verb");
}
