//! Wherever a registry leads, its documents lead here.

use super::lead_home;
use proptest::prelude::*;
use serde_json::{Value, json};

fn led(document: &Value) -> Value {
    let bytes = lead_home(
        document.to_string().as_bytes(),
        "https://bw.example.org/-/npm",
        "@acme/core",
    )
    .unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn every_tarball_is_here() {
    let document = json!({
        "name": "@acme/core", "readme": "see http://registry.internal/@acme/core/-/core-1.0.0.tgz",
        "versions": {
            "1.0.0": {"dist": {"tarball": "http://registry.internal:4873/@acme/core/-/core-1.0.0.tgz", "shasum": "a"}},
            "1.0.1": {"dist": {"tarball": "https://evil.example.net/a/b/core-1.0.1.tgz?token=1#x"}},
            "1.0.2": {"dist": {"tarball": "http:\\/\\/x/other-1.0.2.tgz"}, "config": {"dist": {"tarball": "kept"}}}}
    });
    let home = "https://bw.example.org/-/npm/@acme/core/-";
    let mut expected = document.clone();
    expected["versions"]["1.0.0"]["dist"]["tarball"] = json!(format!("{home}/core-1.0.0.tgz"));
    expected["versions"]["1.0.1"]["dist"]["tarball"] = json!(format!("{home}/core-1.0.1.tgz"));
    expected["versions"]["1.0.2"]["dist"]["tarball"] = json!(format!("{home}/none"));
    assert_eq!(led(&document), expected);
    let one = json!({"version": "1.0.0", "dist": {"tarball": "http://r/core-1.0.0.tgz"}});
    assert_eq!(
        led(&one)["dist"]["tarball"],
        json!(format!("{home}/core-1.0.0.tgz"))
    );
}

#[test]
fn a_link_cannot_hide_in_how_it_is_written() {
    let text = "{ \"versions\" : {\"1.0.0\":{\"\\u0064ist\": {\"tar\\u0062all\" :\n\"http:\\/\\/evil\\/core-1.0.0.tgz\"}}} }";
    let bytes = lead_home(text.as_bytes(), "https://bw", "core").unwrap();
    let value: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(
        value["versions"]["1.0.0"]["dist"]["tarball"],
        "https://bw/core/-/core-1.0.0.tgz"
    );
}

#[test]
fn what_is_no_document_is_nothing() {
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    for text in [
        "",
        "{",
        "{}x",
        "{\"a\"}",
        "{\"a\":}",
        "[1,]",
        "{\"a\":tru}",
        "\"\\",
        "<html>",
        "{\"a\":\"\n\"}",
        &deep,
    ] {
        assert_eq!(lead_home(text.as_bytes(), "", "a"), None, "{text:.20}");
    }
}

fn documents() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from)
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z\"\\\\]{0,6}", inner, 0..4)
                .prop_map(|all| Value::Object(all.into_iter().collect()))
        ]
    })
}

proptest! {
    /// Whatever holds no link goes through as it came.
    #[test]
    fn nothing_else_is_touched(document in documents()) {
        let text = document.to_string();
        prop_assert_eq!(lead_home(text.as_bytes(), "h", "a"), Some(text.into_bytes()));
    }
}
