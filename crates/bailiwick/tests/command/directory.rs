//! `repo` and `org`: who works where, without a request written by hand.

use crate::script::{World, answer};
use serde_json::{Value, json};

#[test]
fn a_repository_is_made_for_an_organization_or_oneself() {
    let made = |name: &str| answer(201, json!({"full_name": name, "id": 7, "visibility": "private"}));
    let me = || answer(200, json!({"login": "bob"}));
    let world = World::new(vec![
        me(),
        made("acme/site"),
        me(),
        made("bob/dotfiles"),
        made("bob/notes"),
    ]);
    for arguments in [
        &["acme/site", "--description", "the site", "--readme"][..],
        &["Bob/dotfiles", "--visibility", "public"],
        &["notes"],
    ] {
        let run = world.run(&[&["repo", "create"], arguments].concat());
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.out.contains("private"), "{run:?}");
    }
    let asked = world.asked();
    let lines: Vec<&str> = asked.iter().map(|asked| asked.line.as_str()).collect();
    assert_eq!(
        lines,
        [
            "GET /api/v3/user",
            "POST /api/v3/orgs/acme/repos",
            "GET /api/v3/user",
            "POST /api/v3/user/repos",
            "POST /api/v3/user/repos",
        ]
    );
    assert_eq!(
        asked[1].body,
        json!({"name": "site", "visibility": "private", "description": "the site", "auto_init": true})
    );
    assert_eq!(asked[3].body, json!({"name": "dotfiles", "visibility": "public"}));
}

#[test]
fn a_repository_is_made_from_one_elsewhere() {
    let made = || {
        answer(
            201,
            json!({"full_name": "acme/site", "id": 7, "visibility": "public"}),
        )
    };
    let world = World::new(vec![made(), made()]);
    let from_url = &["--url", "https://git.example.com/site.git"][..];
    let looks = &["--visibility", "public", "--description", "the site"][..];
    for source in [from_url, &["--directory", "/srv/site.git"]] {
        let run = world.run(&[&["admin", "repo", "import", "acme/site"], source, looks].concat());
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.out.contains("acme/site"), "{run:?}");
    }
    // From somewhere, and from one place.
    for source in [&[][..], &[from_url, &["--directory", "/srv/site.git"]].concat()] {
        let run = world.run(&[&["admin", "repo", "import", "acme/site"], source].concat());
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.err.contains("--directory <PATH>"), "{run:?}");
    }
    let asked = world.asked();
    assert_eq!(asked.len(), 2);
    for asked in &asked {
        assert_eq!(asked.line, "POST /api/v3/admin/repositories/acme/site/import");
    }
    let looks = json!({"visibility": "public", "description": "the site"});
    let with = |name: &str, value: &str| {
        let mut body = looks.clone();
        body[name] = json!(value);
        body
    };
    assert_eq!(asked[0].body, with("url", "https://git.example.com/site.git"));
    assert_eq!(asked[1].body, with("directory", "/srv/site.git"));
}

#[test]
fn people_get_roles_and_lose_them() {
    let membership = json!({"organization": {"login": "acme"}, "user": {"login": "bob"}, "role": "admin"});
    let world = World::new(vec![
        answer(200, membership),
        answer(200, json!([{"login": "alice"}])),
        answer(200, json!([{"login": "bob"}])),
        answer(204, Value::Null),
        answer(204, Value::Null),
        answer(200, json!([{"login": "bob", "role_name": "maintain"}])),
        answer(204, Value::Null),
    ]);
    let run = |arguments: &[&str]| {
        let run = world.run(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {run:?}");
        run.out
    };
    assert!(run(&["org", "member", "add", "acme", "bob", "--role", "owner"]).contains("owner"));
    let listed = run(&["org", "member", "list", "acme", "--json"]);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(
        listed,
        json!([{"login": "alice", "role": "owner"}, {"login": "bob", "role": "member"}])
    );
    run(&["org", "member", "remove", "acme", "bob"]);
    run(&[
        "repo",
        "collaborator",
        "set",
        "acme/site",
        "bob",
        "--role",
        "maintain",
    ]);
    assert!(run(&["repo", "collaborator", "list", "acme/site"]).contains("maintain"));
    run(&["repo", "collaborator", "remove", "acme/site", "bob"]);
    let asked = world.asked();
    let lines: Vec<&str> = asked.iter().map(|asked| asked.line.as_str()).collect();
    assert_eq!(
        lines,
        [
            "PUT /api/v3/orgs/acme/memberships/bob",
            "GET /api/v3/orgs/acme/members?role=admin&per_page=100",
            "GET /api/v3/orgs/acme/members?role=member&per_page=100",
            "DELETE /api/v3/orgs/acme/memberships/bob",
            "PUT /api/v3/repos/acme/site/collaborators/bob",
            "GET /api/v3/repos/acme/site/collaborators?per_page=100",
            "DELETE /api/v3/repos/acme/site/collaborators/bob",
        ]
    );
    assert_eq!(asked[0].body, json!({"role": "admin"}));
    assert_eq!(asked[4].body, json!({"permission": "maintain"}));
    // What is no repository is told before anything is asked.
    let wrong = world.run(&["repo", "collaborator", "list", "site"]);
    assert_eq!(wrong.code, 2, "{wrong:?}");
}
