//! The committed reference is the generated one.

use bailiwick_catalogue::{OPERATIONS, PERMISSIONS, operation_line, reference_json, reference_markdown};
use expect_test::expect_file;

#[test]
fn docs_are_current() {
    expect_file!["../../../../docs/permissions.md"].assert_eq(&reference_markdown());
}

#[test]
fn operations_are_as_reviewed() {
    let text: String = OPERATIONS.iter().map(|row| operation_line(row) + "\n").collect();
    expect_file!["../snapshots/operations.txt"].assert_eq(&text);
}

#[test]
fn json_holds_everything() {
    let json = reference_json();
    assert_eq!(json["permissions"].as_array().unwrap().len(), PERMISSIONS.len());
    assert_eq!(json["operations"].as_array().unwrap().len(), OPERATIONS.len());
    assert_eq!(json["operations"][0]["id"], OPERATIONS[0].id);
}

#[test]
fn no_text_breaks_the_tables() {
    for row in &OPERATIONS {
        assert!(
            !row.why.contains(['|', '\n']) && !row.action.contains(' '),
            "{}",
            row.id
        );
        let (category, verb) = row.action.split_once('.').unwrap();
        assert!(!category.is_empty() && !verb.is_empty(), "{}", row.id);
    }
}
