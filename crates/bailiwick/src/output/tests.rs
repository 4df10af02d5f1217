//! Tables and fields.

use super::*;
use expect_test::expect;
use serde_json::json;

#[test]
fn columns_align_and_lines_have_no_trailing_blanks() {
    let values = [
        json!({"id": 1, "name": "deploy", "owner": {"login": "alice"}, "last_used_at": null}),
        json!({"id": 23, "name": "ünïcode", "owner": {"login": "bob"}, "last_used_at": "2026-01-01T00:00:00Z"}),
    ];
    let columns = [
        ("id", "/id"),
        ("name", "/name"),
        ("owner", "/owner/login"),
        ("last used", "/last_used_at"),
    ];
    expect![[r#"
        ID  NAME     OWNER  LAST USED
        1   deploy   alice  -
        23  ünïcode  bob    2026-01-01T00:00:00Z
    "#]]
    .assert_eq(&Table::of(&values, columns).render());
}

#[test]
fn no_rows_are_said() {
    assert_eq!(Table::new(["id"]).render(), "(none)\n");
}

#[test]
fn escape_sequences_and_line_ends_cannot_forge_output() {
    let values = [json!({"name": "x\u{1b}[2J\r\nADMIN  yes"})];
    let text = Table::of(&values, [("name", "/name")]).render();
    assert_eq!(text, "NAME\nx\u{fffd}[2J\u{fffd} ADMIN  yes\n");
    assert_eq!(Table::facts(&[("a", "x\n\u{7}".into())]), "a  x \u{fffd}\n");
}

#[test]
fn fields_of_any_shape_have_words() {
    let value = json!({"none": null, "yes": true, "list": ["a", 1], "object": {"a": "b"},
        "permissions": {"organization": {"members": "read"}, "repository": {"issues": "write"}, "other": {}}});
    for (pointer, words) in [
        ("/none", "-"),
        ("/absent", "-"),
        ("/yes", "yes"),
        ("/list", "a, 1"),
        ("/object", "a=b"),
    ] {
        assert_eq!(field::text(&value, pointer), words);
    }
    assert_eq!(
        field::permissions(&value, "/permissions"),
        "members=read, issues=write"
    );
    assert_eq!(field::permissions(&value, "/absent"), "-");
}
