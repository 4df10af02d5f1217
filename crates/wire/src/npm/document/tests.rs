//! Documents as npm makes them, and every way in which one can say two things.

use super::{Document, DocumentFault};
use serde_json::{Value, json};

const NAME: &str = "@acme/core";

fn published() -> Value {
    json!({
        "_id": NAME, "name": NAME, "access": "public", "dist-tags": {"latest": "1.0.0"},
        "versions": {"1.0.0": {"name": NAME, "version": "1.0.0", "_id": "@acme/core@1.0.0",
            "dist": {"tarball": "http://bw.example.org/-/npm/@acme/core/-/@acme/core-1.0.0.tgz"}}},
        "_attachments": {"@acme/core-1.0.0.tgz": {"content_type": "application/octet-stream", "data": "AAAA", "length": 3}}
    })
}

fn read(document: &Value) -> Document {
    Document::read(document.to_string().as_bytes()).unwrap()
}

fn with(change: impl FnOnce(&mut Value)) -> Result<String, DocumentFault> {
    let mut document = published();
    change(&mut document);
    read(&document).publishes(NAME).map(|publish| publish.version)
}

#[test]
fn a_publication_adds_one_version() {
    assert_eq!(with(|_| {}), Ok(String::from("1.0.0")));
    assert!(read(&published()).brings_files());
}

#[test]
fn every_name_in_a_publication_is_the_one_that_was_asked() {
    use DocumentFault::{OtherFile, OtherName, OtherVersion, Tag};
    type Change = fn(&mut Value);
    let cases: [(Change, DocumentFault); 15] = [
        (|it| it["name"] = json!("@acme/other"), OtherName),
        (|it| it["_id"] = json!("@acme/other"), OtherName),
        (
            |it| it["versions"]["1.0.0"]["name"] = json!("@acme/other"),
            OtherName,
        ),
        (
            |it| it["versions"]["1.0.0"]["version"] = json!("2.0.0"),
            OtherVersion,
        ),
        (
            |it| it["versions"]["1.0.0"]["_id"] = json!("@acme/other@1.0.0"),
            OtherVersion,
        ),
        (
            |it| it["versions"]["1.0.0"]["dist"]["tarball"] = json!("http://x/@acme/other/-/other-1.0.0.tgz"),
            OtherFile,
        ),
        (
            |it| it["versions"]["2.0.0"] = it["versions"]["1.0.0"].clone(),
            OtherVersion,
        ),
        (|it| it["versions"] = json!({}), OtherVersion),
        (
            |it| it["versions"] = json!({"latest": {"name": NAME, "version": "latest"}}),
            OtherVersion,
        ),
        (|it| it["dist-tags"] = json!({"latest": "0.9.0"}), Tag),
        (|it| it["dist-tags"] = json!({"1.0.0": "1.0.0"}), Tag),
        (|it| it["dist-tags"] = json!({}), Tag),
        (
            |it| it["_attachments"]["@acme/other-1.0.0.tgz"] = json!({"data": ""}),
            OtherFile,
        ),
        (
            |it| it["_attachments"] = json!({"../../other/core-1.0.0.tgz": {"data": ""}}),
            OtherFile,
        ),
        (
            |it| it["_attachments"] = json!({"core-1.0.1.tgz": {"data": ""}}),
            OtherFile,
        ),
    ];
    for (at, (change, expected)) in cases.into_iter().enumerate() {
        assert_eq!(with(change), Err(expected), "case {at}");
    }
    let warned = |it: &mut Value| it["versions"]["1.0.0"]["deprecated"] = json!("old");
    assert_eq!(with(warned), Err(DocumentFault::Mixed));
    let nameless = |it: &mut Value| {
        it.as_object_mut().unwrap().remove("name");
        it.as_object_mut().unwrap().remove("_id");
    };
    assert_eq!(with(nameless), Err(OtherName));
}

#[test]
fn keys_that_are_there_twice_make_no_document() {
    for text in [
        r#"{"name":"a","name":"b"}"#,
        r#"{"name":"a","\u006eame":"b"}"#,
        r#"{"versions":{"1.0.0":{},"1.0.0":{}}}"#,
        r#"{"_attachments":{"a":{},"a":{}}}"#,
        r#"{"_attachments":{"a":{"data":"","data":""}}}"#,
        r#"{"_attachments":{},"_attachments":{}}"#,
        r#"{"__proto__":{"name":"b"}}"#,
        r#"{"versions":{"__proto__":{}}}"#,
        r#"{"name":"a"}{"name":"b"}"#,
        r#"[]"#,
        r#""#,
        "{\"name\":\"a\"",
        "\u{feff}{}",
    ] {
        assert_eq!(
            Document::read(text.as_bytes()).err(),
            Some(DocumentFault::Unreadable),
            "{text}"
        );
    }
}

fn present() -> Value {
    json!({
        "_id": NAME, "name": NAME, "_rev": "2-b", "readme": "kept", "dist-tags": {"latest": "2.0.0"}, "users": {},
        "versions": {
            "1.0.0": {"name": NAME, "version": "1.0.0", "dist": {"shasum": "a"}},
            "2.0.0": {"name": NAME, "version": "2.0.0", "dist": {"shasum": "b"}}}
    })
}

fn changed(change: impl FnOnce(&mut Value)) -> Result<(Vec<String>, Value), DocumentFault> {
    let mut document = present();
    change(&mut document);
    let change = read(&document).changes(NAME, &present())?;
    Ok((change.removed, change.document))
}

#[test]
fn a_change_is_made_of_what_is_there() {
    let (removed, document) = changed(|it| {
        it["versions"]["1.0.0"]["deprecated"] = json!("old");
        it["versions"]["1.0.0"]["dist"]["shasum"] = json!("forged");
        it["readme"] = json!("forged");
        it["_rev"] = json!("1-a");
        it["more"] = json!(1);
    })
    .unwrap();
    assert_eq!(removed, [] as [&str; 0]);
    let mut expected = present();
    expected["versions"]["1.0.0"]["deprecated"] = json!("old");
    expected["_rev"] = json!("1-a");
    expected["_attachments"] = json!({});
    assert_eq!(document, expected);
}

#[test]
fn a_version_that_is_not_there_any_more_is_removed() {
    let (removed, document) = changed(|it| {
        it["versions"].as_object_mut().unwrap().remove("2.0.0");
        it["dist-tags"]["latest"] = json!("1.0.0");
    })
    .unwrap();
    assert_eq!(removed, ["2.0.0"]);
    assert_eq!(document["versions"].as_object().unwrap().len(), 1);
}

#[test]
fn what_no_change_may_do_is_refused() {
    use DocumentFault::{NoFile, Nothing, OtherName, People, Tag};
    type Change = fn(&mut Value);
    let cases: [(Change, DocumentFault); 8] = [
        (|it| it["name"] = json!("@acme/other"), OtherName),
        (|it| it["versions"]["3.0.0"] = json!({}), NoFile),
        (|it| it["versions"] = json!({}), Nothing),
        (|it| it["dist-tags"]["latest"] = json!("9.0.0"), Tag),
        (|it| it["users"] = json!({"mallory": true}), People),
        (|it| it["maintainers"] = json!([{"name": "mallory"}]), People),
        (
            |it| {
                it.as_object_mut().unwrap().remove("versions");
            },
            People,
        ),
        (
            |it| {
                it["versions"].as_object_mut().unwrap().remove("2.0.0");
            },
            Tag,
        ),
    ];
    for (at, (change, expected)) in cases.into_iter().enumerate() {
        assert_eq!(changed(change).err(), Some(expected), "case {at}");
    }
}

#[test]
fn a_document_takes_no_more_memory_than_it_may() {
    let read = |text: String| Document::read(text.as_bytes());
    assert!(read(format!(r#"{{"name":"a","x":[{}0]}}"#, "0,".repeat(1 << 20))).is_ok());
    let many = "0,".repeat(1 << 21);
    assert_eq!(
        read(format!(r#"{{"name":"a","x":[{many}0]}}"#)),
        Err(DocumentFault::Unreadable)
    );
    let all = |count: usize| {
        let one = |at| format!(r#""{at}":{{}}"#);
        (0..count).map(one).collect::<Vec<_>>().join(",")
    };
    assert!(read(format!(r#"{{"_attachments":{{{}}}}}"#, all(16))).is_ok());
    for text in [
        format!(r#"{{"_attachments":{{{}}}}}"#, all(17)),
        format!(r#"{{"_attachments":{{"a":{{{}}}}}}}"#, all(257)),
        format!("{{{}}}", all(257)),
    ] {
        assert_eq!(read(text), Err(DocumentFault::Unreadable));
    }
}
