//! The words of an explanation.

use super::words;
use serde_json::json;

#[test]
fn a_denial_names_stage_reason_missing_and_alternatives() {
    let answer = json!({
        "decision": "deny", "stage": "level", "reason": "level.too_low", "message": "no", "operation": "repos/get-content",
        "accepted_permissions": "contents=read", "help": "ask for contents: read",
        "missing": [{"target": "acme/site", "permission": "contents", "level": "read", "role": null}],
        "alternatives": [[{"target": "acme/site", "permission": "contents", "level": "read", "role": "read", "role_holds": false, "holds": false, "reason": "level.too_low"}]],
    });
    expect_test::expect![[r#"
        decision   deny
        operation  repos/get-content
        stage      level
        reason     level.too_low
        message    no
        accepted   contents=read
        missing    contents: read on acme/site
        help       ask for contents: read

        ALTERNATIVE  TARGET     PERMISSION  LEVEL  ROLE             HOLDS  REASON
        1            acme/site  contents    read   read (not held)  no     level.too_low
    "#]]
    .assert_eq(&words(&answer));
}

#[test]
fn an_allowance_is_short() {
    assert_eq!(
        words(&json!({"decision": "allow", "stage": null, "missing": []})),
        "decision  allow\n"
    );
}

#[test]
fn an_allowance_that_is_open_says_what_it_depends_on() {
    let told = |operation: &str| {
        words(&json!({"decision": "allow", "provisional": true, "operation": operation, "missing": []}))
    };
    assert!(told("pypi/receive").contains("provisional  the body says which package it is"));
    assert!(told("git/push").contains("provisional  a push that changes workflow files"));
}
