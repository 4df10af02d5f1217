//! Which passwords are taken.

#![allow(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects must fail"
)]

use super::{COMMON, check};
use bailiwick_model::limit::PASSWORD_CHARS_MIN;

fn told(password: &str) -> Option<String> {
    check(password, &["alice", "git.acme.example:8443"])
        .err()
        .and_then(|fault| fault.errors.into_iter().next())
        .and_then(|error| error.message)
}

#[test]
fn good_ones_are_taken_whatever_they_are_made_of() {
    for password in [
        "correct horse battery",
        "Tr0ub4dor&3x",
        "снег идёт весь день",
        "ten chars!",
        "7f3a9c1e5b",
        "al went to sea",
    ] {
        assert_eq!(told(password), None, "{password}");
    }
}

#[test]
fn length_is_counted_in_characters() {
    assert!(told("ninechars").unwrap().contains("too short"));
    assert!(told("日本語の合言葉九").unwrap().contains("too short"));
    assert_eq!(told("日本語の合言葉は長いです"), None);
    assert!(told(&"long words ".repeat(30)).unwrap().contains("too long"));
}

#[test]
fn leaked_ones_are_refused_however_they_are_dressed() {
    for password in [
        "password123",
        "PassWord123",
        "p@ssw0rd123",
        "Password2026!!!",
        "password!!!!",
        "w3lcome98765",
        "1q2w3e4r5t6y",
        "iloveyou2007",
        "correcthorsebatterystaple",
        "qwertyuiop[]",
    ] {
        assert!(told(password).unwrap().contains("leak"), "{password}");
    }
}

#[test]
fn regular_ones_are_refused() {
    for password in [
        "zzzzzzzzzzzz",
        "xyxyxyxyxyxy",
        "x7kx7kx7kx7kx7k",
        "89012345678901",
        "fghijklmnopq",
        "zyxwvutsrqpo",
    ] {
        assert!(told(password).unwrap().contains("repeats"), "{password}");
    }
}

#[test]
fn what_everybody_knows_is_refused() {
    for password in ["xx-ALICE-goes-home", "my acme secret 7", "bailiwick-4711-x"] {
        assert!(told(password).unwrap().contains("everybody knows"), "{password}");
    }
    // Short logins are in too many words to count.
    assert!(check("calm seas today", &["al"]).is_ok());
}

#[test]
fn the_list_is_what_it_says() {
    let lines: Vec<&str> = COMMON.lines().collect();
    assert!(lines.is_sorted());
    assert!(
        lines
            .iter()
            .filter(|line| line.chars().count() >= PASSWORD_CHARS_MIN)
            .count()
            > 2000
    );
    assert!(
        lines
            .iter()
            .all(|line| line.to_lowercase() == **line && !line.is_empty())
    );
}
