//! `admin upstream`: what is asked, and that secrets come from files and the environment alone.

use crate::script::{World, answer};
use serde_json::{Value, json};

fn forge() -> Value {
    json!({"name": "forge", "kind": "gitea", "address": "https://git.example.com", "mode": "enforce",
        "credential": {"secrets": ["token"]}})
}

#[test]
fn a_server_is_added_with_its_credential() {
    let world = World::new(vec![answer(201, forge()), answer(200, forge())]);
    std::fs::write(world.home.path().join("token"), "s3cret\n").unwrap();
    let run = world.run(&[
        "admin",
        "upstream",
        "add",
        "forge",
        "--kind",
        "gitea",
        "--address",
        "https://git.example.com",
        "--set",
        "inspect=true",
        "--set",
        "pins=aa",
        "--set",
        "pins=bb",
        "--secret-file",
        "token=token",
    ]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!run.out.contains("s3cret") && !run.err.contains("s3cret"));
    let asked = world.asked();
    assert_eq!(asked[0].line, "POST /api/v3/admin/upstreams");
    assert_eq!(
        asked[0].body["settings"],
        json!({"inspect": true, "pins": ["aa", "bb"]})
    );
    assert_eq!(asked[1].line, "PUT /api/v3/admin/upstreams/forge/credential");
    assert_eq!(asked[1].body, json!({"secrets": {"token": "s3cret"}}));
}

#[test]
fn what_is_missing_is_told_before_anything_is_asked() {
    let world = World::new(vec![]);
    for arguments in [
        &["credential", "forge"][..],
        &["credential", "forge", "--clear", "--secret-env", "token=X"],
        &["credential", "forge", "--secret-env", "token=NOT_THERE"],
        &["credential", "forge", "--secret-file", "s3cret"],
        &[
            "edit",
            "forge",
            "--enforce",
            "--observe-until",
            "2027-01-01T00:00:00Z",
        ],
        &["edit", "forge", "--set", "inspect"],
    ] {
        let run = world.run(&[&["admin", "upstream"], arguments].concat());
        assert_eq!(run.code, 2, "{arguments:?}: {run:?}");
        assert!(!run.err.contains("s3cret"), "{run:?}");
    }
    assert!(world.asked().is_empty());
}

#[test]
fn links_and_bindings_go_their_ways() {
    let world = World::new(vec![
        answer(201, json!({"login": "bobby"})),
        answer(204, Value::Null),
        answer(200, json!({"account": {"login": "acme"}})),
        answer(201, json!({"full_name": "acme/site"})),
        answer(204, Value::Null),
        answer(200, forge()),
    ]);
    for arguments in [
        &["link", "forge", "bob", "--login", "bobby", "--id", "7"][..],
        &["unlink", "forge", "bob"],
        &["bind", "forge", "acme", "--as", "acme-inc"],
        &["bind", "forge", "acme/site", "--visibility", "public"],
        &["unbind", "forge", "acme/site"],
        &["edit", "forge", "--unset", "pins", "--enforce"],
    ] {
        let run = world.run(&[&["admin", "upstream"], arguments].concat());
        assert_eq!(run.code, 0, "{arguments:?}: {run:?}");
    }
    let asked = world.asked();
    let lines: Vec<&str> = asked.iter().map(|asked| asked.line.as_str()).collect();
    assert_eq!(
        lines,
        [
            "PUT /api/v3/admin/upstreams/forge/links/bob",
            "DELETE /api/v3/admin/upstreams/forge/links/bob",
            "PUT /api/v3/admin/upstreams/forge/owners/acme",
            "PUT /api/v3/admin/upstreams/forge/repositories/acme/site",
            "DELETE /api/v3/admin/upstreams/forge/repositories/acme/site",
            "PATCH /api/v3/admin/upstreams/forge",
        ]
    );
    assert_eq!(
        asked[0].body,
        json!({"login": "bobby", "id": "7", "active": true})
    );
    assert_eq!(asked[2].body, json!({"name": "acme-inc"}));
    assert_eq!(
        asked[5].body,
        json!({"mode": "enforce", "settings": {"pins": null}})
    );
}

#[test]
fn whose_packages_are_is_said_and_told() {
    let link = json!({"id": 7, "name": "com.acme", "prefix": true, "owner": {"login": "acme"}, "repository": null,
        "visibility": "private"});
    let world = World::new(vec![
        answer(201, link.clone()),
        answer(200, json!([link])),
        answer(204, Value::Null),
    ]);
    let run = world.run(&[
        "admin", "upstream", "package", "link", "java", "com.acme", "acme", "--prefix",
    ]);
    assert_eq!(run.code, 0, "{run:?}");
    let run = world.run(&["admin", "upstream", "package", "links", "java"]);
    assert!(run.out.contains("com.acme"), "{run:?}");
    let run = world.run(&["admin", "upstream", "package", "unlink", "java", "7"]);
    assert_eq!(run.code, 0, "{run:?}");
    let asked = world.asked();
    assert_eq!(asked[0].line, "POST /api/v3/admin/upstreams/java/package-links");
    assert_eq!(
        asked[0].body,
        json!({"name": "com.acme", "prefix": true, "owner": "acme", "visibility": "private"})
    );
    assert_eq!(
        asked[2].line,
        "DELETE /api/v3/admin/upstreams/java/package-links/7"
    );
}

#[test]
fn a_package_is_opened_and_moved() {
    let package =
        json!({"name": "web", "owner": {"login": "acme"}, "visibility": "public", "repository": null});
    let world = World::new(vec![answer(200, package)]);
    let run = world.run(&[
        "package",
        "edit",
        "--org",
        "acme",
        "container",
        "team/web",
        "--visibility",
        "public",
        "--no-repository",
    ]);
    assert_eq!(run.code, 0, "{run:?}");
    let asked = world.asked();
    assert_eq!(
        asked[0].line,
        "PATCH /api/v3/orgs/acme/packages/container/team%2Fweb"
    );
    assert_eq!(asked[0].body, json!({"visibility": "public", "repository": null}));
}

#[test]
fn a_server_is_shown_with_every_setting_and_no_secret() {
    let images = json!({"name": "images", "kind": "oci", "address": "http://127.0.0.1:5000", "mode": "enforce",
        "settings": {"upload_bytes_max": 1_048_576, "headers": ["X-Key: {secret}"], "authorities": "-----\nAAAA\n"},
        "credential": {"secrets": ["secret"], "readable": true, "changed_at": "2026-11-01T00:00:00Z"}});
    let none = || answer(200, json!([]));
    let world = World::new(vec![answer(200, images), none(), none(), none()]);
    let run = world.run(&["admin", "upstream", "show", "images"]);
    assert_eq!(run.code, 0, "{run:?}");
    let row = |key: &str| {
        let mut lines = run
            .out
            .lines()
            .filter(|line| line.split_whitespace().next() == Some(key));
        lines
            .next()
            .unwrap_or_else(|| panic!("no {key} in {}", run.out))
            .to_owned()
    };
    assert!(
        row("upload_bytes_max").contains("1048576") && row("upload_bytes_max").contains("bytes from 1024")
    );
    assert!(row("headers").contains("X-Key: {secret}"));
    assert!(row("authorities").contains("2 lines, 11 bytes") && !run.out.contains("AAAA"));
    assert!(row("connect_seconds_max").contains("default"));
    assert!(
        row("secrets").contains("secret (since 2026-11-01T00:00:00Z); not set: username, password, token")
    );
    // Nothing that this kind does not know.
    assert!(!run.out.contains("app_id"), "{}", run.out);
}

#[test]
fn what_is_sent_is_what_the_setting_takes() {
    let world = World::new(vec![answer(200, forge())]);
    let run = world.run(&[
        "admin",
        "upstream",
        "edit",
        "forge",
        "--set",
        "client_id=123",
        "--set",
        "app_id=9",
        "--set",
        "inspect=true",
        "--set",
        "upload_bytes_max=1GB",
        "--set",
        "pins=00",
    ]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        world.asked()[0].body["settings"],
        json!({"client_id": "123", "app_id": 9, "inspect": true, "upload_bytes_max": "1GB", "pins": ["00"]})
    );
}

#[test]
fn a_kind_that_is_none_is_answered_with_all_that_are() {
    let world = World::new(vec![]);
    let run = world.run(&[
        "admin",
        "upstream",
        "add",
        "x",
        "--kind",
        "dockr",
        "--address",
        "http://127.0.0.1:1",
    ]);
    assert_eq!(run.code, 2, "{run:?}");
    for kind in [
        "github", "gitea", "git", "generic", "oci", "npm", "maven", "nuget", "pypi",
    ] {
        assert!(run.err.contains(kind), "{run:?}");
    }
    assert!(world.asked().is_empty());
}
