//! Settings as arguments, and the table of a policy.

use super::set::{put, read};
use super::{SETTINGS, table};
use bailiwick_model::Policy;
use serde_json::{Map, Value, json};

#[test]
fn every_setting_is_one_that_the_server_takes() {
    let mut policy = Map::new();
    for (key, _) in SETTINGS {
        let value = if read(&format!("{key}=1")).is_ok() {
            json!(1)
        } else {
            json!(true)
        };
        put(&mut policy, key, value);
    }
    let all: Policy = serde_json::from_value(Value::Object(policy)).unwrap();
    assert_eq!(all.fine_grained.lifetime_days_max, Some(1));
    assert_eq!(all.classic.allowed, Some(true));
}

#[test]
fn settings_are_read_and_taken_back() {
    let mut policy = Map::new();
    for text in [
        "fine_grained.lifetime_days_max=90",
        "classic.allowed=false",
        "tokens_per_user_max=5",
    ] {
        let (key, value) = read(text).unwrap();
        put(&mut policy, key, value);
    }
    assert_eq!(
        Value::Object(policy.clone()),
        json!({"fine_grained": {"lifetime_days_max": 90}, "classic": {"allowed": false}, "tokens_per_user_max": 5})
    );
    let (key, value) = read("classic.allowed=unset").unwrap();
    put(&mut policy, key, value);
    assert_eq!(policy.get("classic"), Some(&json!({})));
}

#[test]
fn wrong_settings_say_what_is_expected() {
    for (text, words) in [
        (
            "fine_grained.alowed=true",
            "error: there is no setting \"fine_grained.alowed\"; did you mean \"fine_grained.allowed\"?",
        ),
        (
            "classic.allowed=yes",
            "error: classic.allowed: expected true or false or unset, found \"yes\"",
        ),
        (
            "tokens_per_user_max=0",
            "error: tokens_per_user_max: expected a whole number from 1 or unset, found \"0\"",
        ),
        (
            "classic.allowed",
            "error: \"classic.allowed\": write it like fine_grained.lifetime_days_max=90",
        ),
    ] {
        let failure = read(text).expect_err(text);
        assert_eq!((failure.words().as_str(), failure.code()), (words, 2));
    }
}

#[test]
fn the_table_says_what_is_set_and_what_holds() {
    let policy = json!({
        "set": {"fine_grained": {"lifetime_days_max": 90}},
        "resolved": {
            "fine_grained": {"allowed": true, "allowed_by": "default", "approval_required": true, "approval_by": "enterprise",
                "lifetime_days_max": 90, "lifetime_by": "organization", "exempt_administrators": false},
            "classic": {"allowed": true, "allowed_by": "default", "approval_required": false, "approval_by": "default",
                "lifetime_days_max": null, "lifetime_by": "default", "exempt_administrators": false},
            "several_owners_allowed": true, "owners_need_approval": false, "planting": false, "planting_by": "enterprise"}});
    expect_test::expect![[r#"
        SETTING                             SET  HOLDS     BY
        fine_grained.allowed                -    yes       default
        fine_grained.approval_required      -    yes       enterprise
        fine_grained.lifetime_days_max      90   90        organization
        fine_grained.lifetime_unlimited     -    -         -
        fine_grained.exempt_administrators  -    no        -
        classic.allowed                     -    yes       default
        classic.lifetime_days_max           -    no limit  default
        classic.lifetime_unlimited          -    -         -
        classic.exempt_administrators       -    no        -
        several_owners_allowed              -    yes       -
        owners_need_approval                -    no        -
        planting                            -    no        enterprise
        tokens_per_user_max                 -    -         -
        audit_retention_days                -    -         -
    "#]]
    .assert_eq(&table(&policy));
}
