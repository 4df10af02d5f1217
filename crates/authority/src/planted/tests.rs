//! The table of what plants, against the catalogue, and reading of answers.

use super::kinds::{end_path, made_by};
use super::record::see;
use bailiwick_catalogue::{Door, OPERATIONS, Requirement, by_id, route};
use bailiwick_store::PlantedState;
use serde_json::{Value, json};

/// Operations that plant and are kept here themselves: what they mint is under its parent already.
fn is_ours(id: &str) -> bool {
    id.starts_with("bailiwick/") || id.starts_with("web/")
}

#[test]
fn every_operation_that_plants_is_in_the_table() {
    let unknown: Vec<&str> = OPERATIONS
        .iter()
        .filter(|row| row.plants && row.door == Door::Api && !is_ours(row.id))
        .filter(|row| !matches!(row.requirement, Requirement::Closed))
        .filter(|row| made_by(row).is_none())
        .map(|row| row.id)
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn what_ends_a_planted_thing_is_an_operation_of_the_same_door() {
    let mut checked = 0;
    for row in OPERATIONS.iter().filter(|row| row.plants) {
        let Some(path) = made_by(row).and_then(|made| end_path(made, row, "17")) else {
            continue;
        };
        let path = path.replace(['{', '}'], "");
        let found = route(row.door, "DELETE", path.as_bytes());
        assert!(found.is_ok(), "{}: DELETE {path}: {found:?}", row.id);
        checked += 1;
    }
    assert!(checked >= 11, "{checked}");
}

#[test]
fn an_answer_tells_what_was_made() {
    for (id, answer, expected) in [
        (
            "repos/create-deploy-key",
            json!({"id": 17, "title": "laptop"}),
            (
                "deploy_key",
                Some("17"),
                "laptop",
                Some("/repos/{owner}/{repo}/keys/17"),
            ),
        ),
        (
            "orgs/create-webhook",
            json!({"id": 5, "config": {"url": "https://u:secret@hooks.example.net:8443/T0/secret?x=1"}}),
            (
                "hook",
                Some("5"),
                "hooks.example.net:8443",
                Some("/orgs/{org}/hooks/5"),
            ),
        ),
        (
            "repos/create-webhook",
            json!({"id": 5, "config": {"url": "secret-without-a-scheme"}}),
            ("hook", Some("5"), "", Some("/repos/{owner}/{repo}/hooks/5")),
        ),
        (
            "actions/generate-runner-jitconfig-for-repo",
            json!({"runner": {"id": 9, "name": "box"}, "encoded_jit_config": "secret"}),
            (
                "runner",
                Some("9"),
                "box",
                Some("/repos/{owner}/{repo}/actions/runners/9"),
            ),
        ),
        (
            "codespaces/create-with-pr-for-authenticated-user",
            json!({"name": "alice-vq4", "display_name": "try"}),
            (
                "codespace",
                Some("alice-vq4"),
                "try",
                Some("/user/codespaces/alice-vq4"),
            ),
        ),
        (
            "repos/update-webhook",
            json!({"id": 5, "config": {"url": "https://elsewhere.example/x"}}),
            ("hook_change", Some("5"), "elsewhere.example", None),
        ),
    ] {
        let seen = see(by_id(id).unwrap(), &answer);
        let told = (
            seen.kind,
            seen.what.as_deref(),
            seen.label.as_str(),
            seen.end_path.as_deref(),
        );
        assert_eq!(told, expected, "{id}");
        assert_eq!(seen.state, PlantedState::Live, "{id}");
    }
}

#[test]
fn what_an_answer_does_not_say_plainly_is_unknown() {
    let operation = by_id("repos/create-deploy-key").unwrap();
    for answer in [
        Value::Null,
        json!([]),
        json!({"id": null}),
        json!({"id": -1}),
        json!({"id": 1.5}),
        json!({"id": ""}),
        json!({"id": "../../hooks/1"}),
        json!({"id": ".."}),
        json!({"id": "1?x"}),
        json!({"id": "a".repeat(101)}),
        json!({"id": {"id": 1}}),
    ] {
        let seen = see(operation, &answer);
        assert_eq!(
            (seen.state, seen.what, seen.end_path),
            (PlantedState::Unknown, None, None),
            "{answer}"
        );
    }
    let long = see(
        operation,
        &json!({"id": 1, "title": format!("a\u{0}b\n{}", "é".repeat(200))}),
    );
    assert_eq!(long.label.chars().count(), 100);
    assert!(!long.label.contains(char::is_control));
    let unheard = see(by_id("issues/create").unwrap(), &json!({"id": 1}));
    assert_eq!((unheard.kind, unheard.state), ("unknown", PlantedState::Unknown));
}

#[test]
fn a_registration_ends_by_itself() {
    let operation = by_id("actions/create-registration-token-for-org").unwrap();
    let seen = see(
        operation,
        &json!({"token": "secret", "expires_at": "2026-03-10T13:00:00Z"}),
    );
    assert_eq!(
        (seen.state, seen.what, seen.label.as_str()),
        (PlantedState::Live, None, "")
    );
    assert_eq!(
        seen.lapses_at.map(|at| at.rfc3339()).as_deref(),
        Some("2026-03-10T13:00:00Z")
    );
}
