//! The words of an explanation.

use super::words;
use serde_json::json;

#[test]
fn a_denial_names_stage_reason_missing_and_alternatives() {
    let answer = json!({
        "decision": "deny", "stage": "level", "reason": "level.too_low", "message": "no", "operation": "repos/get-content",
        "accepted_permissions": "contents=read", "help": "ask for contents: read",
        "missing": [{"target": "acme/site", "permission": "contents", "level": "read", "role": null}],
        "alternatives": [[{"target": "acme/site", "permission": "contents", "level": "read", "role": "read", "holds": false, "reason": "level.too_low"}]],
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

        ALTERNATIVE  TARGET     PERMISSION  LEVEL  ROLE  HOLDS  REASON
        1            acme/site  contents    read   read  no     level.too_low
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
