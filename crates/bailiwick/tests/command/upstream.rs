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
