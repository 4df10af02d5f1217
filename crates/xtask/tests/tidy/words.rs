//! The project speaks of itself alone: no paths of the machine it was written on, no registry hosts, no trackers.

use crate::{none, read, tree};

/// What must not occur, in halves so that this file does not find itself, and why.
const WORDS: &[([&str; 2], &str)] = &[
    (["/wo", "rk/"], "a path of one machine"),
    (["/ro", "ot/"], "a path of one machine"),
    (["/ho", "me/"], "a path of one machine"),
    (
        ["issue", " #"],
        "a number in a tracker that a reader does not have",
    ),
    (["issues", " show"], "a tool that a reader does not have"),
    (["registry.npm", "js.org"], "a registry's host"),
    (["static.crates", ".io"], "a registry's host"),
    (["index.crates", ".io"], "a registry's host"),
    (["files.python", "hosted.org"], "a registry's host"),
    (["deb.debian", ".org"], "a registry's host"),
    (["/tmp/car", "go"], "a path of one machine"),
    (["the bri", "ef"], "a word of how the project was made"),
    (["this ses", "sion's"], "a word of how the project was made"),
    (["the CE", "O"], "a word of how the project was made"),
];

#[test]
fn the_project_speaks_of_itself_alone() {
    let mut found = Vec::new();
    for name in tree() {
        let Some(text) = read(&name) else { continue };
        for (number, line) in text.lines().enumerate() {
            for (halves, why) in WORDS {
                let word = halves.concat();
                if is_said(line, &word) {
                    found.push(format!("{name}:{}: {word} ({why})", number + 1));
                }
            }
        }
    }
    none(&found, "words that do not belong in the project");
}

/// A path counts only where it begins: `https://example.org/home/` is no path of a machine.
fn is_said(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        !word.starts_with('/')
            || !before.is_some_and(|letter| letter.is_alphanumeric() || "._-}".contains(letter))
    })
}

#[test]
fn a_path_counts_only_where_it_begins() {
    let path = ["/ho", "me/"].concat();
    assert!(is_said(&format!("cd {path}alice"), &path));
    assert!(is_said(&format!("\"{path}alice\""), &path));
    assert!(!is_said(&format!("https://example.org{path}"), &path));
}
